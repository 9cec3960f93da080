"""SQL that counts entries: read from what the database keeps counted, else entry by entry."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CTE, Select, func, literal, select, union_all
from sqlmodel import col

from kb.db.database import ReadSession
from kb.entries import tallies
from kb.entries.lists import within
from kb.entries.selection import FACETS, Selection
from kb.models import Entry, EntryTag

COUNTED = 5_000
"""Entries among which values are counted where nothing is kept: that many take 13 ms."""


EVERYTHING = Selection()


@dataclass(slots=True)
class Counts:
    """By facet, values and how many entries have each; in facets of `partly`, at least so many."""

    values: dict[str, dict[str, int]] = field(default_factory=dict)
    partly: set[str] = field(default_factory=set)


async def count(session: ReadSession, selection: Selection) -> int:
    """Return how many entries the selection holds."""
    kept = await tallies.total(session, tallies.parts(selection))
    if kept is not None:
        return kept
    query = within(select(func.count()).select_from(Entry), selection)
    (row,) = await session.rows(query)
    return int(row[0])


async def facet_counts(session: ReadSession, selection: Selection) -> Counts:
    """Return each facet's values within the selection; of many, the most frequent and those chosen.

    Those of a facet that narrows are counted as if it did not.
    """
    wider = selection.alternatives()
    rest = [name for name in FACETS if name not in wider]
    counts = Counts({name: {} for name in FACETS})
    for narrowed, names in [(selection, rest), *((one, [name]) for name, one in wider.items())]:
        narrowing = tallies.parts(narrowed)
        if tallies.has_values_beside(narrowing):
            for name in names:
                named = getattr(selection, name)
                found = await tallies.values_of(session, name, narrowing, named)
                counts.values[name] = dict(found)
        elif await tallies.total(session, narrowing) != 0:
            looked_at, values = await counted(session, narrowed, names, COUNTED)
            counts.values |= values
            counts.partly |= set(names) if looked_at == COUNTED else set()
    return counts


async def counted(
    session: ReadSession, selection: Selection, names: Sequence[str], most: int
) -> tuple[int, dict[str, dict[str, int]]]:
    """Return among how many entries of the selection, at most so many, which values are found.

    By facet, each value with its number of entries.
    """
    columns = [getattr(Entry, name) for name in ("id", *FACETS) if name != "tag"]
    found = within(select(*columns), selection).limit(most).cte("found")
    looked_at = select(literal(""), literal(""), func.count()).select_from(found)
    query: Any = union_all(looked_at, *(_values(found, name) for name in names))
    counts: dict[str, dict[str, int]] = {name: {} for name in ("", *names)}
    for name, value, number in await session.rows(query):
        counts[name][value] = number
    return counts.pop("")[""], counts


def _values(found: CTE, name: str) -> Select[Any]:
    """Return the query for the facet's values among the entries found."""
    if name == "tag":
        # An outer join, so that SQLite begins with the entries found; each has a tag.
        tagged = found.outerjoin(EntryTag, col(EntryTag.entry_id) == found.c.id)
        tag: list[Any] = [literal(name), EntryTag.tag, func.count()]
        return select(*tag).select_from(tagged).group_by(col(EntryTag.tag))
    value = found.c[name]
    other: list[Any] = [literal(name), value, func.count()]
    return select(*other).where(value.is_not(None)).group_by(value)
