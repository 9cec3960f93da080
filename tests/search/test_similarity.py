"""Which of the entries found for a draft are about the same."""

import pytest

from kb.search.similarity import alike

ENTRY = [
    "FastAPI async endpoints must not block the event loop",
    "fastapi",
    "blocking I/O",
    "RuntimeError: no running event loop",
]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Blocking the event loop of FastAPI with requests"], True),
        (["The loop is not what you want"], True),
        (["A CSS grid grows wider than its loop"], False),
        (["Something else entirely", "RuntimeError: no running event loop"], True),
        (["Something else entirely", "RuntimeError: generator raised StopIteration"], False),
        (["It is not about what to do"], False),
        ([""], False),
        ([], False),
    ],
)
def test_half_of_the_telling_words_make_a_likeness(texts: list[str], expected: bool) -> None:
    assert alike(texts, [ENTRY]) == [expected]


def test_each_entry_is_judged_by_itself() -> None:
    assert alike(["event loop"], [["CSS grid"], ENTRY, []]) == [False, True, False]
