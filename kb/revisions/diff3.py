"""Two changes of one sequence, brought together region by region (pure).

This is diff3 (Khanna, Kunal and Pierce 2007, "A Formal Investigation of Diff3") as merge3 has it,
over our own alignment, and with one rule more: what one side adds right beside what the other
changes does not touch it, where the items are paragraphs or stand for themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from merge3 import Merge3

from kb.revisions.alignment import common_pairs

Items = list[str]


@dataclass(frozen=True, slots=True)
class Region:
    """Neighbouring items of the three sides; where nothing touches, all sides have the same."""

    base: Items
    theirs: Items
    yours: Items
    touching: bool


def merge_items(base: Items, theirs: Items, yours: Items) -> list[Region]:
    """Return the regions of a list whose items stand for themselves, but have an order."""
    return _regions(base, theirs, yours, _settle_items)


def merge_text(base: str | None, theirs: str | None, yours: str | None) -> list[Region]:
    """Return the regions of a text, merged by paragraph, then by line; join them by newlines."""
    return _regions(_paragraphs(base), _paragraphs(theirs), _paragraphs(yours), _settle_paragraphs)


def union(theirs: Items, yours: Items) -> Items:
    """Return the items of both, in an order that does not depend on whose is whose."""
    first, second = sorted([theirs, yours])
    return [*first, *(item for item in second if item not in first)]


class _Matcher:
    """Our alignment as merge3 asks for one: what merges is then what a comparison shows."""

    def __init__(self, _junk: None, a: Sequence[str], b: Sequence[str]) -> None:
        self._pairs = common_pairs(a, b)
        self._end = (len(a), len(b), 0)

    def get_matching_blocks(self) -> list[tuple[int, int, int]]:
        """Return the pairs of equal items as runs of length one, then the end."""
        return [*((x, y, 1) for x, y in self._pairs), self._end]


_Settle = Callable[[Items, Items, Items], list[Region]]
"""Where a region that both sides changed goes on."""


def _regions(base: Items, theirs: Items, yours: Items, settle: _Settle) -> list[Region]:
    merged = Merge3(base, theirs, yours, sequence_matcher=_Matcher)
    regions: list[Region] = []
    for group in merged.merge_groups():
        if group[0] == "conflict":
            _, was, others, mine = group
            regions += settle(list(was), list(others), list(mine))
        else:
            regions.append(_settled(group[1]))
    return regions


def _settled(items: Sequence[str]) -> Region:
    same = list(items)
    return Region(same, same, same, touching=False)


def _touching(base: Items, theirs: Items, yours: Items) -> list[Region]:
    return [Region(base, theirs, yours, touching=True)]


def _settle_items(base: Items, theirs: Items, yours: Items) -> list[Region]:
    if not base:
        return [_settled(union(theirs, yours))]
    return _beside(base, theirs, yours) or _touching(base, theirs, yours)


def _settle_paragraphs(base: Items, theirs: Items, yours: Items) -> list[Region]:
    return _beside(base, theirs, yours) or _regions(
        _lines(base), _lines(theirs), _lines(yours), _touching
    )


def _beside(base: Items, theirs: Items, yours: Items) -> list[Region]:
    """Return one side's additions around the other side's change; nothing where it is no such."""
    at_theirs, at_yours = _place(base, theirs), _place(base, yours)
    if at_theirs is not None and at_yours is None:
        return [_settled([*theirs[:at_theirs], *yours, *theirs[at_theirs + len(base) :]])]
    if at_yours is not None and at_theirs is None:
        return [_settled([*yours[:at_yours], *theirs, *yours[at_yours + len(base) :]])]
    return []


def _place(part: Items, whole: Items) -> int | None:
    """Return where the items stand in the whole, if that is at its beginning or at its end."""
    last = len(whole) - len(part)
    places = (at for at in (0, last) if whole[max(at, 0) :][: len(part)] == part)
    return next(places, None)


def _paragraphs(text: str | None) -> Items:
    """Return the paragraphs and, as items of their own, the blank lines between them."""
    if text is None:
        return []
    groups = groupby(text.split("\n"), lambda line: not line.strip())
    return ["\n".join(lines) for _, lines in groups]


def _lines(paragraphs: Items) -> Items:
    return "\n".join(paragraphs).split("\n") if paragraphs else []
