"""A search, from request to hits; run in a worker process."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from heapq import nlargest
from itertools import chain
from math import inf
from pathlib import Path

from kb.search.analysis import fold, tokens
from kb.search.engine import (
    FACETS,
    Filters,
    Hit,
    SearchHits,
    SearchRequest,
)
from kb.search.meaning import model
from kb.search.query import Filter, Operand, Phrase, Prefix, Word
from kb.search.understanding import understood
from kb.search.weights import MAX_EXPANSIONS
from kb.search.whoosh.ranking import add_meaning, ranked
from kb.search.whoosh.snapshot import Snapshot, snapshot


def search(root: Path, request: SearchRequest) -> SearchHits:
    """Return what `request` finds in the index under `root`."""
    state = snapshot(root)
    plan, wording, did_you_mean = understood(
        request, lambda term: bool(state.postings("text", term)), lambda: state.vocabulary
    )
    filters = request.filters.merged(request.query)
    allowed = _passing(state, filters)
    for operands in plan.required:
        allowed = allowed & set().union(*(_having(state, operand) for operand in operands))
    for operand in plan.excluded:
        allowed = allowed - _having(state, operand)
    scores, terms = ranked(state, plan, allowed)
    if scores and wording and model.installed():
        add_meaning(state, wording, scores)
    end = len(scores) if request.limit is None else request.offset + request.limit
    return SearchHits(
        hits=tuple(_best(state, scores, end)[request.offset :]),
        total=len(scores),
        generation=state.generation,
        facets=_facets(state, scores, filters, request.facet_values),
        terms=terms,
        did_you_mean=did_you_mean,
    )


def contents(root: Path) -> dict[int, int]:
    """Return the revision number of each entry in the index under `root`, by id."""
    return {record.id: record.revision for record in snapshot(root).records.values()}


def _best(state: Snapshot, scores: dict[int, float], number: int) -> list[Hit]:
    """Return the `number` best, of equal ones the newest first."""
    if number < len(scores):
        # Only these few are worth being told apart.
        least = nlargest(number, scores.values())[-1] if number else inf
        scores = {n: score for n, score in scores.items() if score >= least}
    hits = [Hit(state.records[n].id, score) for n, score in scores.items()]
    return sorted(hits, key=lambda hit: (-hit.score, -hit.id))[:number]


def _passing(state: Snapshot, filters: Filters) -> AbstractSet[int]:
    allowed: AbstractSet[int] = state.everything
    for name in ("category", "severity", "language", "framework", "author"):
        if values := getattr(filters, name):
            wide = set().union(*(_having(state, Filter(name, value)) for value in values))
            allowed = allowed & wide
    for name in ("tag", "error"):
        for value in getattr(filters, name):
            allowed = allowed & _having(state, Filter(name, value))
    for wanted in filters.excluded:
        allowed = allowed - _having(state, wanted)
    return allowed


def _having(state: Snapshot, operand: Operand) -> AbstractSet[int]:
    """Return the documents that have what `operand` says."""
    match operand:
        case Filter("error", value):
            return _with_phrase(state, "errors", value)
        case Filter(field, value):
            return state.with_value[field].get(value.lower(), set())
        case Prefix(text):
            found = state.together("words", state.prefixed(fold(text), MAX_EXPANSIONS))
            return set(found.documents) if found else set()
        case Word(text) | Phrase(text):
            return _with_phrase(state, "places", text)


def _with_phrase(state: Snapshot, field: str, text: str) -> AbstractSet[int]:
    parts = [token for token in tokens(text) if token.part]
    if not parts:
        return set()
    having = [state.postings(field, part.term) for part in parts]
    documents = set.intersection(*(set(one.documents if one else ()) for one in having))
    if len(parts) == 1 or not documents:
        return documents
    # Where the phrase would begin, by each of its words; it does where all agree.
    starts = [
        {
            number: {place - part.position for place in places}
            for number, places in state.places(field, part.term, documents).items()
        }
        for part in parts
    ]
    return {n for n in documents if set.intersection(*(starting[n] for starting in starts))}


def _facets(
    state: Snapshot, found: Iterable[int], filters: Filters, number: int | None
) -> dict[str, dict[str, int]]:
    """Count the values of each facet, the `number` most frequent and those filtered by."""
    facets: dict[str, dict[str, int]] = {}
    if number == 0:
        return facets
    for name in FACETS:
        column = state.columns[name]
        counts = Counter(chain.from_iterable(map(column.__getitem__, found)))
        top = dict(counts.most_common(number))
        chosen = (value.lower() for value in getattr(filters, name))
        facets[name] = top | {value: counts[value] for value in chosen}
    return facets
