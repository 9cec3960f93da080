"""SQL about numbers: what the database keeps counted, and the first of lists that have an index."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col

from kb.db.database import ReadSession, WriteSession
from kb.entries.repository import LIVE
from kb.models import Archival, Entry, PairTally, Report, SearchCount, Tally, WantedSearch
from kb.statistics.schemas import CategoryCount, Door, LanguageCount

WANTED_KEPT = 1_000
WANTED_FOR = timedelta(days=90)
"""How many searches in vain are remembered, and how long nobody has to ask again until they go."""

Rows = Sequence[Row[Any]]

_COUNTED = (col(Tally.value), col(Tally.entries))


def _select(*columns: Any) -> Select[Any]:
    return select(*columns)


async def _number(session: ReadSession, query: Select[Any]) -> int:
    (row,) = await session.rows(query)
    return int(row[0])


async def unsolved(session: ReadSession) -> int:
    """Return how many entries have no solution."""
    return await _number(session, _tally("unsolved", func.coalesce(func.sum(Tally.entries), 0)))


async def archived(session: ReadSession) -> int:
    """Return how many entries are archived."""
    query = _select(func.count()).select_from(Archival)
    return await _number(session, query.where(col(Archival.restored_at).is_(None)))


async def by_category(session: ReadSession) -> list[CategoryCount]:
    """Return each category and its number of entries, the most frequent first."""
    query = _tally("category", *_COUNTED)
    rows = await session.rows(query.order_by(col(Tally.entries).desc(), col(Tally.value)))
    return [CategoryCount(category=category, count=number) for category, number in rows]


async def by_language(session: ReadSession) -> list[LanguageCount]:
    """Return each language with each severity, and the number of entries of both; none comes first.

    Those of no language are all of a severity but for those of any.
    """
    both = (col(PairTally.value), col(PairTally.other_value))
    pairs = _select(*both, col(PairTally.entries)).where(
        col(PairTally.facet) == "language",
        col(PairTally.other_facet) == "severity",
        col(PairTally.entries) > 0,
    )
    rows = await session.rows(pairs.order_by(*both))
    severities = _tally("severity", *_COUNTED).order_by(col(Tally.value))
    none = Counter(dict(tuple(row) for row in await session.rows(severities)))
    for _, severity, number in rows:
        none[severity] -= number
    return [
        LanguageCount(language=language, severity=severity, count=number)
        for language, severity, number in [*((None, *one) for one in none.items()), *rows]
        if number
    ]


async def added_by_day(session: ReadSession) -> list[tuple[date, int]]:
    """Return the days on which entries were made, in order, and how many."""
    query = _tally("day", *_COUNTED).order_by(col(Tally.value))
    return [(date.fromisoformat(at), number) for at, number in await session.rows(query)]


def _tally(facet: str, *columns: Any) -> Select[Any]:
    """Return the query for columns of what is kept counted, of the values that entries have."""
    return _select(*columns).where(col(Tally.facet) == facet, col(Tally.entries) > 0)


async def most_read(session: ReadSession, limit: int) -> Rows:
    """Return the entries that were viewed most."""
    query = _select(col(Entry.slug), col(Entry.title), col(Entry.views))
    query = query.where(LIVE, col(Entry.views) > 0)
    order = col(Entry.views).desc(), col(Entry.id).desc()
    return await session.rows(query.order_by(*order).limit(limit))


async def most_wanted_solutions(session: ReadSession, limit: int) -> Rows:
    """Return the entries without a solution that have the most votes."""
    query = _select(col(Entry.slug), col(Entry.title), col(Entry.votes))
    query = query.where(LIVE, col(Entry.solution).is_(None))
    order = col(Entry.votes).desc(), col(Entry.id).desc()
    return await session.rows(query.order_by(*order).limit(limit))


async def stalest(session: ReadSession, limit: int) -> Rows:
    """Return the entries that were last revised or found true the longest ago.

    Two walks that end early or read few rows, where one over the later of both times would read
    every entry: those that nobody has found true since, and those that somebody has.
    """
    shown = (col(Entry.slug), col(Entry.title))
    at = func.max(col(Report.created_at)).label("confirmed_at")
    holds = _select(col(Report.entry_id), at).where(col(Report.holds).is_(True))
    latest = holds.group_by(col(Report.entry_id)).subquery()
    later = latest.c.confirmed_at > col(Entry.updated_at)
    confirmed = _select(*shown, latest.c.confirmed_at)
    confirmed = confirmed.join(latest, latest.c.entry_id == col(Entry.id)).where(LIVE, later)
    since = _select(col(Report.id)).where(
        col(Report.entry_id) == col(Entry.id),
        col(Report.holds).is_(True),
        col(Report.created_at) > col(Entry.updated_at),
    )
    revised = _select(*shown, col(Entry.updated_at).label("confirmed_at"))
    revised = revised.where(LIVE, ~since.exists()).order_by(col(Entry.updated_at))
    found = [
        *await session.rows(confirmed.order_by(latest.c.confirmed_at).limit(limit)),
        *await session.rows(revised.limit(limit)),
    ]
    return sorted(found, key=lambda row: row.confirmed_at)[:limit]


async def searches(session: ReadSession, since: date) -> Rows:
    """Return the searches by day and door from a day on, in order."""
    columns = (SearchCount.day, SearchCount.door, SearchCount.found, SearchCount.missed)
    query = _select(*columns).where(col(SearchCount.day) >= since)
    return await session.rows(query.order_by(col(SearchCount.day), col(SearchCount.door)))


async def wanted(session: ReadSession, limit: int) -> Rows:
    """Return what was searched for in vain the most often."""
    query = _select(WantedSearch.words, WantedSearch.times, WantedSearch.last_asked)
    order = col(WantedSearch.times).desc(), col(WantedSearch.words)
    return await session.rows(query.order_by(*order).limit(limit))


async def add_searches(
    session: WriteSession, counts: Mapping[tuple[date, Door, bool], int]
) -> None:
    """Add to the searches, by day, door and whether they found something."""
    for (day, door, found), number in counts.items():
        values = {"found": number if found else 0, "missed": 0 if found else number}
        new = insert(SearchCount).values(day=day, door=door, **values)
        sums = {name: getattr(SearchCount, name) + new.excluded[name] for name in values}
        await session.exec(new.on_conflict_do_update(index_elements=["day", "door"], set_=sums))


async def add_wanted(session: WriteSession, wanted: Mapping[str, int], today: date) -> None:
    """Add to what was searched for in vain, and forget what is old or over the limit."""
    if not wanted:
        return
    for words, number in wanted.items():
        new = insert(WantedSearch).values(words=words, times=number, last_asked=today)
        sums = {"times": WantedSearch.times + new.excluded.times, "last_asked": today}
        await session.exec(new.on_conflict_do_update(index_elements=["words"], set_=sums))
    old = col(WantedSearch.last_asked) < today - WANTED_FOR
    await session.exec(delete(WantedSearch).where(old))
    order = col(WantedSearch.times).desc(), col(WantedSearch.last_asked).desc()
    over = _select(WantedSearch.words).order_by(*order).offset(WANTED_KEPT).limit(-1)
    await session.exec(delete(WantedSearch).where(col(WantedSearch.words).in_(over)))
