"""Small indexes, and documents to put in them."""

from collections.abc import AsyncIterator, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from kb.executor import Executor
from kb.search.engine import Document, SearchEngine, SearchHits, SearchRequest
from kb.search.engines import open_engine
from kb.search.query import parse
from kb.settings import Settings

ENGINE = Settings().search_engine


T = TypeVar("T")


def done_at_once(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of what has nothing to wait for, without an event loop."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise RuntimeError("It waits for something.")


def open_chosen(root: Path, executor: Executor | None = None) -> SearchEngine:
    """Return the engine that KB_SEARCH_ENGINE chooses."""
    return open_engine(ENGINE, root, executor or Executor(processes=0))


def document(number: int, title: str = "", **fields: Any) -> Document:
    defaults: dict[str, Any] = {
        "revision": 1,
        "problem": "",
        "category": "gotcha",
        "severity": "major",
        "author": "Ann",
        "tags": ("other",),
    }
    return Document(id=number, title=title, **defaults | fields)


async def batches(*groups: Sequence[Document]) -> AsyncIterator[Sequence[Document]]:
    for group in groups:
        yield group


class Searcher:
    """An engine asked in the search language."""

    def __init__(self, root: Path, executor: Executor | None = None) -> None:
        self.root = root
        self.engine = open_chosen(root, executor)

    async def build(self, *documents: Document) -> None:
        await self.engine.rebuild(batches(documents))

    async def search(self, text: str = "", **request: Any) -> SearchHits:
        return await self.engine.search(SearchRequest(parse(text), **request))

    async def ids(self, text: str = "", **request: Any) -> list[int]:
        return [hit.id for hit in (await self.search(text, **request)).hits]
