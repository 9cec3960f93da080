"""What the API takes and gives."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kb.entries.schemas import Category as EntryCategory
from kb.entries.schemas import EntryContent, Prose, RevisionNumber, Severity, Tags, Title
from kb.entries.selection import Facets
from kb.models import Archival, Entry, Revision, RevisionKind
from kb.revisions.diff import FieldDiff
from kb.screening.findings import Kind
from kb.search.engine import CompletionKind


def require_nothing(schema: dict[str, Any]) -> None:
    """Have a schema describe any part of what it described."""
    schema.pop("required", None)


class NewEntry(EntryContent):
    """A new entry, and a line on it for its history."""

    summary: str = ""


class NewRevision(EntryContent):
    """Changes to an entry: what is not sent stays as it is in the base."""

    title: Title = ""
    tags: Tags = Field(default_factory=list)
    problem: Prose = ""
    base: Annotated[
        RevisionNumber | None, Field(description="the revision started from; or send If-Match")
    ] = None
    summary: str = ""

    def changes(self) -> dict[str, Any]:
        """Return the fields of the entry that were sent."""
        return self.model_dump(include=self.model_fields_set & EntryContent.model_fields.keys())


class ArchivalView(BaseModel):
    """Why, by whom and when an entry was archived."""

    model_config = ConfigDict(from_attributes=True)

    reason: str
    archived_by: str
    archived_at: datetime


class EntryView(EntryContent):
    """An entry."""

    slug: str
    revision: int
    submitted_by: str
    created_at: datetime
    updated_at: datetime
    votes: int
    views: int
    url: str
    archived: ArchivalView | None = None

    @classmethod
    def of(cls, entry: Entry, url: str, archival: Archival | None = None) -> "EntryView":
        """Return the entry as the API shows it; `url` is its page."""
        content = EntryContent.stored(entry.__dict__)
        more = entry.model_dump(include=set(cls.model_fields) - set(EntryContent.model_fields))
        archived = ArchivalView.model_validate(archival) if archival else None
        return cls.model_construct(**content.__dict__, **more, url=url, archived=archived)


class EntryPart(EntryView):
    """The fields of an entry that were asked for."""

    model_config = ConfigDict(json_schema_extra=require_nothing)


class EntryItem(BaseModel):
    """An entry in a list."""

    model_config = ConfigDict(from_attributes=True)

    slug: str
    title: str
    category: EntryCategory
    severity: Severity
    language: str | None
    framework: str | None
    tags: list[str]
    url: str


class ListedEntry(EntryItem):
    """An entry in a list of all, with what lists are sorted by."""

    votes: int
    views: int
    updated_at: datetime


class ListedPart(ListedEntry):
    """The fields of an entry in a list that were asked for."""

    model_config = ConfigDict(json_schema_extra=require_nothing)


class FoundEntry(EntryItem):
    """An entry found by a search; `snippet` is HTML-escaped text with `<mark>`."""

    score: float
    snippet: str
    field: Annotated[str, Field(description="where the snippet stands in the entry")]


class FoundPart(FoundEntry):
    """The fields of an entry found that were asked for."""

    model_config = ConfigDict(json_schema_extra=require_nothing)


class EntryList(BaseModel):
    """A page of entries; `next` is the cursor of the next one."""

    items: list[ListedEntry | ListedPart]
    total: int
    next: str | None


class SearchAnswer(BaseModel):
    """A page of entries found, and the facets of all of them.

    `did_you_mean` is the query with such words corrected as no entry has; where `corrected`, it
    is what was searched for.
    """

    items: list[FoundEntry | FoundPart]
    total: int
    facets: Facets
    did_you_mean: str | None
    corrected: bool
    next: str | None
    took_ms: float


class Completion(BaseModel):
    """What somebody may be about to type: `q` searches for it, `url` is the page of a title."""

    kind: CompletionKind
    text: str
    q: str
    url: str | None


class CompletionList(BaseModel):
    """Completions for the search box, the likeliest first."""

    items: list[Completion]


class RevisionItem(BaseModel):
    """A revision in a list."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    kind: RevisionKind
    base: int | None
    merged_with: Annotated[int | None, Field(description="a merge's other parent, beside its base")]
    restored: int | None
    author: str
    summary: str
    created_at: datetime


class RevisionView(RevisionItem):
    """A revision with the whole content it holds; `merged` says that it came about as a merge."""

    merged: bool
    content: EntryContent

    @classmethod
    def of(cls, revision: Revision) -> "RevisionView":
        """Return the revision as the API shows it."""
        item = RevisionItem.model_validate(revision)
        content = EntryContent.stored(revision.content)
        return cls(**dict(item), merged=revision.merged_with is not None, content=content)


class RevisionList(BaseModel):
    """A page of an entry's revisions, the newest first; `next` is the cursor of the next one."""

    items: list[RevisionItem]
    total: int
    next: str | None


class Comparison(BaseModel):
    """What differs between two revisions, field by field and line by line."""

    a: RevisionItem
    b: RevisionItem
    fields: list[FieldDiff]


class HeldReason(BaseModel):
    """Why somebody has to look at a suggestion before it stands."""

    kind: Kind
    field: Annotated[str, Field(description="such as `gotchas.2`; `summary` is the change's own")]
    message: Annotated[str, Field(description="a secret is not repeated in it")]


class SuggestionView(BaseModel):
    """A suggestion that waits for a review; `url` is its page."""

    id: int
    status: Literal["pending"] = "pending"
    base: int | None
    url: str
    held: Annotated[list[HeldReason], Field(description="what to look at before accepting it")]


class Version(BaseModel):
    """The content of an entry at a revision."""

    revision: int
    content: EntryContent


class TagCount(BaseModel):
    """A tag and how many entries have it."""

    tag: str
    count: int


class TagList(BaseModel):
    """The tags asked for, all of them at once."""

    items: list[TagCount]
    total: int
