import itertools

from hypothesis import given
from hypothesis import strategies as st

from kb.revisions.alignment import MAX_EDITS, common_pairs

SEQUENCES = st.lists(st.sampled_from("abcdefgh"), max_size=30)


@given(SEQUENCES, SEQUENCES)
def test_pairs_are_equal_items_that_rise_on_both_sides(a: list[str], b: list[str]) -> None:
    pairs = common_pairs(a, b)
    assert all(a[x] == b[y] for x, y in pairs)
    assert all(x < u and y < v for (x, y), (u, v) in itertools.pairwise(pairs))


@given(SEQUENCES)
def test_a_sequence_is_paired_with_itself_throughout(a: list[str]) -> None:
    assert common_pairs(a, a) == [(at, at) for at in range(len(a))]


@given(st.lists(st.sampled_from("ab"), max_size=12), st.lists(st.sampled_from("ab"), max_size=12))
def test_without_anchors_no_longer_match_exists(a: list[str], b: list[str]) -> None:
    # Each letter twice more on each side keeps it from being an anchor.
    a, b = [*"aabb", *a], [*"aabb", *b]
    assert len(common_pairs(a, b)) == longest_common(a, b)


def longest_common(a: list[str], b: list[str]) -> int:
    row = [0] * (len(b) + 1)
    for item in a:
        above = row[:]
        for y, other in enumerate(b):
            row[y + 1] = above[y] + 1 if item == other else max(row[y], above[y + 1])
    return row[-1]


def test_unique_lines_hold_the_rest_in_place() -> None:
    a = ["{", "one", "}", "{", "two", "}"]
    b = ["{", "new", "}", "{", "one", "}", "{", "two", "}"]
    pairs = common_pairs(a, b)
    assert (1, 4) in pairs
    assert (4, 7) in pairs
    assert len(pairs) == 6


def test_what_differs_too_much_counts_as_unrelated() -> None:
    a = ["x", *"ab" * MAX_EDITS, "y"]
    b = ["x", *"bc" * MAX_EDITS, "y"]
    assert common_pairs(a, b) == [(0, 0), (len(a) - 1, len(b) - 1)]


def test_many_small_changes_between_anchors_are_all_found() -> None:
    a = [f"line {n}" for n in range(5_000)]
    b = [f"line {n}" if n % 2 else "changed" for n in range(5_000)]
    assert common_pairs(a, b) == [(n, n) for n in range(1, 5_000, 2)]
