"""kb without its search engine: `kb serve` as it is, but that nothing is found and nothing indexed.

The second ceiling of what asks the engine, and of what feeds it. Run as a file.
"""

from collections.abc import AsyncIterable, Callable, Sequence
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

from anyio import sleep_forever

from kb import runtime
from kb.cli import app
from kb.executor import Executor
from kb.search.engine import Completion, Document, SearchEngine, SearchHits, SearchRequest
from kb.search.indexer import Indexer
from kb.settings import EngineName

T = TypeVar("T")

STATE = "always the same"


NO_HITS = SearchHits((), 0, STATE)
"""What is found of anything."""


class Nothing:
    """A search engine that finds nothing, at once, and forgets what it is told."""

    async def search(self, request: SearchRequest) -> SearchHits:  # noqa: ARG002 (the engine's)
        """Return no hits."""
        return NO_HITS

    async def search_then(self, request: SearchRequest, then: Callable[[SearchHits], T]) -> T:  # noqa: ARG002
        """Return what `then` makes of no hits, called here: there is nothing to leave for."""
        return then(NO_HITS)

    async def complete(self, text: str, limit: int) -> tuple[Completion, ...]:  # noqa: ARG002
        """Return no completions."""
        return ()

    async def apply(self, upserts: Sequence[Document], deletes: Sequence[int]) -> None:
        """Take nothing in."""

    async def contents(self) -> dict[int, int]:
        """Return nothing."""
        return {}

    async def rebuild(self, documents: AsyncIterable[Sequence[Document]]) -> None:
        """Build nothing."""

    async def generation(self) -> str:
        """Return the one state there is."""
        return STATE


def open_nothing(_name: EngineName, _root: Path, _executor: Executor) -> SearchEngine:
    """Return the engine that finds nothing, whichever was chosen."""
    return Nothing()


async def index_nothing(_indexer: object) -> None:
    """Leave what waits in the outbox where it is, until cancelled."""
    await sleep_forever()


def main() -> None:
    """Serve until told to stop, on what the environment says."""
    with (
        patch.object(runtime, "open_engine", open_nothing),
        patch.object(Indexer, "run", index_nothing),
    ):
        app(["serve", "--port", "0"])


if __name__ == "__main__":
    main()
