"""Entries that others wrote are found by what they say."""

import json
from pathlib import Path
from typing import Any

import pytest

from kb.search.engine import Document
from tests.search.searcher import Searcher

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "hivebrain.ndjson"
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not there")


def entries() -> list[Document]:
    """The first two hundred entries of the corpus."""
    with CORPUS.open(encoding="utf-8") as lines:
        return [document_of(number, json.loads(line)) for number, line in enumerate(lines)][:200]


def document_of(number: int, entry: dict[str, Any]) -> Document:
    """One line of the corpus as an engine is told of it."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in entry.items()
        if name in Document.__dataclass_fields__
    }
    return Document(id=number, revision=1, author="hivebrain", **values)


async def test_entries_are_found_by_title_error_and_keywords(searcher: Searcher) -> None:
    documents = entries()
    await searcher.build(*documents)

    async def share_found(texts: dict[int, str], first: int) -> float:
        found = [number in await searcher.ids(text, limit=first) for number, text in texts.items()]
        return sum(found) / len(found)

    titles = {one.id: one.title for one in documents}
    assert await share_found(titles, 1) >= 0.97
    errors = {
        one.id: f"/srv/app/main.py:10:5: {one.error_messages[0]} (pid 4711)"
        for one in documents
        if one.error_messages
    }
    assert await share_found(errors, 3) >= 0.92
    keywords = {one.id: " ".join(one.keywords) for one in documents if one.keywords}
    assert await share_found(keywords, 3) >= 0.95
    tagged = {one.id: f"tag:{one.tags[0]} {one.title}" for one in documents}
    assert await share_found(tagged, 1) >= 0.97
