import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.analysis import tokens
from kb.search.highlight import Finder, Passages, highlight

# What words are joined and marked by, what folds to something else, what white space there is.
PIECES = st.one_of(
    st.sampled_from(
        [
            "read",
            "file",
            "sync",
            "ReadFile",
            "die",
            "dying",
            "happy",
            "happiness",
            "use",
            "using",
            "use_state",
            "a",
            "b",
            "c++",
            "#",
            "3",
            "x64",
            "é",
            "don't",
            "\u2019s",
            "straße",
            "ﬁle",
            "--",
            "-",
            ".",
            "::",
            "->",
            "_",
            "__",
            "$",
            "@",
            "`",
            "**",
            "(",
            ")",
            "===",
            "\n",
            "\t",
            "…",
            "İ",
        ]
    ),
    st.text(max_size=3),
    st.just(" "),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def every(text: str, terms: frozenset[str]) -> list[tuple[int, int]]:
    return [(token.start, token.end) for token in tokens(text) if token.term in terms]


@given(TEXTS, TEXTS)
def test_all_tokens_of_the_terms_are_found(text: str, query: str) -> None:
    terms = frozenset(token.term for token in tokens(query))
    assert Finder(terms).matches(text) == every(text, terms)


@given(TEXTS)
def test_all_tokens_of_a_text_are_found_by_their_terms(text: str) -> None:
    terms = frozenset(token.term for token in tokens(text))
    assert Finder(terms).matches(text) == every(text, terms)


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("happi", "Unhappy? No, Happiness.", ["Happiness"]),
        ("tie", "Tying ties", ["Tying", "ties"]),
        ("usest", "use_state, useState", ["use_state", "useState"]),
        ("noexassign", "no-ex-assign", ["no-ex-assign"]),
        ("--amend", "git commit --amend", ["--amend"]),
        ("c++", "C and C++", ["C++"]),
        ("cafe", "a Café", ["Café"]),
    ],
)
def test_a_term_is_found_however_it_is_spelt(term: str, text: str, found: list[str]) -> None:
    places = Finder({term}).matches(text)
    assert [text[start:end] for start, end in places] == found


def test_titles_and_passages_are_marked() -> None:
    entry = Passages("Tying loops", [("problem", "Nothing"), ("why", "It ties a *loop*.")])
    ((title, snippet),) = highlight([entry], {"tie", "loop"})
    assert title == "<mark>Tying</mark> <mark>loops</mark>"
    assert snippet.field == "why"
    assert snippet.html == "It <mark>ties</mark> a *<mark>loop</mark>*."


def test_without_terms_nothing_is_marked() -> None:
    entry = Passages("A title", [("problem", "A problem")])
    ((title, snippet),) = highlight([entry], frozenset())
    assert (title, snippet.html) == ("A title", "A problem")
