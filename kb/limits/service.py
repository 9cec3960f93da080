"""Refusing whoever does something too often.

Changes and attempts to sign in are counted in the database before they are carried out, so that
processes agree on each. Searches and wrong tokens are counted in memory, and what processes know
is brought together every few seconds: no search waits for a write.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

from cachetools import LRUCache

from kb import clock
from kb.db.batches import Batches
from kb.db.database import Database
from kb.errors import TooManyRequests
from kb.limits import repository
from kb.limits.callers import Caller, by_address, by_name
from kb.limits.rates import HOUR, MINUTE, Limit
from kb.settings import Settings

REMEMBERED = 20_000
"""Callers whose searches a process remembers: the latest."""


class Limits(Batches):
    """What callers may still do. A limit of 0 is none."""

    def __init__(self, database: Database, settings: Settings) -> None:
        super().__init__(database)
        self._writes = Limit("changes", settings.writes_per_hour, HOUR)
        self._sign_ins = Limit("attempts to sign in", settings.sign_ins_per_hour, HOUR)
        self._tokens = Limit("wrong API tokens", settings.sign_ins_per_hour, HOUR)
        self._searches = Limit("searches", settings.searches_per_minute, MINUTE)
        self._here: LRUCache[str, int] = LRUCache(REMEMBERED)
        self._unshared: Counter[tuple[Limit, str]] = Counter()
        self.refused: Counter[str] = Counter()
        """How often this process has refused, by kind."""

    async def write(self, caller: Caller) -> None:
        """Count a change. Raises TooManyRequests, and then counts nothing."""
        await self._spend(self._writes, caller.keys)

    async def sign_in_from(self, address: str) -> None:
        """Count an attempt to sign in from there, by whichever way. Raises TooManyRequests."""
        await self._spend(self._sign_ins, [by_address(address)])

    async def sign_in_as(self, name: str) -> None:
        """Count an attempt to sign in as somebody, who need not exist. Raises TooManyRequests."""
        await self._spend(self._sign_ins, [by_name(name)])

    def search(self, caller: Caller) -> None:
        """Count a search, or what costs as much as one. Raises TooManyRequests."""
        if not caller.local:
            self._spend_here(self._searches, caller.keys)

    def wrong_token(self, address: str) -> None:
        """Count a token that is no good. Raises TooManyRequests."""
        self._spend_here(self._tokens, [by_address(address)])

    async def _spend(self, limit: Limit, keys: Iterable[str]) -> None:
        names = [f"{limit.kind}:{key}" for key in keys]
        if not limit.amount or not names:
            return
        now = _milliseconds()
        async with self._database.write(aside=True) as session:
            known = await repository.take(session, names, now * 1000)
            spent, wait = _spent(limit, names, known, now)
            if not wait:
                await repository.keep(session, spent)
        if wait:
            self._refuse(limit, wait)

    def _spend_here(self, limit: Limit, keys: Iterable[str]) -> None:
        names = [f"{limit.kind}:{key}" for key in keys]
        if not limit.amount:
            return
        known = {name: self._here.get(name, 0) for name in names}
        spent, wait = _spent(limit, names, known, _milliseconds())
        if wait:
            self._refuse(limit, wait)
        self._here.update(spent)
        self._unshared.update((limit, name) for name in names)

    async def flush(self) -> None:
        """Tell other processes what was counted here, and learn what they have counted."""
        unshared, self._unshared = self._unshared, Counter()
        if not unshared:
            return
        now = _milliseconds()
        try:
            async with self._database.write(aside=True) as session:
                names = [name for _, name in unshared]
                known = await repository.take(session, names, now * 1000)
                spent = {
                    name: limit.add(known.get(name, 0), now, times)
                    for (limit, name), times in unshared.items()
                }
                await repository.keep(session, spent)
        except BaseException:
            self._unshared.update(unshared)
            raise
        self._here.update(
            {name: max(until, self._here.get(name, 0)) for name, until in spent.items()}
        )

    def _refuse(self, limit: Limit, wait: int) -> NoReturn:
        self.refused[limit.kind] += 1
        raise _too_many(limit, wait)


def _milliseconds() -> int:
    return int(clock.now().timestamp() * 1000)


def _spent(
    limit: Limit, names: Iterable[str], known: dict[str, int], now: int
) -> tuple[dict[str, int], int]:
    """Return what each name has spent with one more, and for how long one of them has to wait."""
    spends = {name: limit.spend(known.get(name, 0), now) for name in names}
    return {name: until for name, (until, _) in spends.items()}, max(
        (wait for _, wait in spends.values()), default=0
    )


def _too_many(limit: Limit, wait: int) -> TooManyRequests:
    seconds = -(-wait // 1000)
    when = "a second" if seconds == 1 else f"{seconds} seconds"
    return TooManyRequests(
        f"There may be {limit} from one caller, and these are used up. Nothing was changed; try "
        f"again in {when}.",
        seconds,
    )
