"""How much what counts (pure): docs/decisions/0004 and 0005 say what was measured.

BM25 over one weighted field, so that a word's rarity is that in the entries and not in one of
their parts, plus BM25 over neighbouring words of title and errors. A word that more than a fifth
of the entries have adds to the score of what other words found, and finds nothing by itself.
"""

from math import log

K1, B = 1.2, 0.75
"""BM25's saturation and share of length, at their customary values (Robertson, Zaragoza 2009)."""

MAX_TERMS = 16
"""The rarest so many terms decide; a longer query is a pasted text, most of it noise."""

MAX_EXPANSIONS = 64
"""Words a prefix stands for at most."""

COMMON = 0.2
"""The share of entries from which on a word is common ..."""

ALWAYS_RARE = 10
"""... and the number of entries up to which it never is."""

PAIR = 0.35
"""What neighbours add, next to what the words add by themselves."""

SYNONYM = 0.9
"""What a synonym counts for, next to the word itself."""

JOINED = 0.25
"""What neighbours written as one word count for, next to a word typed so."""

MEANING = 40.0
"""What the likeness of an entry's meaning to the query's adds at most."""

MEANT = 200
"""So many of the best by their words are compared by meaning."""

LEAST = 0.25
"""How much of what the best hit has of the query, weighed by rarity, a hit must have."""


def rarity(total: int, having: int) -> float:
    """Return what a term weighs that `having` of `total` entries have: BM25's, above 0."""
    return log(1 + (total - having + 0.5) / (having + 0.5))


def most_of_rare(total: int) -> float:
    """Return how many of `total` entries may have a term that is not common."""
    return max(COMMON * total, ALWAYS_RARE)
