"""Cursors of searches hold what was shown."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from kb.search.positions import MAX_SHOWN, cursor_after, shown_at


@given(st.sets(st.integers(1, 2**40)))
def test_what_was_shown_comes_back(ids: set[int]) -> None:
    cursor = cursor_after(ids)
    assert cursor is not None
    assert shown_at(cursor) == ids


def test_the_longest_cursor_fits_into_an_address() -> None:
    ids = Random(1).sample(range(100_000), MAX_SHOWN)
    cursor = cursor_after(ids)
    assert cursor is not None
    assert len(cursor) < 16_000
    assert shown_at(cursor) == set(ids)
    assert cursor_after([*ids, 100_001]) is None
