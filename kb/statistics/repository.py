"""SQL about numbers: aggregates that read an index and no entry's text."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col

from kb.db.database import ReadSession, WriteSession
from kb.entries.repository import LIVE
from kb.models import Archival, Entry, Report, SearchCount, WantedSearch
from kb.statistics.schemas import CategoryCount, Door, LanguageCount

WANTED_KEPT = 1_000
WANTED_FOR = timedelta(days=90)
"""How many searches in vain are remembered, and how long nobody has to ask again until they go."""

Rows = Sequence[Row[Any]]


def _select(*columns: Any) -> Select[Any]:
    return select(*columns)


async def _number(session: ReadSession, query: Select[Any]) -> int:
    (row,) = await session.rows(query)
    return int(row[0])


async def unsolved(session: ReadSession) -> int:
    """Return how many entries have no solution."""
    query = _select(func.count()).select_from(Entry)
    return await _number(session, query.where(col(Entry.solution).is_(None), LIVE))


async def archived(session: ReadSession) -> int:
    """Return how many entries are archived."""
    query = _select(func.count()).select_from(Archival)
    return await _number(session, query.where(col(Archival.restored_at).is_(None)))


async def by_category(session: ReadSession) -> list[CategoryCount]:
    """Return each category and its number of entries, the most frequent first."""
    category, number = col(Entry.category), func.count()
    query = _select(category, number).where(LIVE).group_by(category)
    rows = await session.rows(query.order_by(number.desc(), category))
    return [CategoryCount(category=row[0], count=row[1]) for row in rows]


async def by_language(session: ReadSession) -> list[LanguageCount]:
    """Return each language with each severity, and the number of entries of both."""
    both = (col(Entry.language), col(Entry.severity))
    query = _select(*both, func.count()).where(LIVE).group_by(*both).order_by(*both)
    return [
        LanguageCount(language=language, severity=severity, count=number)
        for language, severity, number in await session.rows(query)
    ]


async def added_by_day(session: ReadSession) -> list[tuple[date, int]]:
    """Return the days on which entries were made, in order, and how many."""
    day = func.date(col(Entry.created_at))
    query = _select(day, func.count()).where(LIVE).group_by(day).order_by(day)
    return [(date.fromisoformat(at), number) for at, number in await session.rows(query)]


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
