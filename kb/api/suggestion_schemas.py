"""What the API takes and gives about suggestions."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from kb.api.addresses import Addresses
from kb.api.schemas import HeldReason, NewRevision
from kb.entries.schemas import EntryContent, RevisionNumber
from kb.models import SuggestionStatus
from kb.review.suggestions import Waiting
from kb.revisions.diff import FieldDiff
from kb.revisions.merge import FieldConflict, Standing


class SuggestionItem(BaseModel):
    """A suggestion in a list; `entry` is a slug, null for a new entry that is not accepted."""

    id: int
    status: SuggestionStatus
    standing: Annotated[
        Standing | None,
        Field(description="while it waits: how it stands to what the entry says today"),
    ]
    entry: str | None
    base: int | None
    version: Annotated[int, Field(description="counts its author's edits")]
    title: str
    author: str
    summary: str
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    revision: Annotated[int | None, Field(description="the revision it became")]
    with_changes: Annotated[bool, Field(description="accepted as the reviewer changed it")]
    held: Annotated[list[HeldReason], Field(description="what to look at before accepting it")]
    url: str

    @classmethod
    def of(cls, one: Waiting, addresses: Addresses) -> "SuggestionItem":
        """Return the suggestion as a list shows it."""
        stored = cls.model_fields.keys() & type(one.suggestion).model_fields.keys()
        return cls(
            **{name: getattr(one.suggestion, name) for name in stored},
            standing=one.standing,
            entry=one.entry.slug if one.entry else None,
            title=one.content.title,
            url=addresses.suggestion(one.suggestion.id),
        )


class SuggestionList(BaseModel):
    """A page of suggestions, the newest first; `next` is the cursor of the next one."""

    items: list[SuggestionItem]
    total: int
    next: str | None


class SuggestionDetail(SuggestionItem):
    """A suggestion with all it says.

    Of one that waits, `changes` is what it would change in the entry today, and `conflicts` are the
    fields in which it touches what was changed since its base. Of a decided one, `changes` is what
    it wanted to change in its base.
    """

    content: EntryContent
    changes: list[FieldDiff]
    conflicts: list[FieldConflict]


class Acceptance(NewRevision):
    """How to accept: as it is, or with these fields in place of its own.

    With fields, `base` (or If-Match) is the revision that the entry was at when they were chosen.
    """

    summary: str | None = None  # type: ignore[assignment]
    version: Annotated[
        RevisionNumber | None, Field(description="refuse if its author has edited it since")
    ] = None


class Rejection(BaseModel):
    """A decision against a suggestion."""

    reason: str = ""
