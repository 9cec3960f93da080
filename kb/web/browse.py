"""The first page: browse and search."""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from urllib.parse import urlencode

from fastapi import APIRouter
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from kb.accounts.policy import Actor
from kb.answers import on_reuse
from kb.caching import unname_state
from kb.content.snippets import beginning
from kb.dependencies import Kb, counts_as_search
from kb.entries import service as entries
from kb.entries.counts import COUNTED
from kb.entries.schemas import MAX_TITLE, EntrySummary
from kb.entries.selection import MAX_FACET_VALUES, PAGE_SIZE, Facets, Sort
from kb.errors import Invalid, NotFound, TooManyRequests
from kb.runtime import Runtime
from kb.search.query import MAX_LENGTH, Filter, Not, parse
from kb.search.showing import FoundEntry, Summary
from kb.statistics.schemas import Door
from kb.statistics.searches import Asked
from kb.web.address import Address, read_address, shortened
from kb.web.errors import show_error
from kb.web.facets import offered
from kb.web.frame import Frame, Revalidated, is_boosted, wants_fragment
from kb.web.paging import page_numbers
from kb.web.redirects import see_other
from kb.web.trail import search_at

router = APIRouter()

_ORDERS = {
    Sort.RELEVANCE: "Best matches first",
    Sort.NEWEST: "Newest first",
    Sort.UPDATED: "Last updated first",
    Sort.VOTES: "Most votes first",
    Sort.VIEWS: "Most read first",
}


@dataclass(frozen=True, slots=True)
class Card:
    """An entry as a result: its title, and the passage that matches or its first lines."""

    entry: EntrySummary | Summary
    title: Markup
    snippet: Markup
    matched: str | None = None
    """The field of the passage, where it is worth saying."""


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found."""

    cards: list[Card]
    total: int
    facets: Facets
    partly: frozenset[str] = frozenset()
    """The facets of which only some entries were counted."""
    degraded: bool = False
    did_you_mean: str | None = None
    corrected: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are; an empty result has one."""
        return max(1, ceil(self.total / PAGE_SIZE))


@router.api_route("/", methods=["GET", "HEAD"])
async def browse(request: Request, frame: Revalidated, kb: Kb) -> Response:
    """Answer with the entries that the address asks for."""
    query = request.query_params.get("q", "").strip()
    if len(query) > MAX_LENGTH:
        return _too_long(request, frame, query)
    address = read_address(request.query_params.multi_items())
    # Typing asks for a fragment; a search that was submitted is a page, and takes whole words.
    typing = wants_fragment(request) and not is_boosted(request)
    if address.q:
        counts_as_search(request, kb)
    try:
        if address.q:
            results = await _found(kb, frame.visitor, address, typing=typing)
        else:
            results = await _all(kb, frame.visitor, address)
    except TooManyRequests as refused:
        return show_error(frame, refused, query=query)
    # What is not found while the index is built anew is not missing.
    if address.q and address.page == 1 and request.method == "GET" and not results.degraded:
        asked = Asked(Door.PAGE, address.q, results.total > 0, address.narrowed)
        _note(kb, request, asked, frame.visitor.key, typing=typing)
        on_reuse(request, lambda other: _note(kb, other, asked, None, typing=typing))
    if results.degraded:
        unname_state(request)
    if address.page > results.pages:
        return _no_such_page(frame, address, results)
    response = _page(frame, address, results)
    if typing:
        response.headers["HX-Replace-Url"] = address.url
    return response


def _page(frame: Frame, address: Address, results: Results) -> Response:
    """Return the page of results, or the part of it that htmx swaps in."""
    return frame.page(
        "browse/index.html",
        fragment="browse/_results.html",
        address=address,
        results=results,
        facets=offered(results.facets, address, results.partly),
        orders=_ORDERS,
        max_facet_values=MAX_FACET_VALUES,
        counted=COUNTED,
        sorts=[sort for sort in Sort if address.q or sort is not Sort.RELEVANCE],
        sort=address.sort if address.q or address.sort is not Sort.RELEVANCE else Sort.NEWEST,
        numbers=page_numbers(address.page, results.pages),
        write=_write_url(address),
        fewer=[] if results.total else _without_each_filter(address),
    )


def _no_such_page(frame: Frame, address: Address, results: Results) -> Response:
    """Return an error's page with the way to the last one there is."""
    last = address.changed(page=results.pages)
    error = NotFound(f"There is no page {address.page}; the last one is {results.pages}.")
    return show_error(frame, error, (last.url, f"Page {results.pages}"))


def _note(kb: Runtime, request: Request, asked: Asked, key: str | None, *, typing: bool) -> None:
    """Have the search of a visitor counted, unless a browser asks before its user has."""
    if request.headers.get("sec-purpose", "").startswith("prefetch"):
        return
    # Whom typing comes from is known for seconds, to tell one search from the next, and not kept.
    address = request.client.host if request.client else ""
    caller = key or f"{address} {request.headers.get('user-agent', '')}"
    if typing:
        kb.searches.typing(asked, caller)
    else:
        kb.searches.count(asked, caller)


class TooLong(Invalid):
    """A query of more characters than are read."""

    title = "Too long to be searched for"


@router.api_route("/entries", methods=["GET", "HEAD"])
async def all_entries() -> Response:
    """Send whoever finds a form's address in the bar of their browser to the list."""
    return see_other("/")


def _too_long(request: Request, frame: Frame, query: str) -> Response:
    """Return a page that keeps the text and offers to search for what tells most of it."""
    parameters = request.query_params.multi_items()
    short = read_address((k, shortened(v) if k == "q" else v) for k, v in parameters)
    error = TooLong(
        f"At most {MAX_LENGTH:,} characters can be searched for, and this has {len(query):,}. "
        "It is in the box above still: the lines that name the error are enough."
    )
    return show_error(frame, error, (short.url, "Search for its first and last lines"), query=query)


async def _all(kb: Runtime, actor: Actor, address: Address) -> Results:
    """Return a page of all entries, or of those with the facet values that are chosen."""
    selection, page = address.selection, address.page
    async with kb.database.read() as session:
        listing = await entries.page_of(session, actor, selection, address.sort, page)
        counted = await kb.facets.of(session, actor, selection)
        texts = await entries.beginnings(session, actor, listing.items)
    cards = [_listed(entry, texts.get(entry.id, "")) for entry in listing.items]
    return Results(cards, listing.total, counted.facets, counted.partly)


async def _found(kb: Runtime, actor: Actor, address: Address, *, typing: bool) -> Results:
    """Return a page of what a search finds."""
    search = search_at(address, typing=typing)
    found = await kb.search.search(actor, search)
    if not found.total and not typing:
        # What was found while typing its last word has to be found by its address, too.
        begun = await kb.search.search(actor, replace(search, as_you_type=True))
        found = begun if begun.total else found
    return Results(
        [_card(one) for one in found.items],
        found.total,
        found.facets,
        degraded=found.degraded,
        did_you_mean=found.did_you_mean,
        corrected=found.corrected,
    )


def _listed(entry: EntrySummary, problem: str) -> Card:
    return Card(entry, escape(entry.title), _first_lines(problem))


# A page of them takes 0.7 ms: too little for a worker process, too much to be done each time.
@lru_cache(maxsize=1000)
def _first_lines(markdown: str) -> Markup:
    return Markup(beginning(markdown))  # noqa: S704 (is escaped)


def _card(found: FoundEntry) -> Card:
    snippet = found.snippet
    matched = snippet.field if "<mark>" in snippet.html else None
    return Card(found.entry, Markup(found.title), Markup(snippet.html), matched)  # noqa: S704


def _write_url(address: Address) -> str:
    """Return the address of the form for a new entry, which holds what was looked for."""
    if not address.q:
        return "/entries/new"
    name = "error" if parse(address.q).pasted else "title"
    text = shortened(address.q) if name == "error" else address.q[:MAX_TITLE]
    return f"/entries/new?{urlencode({name: text})}"


def _without_each_filter(address: Address) -> list[tuple[str, Address]]:
    """Return each filter that is written into the query, with the address without it."""
    query = parse(address.q)
    fewer = []
    for clause in query.clauses:
        if isinstance(clause.operand if isinstance(clause, Not) else clause, Filter):
            rest = tuple(other for other in query.clauses if other is not clause)
            fewer.append((str(clause), address.changed(q=str(replace(query, clauses=rest)))))
    return fewer
