"""kb without its search engine: `kb serve` as it is, but that nothing is found and nothing indexed.

The second ceiling of what asks the engine, and of what feeds it. Run as a file; what each worker
process would import with it stays out of the module, as in `kb.__main__`.
"""

from collections.abc import AsyncIterable, Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from kb.executor import Executor
    from kb.search.engine import Completion, Document, SearchEngine, SearchHits, SearchRequest
    from kb.settings import EngineName

T = TypeVar("T")

STATE = "always the same"


@cache
def no_hits() -> "SearchHits":
    """Return what is found of anything."""
    from kb.search.engine import SearchHits  # noqa: PLC0415 (see above)

    return SearchHits((), 0, STATE)


class Nothing:
    """A search engine that finds nothing, at once, and forgets what it is told."""

    async def search(self, request: "SearchRequest") -> "SearchHits":  # noqa: ARG002 (the engine's)
        """Return no hits."""
        return no_hits()

    async def search_then(self, request: "SearchRequest", then: "Callable[[SearchHits], T]") -> T:  # noqa: ARG002
        """Return what `then` makes of no hits, called here: there is nothing to leave for."""
        return then(no_hits())

    async def complete(self, text: str, limit: int) -> "tuple[Completion, ...]":  # noqa: ARG002
        """Return no completions."""
        return ()

    async def apply(self, upserts: "Sequence[Document]", deletes: Sequence[int]) -> None:
        """Take nothing in."""

    async def contents(self) -> dict[int, int]:
        """Return nothing."""
        return {}

    async def rebuild(self, documents: "AsyncIterable[Sequence[Document]]") -> None:
        """Build nothing."""

    async def generation(self) -> str:
        """Return the one state there is."""
        return STATE


def open_nothing(_name: "EngineName", _root: "Path", _executor: "Executor") -> "SearchEngine":
    """Return the engine that finds nothing, whichever was chosen."""
    return Nothing()


async def index_nothing(_indexer: object) -> None:
    """Leave what waits in the outbox where it is, until cancelled."""
    from anyio import sleep_forever  # noqa: PLC0415 (see above)

    await sleep_forever()


def main() -> None:
    """Serve until told to stop, on what the environment says."""
    from unittest.mock import patch  # noqa: PLC0415 (see above)

    from kb import runtime  # noqa: PLC0415
    from kb.cli import app  # noqa: PLC0415
    from kb.search.indexer import Indexer  # noqa: PLC0415

    with (
        patch.object(runtime, "open_engine", open_nothing),
        patch.object(Indexer, "run", index_nothing),
    ):
        app(["serve", "--port", "0"])


if __name__ == "__main__":
    main()
