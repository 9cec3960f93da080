"""What two sequences have in common, in order, within bounded time."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

Pair = tuple[int, int]
"""Positions of one item in both sequences."""

MAX_EDITS = 200
"""Insertions and deletions between two anchors beyond which they are taken as unrelated."""


def common_pairs(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    """Return pairs of equal items, rising on both sides, that make a short and readable diff.

    Items that stand once on each side anchor it (patience diff, Bram Cohen); between two anchors
    the shortest edit script is looked for (Myers 1986, "An O(ND) Difference Algorithm"). difflib's
    matcher takes cubic time at worst; this takes O(n log n + n * MAX_EDITS).
    """
    pairs: list[Pair] = []
    x = y = 0
    for anchor_x, anchor_y in _anchors(a, b):
        pairs += _between(a, b, (x, anchor_x), (y, anchor_y))
        pairs.append((anchor_x, anchor_y))
        x, y = anchor_x + 1, anchor_y + 1
    return pairs + _between(a, b, (x, len(a)), (y, len(b)))


def _anchors(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    """Return the longest rising sequence of the items that are unique on both sides."""
    in_a, in_b = Counter(a), Counter(b)
    places = {item: y for y, item in enumerate(b)}
    unique = [(x, places[item]) for x, item in enumerate(a) if in_a[item] == 1 == in_b[item]]
    ends: list[int] = []  # the lowest y that ends a rising sequence of each length
    at_end: list[int] = []  # its place in `unique`
    previous: list[int | None] = []
    for place, (_, y) in enumerate(unique):
        length = bisect_left(ends, y)
        previous.append(at_end[length - 1] if length else None)
        ends[length : length + 1] = [y]
        at_end[length : length + 1] = [place]
    chain: list[Pair] = []
    last = at_end[-1] if at_end else None
    while last is not None:
        chain.append(unique[last])
        last = previous[last]
    return chain[::-1]


def _between(
    a: Sequence[str], b: Sequence[str], in_a: tuple[int, int], in_b: tuple[int, int]
) -> list[Pair]:
    (x, x_end), (y, y_end) = in_a, in_b
    head: list[Pair] = []
    while x < x_end and y < y_end and a[x] == b[y]:
        head.append((x, y))
        x, y = x + 1, y + 1
    tail: list[Pair] = []
    while x < x_end and y < y_end and a[x_end - 1] == b[y_end - 1]:
        x_end, y_end = x_end - 1, y_end - 1
        tail.append((x_end, y_end))
    middle = _shortest_edit(a[x:x_end], b[y:y_end])
    return [*head, *((x + i, y + j) for i, j in middle), *reversed(tail)]


def _shortest_edit(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    """Return the matches of a shortest edit script, none if it takes over MAX_EDITS."""
    if set(a).isdisjoint(b):
        return []
    reach = {1: 0}  # the furthest x on each diagonal k = x - y
    history: list[dict[int, int]] = []
    for edits in range(MAX_EDITS + 1):
        history.append(reach.copy())
        for k in range(-edits, edits + 1, 2):
            x = reach[k + 1] if _goes_down(reach, k, edits) else reach[k - 1] + 1
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            reach[k] = x
            if x >= len(a) and x - k >= len(b):
                return _walk_back(history, len(a), len(b))
    return []


def _goes_down(reach: dict[int, int], k: int, edits: int) -> bool:
    """Tell whether diagonal k is best reached by an insertion, not by a deletion."""
    return k == -edits or (k != edits and reach[k - 1] < reach[k + 1])


def _walk_back(history: list[dict[int, int]], x: int, y: int) -> list[Pair]:
    pairs: list[Pair] = []
    for edits in range(len(history) - 1, -1, -1):
        reach = history[edits]
        k = x - y
        k += 1 if _goes_down(reach, k, edits) else -1
        while x > reach[k] and y > reach[k] - k:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = reach[k], reach[k] - k
    return pairs[::-1]
