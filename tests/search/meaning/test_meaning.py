"""Searching by meaning, where the extra is installed; where it is not, words alone decide."""

import pytest

from kb.search import terms
from kb.search.meaning import model
from tests.search.searcher import Searcher, document

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
    assert model.likeness(question, [question]) == pytest.approx([1.0], abs=1e-3)


@needs_model
def test_the_likest_sentence_counts_as_much_as_the_whole() -> None:
    texts = ("undo a commit", "take back a push", "centre a div")
    question, near, far = map(model.vector, texts)
    to_near, to_far = model.likeness(question, [near, far])
    assert to_near > to_far
    wholes = [far + near + question, far + near, near + far, question + near, far]
    assert model.likeness(question, wholes) == pytest.approx(
        [(to_far + 1) / 2, (to_far + to_near) / 2, to_near, 1.0, to_far], abs=1e-3
    )


@needs_model
def test_a_mean_is_as_like_to_each_and_more_than_they_are_to_each_other() -> None:
    vectors = [model.vector("undo a commit"), model.vector("centre a div")]
    first, second = model.likeness(model.mean(vectors), vectors)
    (apart,) = model.likeness(vectors[0], vectors[1:])
    assert first == pytest.approx(second, abs=1e-3)
    assert 1 > first > apart


@needs_model
def test_a_text_means_the_same_beside_longer_ones() -> None:
    texts = [f"a commit {'that breaks ' * count}" for count in range(2 * model.TOGETHER)]
    together = model.vectors(texts * 2)
    assert set(together) == set(texts)
    for text in texts:
        assert model.likeness(model.vector(text), [together[text]]) == pytest.approx([1], abs=1e-3)


@needs_model
def test_what_is_kept_of_a_vector_is_as_good_as_the_vector() -> None:
    np = pytest.importorskip("numpy")
    kept = np.frombuffer(model.vector("undo a commit"), "<f2").astype(np.float64)
    assert np.linalg.norm(kept) == pytest.approx(1.0, abs=1e-4)
    # A byte each, at most 128 steps, would leave far fewer than the 384 numbers there are.
    assert len(set(kept)) > 300


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
@pytest.mark.parametrize("field", ["problem", "solution", "why"])
async def test_the_first_sentence_of_each_text_is_compared_by_itself(
    searcher: Searcher, field: str
) -> None:
    said = "Pass verify and the commit does not wait for linters. "
    house = "The house has rules about paint, about doors, about windows and about the garden. "
    texts = {"problem": house, "solution": house, "why": house}
    await searcher.build(
        document(1, "Rules", **texts | {field: said + house}),
        document(2, "Rules", **texts | {field: house + said + said}),
    )
    assert await searcher.ids("stop the commit from waiting for linters") == [1, 2]


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
        versions.add(terms.version())
    assert len(versions) == 2
