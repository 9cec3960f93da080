"""Which page numbers a pagination shows."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.web.paging import page_numbers


@pytest.mark.parametrize(
    ("page", "pages", "shown"),
    [
        (1, 1, "1"),
        (1, 4, "1 2 3 4"),
        (1, 9, "1 2 3 … 9"),
        (5, 9, "1 2 3 4 5 6 7 8 9"),
        (50, 99, "1 … 48 49 50 51 52 … 99"),
    ],
)
def test_the_ends_and_the_neighbours_are_shown(page: int, pages: int, shown: str) -> None:
    assert " ".join(str(n or "…") for n in page_numbers(page, pages)) == shown


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
def test_a_gap_stands_for_at_least_two_pages(of: tuple[int, int]) -> None:
    numbers = page_numbers(*of)
    assert of[0] in numbers
    shown = [n for n in numbers if n]
    assert shown == sorted(set(shown))
    gaps = [b - a for a, b in pairwise(shown) if b - a > 1]
    assert len(gaps) == numbers.count(None)
    assert all(gap > 2 for gap in gaps)
