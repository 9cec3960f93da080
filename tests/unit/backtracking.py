"""How many steps an expression takes: a matcher that backtracks as `re` does, and counts.

`re` cannot be asked, and time is no measure on a busy machine. Bounded repetitions are cut to CAP:
they cost a factor, which does not grow with the text. Steps are characters looked at and choices
gone back to; what the real engine leaves out by looking ahead for a literal is counted.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from re import _constants as op
from re import _parser
from typing import Any

CAP = 4
"""Repetitions that a bounded one is cut to."""

SIGNS = "a0 \t\n-_./A\\:'\"<`=~#[](*{,x"
"""Characters to attack with."""

_CATEGORIES = {
    op.CATEGORY_DIGIT: re.compile(r"\d"),
    op.CATEGORY_NOT_DIGIT: re.compile(r"\D"),
    op.CATEGORY_SPACE: re.compile(r"\s"),
    op.CATEGORY_NOT_SPACE: re.compile(r"\S"),
    op.CATEGORY_WORD: re.compile(r"\w"),
    op.CATEGORY_NOT_WORD: re.compile(r"\W"),
}
# As numbers: the flags of a pattern are one, and to combine it with an enum's member takes long.
_IGNORECASE, _MULTILINE, _DOTALL = int(re.IGNORECASE), int(re.MULTILINE), int(re.DOTALL)
_WORD = re.compile(r"\w")
_ONE = {op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN}
_REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}
Node = tuple[Any, Any]


@cache
def parsed(pattern: str, flags: int) -> list[Node]:
    """Return the elements of an expression."""
    elements: list[Node] = _parser.parse(pattern, flags).data
    return elements


class TooManySteps(Exception):
    """Far more than any linear expression takes."""


class Steps:
    """An expression on one text, and the steps that finding it there takes."""

    def __init__(self, pattern: re.Pattern[str], text: str, limit: int = 100_000) -> None:
        self.count = 0
        self._limit = limit
        self._text = text
        self._flags = pattern.flags
        self._groups: dict[int | None, str] = {}
        self._nodes = parsed(pattern.pattern, pattern.flags)

    def search(self) -> int:
        """Return the steps of finding every match. Raises TooManySteps."""
        at = 0
        while at <= len(self._text):
            end = next(self._sequence(self._nodes, at), None)
            at = at + 1 if end is None else max(end, at + 1)
        return self.count

    def fullmatch(self) -> int:
        """Return the steps of matching the whole text. Raises TooManySteps."""
        next((end for end in self._sequence(self._nodes, 0) if end == len(self._text)), None)
        return self.count

    def _step(self) -> None:
        self.count += 1
        if self.count > self._limit:
            raise TooManySteps

    def _sequence(self, nodes: Sequence[Node], at: int) -> Iterator[int]:
        if not nodes:
            yield at
            return
        stack = [self._node(nodes[0], at)]
        while stack:
            end = next(stack[-1], None)
            self._step()
            if end is None:
                stack.pop()
            elif len(stack) == len(nodes):
                yield end
            else:
                stack.append(self._node(nodes[len(stack)], end))

    def _node(self, node: Node, at: int) -> Iterator[int]:
        kind, value = node
        if kind in _ONE:
            return self._one(node, at)
        if kind in _REPEATS:
            found = self._repeat(kind, value, at)
            return islice(found, 1) if kind is op.POSSESSIVE_REPEAT else found
        if kind is op.ATOMIC_GROUP:
            return islice(self._sequence(value.data, at), 1)
        if kind is op.BRANCH:
            return (end for one in value[1] for end in self._sequence(one.data, at))
        if kind is op.SUBPATTERN:
            return self._group(value, at)
        return self._placed(kind, value, at)

    def _placed(self, kind: Any, value: Any, at: int) -> Iterator[int]:
        if kind is op.GROUPREF:
            known = self._groups.get(value, "")
            if self._text.startswith(known, at):
                yield at + len(known)
        elif self._at(value, at) if kind is op.AT else self._asserted(kind, value, at):
            yield at

    def _one(self, node: Node, at: int) -> Iterator[int]:
        self._step()
        if at < len(self._text) and matches(node, self._text[at], self._flags):
            yield at + 1

    def _group(self, value: Any, at: int) -> Iterator[int]:
        for end in self._sequence(value[-1].data, at):
            self._groups[value[0]] = self._text[at:end]
            yield end

    def _repeat(self, kind: Any, value: Any, at: int) -> Iterator[int]:
        least, most, nodes = bounded(value)
        lazy = kind is op.MIN_REPEAT
        ends, stack = [at], list[Iterator[int]]()
        if lazy and not least:
            yield at
        stack.append(self._sequence(nodes, at) if most else iter(()))
        while stack:
            end = next(stack[-1], None)
            self._step()
            if end is None or end == ends[-1]:  # nothing, or nothing new
                stack.pop()
                done = ends.pop()
                if not lazy and len(stack) >= least:
                    yield done
                continue
            ends.append(end)
            deeper = len(stack) < most
            if lazy and len(stack) >= least:
                yield end
            stack.append(self._sequence(nodes, end) if deeper else iter(()))

    def _asserted(self, kind: Any, value: Any, at: int) -> bool:
        direction, nodes = value
        start = at if direction > 0 else at - nodes.getwidth()[0]
        found = start >= 0 and next(self._sequence(nodes.data, start), None) is not None
        return found is (kind is op.ASSERT)

    def _at(self, where: Any, at: int) -> bool:
        text, lines = self._text, self._flags & _MULTILINE
        if where in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            return at == 0 or bool(lines and where is op.AT_BEGINNING and text[at - 1] == "\n")
        if where in (op.AT_END, op.AT_END_STRING):
            return at == len(text) or bool(lines and where is op.AT_END and text[at] == "\n")
        inside = [bool(_WORD.match(one)) for one in (text[at - 1 : at], text[at : at + 1])]
        return (inside[0] is not inside[1]) is (where is op.AT_BOUNDARY)


def bounded(value: Any) -> tuple[int, float, list[Node]]:
    """Return least, most and what is repeated."""
    least, most, nodes = value
    return min(least, CAP), float("inf") if most is op.MAXREPEAT else min(most, CAP), nodes.data


def matches(node: Node, sign: str, flags: int) -> bool:
    """Say whether an element of one character takes this one."""
    kind, value = node
    signs = {sign, sign.lower(), sign.upper()} if flags & _IGNORECASE else {sign}
    if kind is op.ANY:
        return sign != "\n" or bool(flags & _DOTALL)
    if kind in (op.LITERAL, op.NOT_LITERAL):
        return (chr(value) in signs) is (kind is op.LITERAL)
    negated = value[0][0] is op.NEGATE
    return any(_in_class(one, each) for one in value for each in signs) is not negated


def _in_class(item: Node, sign: str) -> bool:
    kind, value = item
    if kind is op.LITERAL:
        return ord(sign) == int(value)
    if kind is op.RANGE:
        return bool(value[0] <= ord(sign) <= value[1])
    return kind is op.CATEGORY and bool(_CATEGORIES[value].match(sign))


def attacks(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Return beginnings of what the expression matches, each with what to repeat after it."""
    found = dict[tuple[str, str], None]()
    _walk(parsed(pattern.pattern, pattern.flags), "", pattern.flags, found)
    return list(found)


def _walk(
    nodes: Sequence[Node], before: str, flags: int, found: dict[tuple[str, str], None]
) -> str:
    """Note the attacks on each element in turn; return what they match after `before`."""
    for kind, value in nodes:
        if before and kind is not op.LITERAL:
            found["", before] = None
        if kind in _ONE:
            before += next(_signs((kind, value), flags), "")
        elif kind in _REPEATS:
            least, _, inner = bounded(value)
            once = _walk(inner, before, flags, found)[len(before) :]
            pumps = [once]
            if len(inner) == 1 and inner[0][0] in _ONE:
                pumps += islice(_signs(inner[0], flags), 6)
            found.update(dict.fromkeys((before, pump) for pump in pumps if pump))
            before += once * max(least, 1)
        elif kind is op.SUBPATTERN:
            before = _walk(value[-1].data, before, flags, found)
        elif kind is op.ATOMIC_GROUP:
            before = _walk(value.data, before, flags, found)
        elif kind is op.BRANCH:
            before = max((_walk(one.data, before, flags, found) for one in value[1]), key=len)
    if before:
        found["", before] = None
    return before


def _signs(node: Node, flags: int) -> Iterator[str]:
    kind, value = node
    if kind is op.LITERAL:
        yield chr(value)
        return
    own = [chr(v) for k, v in value if k is op.LITERAL] if kind is op.IN else []
    yield from (one for one in (*SIGNS, *own, "\u0301") if matches(node, one, flags))


Count = Callable[[Steps], int]


def grows(pattern: re.Pattern[str], count: Count) -> tuple[str, str] | None:
    """Return what makes the steps grow faster than the text, or None."""
    for opening, pump in attacks(pattern):
        texts = [f"{opening}{pump * times}\0" for times in (16, 32)]
        try:
            short, long = (count(Steps(pattern, text)) for text in texts)
        except TooManySteps:
            return opening, pump
        if long > 3 * short:  # twice is linear, four times quadratic
            return opening, pump
    return None
