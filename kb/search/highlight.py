"""Why an entry was found: its title and a passage of it, the words of the query marked.

Pure. An entry is read once, as many queries find the same ones; a query is then looked up in it.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate, count
from operator import add
from sys import getsizeof

from kb.content.snippets import Snippet, Span, mark, merged, passage, readable
from kb.search import analysis
from kb.search.analysis import tokens

LONGEST_KEPT = 100
"""Characters of a piece of text whose terms are kept, as texts repeat their words."""

KNOWN_PIECES = 60_000
"""Pieces of texts whose terms are kept: 500 entries have 17,000 different ones."""

KNOWN_TERMS = 50_000
"""Terms that a character stands for: as many as have one of two bytes."""


class Prepared:
    """The texts of one entry, read, to have the words of any query marked.

    `_terms` has a character for each token, that which stands for its term: `str.find` finds the
    tokens of a term there, ten times as quickly as the term in a text.
    """

    __slots__ = ("_bounds", "_codes", "_ends", "_fields", "_starts", "_terms", "size", "text")

    def __init__(self, title: str, parts: Iterable[tuple[str, str]]) -> None:
        """Take the title, and fields with their Markdown, the likeliest first."""
        texts = [("title", title), *readable(parts)]
        self._fields = tuple(field for field, _ in texts)
        self._bounds = _starts(text for _, text in texts)
        self.text = " ".join(text for _, text in texts)
        """The title and the plain texts of the fields, joined by blanks."""
        _known.make_room()
        self._codes = _known.codes
        pieces = self.text.split(" ")
        known = [_known[piece] for piece in pieces]
        placed = list(zip(_starts(pieces), known, strict=False))
        self._terms = "".join([terms for terms, _ in known])
        self._starts = array("I", [at + start for at, (_, spans) in placed for start, _ in spans])
        self._ends = array("I", [at + end for at, (_, spans) in placed for _, end in spans])
        self.size = sum(map(getsizeof, (self.text, self._terms, self._starts, self._ends)))
        """Bytes kept."""

    def marked(self, terms: Iterable[str]) -> tuple[str, Snippet]:
        """Return the title as HTML and the best snippet, what has the terms within `<mark>`."""
        spans = merged(self.found(terms))
        _, end, *_ = starts = self._bounds
        behind = bisect_left(spans, (end, 0))
        title = mark(self.text[: end - 1], spans[:behind])
        return title, passage(self._fields[1:], self.text, starts[1:], spans[behind:])

    def found(self, terms: Iterable[str]) -> list[Span]:
        """Return where in `text` the tokens of the terms stand."""
        starts, ends = self._starts, self._ends
        return [(starts[number], ends[number]) for number in sorted(self._numbers(terms))]

    def _numbers(self, terms: Iterable[str]) -> list[int]:
        """Return the numbers of the tokens that are one of the terms."""
        codes, find = self._codes, self._terms.find
        found = []
        for term in terms:
            if term in codes:
                code = codes[term]
                number = find(code)
                while number >= 0:
                    found.append(number)
                    number = find(code, number + 1)
        return found


def forget() -> None:
    """Let go of what is known of words: once many texts are read, few of them come again."""
    _known.forget()
    analysis.forget()


def _starts(texts: Iterable[str]) -> "array[int]":
    """Return where each of the texts would begin, joined by blanks, and where one more would."""
    return array("I", map(add, accumulate(map(len, texts), initial=0), count()))


class _Codes(dict[str, str]):
    """A character for each term."""

    def __missing__(self, term: str) -> str:
        code = self[term] = chr(len(self))
        return code


class _Known(dict[str, tuple[str, tuple[Span, ...]]]):
    """The terms of pieces between blanks, as characters, and their places, by the piece.

    No token reaches across a blank. A plain dictionary, as an LRU cache takes 56 bytes more of
    each; equal places are one object.
    """

    def __init__(self) -> None:
        self.codes = _Codes()
        self._places: dict[tuple[Span, ...], tuple[Span, ...]] = {}

    def __missing__(self, piece: str) -> tuple[str, tuple[Span, ...]]:
        found = list(tokens(piece))
        terms = "".join([self.codes[token.term] for token in found])
        places = tuple([(token.start, token.end) for token in found])
        if len(piece) > LONGEST_KEPT:
            return terms, places
        known = self[piece] = terms, self._places.setdefault(places, places)
        return known

    def make_room(self) -> None:
        """Begin anew where too much is kept; what was prepared before keeps its characters."""
        if len(self) >= KNOWN_PIECES or len(self.codes) >= KNOWN_TERMS:
            self.forget()
            self.codes = _Codes()

    def forget(self) -> None:
        """Let go of the pieces; their terms keep their characters."""
        self.clear()
        self._places.clear()


_known = _Known()
