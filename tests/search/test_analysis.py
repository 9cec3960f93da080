"""What text becomes: the same for an entry, a query and what is highlighted."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.analysis import MAX_TERM_LENGTH, Token, tokens, without_varying


def terms(text: str) -> set[str]:
    return {token.term for token in tokens(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run_in_executor", {"run", "in", "executor", "runinexecutor"}),
        ("asyncio.run_in_executor", {"asyncio", "runinexecutor", "asyncioruninexecutor"}),
        ("noUncheckedIndexedAccess", {"no", "index", "access", "nouncheckedindexedaccess"}),
        ("XMLHttpRequest", {"xml", "http", "request", "xmlhttprequest"}),
        ("std::move", {"std", "move", "stdmove"}),
        ("SC2086", {"sc2086"}),
        ("E0382", {"e0382"}),
        ("--no-verify", {"--noverify", "noverifi", "verifi"}),
        ("C++", {"c++"}),
        ("C#", {"c#"}),
        (".env", {".env", "env"}),
        ("__init__", {"__init", "init"}),
        ("$state", {"$state", "state"}),
        ("UTF-8", {"utf8", "utf"}),
        ("don't", {"dont"}),
        ("the user\u2019s", {"user"}),
        ("naïve école e\u0301cole", {"naiv", "ecol"}),
    ],
)
def test_a_name_is_found_whole_and_by_its_parts(text: str, expected: set[str]) -> None:
    assert expected <= terms(text)


@pytest.mark.parametrize(
    "spelling", ["noExAssign", "no-ex-assign", "no_ex_assign", "NO_EX_ASSIGN", "noexassign"]
)
def test_spellings_of_one_name_meet(spelling: str) -> None:
    assert "noexassign" in terms(spelling)


@pytest.mark.parametrize("pair", [("running", "runs"), ("caches", "cached"), ("Blocking", "block")])
def test_forms_of_one_word_meet(pair: tuple[str, str]) -> None:
    assert terms(pair[0]) == terms(pair[1])


def test_parts_stand_at_consecutive_positions_and_the_whole_at_the_first() -> None:
    found = list(tokens("call run_in_executor now"))
    assert [(t.term, t.position) for t in found if t.part] == [
        ("call", 0),
        ("run", 1),
        ("in", 2),
        ("executor", 3),
        ("now", 4),
    ]
    assert [(t.term, t.position, t.start, t.end) for t in found if not t.part] == [
        ("runinexecutor", 1, 5, 20)
    ]


def test_a_run_longer_than_any_word_is_left_out() -> None:
    assert terms("x" * (MAX_TERM_LENGTH + 1) + " word") == {"word"}


TEXT = st.text(max_size=120) | st.lists(
    st.sampled_from(
        ["aB", "_", "-", ".", "::", "->", "'", "++", "#", "9", " ", "é", "e\u0301", "$"]
    )
).map("".join)


@given(TEXT)
def test_every_token_spans_text_of_its_own(text: str) -> None:
    for token in tokens(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.term
        assert " " not in token.term


@given(TEXT)
def test_parts_come_in_order_without_overlap(text: str) -> None:
    parts: list[Token] = [token for token in tokens(text) if token.part]
    for left, right in pairwise(parts):
        assert left.end <= right.start
        assert left.position < right.position


@given(TEXT)
def test_case_does_not_count_in_a_plain_word(text: str) -> None:
    word = "".join(char for char in text if char.isascii() and char.islower())
    assert terms(word) == terms(word.upper())


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("src/user/profile.ts:42:17 - error TS2531", {"TS2531", "error"}, {"42", "profile"}),
        ('File "/srv/app/main.py", line 31, in load', {"File", "load"}, {"srv", "31"}),
        (r"C:\Users\me\app.py failed", {"failed"}, {"Users"}),
        ("https://host:8080/v1/x timed out after 30s", {"timed"}, {"host", "8080", "30s"}),
        ("object at 0x7f3a2c <Foo>", {"object", "Foo"}, {"0x7f3a2c"}),
        (
            "2024-05-01T10:00:00Z pod 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
            {"pod"},
            {"2024", "4f89"},
        ),
        ("version 3.11.4 lacks tomllib", {"tomllib"}, {"3"}),
    ],
)
def test_what_varies_is_taken_out_of_an_error(text: str, kept: set[str], gone: set[str]) -> None:
    left = without_varying(text)
    assert all(word in left for word in kept)
    assert not any(word in left for word in gone)


@given(TEXT)
def test_taking_out_what_varies_adds_nothing(text: str) -> None:
    assert set(without_varying(text)) <= {*text, " "}
