"""Words that no entry has: what was meant by them, and when nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.analysis import Token
from kb.search.correction import Vocabulary, corrected, slips
from kb.search.query import parse

USED = {
    "async": 80, "banned": 6, "based": 90, "class": 300, "component": 30, "comprehension": 12,
    "database": 40, "deploy": 20, "docker": 60, "dockers": 1, "form": 40, "from": 900,
    "function": 500, "functions": 200, "list": 200, "repository": 25, "require": 70, "separate": 30,
    "table": 45, "the": 1000, "timeout": 33, "timeouts": 12, "use": 800,
}  # fmt: skip
VOCABULARY = Vocabulary(USED)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dokcer", "docker"),
        ("ocker", "docker"),
        ("docer", "docker"),
        ("dockker", "docker"),
        ("dpcker", "docker"),
        ("odcker", "docker"),
        ("functon", "function"),
        ("repositroy", "repository"),
        ("seperate", "separate"),
        ("componnet", "component"),
        ("baned", "banned"),
        ("tabel", "table"),
        ("compreehnsoin", "comprehension"),
    ],
)
def test_a_slip_of_the_fingers_is_mended(typed: str, meant: str) -> None:
    assert VOCABULARY.meant(typed) == meant


def test_of_words_as_near_the_more_usual_is_meant() -> None:
    assert VOCABULARY.meant("frim") == "from"
    assert VOCABULARY.meant("dockerz") == "docker"


def test_two_words_written_as_one_are_two() -> None:
    assert VOCABULARY.meant("listcomprehension") == "list comprehension"


@pytest.mark.parametrize("typed", ["xyz", "tbl", "zygomorphism", "e0382", "naïve", "", "qqqqqq"])
def test_nothing_is_guessed_where_no_word_is_near(typed: str) -> None:
    assert VOCABULARY.meant(typed) is None


def test_an_empty_vocabulary_means_nothing() -> None:
    assert Vocabulary({}).meant("docker") is None


def test_likelier_slips_cost_less() -> None:
    exchanged, doubled, near, wrong = (
        slips(typed, "require") for typed in ("reuqire", "reqquire", "rewuire", "rebuire")
    )
    assert doubled < exchanged < near < wrong
    assert slips("erquire", "require") < slips("bequire", "require")


LETTERS = st.text("abcdefg", max_size=9)


@given(LETTERS, LETTERS)
def test_only_a_word_itself_costs_nothing(typed: str, meant: str) -> None:
    assert (slips(typed, meant) == 0) == (typed == meant)


@given(st.sampled_from(sorted(USED)).filter(lambda word: len(word) > 5), st.data())
def test_a_word_with_two_letters_exchanged_within_it_is_near(
    word: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(1, len(word) - 2))
    typed = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    assert slips(typed, word) <= 0.6


def shouted(token: Token) -> str | None:
    return token.word.upper() if token.word.startswith("x") else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one xtwo three", "one XTWO three"),
        ("(xtwo, xone)", "(XTWO, XONE)"),
        ("is-xtwo", "is-XTWO"),
        ("tag:xtwo xone", "tag:xtwo XONE"),
        ("src/xtwo.js xone", "src/xtwo.js XONE"),
        ('"xtwo" -xone x*', '"xtwo" -xone x*'),
        ("Traceback (most recent call last): xtwo", "Traceback (most recent call last): xtwo"),
    ],
)
def test_typed_words_are_corrected_and_all_else_is_left(text: str, expected: str) -> None:
    assert str(corrected(parse(text), shouted)).replace("\n", " ") == expected


@given(st.text(max_size=60))
def test_a_query_without_mistakes_stays_itself(text: str) -> None:
    query = parse(text)
    assert corrected(query, lambda token: None) is query
