"""What an engine is asked, from what somebody wants to find (pure)."""

from collections.abc import Sequence
from typing import Any

from kb.entries.selection import MAX_FACET_VALUES, Selection
from kb.search.engine import Filters, SearchRequest
from kb.search.query import Query, Word
from kb.search.results import Search

SIMILAR_WORDS = 200
"""Words of an entry, or of a draft of one, that are looked for."""


def request_for(query: Query, search: Search, part: slice) -> SearchRequest:
    """Return the request for a part of what the query finds."""
    return SearchRequest(
        query,
        filters_of(search.selection),
        offset=part.start,
        limit=part.stop - part.start,
        prefix_last=search.as_you_type,
        verbatim=search.verbatim,
        facet_values=MAX_FACET_VALUES,
    )


def request_for_like(texts: Sequence[str], limit: int) -> SearchRequest:
    """Return the request for what has the rarest words of the texts."""
    words = tuple(Word(word) for word in " ".join(texts).split()[:SIMILAR_WORDS])
    return SearchRequest(Query(words, pasted=True), limit=limit, facet_values=0)


def filters_of(selection: Selection) -> Filters:
    """Return the filters that the facets chosen are."""
    chosen: dict[str, Any] = selection.chosen()
    return Filters(**chosen)
