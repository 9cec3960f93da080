"""SQL about entries. Reads select named columns; only writes go through the ORM.

What lists and counts leaves archived entries out; an entry asked for by its name is found.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, tuple_, union_all, update
from sqlalchemy.orm import Mapped
from sqlmodel import col, delete, select

from kb.db.database import ReadSession, WriteSession
from kb.entries.positions import Place
from kb.entries.schemas import EntrySummary
from kb.entries.selection import FACETS, MAX_FACET_VALUES, Selection, Sort
from kb.models import Archival, Entry, EntryTag, Outbox, Revision, Tally

_SUMMARY = [getattr(Entry, name) for name in EntrySummary.model_fields]
_ARCHIVED = select(Archival.entry_id).where(col(Archival.restored_at).is_(None))
EVERYTHING = Selection()
"""What the database keeps counts of."""
LIVE = col(Entry.id).not_in(_ARCHIVED)
"""The condition that an entry is not archived."""
_COLUMN: dict[Sort, Mapped[Any]] = {sort: getattr(Entry, sort.field) for sort in Sort}


async def by_slug(session: ReadSession, slug: str) -> Entry | None:
    """Return the entry, or None."""
    return (await session.exec(select(Entry).where(Entry.slug == slug))).one_or_none()


async def standing(session: ReadSession, slug: str) -> tuple[int, bool] | None:
    """Return the entry's revision number and whether it is archived, or None."""
    columns: list[Any] = [Entry.revision, ~LIVE]
    rows = await session.rows(select(*columns).where(col(Entry.slug) == slug))
    return (rows[0][0], bool(rows[0][1])) if rows else None


async def by_title(session: ReadSession, title: str, slug: str) -> Entry | None:
    """Return the oldest entry of that title whose slug begins with `slug`, or None."""
    query = select(Entry).where(*_slug_begins(slug), Entry.title == title)
    return (await session.exec(query.order_by(col(Entry.id)).limit(1))).one_or_none()


async def by_id(session: ReadSession, entry_id: int) -> Entry | None:
    """Return the entry, or None."""
    return await session.get(Entry, entry_id)


async def by_ids(session: ReadSession, ids: Sequence[int]) -> list[Entry]:
    """Return those of the entries that exist, in no particular order."""
    query = select(Entry).where(col(Entry.id).in_(ids), LIVE)
    return list((await session.exec(query)).all())


async def even_archived(session: ReadSession, ids: Sequence[int]) -> list[Entry]:
    """Return those of the entries that exist, archived or not, in no particular order."""
    return list((await session.exec(select(Entry).where(col(Entry.id).in_(ids)))).all())


async def slugs_like(session: ReadSession, slug: str) -> set[str]:
    """Return the slugs taken that begin with `slug`."""
    matching = _slug_begins(slug)
    return set((await session.exec(select(Entry.slug).where(*matching))).all())


async def summaries(session: ReadSession, ids: Sequence[int]) -> dict[int, EntrySummary]:
    """Return the summaries of those of the entries that exist, by id."""
    query: Select[Any] = select(*_SUMMARY).where(col(Entry.id).in_(ids), LIVE)
    return {row.id: _summary(row) for row in await session.rows(query)}


async def beginnings(session: ReadSession, ids: Sequence[int], length: int) -> dict[int, str]:
    """Return the first characters of the problem of those of the entries that exist, by id."""
    query = select(Entry.id, func.substr(Entry.problem, 1, length)).where(col(Entry.id).in_(ids))
    return dict((await session.exec(query)).all())


def in_order(selection: Selection, sort: Sort) -> Select[Any]:
    """Return the query for the summaries of the selection, in that order."""
    order = (_COLUMN[sort].desc(), col(Entry.id).desc())
    query: Select[Any] = select(*_SUMMARY)
    return query.where(*_conditions(selection)).order_by(*order)


def after(query: Select[Any], sort: Sort, place: Place) -> Select[Any]:
    """Return the query for what comes after the place, of a query `in_order`."""
    return query.where(tuple_(_COLUMN[sort], col(Entry.id)) < (place.value, place.id))


def in_order_as_of(
    selection: Selection, as_of: int, after: Place | None, limit: int
) -> Select[Any]:
    """Return the query for summaries in the order of updates when `as_of` was the newest revision.

    They are what the entries say now; the column `place` is when each was updated last then.
    Entries that are newer are left out. Those revised since are few, and looked at one by one.
    """
    since = select(Revision.entry_id).where(col(Revision.id) > as_of)
    stood = select(col(Revision.created_at)).where(
        col(Revision.entry_id) == col(Entry.id), col(Revision.id) <= as_of
    )
    then = stood.order_by(col(Revision.id).desc()).limit(1).scalar_subquery()
    unchanged = _placed(selection, col(Entry.updated_at), after)
    changed = _placed(selection, then, after)
    both = union_all(
        unchanged.where(col(Entry.id).not_in(since)).limit(limit).subquery().select(),
        changed.where(col(Entry.id).in_(since), then.is_not(None)).limit(limit).subquery().select(),
    ).subquery()
    return both.select().order_by(both.c.place.desc(), both.c.id.desc()).limit(limit)


def _placed(selection: Selection, at: Any, after: Place | None) -> Select[Any]:
    query: Select[Any] = select(*[*_SUMMARY, at.label("place")]).where(*_conditions(selection))
    if after is not None:
        query = query.where(tuple_(at, col(Entry.id)) < (after.value, after.id))
    return query.order_by(at.desc(), col(Entry.id).desc())


async def newest_revision(session: ReadSession) -> int:
    """Return the row number of the newest revision of all entries; 0 where there is none."""
    return (await session.exec(select(func.max(Revision.id)))).one() or 0


async def fetch_placed(session: ReadSession, query: Select[Any]) -> list[tuple[EntrySummary, Any]]:
    """Return the summaries of a query `in_order_as_of`, each with its place."""
    return [(_summary(row), row.place) for row in await session.rows(query)]


async def fetch(session: ReadSession, query: Select[Any], limit: int) -> list[EntrySummary]:
    """Return the first `limit` summaries of a query `in_order`."""
    return [_summary(row) for row in await session.rows(query.limit(limit))]


def sorted_ids(ids: Sequence[int], sort: Sort) -> Select[Any]:
    """Return the query for these entries' ids, in that order."""
    # One parameter however many there are: a statement of SQLite holds at most 32,766.
    wanted = select(func.json_each(json.dumps(ids)).table_valued("value").c.value)
    query: Select[Any] = select(Entry.id).where(col(Entry.id).in_(wanted), LIVE)
    return query.order_by(_COLUMN[sort].desc(), col(Entry.id).desc())


def matching(
    wanted: Sequence[ColumnElement[bool]], selection: Selection, sort: Sort
) -> Select[Any]:
    """Return the query for the ids of those entries of the selection that are as wanted."""
    query: Select[Any] = select(Entry.id).where(*_conditions(selection), *wanted)
    return query.order_by(_COLUMN[sort].desc(), col(Entry.id).desc())


def has_tag(tag: str) -> ColumnElement[bool]:
    """Return the condition that an entry has the tag."""
    return col(Entry.id).in_(select(EntryTag.entry_id).where(EntryTag.tag == tag))


async def count_rows(session: ReadSession, query: Select[Any]) -> int:
    """Return how many rows the query has."""
    return (await session.exec(select(func.count()).select_from(query.subquery()))).one()


async def count(session: ReadSession, selection: Selection) -> int:
    """Return how many entries the selection holds."""
    query: Any = select(func.count()).select_from(Entry).where(*_conditions(selection))
    if selection == EVERYTHING:
        # Each entry has one category, and of these there are few.
        query = select(func.coalesce(func.sum(Tally.entries), 0)).where(Tally.facet == "category")
    number: int = (await session.exec(query)).one()
    return number


async def facet_counts(
    session: ReadSession, selection: Selection
) -> dict[str, list[tuple[str, int]]]:
    """Return, by facet, each value within the selection and how many entries have it.

    Those of a facet that narrows are counted as if it did not.
    """
    wider = selection.alternatives()
    return {name: await facet_count(session, wider.get(name, selection), name) for name in FACETS}


async def facet_count(
    session: ReadSession, selection: Selection, name: str
) -> list[tuple[str, int]]:
    """Return the facet's values within the selection and how many entries have each.

    Of everything, only the most frequent, which are read from what is kept.
    """
    if selection == EVERYTHING:
        return await _kept_count(session, name)
    return await counted(session, selection, name)


async def _kept_count(session: ReadSession, name: str) -> list[tuple[str, int]]:
    query: Any = select(Tally.value, Tally.entries)
    query = query.where(Tally.facet == name, Tally.entries > 0)
    most = query.order_by(col(Tally.entries).desc(), col(Tally.value)).limit(MAX_FACET_VALUES)
    return [(value, number) for value, number in await session.rows(most)]


async def counted(session: ReadSession, selection: Selection, name: str) -> list[tuple[str, int]]:
    """Return the facet's values as `facet_count` does, all of them, counted entry by entry."""
    if name == "tag":
        value: Mapped[Any] = col(EntryTag.tag)
        counted: Any = select(value, func.count()).join(
            Entry, col(Entry.id) == col(EntryTag.entry_id)
        )
    else:
        value = getattr(Entry, name)
        counted = select(value, func.count()).where(value.is_not(None))
    query: Select[Any] = counted.where(*_conditions(selection)).group_by(value)
    return [(value, number) for value, number in await session.rows(query)]


async def tag_counts(session: ReadSession) -> list[tuple[str, int]]:
    """Return every tag with the number of its entries, by name."""
    query: Any = select(Tally.value, Tally.entries)
    query = query.where(Tally.facet == "tag", Tally.entries > 0)
    rows = await session.rows(query.order_by(col(Tally.value)))
    return [(tag, uses) for tag, uses in rows]


async def highest_id(session: ReadSession) -> int:
    """Return the id of the entry made last; 0 where there is none."""
    return (await session.exec(select(func.max(Entry.id)))).one() or 0


async def addresses(session: ReadSession, first: int, last: int) -> list[tuple[str, datetime]]:
    """Return the slugs of the entries with ids from `first` to `last`, and when each changed."""
    query = select(Entry.slug, Entry.updated_at)
    query = query.where(col(Entry.id).between(first, last), LIVE).order_by(col(Entry.id))
    return [(slug, at) for slug, at in await session.exec(query)]


async def revisions_by_id(session: ReadSession) -> dict[int, int]:
    """Return the current revision number of every entry, by id."""
    return dict((await session.exec(select(Entry.id, Entry.revision).where(LIVE))).all())


async def all_ids(session: ReadSession) -> list[int]:
    """Return every entry's id, in order of creation."""
    return list((await session.exec(select(Entry.id).where(LIVE).order_by(col(Entry.id)))).all())


async def add(session: WriteSession, entry: Entry) -> None:
    """Store a new entry, its tags, and the note that the index lacks it."""
    session.add(entry)
    await session.flush()
    await _changed(session, entry)


async def compare_and_swap(
    session: WriteSession, entry: Entry, base: int, values: dict[str, Any]
) -> bool:
    """Write the values into the entry where its stored revision is still `base`; say whether.

    The comparison is part of the UPDATE, so that of two writers with one base only one wins.
    """
    statement = update(Entry).where(col(Entry.id) == entry.id, col(Entry.revision) == base)
    result = await session.exec(statement.values(values).returning(col(Entry.id)))
    if result.one_or_none() is None:
        return False
    await session.refresh(entry)
    await _changed(session, entry)
    return True


async def _changed(session: WriteSession, entry: Entry) -> None:
    """Bring the tags in line with the entry, and note that the index lacks its present state."""
    await session.exec(delete(EntryTag).where(col(EntryTag.entry_id) == entry.id))
    session.add_all([EntryTag(entry_id=entry.id, tag=tag) for tag in entry.tags])
    await note_change(session, entry)


async def note_change(session: WriteSession, entry: Entry) -> None:
    """Note that the index has not heard yet of what this transaction does to the entry."""
    session.add(Outbox(entry_id=entry.id))
    await session.flush()


async def add_votes(session: WriteSession, entry: Entry, number: int) -> None:
    """Add to the entry's votes; nothing else about it changes."""
    statement = update(Entry).where(col(Entry.id) == entry.id)
    await session.exec(statement.values(votes=Entry.votes + number))
    await session.refresh(entry, ["votes"])


async def add_views(session: WriteSession, views: dict[int, int]) -> None:
    """Add to the view counts, by entry id."""
    for entry_id, number in views.items():
        statement = update(Entry).where(col(Entry.id) == entry_id)
        await session.exec(statement.values(views=Entry.views + number))


def _slug_begins(slug: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions for slugs that begin so."""
    # A range, because SQLite's LIKE does not use the index of the slugs.
    return col(Entry.slug) >= slug, col(Entry.slug) <= f"{slug}~"


def _summary(row: Row[Any]) -> EntrySummary:
    return EntrySummary.model_validate(row)


def _conditions(selection: Selection) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [LIVE]
    conditions.extend(has_tag(tag) for tag in selection.tag)
    conditions.extend(
        getattr(Entry, name).in_(values)
        for name, values in selection.chosen().items()
        if values and name != "tag"
    )
    return conditions
