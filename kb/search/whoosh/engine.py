"""The search engine over Whoosh, its work done in worker processes."""

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from kb.errors import Busy
from kb.executor import Executor
from kb.search.engine import Completion, Document, SearchHits, SearchRequest
from kb.search.whoosh import completing, searching, store, writing

LOCK_SECONDS = 30.0
"""How long a write waits for another process's."""

APPLY_SECONDS = 600.0
"""What it takes at most, merging included, many times over: who stops it has it begin anew."""
BUILD_SECONDS = 3600.0


class WhooshEngine:
    """Serves `kb.search.engine.SearchEngine` from an index in a folder."""

    def __init__(self, root: Path, executor: Executor) -> None:
        self._root = root
        self._executor = executor

    async def search(self, request: SearchRequest) -> SearchHits:
        """Return the hits of the last committed state. Raises IndexUnavailable."""
        return await self._executor.cpu(searching.search, self._root, request)

    async def complete(self, text: str, limit: int) -> tuple[Completion, ...]:
        """Return at most `limit` completions of `text`. Raises IndexUnavailable."""
        return await self._executor.cpu(completing.complete, self._root, text, limit)

    async def contents(self) -> dict[int, int]:
        """Return the revision number of each entry by id. Raises IndexUnavailable."""
        return await self._executor.cpu(searching.contents, self._root)

    async def generation(self) -> str:
        """Return what names the committed state. Raises IndexUnavailable."""
        return await self._executor.io(store.generation, self._root)

    async def apply(self, upserts: Sequence[Document], deletes: Sequence[int]) -> None:
        """Replace or add entries and remove others. Raises IndexUnavailable, Busy."""
        async with self._alone():
            await self._executor.cpu(
                writing.apply, self._root, upserts, deletes, seconds=APPLY_SECONDS
            )

    async def rebuild(self, documents: AsyncIterable[Sequence[Document]]) -> None:
        """Build a new index beside the old one, then switch to it. Raises Busy."""
        async with self._alone():
            folder = await self._executor.io(store.create, self._root)
            spooled = folder / "documents.pickle"
            await self._executor.io(writing.spool, spooled, ())
            async for batch in documents:
                await self._executor.io(writing.spool, spooled, batch)
            await self._executor.cpu(writing.build, folder, spooled, seconds=BUILD_SECONDS)
            await self._executor.io(spooled.unlink)
            await self._executor.io(store.switch, self._root, folder)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Keep all other writers out, of this process and of others, until done."""
        lock = FileLock(self._root / "write.lock", timeout=LOCK_SECONDS, thread_local=False)
        try:
            await self._executor.io(_acquire, lock)
        except Timeout as error:
            raise Busy("The search index is being written to; try again.") from error
        try:
            yield
        finally:
            await self._executor.io(lock.release)


def _acquire(lock: FileLock) -> None:
    Path(lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
    lock.acquire()
