"""Why an entry was found: its title and a passage of it, the words of the query marked.

Pure. An entry is read once, as many queries find the same ones; a query is then looked up in it.
"""

from array import array
from collections.abc import Collection, Iterable
from itertools import accumulate, count, pairwise
from operator import add

from kb.content.snippets import Snippet, Span, mark, passage, readable
from kb.search.analysis import tokens

LONGEST_KEPT = 100
"""Characters of a piece of text whose terms are kept, as texts repeat their words."""

KNOWN_PIECES = 60_000
"""Pieces of texts whose terms are kept: 500 entries have 17,000 different ones."""


class Prepared:
    """The texts of one entry, read, to have the words of any query marked.

    No token reaches across a blank. What stands between two is a piece, and its terms are a line of
    `_lines`, with a blank before and behind each: `str.find` finds a term there, and so its piece.
    """

    __slots__ = ("_bounds", "_fields", "_lines", "_starts", "_text", "size")

    def __init__(self, title: str, parts: Iterable[tuple[str, str]]) -> None:
        """Take the title, and fields with their Markdown, the likeliest first."""
        texts = [("title", title), *readable(parts)]
        self._fields = tuple(field for field, _ in texts)
        self._bounds = _starts(text for _, text in texts)
        self._text = " ".join(text for _, text in texts)
        pieces = self._text.split(" ")
        self._starts = _starts(pieces)
        lines = " \n ".join([_known[piece][0] for piece in pieces])
        self._lines = f" {lines} "
        self.size = len(self._text) + len(self._lines)
        """Characters kept."""

    def marked(self, terms: Collection[str]) -> tuple[str, Snippet]:
        """Return the title as HTML and the best snippet, what has the terms within `<mark>`."""
        (_, title, spans), *parts = self.found(terms)
        return mark(title, spans), passage(parts)

    def found(self, terms: Collection[str]) -> list[tuple[str, str, list[Span]]]:
        """Return each field, its plain text, and where the tokens of the terms stand there."""
        text, starts, bounds = self._text, self._starts, self._bounds
        spans: list[list[Span]] = [[] for _ in self._fields]
        part = 0
        for number in sorted(self._pieces(terms)):
            start, end = starts[number], starts[number + 1] - 1
            while start >= bounds[part + 1]:
                part += 1
            at = start - bounds[part]
            line, places = _known[text[start:end]]
            for term, (left, right) in zip(line.split(" "), places, strict=True):
                if term in terms:
                    spans[part].append((at + left, at + right))
        return [
            (field, text[start : end - 1], found)
            for field, (start, end), found in zip(
                self._fields, pairwise(bounds), spans, strict=True
            )
        ]

    def _pieces(self, terms: Collection[str]) -> set[int]:
        """Return the numbers of the pieces that have one of the terms."""
        lines = self._lines
        found = set()
        for term in terms:
            looked_for = f" {term} "
            line = position = 0
            while (place := lines.find(looked_for, position)) >= 0:
                line += lines.count("\n", position, place)
                found.add(line)
                position = place + 1
        return found


def _starts(texts: Iterable[str]) -> "array[int]":
    """Return where each of the texts would begin, joined by blanks, and where one more would."""
    return array("I", map(add, accumulate(map(len, texts), initial=0), count()))


class _Known(dict[str, tuple[str, tuple[Span, ...]]]):
    """The terms of pieces, in one text, and their places, by the piece.

    A plain dictionary, as an LRU cache takes 56 bytes more of each; equal places are one object.
    """

    def __init__(self) -> None:
        self._places: dict[tuple[Span, ...], tuple[Span, ...]] = {}

    def __missing__(self, piece: str) -> tuple[str, tuple[Span, ...]]:
        found = list(tokens(piece))
        terms = " ".join([token.term for token in found])
        places = tuple([(token.start, token.end) for token in found])
        if len(piece) > LONGEST_KEPT:
            return terms, places
        if len(self) >= KNOWN_PIECES:
            self.clear()
            self._places.clear()
        known = self[piece] = terms, self._places.setdefault(places, places)
        return known


_known = _Known()
