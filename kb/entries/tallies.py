"""SQL that reads what the database keeps counted, as quickly however many entries there are.

Kept are the entries of each value, and of each pair of values. An entry has one value of a facet
but for tags, so the entries of several values together are the sum of theirs.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlmodel import col

from kb.db.database import ReadSession
from kb.entries.selection import MAX_FACET_VALUES, Selection
from kb.models import PairTally, Tally

Part = tuple[str, tuple[str, ...]]
"""What narrows: a facet, and the values of which an entry has one."""

_ONE, _OTHER = col(PairTally.value), col(PairTally.other_value)


def parts(selection: Selection) -> list[Part]:
    """Return what narrows the selection, in the order of pairs; an entry meets all of them."""
    found = [(name, values) for name, values in selection.chosen().items() if name != "tag"]
    tags = [("tag", (tag,)) for tag in {*selection.tag}]
    return sorted(part for part in [*found, *tags] if part[1])


def has_values_beside(narrowing: Sequence[Part]) -> bool:
    """Say whether it is kept which values entries have that meet all of the parts."""
    return len(narrowing) <= 1


async def total(session: ReadSession, narrowing: Sequence[Part]) -> int | None:
    """Return how many entries meet all of the parts; None for more than two, where none is kept."""
    query: Select[Any]
    match narrowing:
        case []:
            query = _select(func.sum(Tally.entries)).where(col(Tally.facet) == "category")
        case [(facet, values)]:
            query = _select(func.sum(Tally.entries))
            query = query.where(col(Tally.facet) == facet, col(Tally.value).in_(values))
        case [(facet, values), (other, others)]:
            query = _pairs(facet, other, func.sum(PairTally.entries))
            query = query.where(_ONE.in_(values), _OTHER.in_(others))
        case _:
            return None
    (row,) = await session.rows(query)
    return row[0] or 0


async def values_of(
    session: ReadSession, facet: str, narrowing: Sequence[Part], named: Collection[str] = ()
) -> list[tuple[str, int]]:
    """Return the facet's most frequent values among the entries that meet the part, at most one.

    Each comes with how many of these have it. `named` are values that come first where they exist.
    """
    found = (_values_beside(facet, *narrowing) if narrowing else _values(facet)).subquery()
    order = [found.c.entries.desc(), found.c.value]
    if named:
        order.insert(0, found.c.value.in_(named).desc())
    query = found.select().where(found.c.entries > 0).order_by(*order)
    rows = await session.rows(query.limit(MAX_FACET_VALUES + len(named)))
    return [(value, entries) for value, entries in rows]


async def tags_by_name(session: ReadSession) -> list[tuple[str, int]]:
    """Return every tag with the number of its entries, by name."""
    query = _values("tag").where(col(Tally.entries) > 0).order_by(col(Tally.value))
    return [(tag, entries) for tag, entries in await session.rows(query)]


def _select(*columns: Any) -> Select[Any]:
    return select(*columns)


def _values(facet: str) -> Select[Any]:
    return _select(Tally.value, Tally.entries).where(col(Tally.facet) == facet)


def _values_beside(facet: str, part: Part) -> Any:
    """Return the query for the values of a facet that entries have beside those of the part."""
    beside, values = part
    entries = func.sum(PairTally.entries).label("entries")
    queries = []
    if beside <= facet:
        query = _pairs(beside, facet, _OTHER.label("value"), entries).where(_ONE.in_(values))
        queries.append(query.group_by(_OTHER))
    if facet <= beside:
        query = _pairs(facet, beside, _ONE.label("value"), entries).where(_OTHER.in_(values))
        queries.append(query.group_by(_ONE))
    if facet == beside:
        queries.append(_values(facet).where(col(Tally.value).in_(values)))
    return union_all(*queries)


def _pairs(facet: str, other: str, *columns: Any) -> Select[Any]:
    query = _select(*columns)
    return query.where(col(PairTally.facet) == facet, col(PairTally.other_facet) == other)
