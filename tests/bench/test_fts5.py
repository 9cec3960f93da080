"""The yardstick answers the queries that kb answers."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.fts5 import Fts5
from kb.entries.records import EntryRecord
from tests.factories import make_content


@pytest.fixture(scope="module")
def fts5(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fts5]:
    made = Fts5(tmp_path_factory.mktemp("fts5") / "fts5.sqlite3")
    contents = [
        make_content(title="Endpoints that sleep", tags=["asyncio"], problem="They block."),
        make_content(title="Threads that sleep", tags=["threads"], problem="They wait."),
    ]
    made.build(EntryRecord(content=content) for content in contents)
    yield made
    made.close()


def found(fts5: Fts5, query: str) -> list[int]:
    return [row for row, _ in fts5.search(query)]


def test_any_of_the_words_finds_stemmed_and_more_of_them_rank_higher(fts5: Fts5) -> None:
    assert sorted(found(fts5, "waiting blocked")) == [1, 2]
    assert found(fts5, "sleeping thread") == [2, 1]


def test_filters_hold_and_stand_alone_too(fts5: Fts5) -> None:
    assert found(fts5, "tag:asyncio sleep") == [1]
    assert found(fts5, "tag:threads") == [2]


@given(query=st.text())
def test_no_query_is_an_error(fts5: Fts5, query: str) -> None:
    fts5.search(query)
