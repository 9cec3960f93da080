"""Counting searches behind the request, each once it is what somebody meant to ask.

Results come while somebody types, with a request for every pause between two keys: of those, the
one counts that was left standing.
"""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import date

from kb import clock
from kb.db.batches import Batches
from kb.db.database import Database
from kb.statistics import repository
from kb.statistics.schemas import Door
from kb.statistics.wanted import words_to_remember

REST_SECONDS = 3.0
"""After which what was typed is taken for what was meant."""

MAX_PENDING = 1_000
"""Different searches in vain that are remembered between two writes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search that was answered; `filtered` by more than its text."""

    door: Door
    text: str
    found: bool
    filtered: bool = False


class SearchLog(Batches):
    """Searches that are not in the database yet."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._counts: Counter[tuple[date, Door, bool]] = Counter()
        self._wanted: Counter[str] = Counter()
        self._typed: dict[str, tuple[float, Asked]] = {}

    def count(self, asked: Asked, caller: str = "") -> None:
        """Count a search that was sent; what its caller typed just before was on the way to it."""
        self._settle(caller)
        self._typed.pop(caller, None)
        self._counts[clock.now().date(), asked.door, asked.found] += 1
        if asked.found or asked.filtered:
            return
        words = words_to_remember(asked.text)
        if words and (words in self._wanted or len(self._wanted) < MAX_PENDING):
            self._wanted[words] += 1

    def typing(self, asked: Asked, caller: str) -> None:
        """Count a search that came of typing, unless its caller soon types on."""
        self._settle(caller)
        self._typed[caller] = (time.monotonic(), asked)

    def _settle(self, caller: str) -> None:
        """Count what the caller typed last, if it has rested."""
        at, asked = self._typed.get(caller, (None, None))
        if at is not None and asked and time.monotonic() - at >= REST_SECONDS:
            del self._typed[caller]
            self.count(asked)

    async def flush(self) -> None:
        """Write what was counted."""
        for caller in list(self._typed):
            self._settle(caller)
        counts, self._counts = self._counts, Counter()
        wanted, self._wanted = self._wanted, Counter()
        if not counts:
            return
        try:
            async with self._database.write(aside=True) as session:
                await repository.add_searches(session, counts)
                await repository.add_wanted(session, wanted, clock.now().date())
        except BaseException:
            self._counts.update(counts)
            self._wanted.update(wanted)
            raise
