"""What differs between two states of an entry: field by field, line by line, word by word."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from kb.entries.schemas import EntryContent
from kb.revisions.alignment import Pair, common_pairs

Kind = Literal["scalar", "list", "prose"]
Op = Literal["equal", "delete", "insert"]

PROSE = frozenset({"problem", "solution", "why", "context"})
"""The fields compared by line."""

CONTEXT = 3
"""Unchanged lines shown around a change."""

MAX_LINES = 1_000
"""Lines of a field that are shown: whoever draws them does it on the event loop."""

MAX_MARKED = 2_000
"""Words of a line beyond which it is shown as changed in all."""

MAX_COUPLED = 2_500
"""Old times new lines of one replaced passage, beyond which none is paired with another."""

SIMILAR = 0.4
"""The share of common words from which a line counts as another one's new version."""

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a line; `changed` if the other side has it not."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of prose, an item of a list, or a value; its numbers count from 1 on each side.

    `moved`: an item of a list that is deleted here and inserted elsewhere.
    """

    op: Op
    segments: tuple[Segment, ...]
    old_number: int | None
    new_number: int | None
    moved: bool = False

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(segment.text for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring lines; `folded` ones are unchanged and far from any change."""

    folded: bool
    lines: tuple[DiffLine, ...]

    def rows(self) -> list[tuple[DiffLine | None, DiffLine | None]]:
        """Return the lines side by side, old and new: what became what stands in one row."""
        rows: list[tuple[DiffLine | None, DiffLine | None]] = []
        for line in self.lines:
            if line.op == "equal":
                rows.append((line, line))
            elif line.op == "delete":
                rows.append((line, None))
            elif rows and rows[-1][0] and rows[-1][1] is None:
                rows[-1] = (rows[-1][0], line)
            else:
                rows.append((None, line))
        return rows


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """How one field changed: equal and inserted lines are its new state, equal and deleted its old.

    A null field has no lines. Of a field with very many, those far from any change and then the
    last ones are left out; `omitted` counts them.
    """

    field: str
    kind: Kind
    lines: tuple[DiffLine, ...]
    omitted: int = 0

    def runs(self, context: int = CONTEXT) -> list[Run]:
        """Return the lines in runs, those over `context` lines from any change folded."""
        near = _near_changes(self.lines, context)
        groups = groupby(range(len(self.lines)), lambda at: at not in near)
        return [Run(folded, tuple(self.lines[at] for at in ats)) for folded, ats in groups]


def compare(a: EntryContent, b: EntryContent) -> list[FieldDiff]:
    """Return how each field that differs goes from `a` to `b`, in the schema's order."""
    return [
        _field_diff(name, getattr(a, name), getattr(b, name))
        for name in EntryContent.model_fields
        if getattr(a, name) != getattr(b, name)
    ]


def compare_texts(pairs: Sequence[tuple[str, str]]) -> list[tuple[DiffLine, ...]]:
    """Return how each text of a pair goes over into the other, line by line."""
    return [_lines(a.split("\n"), b.split("\n"), set()) for a, b in pairs]


def _lines(before: list[str], after: list[str], moved: set[str]) -> tuple[DiffLine, ...]:
    return _bounded(_Comparison(before, after, moved).lines(common_pairs(before, after)))[0]


def _near_changes(lines: Sequence[DiffLine], context: int) -> set[int]:
    changed = [at for at, line in enumerate(lines) if line.op != "equal"]
    return {at + step for at in changed for step in range(-context, context + 1)}


def _bounded(lines: Iterable[DiffLine]) -> tuple[tuple[DiffLine, ...], int]:
    """Return the lines that are shown, and how many others there are."""
    every = tuple(lines)
    if len(every) <= MAX_LINES:
        return every, 0
    near = _near_changes(every, CONTEXT)
    kept = tuple(line for at, line in enumerate(every) if at in near)[:MAX_LINES]
    return kept, len(every) - len(kept)


def _field_diff(name: str, old: object, new: object) -> FieldDiff:
    kind: Kind = "prose" if name in PROSE else "list" if isinstance(new, list) else "scalar"
    before, after = _as_lines(kind, old), _as_lines(kind, new)
    pairs = common_pairs(before, after)
    moved: set[str] = set()
    if kind == "list":
        moved = _left_over(before, (x for x, _ in pairs)) & _left_over(after, (y for _, y in pairs))
    return FieldDiff(name, kind, *_bounded(_Comparison(before, after, moved).lines(pairs)))


def _as_lines(kind: Kind, value: object) -> list[str]:
    if isinstance(value, list):
        return value
    if value is None:
        return []
    return str(value).split("\n") if kind == "prose" else [str(value)]


def _left_over(lines: list[str], paired: Iterable[int]) -> set[str]:
    rest = set(range(len(lines))) - set(paired)
    return {lines[at] for at in rest}


@dataclass(frozen=True, slots=True)
class _Comparison:
    old: list[str]
    new: list[str]
    moved: set[str]

    def lines(self, pairs: list[Pair]) -> Iterator[DiffLine]:
        """Yield all lines, given which stand on both sides."""
        x = y = 0
        for pair_x, pair_y in pairs:
            yield from self._replaced(range(x, pair_x), range(y, pair_y))
            text = self.new[pair_y]
            yield DiffLine("equal", (Segment(text, changed=False),), pair_x + 1, pair_y + 1)
            x, y = pair_x + 1, pair_y + 1
        yield from self._replaced(range(x, len(self.old)), range(y, len(self.new)))

    def _replaced(self, old: range, new: range) -> Iterator[DiffLine]:
        """Yield what was deleted and inserted between two equal lines, versions side by side."""
        x, y = old.start, new.start
        for couple_x, couple_y in self._couples(old, new):
            yield from self._unpaired(range(x, couple_x), range(y, couple_y))
            before, after = _words_marked(self.old[couple_x], self.new[couple_y])
            yield DiffLine("delete", before, couple_x + 1, None)
            yield DiffLine("insert", after, None, couple_y + 1)
            x, y = couple_x + 1, couple_y + 1
        yield from self._unpaired(range(x, old.stop), range(y, new.stop))

    def _unpaired(self, old: range, new: range) -> Iterator[DiffLine]:
        for x in old:
            moved = self.old[x] in self.moved
            yield DiffLine("delete", (Segment(self.old[x], not moved),), x + 1, None, moved)
        for y in new:
            moved = self.new[y] in self.moved
            yield DiffLine("insert", (Segment(self.new[y], not moved),), None, y + 1, moved)

    def _couples(self, old: range, new: range) -> list[Pair]:
        """Return which old lines became which new ones: the rising pairing most alike in all."""
        if not 0 < len(old) * len(new) <= MAX_COUPLED:
            return []
        before = [self._words(self.old[x]) for x in old]
        after = [self._words(self.new[y]) for y in new]
        # best[i][j]: total likeness and pairs of the first i old and the first j new lines.
        best: list[list[tuple[float, _Chain]]] = [[(0.0, None)] * (len(new) + 1)]
        for i, words in enumerate(before):
            row: list[tuple[float, _Chain]] = [(0.0, None)]
            for j, others in enumerate(after):
                choice = max(best[i][j + 1], row[j], key=_likeness)
                alike = _similarity(words, others)
                total, chain = best[i][j]
                if alike >= SIMILAR and total + alike > choice[0]:
                    choice = (total + alike, ((old[i], new[j]), chain))
                row.append(choice)
            best.append(row)
        return _unchained(best[-1][-1][1])

    def _words(self, line: str) -> Counter[str]:
        return Counter() if line in self.moved else Counter(_WORD.findall(line))


_Chain = tuple[Pair, "_Chain"] | None
"""Pairs from the last to the first, so that one beginning can have many continuations."""


def _likeness(choice: tuple[float, _Chain]) -> float:
    return choice[0]


def _unchained(chain: _Chain) -> list[Pair]:
    pairs: list[Pair] = []
    while chain:
        pair, chain = chain
        pairs.append(pair)
    return pairs[::-1]


def _similarity(words: Counter[str], others: Counter[str]) -> float:
    """Return the Dice coefficient of two bags of words."""
    return 2 * (words & others).total() / max(words.total() + others.total(), 1)


def _words_marked(old: str, new: str) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if max(len(before), len(after)) > MAX_MARKED:
        return (Segment(old, changed=True),), (Segment(new, changed=True),)
    pairs = _without_stray_spaces(common_pairs(before, after), before)
    return _segments(before, {x for x, _ in pairs}), _segments(after, {y for _, y in pairs})


def _without_stray_spaces(pairs: list[Pair], tokens: list[str]) -> list[Pair]:
    """Drop white space that is all that two changed words have between them in common."""
    known = set(pairs)
    return [
        (x, y)
        for x, y in pairs
        if not tokens[x].isspace()
        or x == y == 0
        or (x - 1, y - 1) in known
        or (x + 1, y + 1) in known
    ]


def _segments(tokens: Sequence[str], kept: set[int]) -> tuple[Segment, ...]:
    groups = groupby(range(len(tokens)), lambda at: at not in kept)
    return tuple(Segment("".join(tokens[at] for at in ats), changed) for changed, ats in groups)
