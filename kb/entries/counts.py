"""SQL that counts entries: what the database keeps counted of all, and the rest entry by entry."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func
from sqlalchemy.orm import Mapped
from sqlmodel import col, select

from kb.db.database import ReadSession
from kb.entries.repository import conditions
from kb.entries.selection import FACETS, MAX_FACET_VALUES, Selection
from kb.models import Entry, EntryTag, Tally

EVERYTHING = Selection()
"""What the database keeps counts of."""


async def count(session: ReadSession, selection: Selection) -> int:
    """Return how many entries the selection holds."""
    query: Any = select(func.count()).select_from(Entry).where(*conditions(selection))
    if (kept := _kept(selection)) is not None:
        query = select(func.coalesce(func.sum(Tally.entries), 0)).where(kept)
    number: int = (await session.exec(query)).one()
    return number


def _kept(selection: Selection) -> ColumnElement[bool] | None:
    """Return which of the kept counts add up to the number of entries of the selection, if any.

    An entry is counted once for each facet but for that of tags, and has one category.
    """
    chosen = {name: values for name, values in selection.chosen().items() if values}
    if not chosen:
        return col(Tally.facet) == "category"
    (name, values), *others = chosen.items()
    if others or (name == "tag" and len(values) > 1):
        return None
    return and_(col(Tally.facet) == name, col(Tally.value).in_(values))


async def facet_counts(session: ReadSession, selection: Selection) -> dict[str, dict[str, int]]:
    """Return, by facet, each value within the selection and how many entries have it.

    Those of a facet that narrows are counted as if it did not.
    """
    wider = selection.alternatives()
    return {
        name: dict(await facet_count(session, wider.get(name, selection), name)) for name in FACETS
    }


async def facet_count(
    session: ReadSession, selection: Selection, name: str
) -> list[tuple[str, int]]:
    """Return the facet's values within the selection and how many entries have each.

    Of everything, only the most frequent, which are read from what is kept.
    """
    if not selection.narrows:
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
    query: Select[Any] = counted.where(*conditions(selection)).group_by(value)
    return [(value, number) for value, number in await session.rows(query)]


async def tag_counts(session: ReadSession) -> list[tuple[str, int]]:
    """Return every tag with the number of its entries, by name."""
    query: Any = select(Tally.value, Tally.entries)
    query = query.where(Tally.facet == "tag", Tally.entries > 0)
    rows = await session.rows(query.order_by(col(Tally.value)))
    return [(tag, uses) for tag, uses in rows]
