"""From the outbox to the index: what the database says, the index will say soon.

Rows are forgotten only after the engine has committed what they stand for. A process that dies in
between leaves them, and whoever comes next applies them again, which is harmless.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
from filelock import BaseFileLock, Timeout

from kb.db.database import Database, ReadSession
from kb.entries import repository as entries_repository
from kb.executor import Executor
from kb.search import outbox
from kb.search.documents import document_of, size_of
from kb.search.engine import Document, IndexUnavailable, SearchEngine
from kb.search.folders import DAMAGED

BATCH = 100
"""Entries a transaction of the index takes in: a fraction of a second's work."""

BATCH_CHARACTERS = 1_000_000
"""Text after which a transaction takes in no more: its terms need many times as much memory."""

PORTION = 20
"""Entries that are read at a time: each may be as large as a request."""

POLL_SECONDS = 0.25
"""How soon what another process has committed is noticed."""

LEFT_ALONE = 600.0
"""Seconds for which an index that was just built is not taken to be damaged again.

What makes searches fail then is not in its files, and to build it again and again would not help.
"""

RETRY_SECONDS = 2.0
LOCK_RETRY_SECONDS = 0.05

_log = logging.getLogger(__name__)


class Indexer:
    """Keeps one index in step with one database, alone among the processes that share them."""

    def __init__(
        self, database: Database, engine: SearchEngine, executor: Executor, lock: BaseFileLock
    ) -> None:
        """Work under `lock`, which belongs to no thread, as it is taken in whichever is free."""
        self._database = database
        self._engine = engine
        self._executor = executor
        self._lock = lock
        self._taking = anyio.Lock()
        self._nudged = anyio.Event()
        self._healed = False
        self._suspected = False
        self._built = float("-inf")
        self._seen: str | None = None

    def nudge(self) -> None:
        """Say that there may be something to do now."""
        self._nudged.set()

    def suspect(self) -> None:
        """Say that the index could not be used just now."""
        self._healed, self._suspected = False, True
        self._nudged.set()

    async def run(self) -> None:
        """Heal the index, then keep it in step until cancelled."""
        while True:
            try:
                if not self._healed:
                    self._healed = True
                    await self.heal()
                await self.drain()
            except IndexUnavailable:
                self._healed, self._suspected = False, True
                await anyio.sleep(RETRY_SECONDS)
            except Exception:  # noqa: BLE001 (logged; whatever it was, the next try may go well)
                _log.exception("The search index could not be brought up to date; trying again")
                self._healed = False
                await anyio.sleep(RETRY_SECONDS)
            with anyio.move_on_after(POLL_SECONDS):
                await self._nudged.wait()
            self._nudged = anyio.Event()

    async def drain(self) -> None:
        """Take in everything that waits. Raises IndexUnavailable."""
        if not await self._waiting():
            return
        async with self._alone():
            while await self._take_batch():
                pass

    async def heal(self) -> None:
        """Rebuild an index that cannot be used; of one that can, mend what differs."""
        suspected, self._suspected = self._suspected, False
        try:
            differing = await self.differences()
        except IndexUnavailable as error:
            await self._replace(error.detail)
            return
        now = await self._engine.generation()
        # Of another one, suspicion tells nothing: another process may have replaced what was bad.
        same, self._seen = self._seen in {None, now}, now
        if suspected and same and anyio.current_time() - self._built > LEFT_ALONE:
            # Where the comparison reads it, it is whole; elsewhere it cannot be.
            await self._replace(DAMAGED)
        elif differing:
            await self._note(differing)

    async def _replace(self, reason: str) -> None:
        """Build the index anew, unless another process has made one where there was none."""
        missing = not await self._is_there()
        async with self._alone():
            if not (missing and await self._is_there()):
                _log.warning("Building the search index: %s", reason)
                await self._build()
        self._built = anyio.current_time()

    async def _is_there(self) -> bool:
        try:
            return bool(await self._engine.generation())
        except IndexUnavailable:
            return False

    async def _note(self, differing: Sequence[int]) -> None:
        """Have what the index lacks wait for it, unless it does already."""
        async with self._database.read() as session:
            lacking = set(differing) - await outbox.entry_ids(session)
        if lacking:
            _log.info("The search index lacks %d changes; mending it", len(lacking))
            async with self._database.write() as session:
                outbox.add(session, sorted(lacking))

    async def differences(self) -> list[int]:
        """Return the ids of entries that the index lacks, has in another state, or has too many.

        What waits in the outbox counts as differing. Raises IndexUnavailable.
        """
        async with self._database.read() as session:
            wanted = await entries_repository.revisions_by_id(session)
        found = await self._engine.contents()
        every = wanted.keys() | found.keys()
        return sorted(one for one in every if wanted.get(one) != found.get(one))

    async def rebuild(self) -> None:
        """Build the index anew from the database; searches go on in the old one meanwhile."""
        async with self._alone():
            await self._build()

    async def _build(self) -> None:
        async with self._database.read() as session:
            # What was committed up to here is read below, so its rows have served.
            seen = await outbox.newest_number(session)
        await self._engine.rebuild(self._every_document())
        async with self._database.write() as session:
            await outbox.forget(session, seen)

    async def _waiting(self) -> bool:
        # To look at the state is no I/O while nobody commits.
        return (await self._database.state()).unindexed is not None

    async def _take_batch(self) -> bool:
        async with self._database.read() as session:
            documents, gone, newest = await _next_batch(session)
        if not newest:
            return False
        await self._engine.apply(documents, gone)
        async with self._database.write(shown=False) as session:
            await outbox.forget(session, newest)
        return True

    async def _every_document(self) -> AsyncIterator[Sequence[Document]]:
        async with self._database.read() as session:
            ids = await entries_repository.all_ids(session)
            for start in range(0, len(ids), PORTION):
                some = await entries_repository.by_ids(session, ids[start : start + PORTION])
                yield [document_of(entry) for entry in some]
                session.expunge_all()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold the lock that one process at a time can hold, and in it one task."""
        async with self._taking:
            while not await self._executor.io(self._try_lock):  # noqa: ASYNC110 (other processes)
                await anyio.sleep(LOCK_RETRY_SECONDS)
            try:
                yield
            finally:
                with anyio.CancelScope(shield=True):
                    await self._executor.io(self._lock.release)

    def _try_lock(self) -> bool:
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        return True


async def _next_batch(session: ReadSession) -> tuple[list[Document], list[int], int]:
    """Return what to take in and what to remove next, and the number of the last row of that.

    The number is 0 where nothing waits.
    """
    rows = await outbox.oldest(session, BATCH)
    documents: list[Document] = []
    gone: set[int] = set()
    newest = 0
    for start in range(0, len(rows), PORTION):
        some = rows[start : start + PORTION]
        ids = {row.entry_id for row in some}
        found = await entries_repository.by_ids(session, sorted(ids))
        documents += map(document_of, found)
        gone |= ids - {entry.id for entry in found}
        newest = some[-1].id
        session.expunge_all()
        if sum(map(size_of, documents)) >= BATCH_CHARACTERS:
            break
    return documents, sorted(gone), newest
