"""Which entries a plan finds, and in what order.

BM25 over one weighted field, so that a word's rarity is that in the entries and not in one of
their parts, plus BM25 over neighbouring words of title and errors. A word that more than a tenth
of the entries have adds to the score of what other words found, and finds nothing by itself.
"""

from collections.abc import Collection
from typing import NamedTuple

from kb.search.analysis import stem
from kb.search.whoosh.plan import Plan
from kb.search.whoosh.snapshot import Postings, Snapshot

MAX_TERMS = 16
"""The rarest so many terms decide; a longer query is a pasted text, most of it noise."""

MAX_EXPANSIONS = 64
"""Words a prefix stands for at most."""

COMMON = 0.1
"""The share of entries from which on a word is common ..."""

ALWAYS_RARE = 10
"""... and the number of entries up to which it never is."""

PAIR = 0.5
"""What neighbours add, next to what the words add by themselves."""

LEAST = 0.33
"""How much of what the best hit has of the query, weighed by rarity, a hit must have."""


class _Found(NamedTuple):
    """A term of the plan that exists: what is to be marked for it, and whether it finds entries."""

    terms: Collection[str]
    postings: Postings
    pulls: bool


def ranked(
    snapshot: Snapshot, plan: Plan, allowed: Collection[int]
) -> tuple[dict[int, float], frozenset[str]]:
    """Return the score of each document found among `allowed`, and the terms that exist."""
    found = _found(snapshot, plan)
    tally = _Tally(() if plan.free else allowed)
    for one in found:
        if one.pulls and plan.free:
            tally.pull(one.postings, allowed)
    for one in found:
        if not (one.pulls and plan.free):
            tally.add(one.postings)
    if plan.free:
        tally.drop_poor()
    terms = frozenset(term for one in found for term in one.terms)
    for pair in plan.pairs:
        if not terms.isdisjoint(pair.split()) and (beside := snapshot.postings("pairs", pair)):
            tally.add(beside, PAIR)
    return tally.scores, terms


class _Tally:
    """The scores of documents, and how much of the query each has."""

    def __init__(self, documents: Collection[int]) -> None:
        self.scores = dict.fromkeys(documents, 0.0)
        self._covered = dict.fromkeys(documents, 0.0)

    def pull(self, postings: Postings, allowed: Collection[int]) -> None:
        """Add to the scores of the documents there, known or not, that are allowed."""
        scores, covered = self.scores, self._covered
        for number, score in zip(postings.documents, postings.scores, strict=True):
            if number in allowed:
                scores[number] = scores.get(number, 0.0) + score
                covered[number] = covered.get(number, 0.0) + postings.rarity

    def add(self, postings: Postings, weight: float = 1.0) -> None:
        """Add to the scores of the documents there that are known already."""
        scores, covered = self.scores, self._covered
        for number, score in zip(postings.documents, postings.scores, strict=True):
            if number in scores:
                scores[number] += weight * score
                covered[number] += postings.rarity

    def drop_poor(self) -> None:
        """Forget the documents that miss most of the query."""
        least = LEAST * max(self._covered.values(), default=0.0)
        self.scores = {n: score for n, score in self.scores.items() if self._covered[n] >= least}


def _found(snapshot: Snapshot, plan: Plan) -> list[_Found]:
    """Return what exists of the plan: the rarest terms, and the prefixes."""
    known = [(snapshot.frequency("text", term), term) for term in plan.words]
    rarest = sorted(one for one in known if one[0])[:MAX_TERMS]
    looked_up: list[tuple[tuple[str, ...], Postings | None, bool]] = [
        ((term,), snapshot.postings("text", term), plan.words[term]) for _, term in rarest
    ]
    for prefix in plan.prefixes:
        words = snapshot.prefixed(prefix, MAX_EXPANSIONS)
        stems = tuple(stem(word) for word in words)
        looked_up.append((stems, snapshot.together("words", words), True))
    exist = [(terms, found, says) for terms, found, says in looked_up if found is not None]
    if not any(says for _, _, says in exist):
        exist = [(terms, found, True) for terms, found, _ in exist]
    common = max(COMMON * len(snapshot.records), ALWAYS_RARE)
    pulls = [says and len(found.documents) <= common for _, found, says in exist]
    unknown = any(plan.words[term] for frequency, term in known if not frequency)
    if not any(pulls) and not unknown:
        # Common words and no others: then they find entries.
        pulls = [says for _, _, says in exist]
    return [
        _Found(terms if says else (), found, pull)
        for (terms, found, says), pull in zip(exist, pulls, strict=True)
    ]
