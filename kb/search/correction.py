"""What was probably meant by a word that no entry has.

Pure. The word meant is the one that the fewest and likeliest slips turn into the word typed
(Damerau 1964: nearly all misspellings are one letter wrong, missing, too many, or two exchanged;
Kernighan, Church, Gale 1990: weigh the slip, and how often the word is used).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from math import log
from typing import TypeGuard

from kb.search.analysis import Token, tokens
from kb.search.query import Clause, Query, Word, parse

SHORTEST = 4
"""Letters of the shortest word that is corrected: of three, too many words are one slip away."""

EXCHANGED, DOUBLED, MISSING, NEAR, WRONG = 0.6, 0.5, 0.8, 0.8, 1.0
"""What slips cost: two letters exchanged; a letter doubled or halved; one missing or too many;
one for its neighbour on the keyboard, or a vowel for a vowel; one for any other."""

FIRST = 0.3
"""What a wrong first letter costs on top, unless the first two are exchanged."""

PER_LETTER = 0.2
"""What the slips in a word may cost, for each of its letters."""

FAMILIAR = 0.08
"""What a word's use makes up for, times the logarithm of the number of entries."""

SHORTEST_PART = 3
"""Letters of the shortest part of a word that should have been two."""

_VOWELS = frozenset("aeiouy")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {a + b for row in _ROWS for a, b in pairwise(row)}
_BELOW = {
    upper[i] + lower[j]
    for upper, lower in pairwise(_ROWS)
    for i in range(len(upper))
    for j in (i - 1, i)
    if 0 <= j < len(lower)
}
_NEIGHBOURS = _BESIDE | _BELOW | {two[::-1] for two in _BESIDE | _BELOW}


class Vocabulary:
    """The words that entries use, to look up the likeliest for one they do not."""

    def __init__(self, frequencies: Mapping[str, int]) -> None:
        """Take each word with the number of entries that have it."""
        self._frequencies = frequencies
        self._by_length: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for word in frequencies:
            if is_plain(word):
                self._by_length[len(word)].append((word, _letters(word)))

    def meant(self, word: str) -> str | None:
        """Return the word, or the two words, likeliest meant by `word`; None where none is near."""
        if len(word) < SHORTEST or not is_plain(word):
            return None
        return self._closest(word, 1) or self._split(word) or self._closest(word, 2)

    def _closest(self, word: str, most: int) -> str | None:
        """Return the likeliest of the words that at most `most` slips turn into `word`."""
        near = {
            known: cost - FAMILIAR * log(self._frequencies[known])
            for known in self._similar(word, most)
            if (cost := slips(word, known)) <= PER_LETTER * len(word)
        }
        return min(near, key=near.__getitem__, default=None)

    def _similar(self, word: str, most: int) -> list[str]:
        """Return the words that `most` slips could turn into `word`, and some others."""
        letters, first = _letters(word), word[:2]
        return [
            known
            for length in range(len(word) - most, len(word) + most + 1)
            for known, others in self._by_length.get(length, ())
            # A slip takes one letter away, brings one in, or both.
            if (letters ^ others).bit_count() <= 2 * most and (most == 1 or known[0] in first)
        ]

    def _split(self, word: str) -> str | None:
        used = self._frequencies
        halves = [
            (word[:at], word[at:])
            for at in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
            if word[:at] in used and word[at:] in used
        ]
        best = max(halves, key=lambda two: min(used[two[0]], used[two[1]]), default=None)
        return " ".join(best) if best else None


def corrected(query: Query, meant: Callable[[Token], str | None]) -> Query:
    """Return `query` with each typed word replaced by what `meant` says, where it says something.

    What was pasted, quoted or named by a field stays as it is, and so do paths.
    """
    if query.pasted:
        return query
    clauses = tuple(
        Word(_corrected(clause.text, meant)) if _is_typed(clause) else clause
        for clause in query.clauses
    )
    # Parsed anew, so that what is searched is what the text of the correction would find.
    return query if clauses == query.clauses else parse(str(replace(query, clauses=clauses)))


def slips(typed: str, meant: str) -> float:
    """Return the least cost of the slips that make `typed` of `meant`.

    The optimal string alignment distance with weights.
    """
    before: list[float] = []
    last: list[float] = []
    row = [MISSING * j for j in range(len(meant) + 1)]
    for i, letter in enumerate(typed, 1):
        before, last, row = last, row, [MISSING * i]
        for j, wanted in enumerate(meant, 1):
            extra = DOUBLED if typed[i - 2 : i - 1] == letter else MISSING
            missing = DOUBLED if meant[j - 2 : j - 1] == wanted else MISSING
            cost = min(
                last[j - 1] + _replaced(letter, wanted), last[j] + extra, row[j - 1] + missing
            )
            if i > 1 and j > 1 and typed[i - 2 : i] == wanted + meant[j - 2]:
                cost = min(cost, before[j - 2] + EXCHANGED)
            row.append(cost)
    return row[-1] + (0.0 if typed[:1] in meant[:2] else FIRST)


def is_plain(word: str) -> bool:
    """Return whether `word` is of the letters a to z alone: others are not typed by mistake."""
    return len(word) >= SHORTEST_PART and word.isascii() and word.isalpha()


def _is_typed(clause: Clause) -> TypeGuard[Word]:
    return isinstance(clause, Word) and "/" not in clause.text


def _replaced(typed: str, meant: str) -> float:
    if typed == meant:
        return 0.0
    near = typed + meant in _NEIGHBOURS or (typed in _VOWELS and meant in _VOWELS)
    return NEAR if near else WRONG


def _letters(word: str) -> int:
    """Return the set of the word's letters as the bits of a number."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) - ord("a"))
    return bits


def _corrected(text: str, meant: Callable[[Token], str | None]) -> str:
    """Return `text` with its parts corrected, back to front so that places stay."""
    for token in reversed([token for token in tokens(text) if token.part]):
        if word := meant(token):
            text = text[: token.start] + word + text[token.end :]
    return text
