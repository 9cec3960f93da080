"""The numbers, read at most once in a few seconds however many ask."""

import asyncio
import time
from datetime import timedelta

from kb import clock
from kb.accounts.policy import Action, Actor, may, require
from kb.db.database import ReadSession
from kb.statistics import repository
from kb.statistics.schemas import Statistics, growth

FRESH_SECONDS = 10.0
"""How old numbers may be."""

SEARCHED = timedelta(days=30)
LISTED = 10


class StatisticsService:
    """The numbers as they were counted last."""

    def __init__(self) -> None:
        self._counting = asyncio.Lock()
        self._counted_at = 0.0
        self._last: Statistics | None = None

    async def numbers(self, session: ReadSession, actor: Actor) -> Statistics:
        """Return the numbers; what is searched for in vain is told to those who look after it."""
        require(actor, Action.READ)
        async with self._counting:
            stale = time.monotonic() - self._counted_at > FRESH_SECONDS
            if self._last is None or stale:
                self._last = await _count(session)
                self._counted_at = time.monotonic()
            last = self._last
        if may(actor, Action.SEE_SEARCHES):
            return last
        return last.model_copy(update={"wanted": None})


async def _count(session: ReadSession) -> Statistics:
    now = clock.now()
    categories = await repository.by_category(session)
    return Statistics.model_validate(
        {
            "as_of": now,
            "entries": sum(each.count for each in categories),
            "unsolved": await repository.unsolved(session),
            "archived": await repository.archived(session),
            "categories": categories,
            "languages": await repository.by_language(session),
            "growth": growth(await repository.added_by_day(session)),
            "searches": await repository.searches(session, (now - SEARCHED).date()),
            "most_read": await repository.most_read(session, LISTED),
            "stalest": await repository.stalest(session, LISTED),
            "most_wanted_solutions": await repository.most_wanted_solutions(session, LISTED),
            "wanted": await repository.wanted(session, LISTED * 2),
        }
    )
