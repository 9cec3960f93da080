"""Which searches in vain are remembered by their words."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.statistics.schemas import growth
from kb.statistics.wanted import LONGEST, words_to_remember


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Zygomorphic  Widgets", "zygomorphic widgets"),
        ("useEffect runs twice", "useeffect runs twice"),
        ("utf8 bom", "utf8 bom"),
        ("tag:docker exec format", "tag:docker exec format"),
        ("reset password form", "reset password form"),
        ("http 2 push", "http 2 push"),
    ],
)
def test_a_few_typed_words_are_remembered_in_one_form(text: str, words: str) -> None:
    assert words_to_remember(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "x " * LONGEST,
        "Traceback (most recent call last): boom",
        "one line\nand another",
        "ann@example.org bounced",
        "https://intranet.example/secret",
        "PASSWORD=hunter2",
        "password: hunter2",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "9f86d081884c7d659a2feaa0c55ad015",
        "login from 10.0.3.17",
        "call 0301234567",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ],
)
def test_what_may_be_pasted_or_secret_is_forgotten(text: str) -> None:
    assert words_to_remember(text) is None


@given(st.text(max_size=200))
def test_what_is_remembered_is_short_and_stays_what_it_is(text: str) -> None:
    words = words_to_remember(text)
    if words is not None:
        assert len(words) <= LONGEST
        assert "\n" not in words
        assert words_to_remember(words) in {words, None}


DAYS = st.dictionaries(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 1000))


@given(DAYS)
def test_growth_adds_up_and_never_goes_back(days: dict[date, int]) -> None:
    points = growth(sorted(days.items()))
    totals = [point.total for point in points]
    assert totals == sorted(totals)
    assert sum(point.added for point in points) == sum(days.values()) == (totals or [0])[-1]
    assert [point.since for point in points] == sorted({point.since for point in points})


def test_growth_is_told_by_day_and_later_by_month() -> None:
    first = date(2026, 1, 15)
    days = [(first, 1), (first + timedelta(days=30), 2)]
    assert [point.since for point in growth(days)] == [first, date(2026, 2, 14)]
    later = growth([*days, (first + timedelta(days=100), 4)])
    assert [(point.since, point.total) for point in later] == [
        (date(2026, 1, 1), 1),
        (date(2026, 2, 1), 3),
        (date(2026, 4, 1), 7),
    ]
