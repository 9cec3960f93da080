from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.content.snippets import MAX_SCANNED, plain
from kb.search.analysis import tokens
from kb.search.highlight import Prepared

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


def prepared(title: str, *texts: str) -> Prepared:
    return Prepared(title, [("why", text) for text in texts])


@given(TEXTS, st.lists(TEXTS, max_size=3), TEXTS)
def test_all_tokens_of_the_terms_are_found(title: str, texts: list[str], query: str) -> None:
    terms = frozenset(token.term for token in tokens(query))
    entry = prepared(title, *texts)
    assert entry.found(terms) == every(entry.text, terms)


@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_all_tokens_of_a_text_are_found_by_their_terms(title: str, texts: list[str]) -> None:
    terms = frozenset(token.term for text in (title, *texts) for token in tokens(text))
    entry = prepared(title, *texts)
    assert entry.found(terms) == every(entry.text, terms)


@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_an_entry_is_looked_at_as_plain_text(title: str, texts: list[str]) -> None:
    known = [text for text in map(plain, texts) if text]
    assert prepared(title, *texts).text == " ".join([title, *known])


@given(TEXTS, TEXTS, TEXTS)
def test_a_passage_is_of_the_field_it_names(title: str, problem: str, query: str) -> None:
    parts = [("problem", problem), ("why", "A reason to read.")]
    title, snippet = Prepared(title, parts).marked(token.term for token in tokens(query))
    shown = unescape(snippet.html.replace("<mark>", "").replace("</mark>", ""))
    assert shown == plain(dict(parts)[snippet.field])


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
    places = prepared(text).found({term})
    assert [text[start:end] for start, end in places] == found


def test_titles_and_passages_are_marked() -> None:
    entry = Prepared("Tying loops", [("problem", "Nothing"), ("why", "It ties a *loop*.")])
    title, snippet = entry.marked({"tie", "loop"})
    assert title == "<mark>Tying</mark> <mark>loops</mark>"
    assert snippet.field == "why"
    assert snippet.html == "It <mark>ties</mark> a *<mark>loop</mark>*."


def test_without_terms_nothing_is_marked() -> None:
    title, snippet = Prepared("A title", [("problem", "A problem")]).marked(frozenset())
    assert (title, snippet.html) == ("A title", "A problem")


def test_what_is_kept_of_a_long_entry_is_bounded() -> None:
    endless = Prepared("A title", [("problem", "a loop " * 30_000), ("why", "no loop")])
    assert len(endless.text) <= MAX_SCANNED + len("A title ")
    assert endless.size < 5 * MAX_SCANNED
