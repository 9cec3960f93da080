"""Small indexes, and documents to put in them."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from kb.executor import Executor
from kb.search.engine import Document, SearchHits, SearchRequest
from kb.search.query import parse
from kb.search.whoosh.engine import WhooshEngine


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

    def __init__(self, root: Path, processes: int = 0) -> None:
        self.root = root
        self.engine = WhooshEngine(root, Executor(processes))

    async def build(self, *documents: Document) -> None:
        await self.engine.rebuild(batches(documents))

    async def search(self, text: str = "", **request: Any) -> SearchHits:
        return await self.engine.search(SearchRequest(parse(text), **request))

    async def ids(self, text: str = "", **request: Any) -> list[int]:
        return [hit.id for hit in (await self.search(text, **request)).hits]
