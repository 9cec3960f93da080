"""The way through a search: from an entry found by it to the one before, the next, and back.

A link to an entry carries the search along (`Address.entry`), so that neither a session on the
server nor a script in the browser has to remember it.
"""

from dataclasses import dataclass, replace

from starlette.requests import Request

from kb.accounts.policy import Actor
from kb.caching import unname_state
from kb.db.database import ReadSession
from kb.dependencies import counts_as_search
from kb.entries import service as entries
from kb.entries.schemas import EntrySummary
from kb.entries.selection import PAGE_SIZE
from kb.entries.service import Listing
from kb.errors import Invalid, TooManyRequests
from kb.runtime import Runtime
from kb.search.engine import IndexUnavailable
from kb.search.results import Search
from kb.web.address import Address, read_address


@dataclass(frozen=True, slots=True)
class Stop:
    """An entry along the way: its title, and its address with the search."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Trail:
    """Where an entry stands in the search that it was found by.

    `results` leads back to the page of results; `place` counts from 1. Of an entry that is no
    longer found only the way back is known.
    """

    results: str
    place: int | None = None
    total: int = 0
    previous: Stop | None = None
    next: Stop | None = None


def search_at(address: Address, *, typing: bool = False) -> Search:
    """Return the search that an address with a query stands for."""
    return Search(
        address.q,
        address.selection,
        address.sort,
        offset=(address.page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
        as_you_type=typing,
        verbatim=address.verbatim,
    )


async def trail_of(
    request: Request, kb: Runtime, session: ReadSession, actor: Actor, slug: str
) -> Trail | None:
    """Return the entry's place in the search that its address carries; None without one."""
    try:
        address = read_address(request.query_params.multi_items())
    except Invalid:
        return None  # something else was added to the address: the entry is there all the same
    if address.url == "/":
        return None
    if address.q:
        counts_as_search(request, kb)
    try:
        return await _found(kb, session, actor, address, slug)
    except TooManyRequests:
        unname_state(request)
        return None  # who may not search any more may read
    except IndexUnavailable:
        unname_state(request)
        return Trail(address.url)


async def _found(
    kb: Runtime, session: ReadSession, actor: Actor, address: Address, slug: str
) -> Trail:
    # The words are whole, or the last one is the beginning of one: then it was found while typing.
    for typing in [False, True] if address.q else [False]:
        walk = _Walk(kb, session, actor, address, typing=typing)
        page = await walk.page(address.page)
        for place, item in enumerate(page.items):
            if item.slug == slug:
                return await walk.trail_at(page, place)
    return Trail(address.url)


@dataclass(frozen=True, slots=True)
class _Walk:
    kb: Runtime
    session: ReadSession
    actor: Actor
    address: Address
    typing: bool

    async def page(self, number: int) -> Listing:
        address = self.address.changed(page=number)
        if address.q:
            search = search_at(address, typing=self.typing)
            return await self.kb.search.listing(self.session, self.actor, search)
        selection, sort = address.selection, address.sort
        return await entries.page_of(self.session, self.actor, selection, sort, number)

    async def trail_at(self, page: Listing, place: int) -> Trail:
        number = self.address.page
        before = place + (number - 1) * PAGE_SIZE
        trail = Trail(self.address.url, before + 1, page.total)
        if place:
            trail = replace(trail, previous=self._stop(page.items[place - 1], number))
        elif number > 1 and (items := (await self.page(number - 1)).items):
            trail = replace(trail, previous=self._stop(items[-1], number - 1))
        if place + 1 < len(page.items):
            trail = replace(trail, next=self._stop(page.items[place + 1], number))
        elif before + 1 < page.total and (items := (await self.page(number + 1)).items):
            trail = replace(trail, next=self._stop(items[0], number + 1))
        return trail

    def _stop(self, item: EntrySummary, page: int) -> Stop:
        return Stop(item.title, self.address.changed(page=page).entry(item.slug))
