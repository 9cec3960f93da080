"""Search."""

from collections.abc import Callable, Collection
from operator import attrgetter
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic_core import to_json

from kb.accounts.policy import Action, require
from kb.answers import on_reuse
from kb.api.addresses import Addresses
from kb.api.queries import CompletionQuery, SearchQuery
from kb.api.schemas import Completion, CompletionList, EntryItem, SearchAnswer
from kb.caching import unname_state
from kb.dependencies import By, Kb, counts_as_search, unless_unchanged
from kb.search.results import Search, SearchResult
from kb.statistics.schemas import Door
from kb.statistics.searches import Asked

router = APIRouter(tags=["search"])

_OF_ENTRY = [name for name in EntryItem.model_fields if name != "url"]
_values_of = attrgetter(*_OF_ENTRY)


@router.get("/search", response_model=SearchAnswer)
async def search_entries(
    request: Request,
    runtime: Kb,
    actor: By,
    query: Annotated[SearchQuery, Query()],
) -> Response:
    """Search in the search language; any text is a query."""
    require(actor, Action.READ)
    if index := await runtime.search.generation():
        await unless_unchanged(request, index)
        counts_as_search(request, runtime)
    wanted = Search(
        query.q,
        query,
        query.sort,
        limit=query.limit,
        verbatim=query.verbatim,
        cursor=query.cursor,
    )
    result = await runtime.search.search(actor, wanted)
    if query.q.strip() and not query.cursor and not result.degraded:
        filtered = any(query.chosen().values())
        asked = Asked(Door.API, query.q, result.total > 0, filtered)
        runtime.searches.count(asked)
        on_reuse(request, lambda _: runtime.searches.count(asked))
    if result.degraded:
        unname_state(request)
    answer = answer_of(result, Addresses(request).page, query.fields)
    return Response(to_json(answer), media_type="application/json")


@router.get("/suggest")
async def complete(
    request: Request,
    runtime: Kb,
    actor: By,
    query: Annotated[CompletionQuery, Query()],
) -> CompletionList:
    """Complete what is being typed into a search box: titles, tags, identifiers."""
    require(actor, Action.READ)
    if index := await runtime.search.generation():
        await unless_unchanged(request, index)
        counts_as_search(request, runtime)
    found = await runtime.search.suggest(actor, query.q)
    if found is None:
        unname_state(request)
    page = Addresses(request).page
    return CompletionList(
        items=[
            Completion(
                kind=one.kind,
                text=one.text,
                q=f"tag:{one.text}" if one.kind == "tag" else one.text,
                url=page(one.slug) if one.slug else None,
            )
            for one in found or ()
        ]
    )


def answer_of(
    result: SearchResult, page_of: Callable[[str], str], fields: Collection[str] = ()
) -> dict[str, Any]:
    """Return the result of a search as a `SearchAnswer`, its items with these fields; none: all.

    `page_of` gives a slug's address. Made without models, which took as long as all the rest.
    """
    items = [
        dict(zip(_OF_ENTRY, _values_of(found.entry), strict=True))
        | {
            "url": page_of(found.entry.slug),
            "score": found.score,
            "snippet": found.snippet.html,
            "field": found.snippet.field,
        }
        for found in result.items
    ]
    return {
        "items": [_only(item, fields) for item in items] if fields else items,
        "total": result.total,
        "facets": result.facets,
        "did_you_mean": result.did_you_mean,
        "corrected": result.corrected,
        "next": result.next,
        "took_ms": result.took_ms,
    }


def _only(item: dict[str, Any], fields: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name in fields}
