"""The search language: text to dataclasses and back, and no text is an error.

Pure: imports nothing of the house. `parse(str(parse(text))) == parse(text)` for every text.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_LENGTH = 10_000
"""Characters of a query that are read; what stands behind them is ignored."""

FIELDS = ("tag", "language", "framework", "category", "severity", "author", "error")
"""What `field:value` can filter by."""


@dataclass(frozen=True, slots=True)
class Word:
    """Plain text without white space: a word, an identifier, a path, punctuation."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Prefix:
    """`word*`: every word that starts so."""

    text: str

    def __str__(self) -> str:
        return f"{self.text}*"


@dataclass(frozen=True, slots=True)
class Phrase:
    """`"exact phrase"`: these words, neighbours, in this order."""

    text: str

    def __str__(self) -> str:
        return f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Filter:
    """`field:value`, the field one of `FIELDS`."""

    field: str
    value: str

    def __str__(self) -> str:
        # Quoted where it must be and nowhere else: a mark more would close another's quotation.
        quoted = " " in self.value or (self.field == "error" and ":" in self.value)
        return f'{self.field}:"{self.value}"' if quoted else f"{self.field}:{self.value}"


Term = Word | Prefix | Phrase
"""What is looked for in the text of an entry."""

Operand = Term | Filter


@dataclass(frozen=True, slots=True)
class Not:
    """`-operand`: entries without it."""

    operand: Operand

    def __str__(self) -> str:
        return f"-{self.operand}"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`a OR b`: entries with at least one of two or more."""

    operands: tuple[Operand, ...]

    def __str__(self) -> str:
        return " OR ".join(map(str, self.operands))


Clause = Operand | Not | AnyOf


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: its clauses in the order they were written.

    `pasted` says that the text looks copied from a terminal or a log, not typed: then all but
    the filters are plain words.
    """

    clauses: tuple[Clause, ...] = ()
    pasted: bool = False

    def __str__(self) -> str:
        # The line breaks make it a pasted text again.
        return ("\n" if self.pasted else " ").join(map(str, self.clauses))

    def __bool__(self) -> bool:
        return bool(self.clauses)

    @property
    def filters(self) -> tuple[Filter, ...]:
        """The filters that every hit must pass."""
        return tuple(clause for clause in self.clauses if isinstance(clause, Filter))

    @property
    def excluded_filters(self) -> tuple[Filter, ...]:
        """The filters that no hit may pass."""
        excluded = (clause.operand for clause in self.clauses if isinstance(clause, Not))
        return tuple(operand for operand in excluded if isinstance(operand, Filter))


# A quotation mark opens at the beginning of a piece and closes at the end of one; in between it
# is a character like any other. Punctuation behind the closing mark belongs to the sentence.
_FIELD = rf"(?:{'|'.join(FIELDS)})"
_OPENING = re.compile(rf'(-?)(?:({_FIELD}):)?"(?=[^ "])', re.IGNORECASE)
_CLOSING = re.compile(r'"[,.;:!?)]*(?= |$)')
_PIECE = re.compile(r"[^ ]+")
_FILTER = re.compile(rf'({_FIELD}):([^ "].*)', re.IGNORECASE)
_PREFIX = re.compile(r"(\w[\w.-]*)\*")
# One letter is a flag (`git push -f`), two hyphens are one, and a number is a number (`kill -9`).
_EXCLUDED = re.compile(r"-(?=[^\W\d_]\w)")
_OR = Word("OR")

_MANY_WORDS = 30
_TRACE = re.compile(
    r"(?:^| )(?:"
    r"Traceback \(most|Caused by:|npm ERR!|at [^ ]+ \(?[^ ]+:\d"
    r"|[\w.$]*(?:Error|Exception|Warning|error|fatal|warning|panic):(?= )"
    r"|(?:error|warning)[ \[(]+[A-Z]+\d{2}"
    r"|[^ ]*\w\.[A-Za-z]\w{0,5}:\d+(?::\d+)?:? "
    r")"
)


def parse(text: str) -> Query:
    """Return what `text` asks for."""
    text = text[:MAX_LENGTH].strip()
    several_lines = "\n" in text or "\r" in text
    text = " ".join(text.split())
    if several_lines or text.count(" ") >= _MANY_WORDS or _TRACE.search(text):
        pasted = tuple(_operands(text, pasted=True))
        if len(pasted) > 1:
            return Query(pasted, pasted=True)
    return Query(tuple(_with_alternatives(_operands(text, pasted=False))))


def _operands(text: str, *, pasted: bool) -> Iterator[Operand | Not]:
    """Read `text` piece by piece, alternatives not yet joined."""
    closings = list(_CLOSING.finditer(text))
    starts = [closing.start() for closing in closings]
    position = 0
    while found := _PIECE.search(text, position):
        opening = _OPENING.match(text, found.start())
        if opening and pasted and (opening[2] or "error").lower() == "error":
            opening = None
        closing = bisect_left(starts, opening.end()) if opening else len(starts)
        if opening and closing < len(starts):
            value = text[opening.end() : starts[closing]].rstrip()
            operand = Filter(opening[2].lower(), value) if opening[2] else Phrase(value)
            yield Not(operand) if opening[1] else operand
            position = closings[closing].end()
        else:
            yield _pasted(found[0]) if pasted else _typed(found[0])
            position = found.end()


def _typed(piece: str) -> Operand | Not:
    if _EXCLUDED.match(piece):
        return Not(_unsigned(piece[1:]))
    return _unsigned(piece)


def _unsigned(piece: str) -> Operand:
    if prefix := _PREFIX.fullmatch(piece):
        return Prefix(prefix[1])
    return _filter(piece) or Word(piece)


def _pasted(piece: str) -> Operand | Not:
    excluded = piece.startswith("-")
    operand = _filter(piece[1:] if excluded else piece)
    if operand is None or operand.field == "error":
        return Word(piece)
    return Not(operand) if excluded else operand


def _filter(piece: str) -> Filter | None:
    """Read `field:value`; `error:0308010C:digital` is what OpenSSL says, not a filter."""
    found = _FILTER.fullmatch(piece)
    if found is None or (found[1].lower() == "error" and ":" in found[2]):
        return None
    return Filter(found[1].lower(), found[2])


def _with_alternatives(operands: Iterable[Operand | Not]) -> list[Clause]:
    """Join what stands around an OR; an OR without an operand on either side is a word."""
    clauses: list[Clause] = []
    joining = False
    for operand in operands:
        left = _alternatives(clauses[-2]) if joining and len(clauses) > 1 else ()
        right = _alternatives(operand)
        if left and right:
            clauses[-2:] = [AnyOf(left + right)]
        else:
            clauses.append(operand)
        joining = operand == _OR
    return clauses


def _alternatives(clause: Clause) -> tuple[Operand, ...]:
    """Return what an OR beside `clause` can join; nothing where it cannot."""
    if isinstance(clause, AnyOf):
        return clause.operands
    return () if clause == _OR or isinstance(clause, Not) else (clause,)
