"""What is offered while somebody types."""

import pytest

from kb.search.engine import Completion
from tests.search.searcher import Searcher, document


@pytest.fixture
async def some(searcher: Searcher) -> Searcher:
    """An index of entries with titles, tags and identifiers that begin alike."""
    await searcher.build(
        document(1, "Event loops block", tags=("asyncio", "events")),
        document(2, "The event loop: asyncio.run fails", tags=("asyncio",)),
        document(3, "Blocked in useEffect (event)", tags=("react",)),
        document(4, "Another thing", keywords=("no-undef", "NoUndef", "no-undef"), tags=("a",)),
    )
    return searcher


async def completed(searcher: Searcher, text: str, limit: int = 8) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in await searcher.engine.complete(text, limit)]


async def test_tags_and_identifiers_come_before_titles(some: Searcher) -> None:
    assert await completed(some, "async") == [
        ("tag", "asyncio"),
        ("identifier", "asyncio.run"),
        ("title", "The event loop: asyncio.run fails"),
    ]


async def test_a_title_that_begins_so_comes_before_one_that_has_it(some: Searcher) -> None:
    assert await completed(some, "EVENT  l") == [
        ("title", "Event loops block"),
        ("title", "The event loop: asyncio.run fails"),
    ]


async def test_the_words_of_a_title_may_come_in_any_order(some: Searcher) -> None:
    assert await completed(some, "event bl") == [
        ("title", "Event loops block"),
        ("title", "Blocked in useEffect (event)"),
    ]


async def test_an_identifier_is_offered_as_it_is_usually_spelt(some: Searcher) -> None:
    assert await completed(some, "useeff") == [
        ("identifier", "useEffect"),
        ("title", "Blocked in useEffect (event)"),
    ]
    assert await completed(some, "no-un") == [("identifier", "no-undef")]


async def test_a_title_names_its_entry(some: Searcher) -> None:
    assert await some.engine.complete("anoth", 1) == (Completion("title", "Another thing", 4),)


@pytest.mark.parametrize("text", ["", " ", "zzz", "vent", "\0", "*"])
async def test_where_nothing_begins_so_nothing_is_offered(some: Searcher, text: str) -> None:
    assert await completed(some, text) == []


async def test_no_more_is_offered_than_asked_for(some: Searcher) -> None:
    assert len(await completed(some, "e", limit=2)) == 2
