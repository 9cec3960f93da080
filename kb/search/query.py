"""The search language: text to dataclasses and back, and no text is an error.

Pure: imports nothing of the house. `parse(str(parse(text))) == parse(text)` for every text.
"""

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
        return f'{self.field}:"{self.value}"' if " " in self.value else f"{self.field}:{self.value}"


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


def parse(text: str) -> Query:
    """Return what `text` asks for."""
    return Query(tuple(Word(word) for word in text[:MAX_LENGTH].split()))
