"""Looking at entries: one, and lists of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Row

from kb.accounts.policy import Action, Actor, require
from kb.db.database import ReadSession
from kb.entries import counts, lists, repository
from kb.entries.positions import Place, cursor_at, place_at
from kb.entries.records import ArchivedMark, EntryRecord
from kb.entries.schemas import EntryContent, EntrySummary
from kb.entries.selection import PAGE_SIZE, Selection, Sort
from kb.errors import NotFound
from kb.models import Entry

BEGINNING = 600
"""Characters of Markdown that a list reads of an entry: enough for two or three lines of text."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of entries, and what the pages around it hold."""

    items: list[EntrySummary]
    total: int


@dataclass(frozen=True, slots=True)
class Walk(Listing):
    """A page of entries, and the cursor of the next one, if there is one."""

    next: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """At which revision an entry is, and whether it is archived."""

    revision: int
    archived: bool


async def get(session: ReadSession, actor: Actor, slug: str) -> Entry:
    """Return the entry.

    Raises:
        NotFound: there is none of that slug.
    """
    require(actor, Action.READ)
    entry = await repository.by_slug(session, slug)
    if entry is None:
        raise _missing(slug)
    return entry


async def standing(session: ReadSession, actor: Actor, slug: str) -> Standing:
    """Return at which revision the entry is, and nothing of what it says.

    Raises:
        NotFound: there is none of that slug.
    """
    require(actor, Action.READ)
    found = await repository.standing(session, slug)
    if found is None:
        raise _missing(slug)
    return Standing(*found)


def _missing(slug: str) -> NotFound:
    return NotFound(f"There is no entry “{slug}”.")


def content_of(entry: Entry) -> EntryContent:
    """Return what the entry's current revision holds."""
    return EntryContent.stored(entry.__dict__)


def record_of(entry: Entry | Row[Any], archived: ArchivedMark | None = None) -> EntryRecord:
    """Return the entry, or the row of all its columns, as an export takes it."""
    values = entry.__dict__ if isinstance(entry, Entry) else entry._asdict()
    return EntryRecord.model_construct(
        slug=entry.slug,
        content=EntryContent.stored(values),
        submitted_by=entry.submitted_by,
        created_at=entry.created_at,
        updated_at=entry.updated_at,
        archived=archived,
    )


async def page_of(
    session: ReadSession, actor: Actor, selection: Selection, sort: Sort, page: int
) -> Listing:
    """Return page `page` (from 1) of the selection, 20 entries a page."""
    require(actor, Action.READ)
    total = await counts.count(session, selection)
    # To find that there are none would take a walk through all that meet the first filter.
    if not total:
        return Listing([], 0)
    offset = (page - 1) * PAGE_SIZE
    items = await lists.part_in_order(session, selection, sort, limit=PAGE_SIZE, offset=offset)
    return Listing(items, total)


async def walk(
    session: ReadSession,
    actor: Actor,
    selection: Selection,
    sort: Sort,
    *,
    limit: int,
    cursor: str | None = None,
) -> Walk:
    """Return the first entries of the selection, or those after the cursor.

    Raises:
        Invalid: the cursor is none of this list.
    """
    require(actor, Action.READ)
    place = place_at(cursor, sort) if cursor is not None else None
    total = await counts.count(session, selection)
    step = _step_by_update if sort is Sort.UPDATED else _step
    found = await step(session, selection, sort, place, limit + 1) if total else []
    after = cursor_at(found[limit - 1][1], sort) if len(found) > limit else None
    return Walk([entry for entry, _ in found[:limit]], total, after)


async def _step(
    session: ReadSession, selection: Selection, sort: Sort, after: Place | None, limit: int
) -> list[tuple[EntrySummary, Place]]:
    """Return entries in order, after the place if there is one, each with its own place."""
    items = await lists.part_in_order(session, selection, sort, limit=limit, after=after)
    return [(entry, Place(getattr(entry, sort.field), entry.id)) for entry in items]


async def _step_by_update(
    session: ReadSession, selection: Selection, sort: Sort, after: Place | None, limit: int
) -> list[tuple[EntrySummary, Place]]:
    """Return entries as `_step` does, in the order of updates in which the walk began."""
    as_of = after.as_of if after else await lists.newest_revision(session)
    items = await lists.part_in_order(session, selection, sort, limit=limit, after=after)
    placed = [(entry, Place(entry.updated_at, entry.id, as_of)) for entry in items]
    if after:
        moved = await lists.moved_since(session, selection, after, limit)
        placed += [(entry, Place(at, entry.id, as_of)) for entry, at in moved]
    return sorted(placed, key=itemgetter(1), reverse=True)[:limit]


async def beginnings(
    session: ReadSession, actor: Actor, listed: Sequence[EntrySummary]
) -> dict[int, str]:
    """Return how the problem of each listed entry begins, as Markdown, by the entry's id."""
    require(actor, Action.READ)
    return await lists.beginnings(session, [entry.id for entry in listed], BEGINNING)


async def highest_id(session: ReadSession, actor: Actor) -> int:
    """Return a number that no entry's id is above."""
    require(actor, Action.READ)
    return await repository.highest_id(session)


async def addresses(
    session: ReadSession, actor: Actor, first: int, last: int
) -> list[tuple[str, datetime]]:
    """Return the slugs of the entries with ids from `first` to `last`, and when each changed."""
    require(actor, Action.READ)
    return await repository.addresses(session, first, last)
