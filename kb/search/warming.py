"""What is done in a new server before anybody searches, so that nobody waits for it."""

import asyncio
from collections.abc import Awaitable, Iterable

from kb.db.database import Database
from kb.entries import lists
from kb.entries.selection import Sort
from kb.errors import KbError
from kb.executor import Executor
from kb.search.engine import SearchEngine, SearchRequest
from kb.search.highlight import forget
from kb.search.query import parse
from kb.search.showing import ROOM, Show, read_ahead

AFTER = 1.0
"""Seconds: what is asked of a new server first is a page, and processors are few."""

AT_ONCE = 20
"""Entries that are read before a search that comes has its turn: 3 ms."""

UNKNOWN = "aaaaaaaaaa"
"""A word that no entry has: looking for what is meant by it makes use of all of the index."""


async def warm_up(engine: SearchEngine, executor: Executor, database: Database) -> None:
    """Have each worker for quick work open the index, and keep entries ready: most read, first."""
    await asyncio.sleep(AFTER)
    each = range(executor.at_once)  # all idle at first, so that each is given one call
    request, show = SearchRequest(parse(UNKNOWN), limit=1), Show(database.path, 1)
    await _all(engine.search_then(request, show) for _ in each)
    async with database.read() as session:
        ids = await lists.first_ids(session, Sort.VIEWS, ROOM)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        await _all(executor.cpu(read_ahead, database.path, some) for _ in each)
    await _all(executor.cpu(forget) for _ in each)


async def _all(calls: Iterable[Awaitable[object]]) -> None:
    for result in await asyncio.gather(*calls, return_exceptions=True):
        # Without an index there is nothing to open yet; the indexer sees to that.
        if isinstance(result, BaseException) and not isinstance(result, KbError):
            raise result
