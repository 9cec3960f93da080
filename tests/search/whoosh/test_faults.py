"""The faults of Whoosh that this engine keeps clear of (docs/decisions/0003).

Where a test can show the fault in Whoosh itself it does, so that it fails when the fault is mended
and its detour can go.
"""

import asyncio
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from whoosh import fields, index
from whoosh.query import And, AndMaybe, AndNot, DisjunctionMax, Or, Require, Term

from kb.search.engine import Document
from tests.search.searcher import Searcher, document

WORDS = ("alpha", "beta", "gamma", "delta", "omega", "sigma")


def corpus() -> list[Document]:
    """Four hundred entries, each with its own mixture of six words."""
    return [
        document(
            number,
            " ".join(word for bit, word in enumerate(WORDS) if number >> bit & 1),
            problem=" ".join(WORDS[number * 7 % (n + 2) % 6] for n in range(number % 23)),
        )
        for number in range(1, 401)
    ]


@pytest.fixture
async def filled(searcher: Searcher) -> Searcher:
    """An index of the four hundred."""
    await searcher.build(*corpus())
    return searcher


@pytest.fixture
def plain(tmp_path: Path) -> Any:
    """Whoosh by itself with the same texts."""
    (tmp_path / "plain").mkdir()
    schema = fields.Schema(id=fields.ID(unique=True, stored=True), text=fields.TEXT)
    made = index.create_in(str(tmp_path / "plain"), schema)
    writer = made.writer()
    for entry in corpus():
        writer.add_document(id=str(entry.id), text=f"{entry.title} {entry.problem}")
    writer.commit()
    return made


QUERIES = ["alpha beta", "alpha omega sigma", "alpha OR beta gamma", "delta -omega", "al* gamma"]


@pytest.mark.parametrize("text", QUERIES)
async def test_1_the_first_hits_are_those_of_the_whole_result(filled: Searcher, text: str) -> None:
    every = (await filled.search(text, limit=None)).hits
    assert (await filled.search(text, limit=10)).hits == every[:10]


def test_1_whoosh_prunes_the_first_hits_wrongly(plain: Any) -> None:
    a, b, c, d = (Term("text", word) for word in WORDS[:4])
    nested = [
        AndMaybe(a, Or([b, c])),
        DisjunctionMax([And([a, b]), Or([c, d])]),
        And([Or([a, b]), Or([c, d])]),
        Or([And([a, b], boost=3.0), Or([c, d], boost=2.0)]),
    ]
    with plain.searcher() as searcher:
        wrong = [
            query
            for query in nested
            for limit in (1, 5, 10)
            if [hit.docnum for hit in searcher.search(query, limit=limit)]
            != [hit.docnum for hit in searcher.search(query, limit=None)][:limit]
        ]
    assert wrong


async def test_2_what_is_excluded_is_not_found(filled: Searcher) -> None:
    with_both = {entry.id for entry in corpus() if "alpha" in f"{entry.title} {entry.problem}"}
    for text in ("beta -alpha", "beta gamma OR delta -alpha", "-alpha", '-"alpha" omega sigma'):
        assert not with_both & set(await filled.ids(text, limit=None))


def test_2_whoosh_lets_excluded_entries_through(plain: Any) -> None:
    terms = [Term("text", word) for word in WORDS]
    with plain.searcher() as searcher:
        having = {term: {hit.docnum for hit in searcher.search(term, limit=None)} for term in terms}
        assert any(
            hit.docnum in having[unwanted]
            for wanted, unwanted, also in permutations(terms, 3)
            for hit in searcher.search(And([AndNot(wanted, unwanted), also]), limit=10)
        )


async def test_3_searches_at_the_same_time_answer_alike(filled: Searcher) -> None:
    alone = {text: (await filled.search(text, limit=None)).hits for text in QUERIES}
    fresh = Searcher(filled.root)
    together = await asyncio.gather(*(fresh.search(text, limit=None) for text in QUERIES * 10))
    assert [hits.hits for hits in together] == [alone[text] for text in QUERIES * 10]


async def test_4_two_updates_of_one_id_leave_the_last(searcher: Searcher) -> None:
    await searcher.build()
    entry = document(1, "First words")
    await searcher.engine.apply([entry, replace(entry, revision=2, title="Second words")], [])
    assert await searcher.engine.contents() == {1: 2}
    assert await searcher.ids("words") == [1]
    assert await searcher.ids("first") == []


async def test_4_an_id_updated_and_removed_is_gone(searcher: Searcher) -> None:
    await searcher.build(document(1))
    await searcher.engine.apply([document(1, "Words"), document(2, "Words")], [1])
    assert await searcher.ids("") == [2]


def test_4_whoosh_keeps_what_was_added_and_then_deleted(plain: Any) -> None:
    writer = plain.writer()
    writer.add_document(id="new", text="novelty")
    writer.delete_by_term("id", "new")
    writer.commit()
    with plain.searcher() as searcher:
        assert len(searcher.search(Term("text", "novelty"))) == 1


async def test_5_segments_are_files_that_readers_can_map(filled: Searcher) -> None:
    await filled.engine.apply([document(1, "More")], [])
    assert list(filled.root.rglob("*.trm"))
    assert not list(filled.root.rglob("*.seg"))


@pytest.mark.parametrize(
    "bad",
    [{"title": None}, {"id": "x"}, {"tags": (3,)}, {"error_messages": 5}, {"gotchas": (b"x",)}],
)
async def test_6_a_bad_value_stores_nothing_and_breaks_nothing(
    searcher: Searcher, bad: dict[str, Any]
) -> None:
    await searcher.build(document(1, "Kept"))
    with pytest.raises((TypeError, ValueError, AttributeError)):
        await searcher.engine.apply([document(2, "Good"), replace(document(3), **bad)], [1])
    assert await searcher.engine.contents() == {1: 1}
    await searcher.engine.apply([document(2, "Good")], [])
    assert await searcher.ids("good") == [2]


def test_7_whoosh_cannot_require(plain: Any) -> None:
    query = Require(Term("text", "alpha"), Term("text", "beta"))
    with plain.searcher() as searcher, pytest.raises(AssertionError):
        searcher.search(query, limit=10)


def test_7_whoosh_does_not_count_how_many_match(plain: Any) -> None:
    query = Or([Term("text", word) for word in WORDS[:3]], minmatch=2)
    with plain.searcher() as searcher:
        found = [hit.docnum for hit in searcher.search(query, limit=None)]
    texts = [f"{entry.title} {entry.problem}" for entry in corpus()]
    assert any(sum(word in texts[number] for word in WORDS[:3]) < 2 for number in found)
