"""Text as the model reads it. The expected numbers are what the model's own tokenizer gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.meaning.wordpiece import encoded

BEGIN, END, UNKNOWN = 101, 102, 100


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("Hello, world", [7592, 1010, 2088]),
        ("École", [12431]),
        ("a日本b", [1037, 1864, 1876, 1038]),
        ("x_y", [1060, 1035, 1061]),
        ("x" * 101, [UNKNOWN]),
    ],
)
def test_words_signs_and_ideographs_become_numbers(text: str, pieces: list[int]) -> None:
    assert encoded(text, 128) == [BEGIN, *pieces, END]


def test_a_word_it_does_not_know_is_cut_into_the_longest_pieces_it_knows() -> None:
    ex, ec, uto, r = 4654, 8586, 16161, 2099
    assert encoded("executor", 128) == [BEGIN, ex, ec, uto, r, END]


@given(st.text(max_size=300), st.integers(3, 64))
def test_no_text_becomes_more_than_asked_for(text: str, most: int) -> None:
    numbers = encoded(text, most)
    assert 2 <= len(numbers) <= most
    assert (numbers[0], numbers[-1]) == (BEGIN, END)
    assert BEGIN not in numbers[1:]
