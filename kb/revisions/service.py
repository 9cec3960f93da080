"""Adding to the history of entries.

Functions here expect a caller that has asked the policy (kb.review does): they are the one
path by which an entry ever changes.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from kb import clock
from kb.archive import service as archive
from kb.db.database import ReadSession, WriteSession
from kb.entries import repository as entries_repository
from kb.entries import service as entries
from kb.entries.schemas import EntryContent
from kb.entries.slugs import slug_beginning, slug_from_title
from kb.errors import Conflict, FieldError, Invalid
from kb.executor import Executor
from kb.models import Entry, Revision, RevisionKind
from kb.revisions import repository
from kb.revisions.history import content_of
from kb.revisions.merge import FieldConflict, merge

CREATED, IMPORTED = "Created", "Imported"
"""Summaries of who has written none."""


@dataclass(frozen=True, slots=True)
class Rebased:
    """A change as one of the entry's current revision, and where it touches what was changed."""

    started_from: EntryContent
    content: EntryContent
    conflicts: tuple[FieldConflict, ...]


class StaleBase(Conflict):
    """The entry has moved on since the edit began, and the two changes touch.

    Holds what is needed to bring them together by hand: `merged` has what does not touch.
    """

    slug = "stale-base"
    title = "Somebody else has changed this entry"
    when = (
        "the entry has moved on since the edit began, and the two changes touch; `base`, "
        "`theirs` and `yours` hold the three contents, `conflicts` the fields"
    )
    remedy = "bring the changes together, and send that with the current revision as its base"

    def __init__(self, entry: Entry, base: int, yours: EntryContent, merged: Rebased) -> None:
        fields = ", ".join(one.field for one in merged.conflicts)
        super().__init__(
            f"You started from revision {base}; the entry is at revision {entry.revision} now, and "
            f"what was changed since touches your change in: {fields}. Nothing was saved. Bring "
            "the two together, and send that again from the current revision."
        )
        # Values, not the entry: that goes with the transaction that this error ends.
        self.current = entry.revision
        self.theirs = entries.content_of(entry)
        self.base = base
        self.yours = yours
        self.started_from = merged.started_from
        self.merged = merged.content
        self.conflicts = merged.conflicts


def own_words(summary: str | None) -> str:
    """Return the summary as somebody has written it; nothing where nobody has."""
    return summary if summary and summary not in {CREATED, IMPORTED} else ""


class Overtaken(Conflict):
    """Another change of the entry was committed between this one's preparation and its turn."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written into an entry's history, and how it came about."""

    content: EntryContent
    author: str
    summary: str
    kind: RevisionKind
    base: int | None = None
    merged_with: int | None = None
    restored: int | None = None
    at: datetime = field(default_factory=clock.now)


async def create(
    session: WriteSession,
    change: Change,
    slug: str | None = None,
    created_at: datetime | None = None,
) -> Entry:
    """Store a new entry with its revision 1, under `slug` or one made from the title.

    `created_at` is for an entry that has lived elsewhere before.

    Raises:
        Conflict: the slug asked for is taken.
    """
    content = change.content
    if slug is None:
        taken = await entries_repository.slugs_like(session, slug_beginning(content.title))
        slug = slug_from_title(content.title, taken)
    elif await entries_repository.by_slug(session, slug):
        raise Conflict(f"There is an entry “{slug}” already.")
    entry = Entry(
        **content.model_dump(),
        slug=slug,
        revision=1,
        submitted_by=change.author,
        created_at=created_at or change.at,
        updated_at=change.at,
    )
    await entries_repository.add(session, entry)
    _record(session, entry, change)
    return entry


async def content_at(session: ReadSession, entry: Entry, number: int) -> EntryContent:
    """Return what the entry held at that revision, which somebody names as the base of an edit.

    Raises:
        Invalid: the entry never had it.
    """
    if number == entry.revision:
        return entries.content_of(entry)
    revision = await repository.numbered(session, entry.id, number)
    if revision is None:
        raise Invalid(
            f"There is no revision {number}; the entry has 1 to {entry.revision}.",
            (FieldError("base", f"must be from 1 to {entry.revision}"),),
        )
    return content_of(revision)


async def rebase(
    session: ReadSession, executor: Executor, entry: Entry, base: int, content: EntryContent
) -> Rebased:
    """Return what the content, written on top of `base`, makes of the entry as it is now.

    The session gives its connection back while a worker process merges.

    Raises:
        Invalid: the base never existed.
    """
    started_from = await content_at(session, entry, base)
    if base == entry.revision:
        return Rebased(started_from, content, ())
    await session.release()
    merged = await executor.cpu(merge, started_from, entries.content_of(entry), content)
    return Rebased(started_from, merged.content, merged.conflicts)


async def prepare(session: ReadSession, executor: Executor, entry: Entry, change: Change) -> Change:
    """Return the change, which has a base, as one that can become the next revision.

    Where the base is stale and nothing touches, that is a merge.

    Raises:
        Archived: the entry is.
        StaleBase: what was changed since the base touches the change.
        Invalid: the base never existed, or nothing would change.
    """
    await archive.require_live(session, entry)
    base = change.base or 0
    rebased = await rebase(session, executor, entry, base, change.content)
    if rebased.conflicts:
        raise StaleBase(entry, base, change.content, rebased)
    _require_difference(entry, rebased.content)
    if base == entry.revision:
        return change
    return replace(
        change, content=rebased.content, kind=RevisionKind.MERGE, merged_with=entry.revision
    )


async def apply(session: WriteSession, entry: Entry, change: Change) -> Revision:
    """Make the change, whose base or other parent is current, the entry's next revision.

    Raises:
        Archived: the entry is.
        Overtaken: somebody else came first.
        Invalid: nothing would change.
    """
    await archive.require_live(session, entry)
    _require_difference(entry, change.content)
    parent = change.merged_with or change.base or 0
    values = change.content.model_dump() | {"revision": parent + 1, "updated_at": change.at}
    if not await entries_repository.compare_and_swap(session, entry, parent, values):
        raise Overtaken("Somebody else has just changed this entry. Send your change again.")
    return _record(session, entry, change)


def _require_difference(entry: Entry, content: EntryContent) -> None:
    if content == entries.content_of(entry):
        raise Invalid("This changes nothing: it is what the current revision says.")


def _record(session: WriteSession, entry: Entry, change: Change) -> Revision:
    revision = Revision(
        entry_id=entry.id,
        number=entry.revision,
        kind=change.kind,
        base=change.base,
        merged_with=change.merged_with,
        restored=change.restored,
        author=change.author,
        summary=change.summary,
        created_at=change.at,
        content=change.content.model_dump(mode="json"),
    )
    session.add(revision)
    return revision
