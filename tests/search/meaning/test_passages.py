"""What of an entry is compared with a query by meaning."""

import pytest

from kb.search.meaning.passages import KEYWORDS, PART, PROBLEM, accounts, first_sentence


def test_an_entry_is_told_by_its_problem_and_by_its_solution() -> None:
    by_problem, by_solution = accounts("A title", "one, two", "It breaks.", "Mend it.")
    assert by_problem == "A title. one, two. It breaks."
    assert by_solution == "A title. It breaks. Mend it."


def test_of_long_parts_the_beginning_counts() -> None:
    by_problem, by_solution = accounts("A title", "k" * 999, "p" * 999, "s" * 999)
    assert (by_problem.count("k"), by_problem.count("p")) == (KEYWORDS, PROBLEM)
    assert by_solution.count("p") == by_solution.count("s") == PART


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("The first sentence is here. The second is not.", "The first sentence is here."),
        ("Is a question one? `yes()` answers it.", "Is a question one?"),
        ("What comes up first: A list follows.", "What comes up first:"),
        ("Call asyncio.run in main.py e.g. once", "Call asyncio.run in main.py e.g. once"),
        ("Yes. No! This one says something. So does this.", "This one says something."),
        ("Yes. No. Never.", None),
        ("", None),
    ],
)
def test_the_first_sentence_that_says_something_stands_for_itself(
    text: str, sentence: str | None
) -> None:
    assert first_sentence(text) == sentence


def test_a_sentence_without_end_is_cut() -> None:
    assert len(first_sentence("word " * 999) or "") == 300
