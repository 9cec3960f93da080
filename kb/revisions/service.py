"""The history of entries: reading it, and adding to it.

Functions that add expect a caller that has asked the policy (kb.review does): they are the one
path by which an entry ever changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from kb import clock
from kb.accounts.policy import Actor
from kb.archive import service as archive
from kb.db.database import ReadSession, WriteSession
from kb.entries import repository as entries_repository
from kb.entries import service as entries
from kb.entries.schemas import EntryContent
from kb.entries.slugs import base_slug, slug_from_title
from kb.errors import Conflict, FieldError, Invalid, NotFound
from kb.models import Entry, Revision, RevisionKind
from kb.revisions import repository


class StaleBase(Conflict):
    """The entry has moved on since the edit began; holds what is needed to go on from there."""

    slug = "stale-base"
    title = "Somebody else has changed this entry"

    def __init__(
        self, entry: Entry, base: int, started_from: EntryContent, yours: EntryContent
    ) -> None:
        super().__init__(
            f"You started from revision {base}; the entry is at revision {entry.revision} now. "
            "Nothing was saved. Compare, then send your change again from the current revision."
        )
        self.entry = entry
        self.base = base
        self.started_from = started_from
        self.yours = yours


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written into an entry's history, and how it came about."""

    content: EntryContent
    author: str
    summary: str
    kind: RevisionKind
    base: int | None = None
    restored: int | None = None
    at: datetime = field(default_factory=clock.now)


async def history(
    session: ReadSession, actor: Actor, slug: str, limit: int | None = None
) -> Sequence[Row[Any]]:
    """Return the entry's revisions, the newest first: all about each but what it held.

    Raises:
        NotFound: there is no such entry.
    """
    entry = await entries.get(session, actor, slug)
    return await repository.of_entry(session, entry.id, limit)


async def get(session: ReadSession, actor: Actor, slug: str, number: int) -> Revision:
    """Return one revision of an entry. Raises NotFound."""
    entry = await entries.get(session, actor, slug)
    revision = await repository.numbered(session, entry.id, number)
    if revision is None:
        raise NotFound(
            f"“{slug}” has no revision {number}; it has revisions 1 to {entry.revision}."
        )
    return revision


def content_of(revision: Revision) -> EntryContent:
    """Return what the revision holds."""
    return EntryContent.stored(revision.content)


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
        taken = await entries_repository.slugs_like(session, base_slug(content.title)[:90])
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


async def check(session: ReadSession, entry: Entry, base: int, content: EntryContent) -> None:
    """Do nothing where the content can become the entry's next revision.

    Raises:
        Archived: the entry is.
        StaleBase: the entry has moved on since the base.
        Invalid: the base never existed, or nothing would change.
    """
    await archive.require_live(session, entry)
    started_from = await content_at(session, entry, base)
    if base != entry.revision:
        raise StaleBase(entry, base, started_from, content)
    if content == started_from:
        raise Invalid("This changes nothing: it is what the current revision says.")


async def apply(session: WriteSession, entry: Entry, change: Change) -> Revision:
    """Make the change, which has a base, the entry's next revision.

    Raises what `check` raises.
    """
    base = change.base or 0
    await check(session, entry, base, change.content)
    values = change.content.model_dump() | {"revision": base + 1, "updated_at": change.at}
    if not await entries_repository.compare_and_swap(session, entry, base, values):
        raise StaleBase(entry, base, entries.content_of(entry), change.content)
    return _record(session, entry, change)


def _record(session: WriteSession, entry: Entry, change: Change) -> Revision:
    revision = Revision(
        entry_id=entry.id,
        number=entry.revision,
        kind=change.kind,
        base=change.base,
        restored=change.restored,
        author=change.author,
        summary=change.summary,
        created_at=change.at,
        content=change.content.model_dump(mode="json"),
    )
    session.add(revision)
    return revision
