"""Which entries a plan finds, and in what order."""

from array import array
from collections.abc import Collection, Mapping
from functools import partial
from heapq import nlargest
from typing import NamedTuple

from kb.search.analysis import stem
from kb.search.meaning import model
from kb.search.plan import Plan
from kb.search.synonyms import synonyms
from kb.search.understanding import decisive, pulling
from kb.search.weights import (
    JOINED,
    LEAST,
    MAX_EXPANSIONS,
    MEANING,
    MEANT,
    PAIR,
    SYNONYM,
    most_of_rare,
)
from kb.search.whoosh.snapshot import Postings, Snapshot


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
    narrowed = allowed if len(allowed) < len(snapshot.records) else None
    for one in found:
        if one.pulls and plan.free:
            tally.pull(one.postings, narrowed)
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

    def pull(self, postings: Postings, allowed: Collection[int] | None) -> None:
        """Add to the scores of the documents there, known or not, that are allowed; None: all."""
        scores, covered, (documents, gains, rarity) = self.scores, self._covered, postings
        if allowed is None and not scores:
            scores.update(zip(documents, gains, strict=True))
            covered.update(dict.fromkeys(documents, rarity))
            return
        for number, gain in zip(documents, gains, strict=True):
            if allowed is None or number in allowed:
                scores[number] = scores.get(number, 0.0) + gain
                covered[number] = covered.get(number, 0.0) + rarity

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
    words, all_exist = decisive(plan, partial(snapshot.frequency, "text"))
    exist = [found for term in words if (found := _with_synonyms(snapshot, term))]
    for prefix in plan.prefixes:
        expanded = snapshot.prefixed(prefix, MAX_EXPANSIONS)
        if beginning := snapshot.together("words", expanded):
            exist.append((tuple(map(stem, expanded)), beginning))
    numbers = [len(postings.documents) for _, postings in exist]
    total = len(snapshot.records)
    pulls = pulling(numbers, total, all_exist=all_exist)
    joined = ((term, snapshot.postings("text", term)) for term in plan.joined)
    return [
        *(_Found(terms, found, pull) for (terms, found), pull in zip(exist, pulls, strict=True)),
        *(
            _Found((term,), found.scaled(JOINED), len(found.documents) <= most_of_rare(total))
            for term, found in joined
            if found
        ),
    ]


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
    united = snapshot.kept(("synonyms", term), lambda: _united(term, exist))
    return (exist, united) if united else None


def _united(term: str, exist: Mapping[str, Postings]) -> Postings:
    own = exist.get(term)
    rarity = own.rarity if own else max(found.rarity for found in exist.values())
    scores: dict[int, float] = {}
    for one, found in exist.items():
        scale = 1.0 if one == term else SYNONYM * min(1.0, rarity / found.rarity)
        for number, score in zip(found.documents, found.scores, strict=True):
            scores[number] = max(scores.get(number, 0.0), scale * score)
    return Postings(array("I", scores), array("f", scores.values()), rarity)
