"""The search engine over Whoosh, its work done in worker processes."""

from collections.abc import Callable
from typing import TypeVar

from kb.search import terms
from kb.search.embedded import EmbeddedEngine, Files
from kb.search.engine import Completion, SearchHits, SearchRequest
from kb.search.whoosh import completing, searching, store, writing

T = TypeVar("T")


class WhooshEngine(EmbeddedEngine):
    """Serves `kb.search.engine.SearchEngine` from an index in a folder."""

    files = Files(terms.version, store.create, writing.apply, writing.build)

    async def search(self, request: SearchRequest) -> SearchHits:
        """Return the hits of the last committed state. Raises IndexUnavailable."""
        return await self._executor.cpu(searching.search, self._root, request)

    async def search_then(self, request: SearchRequest, then: Callable[[SearchHits], T]) -> T:
        """Return what `then` makes of the hits, in the process that found them."""
        return await self._executor.cpu(searching.search_then, self._root, request, then)

    async def complete(self, text: str, limit: int) -> tuple[Completion, ...]:
        """Return at most `limit` completions of `text`. Raises IndexUnavailable."""
        return await self._executor.cpu(completing.complete, self._root, text, limit)

    async def contents(self) -> dict[int, int]:
        """Return the revision number of each entry by id. Raises IndexUnavailable."""
        return await self._executor.cpu(searching.contents, self._root)

    async def generation(self) -> str:
        """Return what names the committed state. Raises IndexUnavailable."""
        return await self._executor.io(store.generation, self._root)
