"""Which entries a plan finds, and in what order.

BM25 over one weighted field, so that a word's rarity is that in the entries and not in one of
their parts, plus BM25 over neighbouring words of title and errors. A word that more than a fifth
of the entries have adds to the score of what other words found, and finds nothing by itself.
"""

from array import array
from collections.abc import Collection
from heapq import nlargest
from typing import NamedTuple

from kb.search.analysis import stem
from kb.search.meaning import model
from kb.search.synonyms import synonyms
from kb.search.whoosh.plan import Plan
from kb.search.whoosh.snapshot import Postings, Snapshot

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
    for pair in plan.pairs:
        if beside := snapshot.postings("pairs", pair):
            tally.add(beside, PAIR)
    return tally.scores, frozenset(term for one in found for term in one.terms)


def add_meaning(snapshot: Snapshot, wording: str, scores: dict[int, float]) -> None:
    """Add to the best scores how like the entries are to `wording`.

    Added and not fused by ranks: a score far ahead stays ahead. What no word found is not found by
    its meaning, so that a result stays what its words say.
    """
    best = nlargest(MEANT, scores, key=scores.__getitem__)
    likeness = model.likeness(model.vector(wording), [snapshot.meanings[n] for n in best])
    for number, like in zip(best, likeness, strict=True):
        scores[number] += MEANING * max(like, 0.0)


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
    """Return what exists of the plan: the rarest words, the prefixes, the joined words."""
    subject = [term for term, says in plan.words.items() if says]
    # What says nothing counts only where nothing else is asked for.
    wanted = subject if subject or plan.prefixes else list(plan.words)
    known = [(_frequency(snapshot, term), term) for term in wanted]
    rarest = sorted(one for one in known if one[0])[:MAX_TERMS]
    exist = [found for _, term in rarest if (found := _with_synonyms(snapshot, term))]
    for prefix in plan.prefixes:
        words = snapshot.prefixed(prefix, MAX_EXPANSIONS)
        if beginning := snapshot.together("words", words):
            exist.append((tuple(map(stem, words)), beginning))
    common = max(COMMON * len(snapshot.records), ALWAYS_RARE)
    pulls = [len(postings.documents) <= common for _, postings in exist]
    if not any(pulls) and all(frequency for frequency, _ in known):
        # Common words and no others: then they find entries.
        pulls = [True] * len(exist)
    joined = ((term, snapshot.postings("text", term)) for term in plan.joined)
    return [
        *(_Found(terms, found, pull) for (terms, found), pull in zip(exist, pulls, strict=True)),
        *(
            _Found((term,), found.scaled(JOINED), len(found.documents) <= common)
            for term, found in joined
            if found
        ),
    ]


def _frequency(snapshot: Snapshot, term: str) -> int:
    return sum(snapshot.frequency("text", one) for one in (term, *synonyms(term)))


def _with_synonyms(snapshot: Snapshot, term: str) -> tuple[Collection[str], Postings] | None:
    """Return what exists of `term` and its synonyms, and where the best of them stand.

    A synonym is not rarer than the word it stands for, which somebody chose to type.
    """
    postings = {one: snapshot.postings("text", one) for one in (term, *synonyms(term))}
    exist = {one: found for one, found in postings.items() if found}
    if not exist:
        return None
    own = exist.get(term)
    if len(exist) == 1 and own:
        return exist, own
    rarity = own.rarity if own else max(found.rarity for found in exist.values())
    scores: dict[int, float] = {}
    for one, found in exist.items():
        scale = 1.0 if one == term else SYNONYM * min(1.0, rarity / found.rarity)
        for number, score in zip(found.documents, found.scores, strict=True):
            scores[number] = max(scores.get(number, 0.0), scale * score)
    return exist, Postings(array("I", scores), array("f", scores.values()), rarity)
