"""A search, from request to hits; run in a worker process."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from tantivy import Order, Query

from kb.search.engine import FACETS, Filters, Hit, SearchHits, SearchRequest
from kb.search.meaning import model
from kb.search.query import Filter
from kb.search.tantivy.compiling import asked, having
from kb.search.tantivy.queries import all_of, among
from kb.search.tantivy.snapshot import Snapshot, damage_told, snapshot
from kb.search.understanding import understood
from kb.search.weights import MEANING, MEANT

_EVERY_VALUE = 10_000
"""Values of a facet that are counted in each of several segments, to be exact about the first."""

_Scored = tuple[float, int, Any]
"""A hit's score, the number of its entry, and where tantivy has it."""


def search(root: Path, request: SearchRequest) -> SearchHits:
    """Return what `request` finds in the index under `root`."""
    state = snapshot(root)
    with damage_told():
        plan, wording, did_you_mean = understood(
            request, lambda word: bool(state.frequency("text", word)), lambda: state.vocabulary
        )
        filters = request.filters.merged(request.query)
        found, scores, terms = asked(state, plan, filters)
        end = state.total if request.limit is None else request.offset + request.limit
        best, total = _best(state, found, scores, end, wording)
        facets = _facets(state, found, filters, request.facet_values)
    return SearchHits(
        hits=tuple(Hit(number, score) for score, number, _ in best[request.offset : end]),
        total=total,
        generation=state.generation,
        facets=facets,
        terms=terms,
        did_you_mean=did_you_mean,
    )


def contents(root: Path) -> dict[int, int]:
    """Return the revision number of each entry in the index under `root`, by id."""
    state = snapshot(root)
    with damage_told():
        result = state.searcher.search(Query.all_query(), limit=max(state.total, 1), count=False)
        places = [address for _, address in result.hits]
        ids, revisions = (
            state.searcher.fast_field_values(name, places) for name in ("id", "revision")
        )
    return dict(zip(ids, revisions, strict=True))


def _best(
    state: Snapshot, found: Query, scores: Sequence[Query], end: int, wording: str
) -> tuple[list[_Scored], int]:
    """Return at least the first `end` hits in their order, and how many there are."""
    if not scores:
        newest = state.searcher.search(
            found, limit=max(end, 1), order_by_field="id", order=Order.Desc
        )
        return [(0.0, number, address) for number, address in newest.hits], newest.count
    query = among(found, scores)
    if not (wording and model.installed()):
        return _first(state, query, end)
    best, total = _first(state, query, max(end, MEANT))
    return sorted([*_meant(state, wording, best[:MEANT]), *best[MEANT:]], key=_rank), total


def _first(state: Snapshot, query: Query, end: int) -> tuple[list[_Scored], int]:
    """Return at least the first `end` hits, the newest of the same score first, and how many.

    tantivy orders what has the same score by where it stands: hence some more than the first.
    """
    for doubled in count():
        limit = (end + 1) << doubled
        result = state.searcher.search(query, limit=limit)
        hits = result.hits
        if len(hits) < limit or hits[-1][0] < hits[end - 1][0]:
            break
    ids = state.searcher.fast_field_values("id", [address for _, address in hits])
    found = [(score, number, address) for (score, address), number in zip(hits, ids, strict=True)]
    return sorted(found, key=_rank), result.count


def _rank(one: _Scored) -> tuple[float, int]:
    return -one[0], -one[1]


def _meant(state: Snapshot, wording: str, best: Sequence[_Scored]) -> list[_Scored]:
    """Return the hits with what their likeness to `wording` adds to their scores."""
    vectors = [state.searcher.doc(address)["meaning"][0] for _, _, address in best]
    likeness = model.likeness(model.vector(wording), vectors) if best else []
    return [
        (score + MEANING * max(like, 0.0), number, address)
        for (score, number, address), like in zip(best, likeness, strict=True)
    ]


def _facets(
    state: Snapshot, found: Query, filters: Filters, number: int | None
) -> dict[str, dict[str, int]]:
    """Count the values of each facet, the `number` most frequent and those filtered by."""
    if number == 0:
        return {}
    facets = {}
    for name, top in _most_frequent(state, found, _EVERY_VALUE if number is None else number):
        for value in {value.lower() for value in getattr(filters, name)} - top.keys():
            top[value] = state.count(all_of([found, having(state, Filter(name, value))]))
        facets[name] = top
    return facets


def _most_frequent(
    state: Snapshot, found: Query, number: int
) -> Iterator[tuple[str, dict[str, int]]]:
    # Of one segment, the first are the first of all.
    of_each = number if state.searcher.num_segments == 1 else _EVERY_VALUE
    counted = state.searcher.aggregate(
        found,
        {
            name: {"terms": {"field": name, "size": number, "segment_size": of_each}}
            for name in FACETS
        },
    )
    for name in FACETS:
        yield name, {one["key"]: one["doc_count"] for one in counted[name]["buckets"]}
