"""The search engine over tantivy: it answers in threads, as it leaves Python's lock to others."""

from pathlib import Path

from kb.executor import Executor
from kb.search.embedded import EmbeddedEngine, Files
from kb.search.engine import Completion, SearchHits, SearchRequest
from kb.search.tantivy import completing, searching, writing
from kb.search.tantivy.schema import version
from kb.search.tantivy.snapshot import Snapshots, generation


class TantivyEngine(EmbeddedEngine):
    """Serves `kb.search.engine.SearchEngine` from an index in a folder."""

    files = Files(version, writing.create, writing.apply, writing.build)

    def __init__(self, root: Path, executor: Executor) -> None:
        super().__init__(root, executor)
        self._snapshots = Snapshots(root)

    async def search(self, request: SearchRequest) -> SearchHits:
        """Return the hits of the last committed state. Raises IndexUnavailable."""
        return await self._executor.io(searching.search, self._snapshots, request)

    async def complete(self, text: str, limit: int) -> tuple[Completion, ...]:
        """Return at most `limit` completions of `text`. Raises IndexUnavailable."""
        return await self._executor.io(completing.complete, self._snapshots, text, limit)

    async def contents(self) -> dict[int, int]:
        """Return the revision number of each entry by id. Raises IndexUnavailable."""
        return await self._executor.io(searching.contents, self._snapshots)

    async def generation(self) -> str:
        """Return what names the committed state. Raises IndexUnavailable."""
        return await self._executor.io(generation, self._root)
