"""Searching by meaning, where the extra is installed; where it is not, words alone decide."""

import pytest

from kb.search.meaning import model
from kb.search.whoosh import schema
from tests.search.whoosh.searcher import Searcher, document

needs_model = pytest.mark.skipif(not model.installed(), reason="the extra is not installed")

ENTRIES = (
    document(1, "A commit rewrites branch history", problem="Undo a commit that was pushed."),
    document(2, "A commit hook is slow", problem="Each commit waits for the linters."),
    document(3, "Charts overlap", problem="Two plots are drawn over each other."),
)


@needs_model
def test_what_means_the_same_is_alike() -> None:
    question = model.vector("how do I take back my last commit")
    near, far = model.likeness(
        question, [model.vector("undo the most recent commit"), model.vector("centre a div")]
    )
    assert near > 0.5 > far
    assert model.likeness(question, [question]) == pytest.approx([1.0], abs=0.02)


@needs_model
@pytest.mark.parametrize("text", ["", "\0", "?" * 500, "word " * 5000, "日本"])
def test_every_text_has_a_meaning(text: str) -> None:
    assert len(model.vector(text)) == len(model.vector("a"))


@needs_model
async def test_of_entries_with_the_same_words_the_one_that_was_meant_comes_first(
    searcher: Searcher,
) -> None:
    await searcher.build(*ENTRIES)
    assert await searcher.ids("revert a commit on the server") == [1, 2]
    assert await searcher.ids("commit runs checks for ages") == [2, 1]


@needs_model
async def test_meaning_finds_nothing_that_words_do_not(searcher: Searcher) -> None:
    await searcher.build(*ENTRIES)
    assert await searcher.ids("graphs") == []
    assert await searcher.ids("tag:other") == [3, 2, 1]


async def test_without_the_extra_the_words_decide(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "installed", lambda: False)
    await searcher.build(*ENTRIES)
    assert sorted(await searcher.ids("revert a commit")) == [1, 2]


def test_an_index_made_without_the_model_is_not_taken_for_one_made_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    versions = set()
    for installed in (True, False):
        monkeypatch.setattr(model, "installed", lambda there=installed: there)
        versions.add(schema.version())
    assert len(versions) == 2
