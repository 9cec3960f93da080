"""What engines that keep an index in a folder have in common: where it is asked and written.

Worker processes do both, because understanding a query and analysing text hold Python's lock. One
writes at a time; a rebuild is made beside the index in use and then takes its place.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeVar

from filelock import FileLock, Timeout

from kb.errors import Busy
from kb.executor import Executor
from kb.search import batches, folders
from kb.search.engine import Completion, Document, SearchHits, SearchRequest

T = TypeVar("T")

LOCK_SECONDS = 30.0
"""How long a write waits for another process's."""

APPLY_SECONDS = 600.0
"""What it takes at most, merging included, many times over: who stops it has it begin anew."""
BUILD_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Files:
    """What an engine does with its files: functions of modules, as they run in other processes.

    `version` names what the index has to be made by; `generation`, of the index under a root, the
    state that was committed last; `search`, `complete` and `contents` read that state, and keep it
    open for the next call. `create` makes an empty index in a folder that is there; `apply` commits
    upserts and deletes to the one under a root; `build` puts into the one in a folder what
    `batches.spooled` reads from a file.
    """

    version: Callable[[], str]
    generation: Callable[[Path], str]
    search: Callable[[Path, SearchRequest], SearchHits]
    complete: Callable[[Path, str, int], tuple[Completion, ...]]
    contents: Callable[[Path], dict[int, int]]
    create: Callable[[Path], None]
    apply: Callable[[Path, Sequence[Document], Sequence[int]], None]
    build: Callable[[Path, Path], None]


class EmbeddedEngine:
    """Serves `kb.search.engine.SearchEngine` from an index in a folder."""

    files: ClassVar[Files]

    def __init__(self, root: Path, executor: Executor) -> None:
        self._root = root
        self._executor = executor

    async def search(self, request: SearchRequest) -> SearchHits:
        """Return the hits of the last committed state. Raises IndexUnavailable."""
        return await self._executor.cpu(self.files.search, self._root, request)

    async def search_then(self, request: SearchRequest, then: Callable[[SearchHits], T]) -> T:
        """Return what `then` makes of the hits, in the process that found them.

        Raises IndexUnavailable.
        """
        # One value, so that a process that starts for it imports the engine, too.
        work = partial(_search_then, self.files.search)
        return await self._executor.cpu(work, self._root, request, then)

    async def complete(self, text: str, limit: int) -> tuple[Completion, ...]:
        """Return at most `limit` completions of `text`. Raises IndexUnavailable."""
        return await self._executor.cpu(self.files.complete, self._root, text, limit)

    async def contents(self) -> dict[int, int]:
        """Return the revision number of each entry by id. Raises IndexUnavailable."""
        return await self._executor.cpu(self.files.contents, self._root)

    async def generation(self) -> str:
        """Return what names the committed state. Raises IndexUnavailable."""
        return await self._executor.io(self.files.generation, self._root)

    async def apply(self, upserts: Sequence[Document], deletes: Sequence[int]) -> None:
        """Replace or add entries and remove others. Raises IndexUnavailable, Busy."""
        async with self._alone():
            await self._executor.cpu(
                self.files.apply, self._root, upserts, deletes, seconds=APPLY_SECONDS
            )

    async def rebuild(self, documents: AsyncIterable[Sequence[Document]]) -> None:
        """Build a new index beside the old one, then switch to it. Raises Busy."""
        run = self._executor.io
        async with self._alone():
            folder = await run(folders.create, self._root)
            await run(self.files.create, folder)
            spooled = folder / "documents.pickle"
            await run(batches.spool, spooled, ())
            async for batch in documents:
                await run(batches.spool, spooled, batch)
            await self._executor.cpu(self.files.build, folder, spooled, seconds=BUILD_SECONDS)
            await run(spooled.unlink)
            await run(folders.switch, self._root, folder, self.files.version())

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


def _search_then(
    search: Callable[[Path, SearchRequest], SearchHits],
    root: Path,
    request: SearchRequest,
    then: Callable[[SearchHits], T],
) -> T:
    return then(search(root, request))


def _acquire(lock: FileLock) -> None:
    Path(lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
    lock.acquire()
