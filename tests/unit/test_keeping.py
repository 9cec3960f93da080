"""The cache that keeps what is asked for again."""

from hypothesis import given
from hypothesis import strategies as st

from kb.keeping import Kept

ROOM = 40


def kept_of(*keys: int) -> Kept[int, str]:
    kept: Kept[int, str] = Kept(ROOM, len)
    for key in keys:
        kept.put(key, str(key % 10))
    return kept


def test_much_that_is_asked_for_once_leaves_what_is_asked_for_again() -> None:
    kept = kept_of(0, 1)
    assert kept.get(0) == "0"
    for number in range(2, 3 * ROOM):
        kept.put(number, "x")
    assert (kept.get(0), kept.get(1)) == ("0", None)


def test_of_what_is_asked_for_again_the_least_recent_goes_first() -> None:
    kept = kept_of()
    for number in range(ROOM):
        kept.put(number, "x")
        assert kept.get(number)
        kept.get(0)
    assert kept.get(0)
    assert kept.get(1) is None


def test_a_value_takes_the_place_of_the_one_before_it() -> None:
    kept = kept_of(0)
    for value in ("ab", "abc"):
        kept.put(0, value)
        assert kept.get(0) == value
    assert (len(kept), kept.size) == (1, 3)


def test_what_has_no_room_is_not_kept() -> None:
    kept = kept_of()
    kept.put(0, "x" * ROOM)
    assert kept.get(0) is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.integers(0, ROOM))))
def test_what_is_kept_is_what_was_put_last_and_has_room(
    done: list[tuple[bool, int, int]],
) -> None:
    kept, last = kept_of(), dict[int, str]()
    for puts, key, length in done:
        if puts:
            kept.put(key, "x" * length)
            last[key] = "x" * length
        elif (found := kept.get(key)) is not None:
            assert found == last[key]
        assert kept.size == sum(map(len, kept)) <= ROOM
