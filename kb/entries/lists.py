"""SQL about lists of entries: which are in one, in which order, what it shows of them.

Reads select named columns. Archived entries are in no list.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, tuple_
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import col, select

from kb.db.database import ReadSession
from kb.entries.positions import Place
from kb.entries.repository import LIVE
from kb.entries.schemas import EntrySummary
from kb.entries.selection import Selection, Sort
from kb.models import Entry, EntryTag, Revision

WALKED = 2_000
"""Entries of all, in an order, among which those of a selection are looked for at first."""

_SUMMARY = [getattr(Entry, name) for name in EntrySummary.model_fields]
_COLUMN: dict[Sort, Mapped[Any]] = {sort: getattr(Entry, sort.field) for sort in Sort}


async def summaries(session: ReadSession, ids: Sequence[int]) -> dict[int, EntrySummary]:
    """Return the summaries of those of the entries that exist, by id."""
    query: Select[Any] = select(*_SUMMARY).where(col(Entry.id).in_(ids), LIVE)
    return {row.id: _summary(row) for row in await session.rows(query)}


async def beginnings(session: ReadSession, ids: Sequence[int], length: int) -> dict[int, str]:
    """Return the first characters of the problem of those of the entries that exist, by id."""
    query = select(Entry.id, func.substr(Entry.problem, 1, length)).where(col(Entry.id).in_(ids))
    return dict((await session.exec(query)).all())


async def part_in_order(
    session: ReadSession,
    selection: Selection,
    sort: Sort,
    *,
    limit: int,
    offset: int = 0,
    after: Place | None = None,
) -> list[EntrySummary]:
    """Return a part of the selection in that order, or of what of it comes after the place.

    What was revised since that place's `as_of`, if it has one, is left out.

    Where no index has both, it is looked for among the first of all entries in that order: of a
    selection of many, enough are there, and not all of them have to be sorted. Nor at the end of
    the order, where there are no others.
    """
    if selection.narrows and sort.field != "created_at":
        first = _in_order(selection, sort, after, WALKED).offset(offset)
        found = await _fetch(session, first, limit)
        others = _ids_in_order(sort, after).offset(WALKED).limit(1)
        if len(found) == limit or not await session.rows(others):
            return found
    return await _fetch(session, _in_order(selection, sort, after).offset(offset), limit)


def _in_order(
    selection: Selection, sort: Sort, after: Place | None, walked: int | None = None
) -> Select[Any]:
    """Return the query for the summaries of the selection, in that order, after the place.

    Where `walked` is given, of so many of all entries in that order.
    """
    order = _order(selection, sort)
    query = within(select(*_SUMMARY), selection, looked_up=walked is not None)
    if after is not None:
        query = query.where(tuple_(*order) < (after.value, after.id))
        if after.as_of is not None:
            query = query.where(col(Entry.id).not_in(_revised_since(after.as_of)))
    if walked is not None:
        query = query.where(col(Entry.id).in_(_ids_in_order(sort, after).limit(walked)))
    return query.order_by(*(column.desc() for column in order))


def _ids_in_order(sort: Sort, after: Place | None) -> Select[Any]:
    """Return the query for the ids of all entries in that order, after the place."""
    one = aliased(Entry)
    order = (getattr(one, sort.field), col(one.id))
    query = select(col(one.id)).order_by(*(column.desc() for column in order))
    return query if after is None else query.where(tuple_(*order) < (after.value, after.id))


def _order(selection: Selection, sort: Sort) -> tuple[Mapped[Any], Mapped[Any]]:
    """Return what the list is ordered by, and what tells equal ones apart.

    A tag's entries have an index in the order in which they were made.
    """
    if selection.tag and sort.field == "created_at":
        return col(EntryTag.created_at), col(EntryTag.entry_id)
    return _COLUMN[sort], col(Entry.id)


async def moved_since(
    session: ReadSession, selection: Selection, after: Place, limit: int
) -> list[tuple[EntrySummary, datetime]]:
    """Return the first of the selection that were revised since `after.as_of`, where they stood.

    Each with when it was updated last then, in that order, after the place. They are what the
    entries say now; entries that are newer are left out. They are few, and looked at one by one.
    """
    stood = select(col(Revision.created_at)).where(
        col(Revision.entry_id) == col(Entry.id), col(Revision.id) <= after.as_of
    )
    # Nothing stood of an entry that is newer: compared with a place, that is NULL, too.
    then = stood.order_by(col(Revision.id).desc()).limit(1).scalar_subquery()
    columns: list[Any] = [*_SUMMARY, then.label("place")]
    query = within(select(*columns), selection, looked_up=True).where(
        col(Entry.id).in_(_revised_since(after.as_of)),
        tuple_(then, col(Entry.id)) < (after.value, after.id),
    )
    query = query.order_by(then.desc(), col(Entry.id).desc()).limit(limit)
    return [(_summary(row), row.place) for row in await session.rows(query)]


def _revised_since(as_of: int | None) -> Select[Any]:
    return select(col(Revision.entry_id)).where(col(Revision.id) > as_of)


async def newest_revision(session: ReadSession) -> int:
    """Return the number of the newest revision of all, which `as_of` may be; 0 for none."""
    return (await session.exec(select(func.max(Revision.id)))).one() or 0


async def _fetch(session: ReadSession, query: Select[Any], limit: int) -> list[EntrySummary]:
    """Return the first `limit` summaries of a query for them."""
    return [_summary(row) for row in await session.rows(query.limit(limit))]


async def first_ids(session: ReadSession, sort: Sort, limit: int) -> list[int]:
    """Return the ids of the first entries in that order."""
    query = matching([], Selection(), sort).limit(limit)
    return [row.id for row in await session.rows(query)]


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
    query: Select[Any] = within(select(Entry.id), selection).where(*wanted)
    return query.order_by(_COLUMN[sort].desc(), col(Entry.id).desc())


def has_tag(tag: str) -> ColumnElement[bool]:
    """Return the condition that an entry has the tag."""
    return col(Entry.id).in_(select(EntryTag.entry_id).where(EntryTag.tag == tag))


async def count_rows(session: ReadSession, query: Select[Any]) -> int:
    """Return how many rows the query has."""
    return (await session.exec(select(func.count()).select_from(query.subquery()))).one()


def within(query: Select[Any], selection: Selection, *, looked_up: bool = False) -> Select[Any]:
    """Return the query for entries, only for those of the selection.

    It is joined with the first tag's rows: they can be walked in order, or looked up, as suits.
    `looked_up` says that other facets are to be looked up in what is found otherwise.
    """
    query = query.where(LIVE)
    if selection.tag:
        query = query.join(EntryTag, col(EntryTag.entry_id) == col(Entry.id))
        query = query.where(col(EntryTag.tag) == selection.tag[0])
    for tag in selection.tag[1:]:
        its_row = aliased(EntryTag)
        # Beside the first tag's row: that is looked up before the entry, which may be spared.
        has_it = (col(its_row.entry_id) == col(EntryTag.entry_id), col(its_row.tag) == tag)
        query = query.where(exists().where(*has_it))
    for name, values in selection.chosen().items():
        if values and name != "tag":
            column = getattr(Entry, name)
            # No index is used for an expression, and none is what an empty text stands for.
            query = query.where((func.coalesce(column, "") if looked_up else column).in_(values))
    return query


def _summary(row: Row[Any]) -> EntrySummary:
    return EntrySummary.model_validate(row)
