"""Searching: the engine's hits, joined with what the database knows of them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from cachetools import LRUCache

from kb.accounts.policy import Action, Actor, require
from kb.db.database import Database, ReadSession
from kb.db.watch import State
from kb.entries import lists
from kb.entries import repository as entries_repository
from kb.entries.schemas import EntryContent, EntrySummary
from kb.entries.selection import Sort, facets_from_counts
from kb.entries.service import Listing
from kb.executor import Executor
from kb.limits.service import Limits
from kb.models import Entry
from kb.search import substrings
from kb.search.asking import filters_of, request_for, request_for_like
from kb.search.engine import IndexUnavailable, SearchEngine, SearchHits, SearchRequest
from kb.search.positions import cursor_after, shown_at
from kb.search.query import Query, parse
from kb.search.results import Search, SearchResult, Suggested
from kb.search.showing import Page, Show
from kb.search.similarity import alike
from kb.search.warming import warm_up

INDEX, DATABASE = "index", "database"

ANSWERS_KEPT = 50
"""Pages of results that are kept for whoever asks the same next."""

SUGGESTIONS = 8
"""Completions shown below the search box."""

LONGEST_BEGINNING = 100
"""Characters of a text that is completed."""

SIMILAR = 5
"""Entries shown to somebody who is about to write one."""

RELATED = 5
"""Entries shown below one as being like it."""


class SearchService:
    """Answers searches from an engine, and from the database while the engine cannot."""

    def __init__(
        self,
        engine: SearchEngine,
        executor: Executor,
        limits: Limits,
        database: Database,
        on_unavailable: Callable[[], None],
    ) -> None:
        self._limits = limits
        self._database = database
        self._engine = engine
        self._executor = executor
        self._on_unavailable = on_unavailable
        self._answers: LRUCache[tuple[str, SearchRequest], SearchHits] = LRUCache(ANSWERS_KEPT)
        self._named: tuple[State, str] | None = None
        self.answered = {INDEX: 0, DATABASE: 0}
        """How many searches this process has answered from the one and from the other."""

    async def search(self, actor: Actor, search: Search) -> SearchResult:
        """Return what was found. Any text is a query; none is an error.

        Raises:
            Invalid: the cursor is none of a search.
        """
        self._admit(actor)
        started = time.perf_counter()
        query = parse(search.text)
        passed = shown_at(search.cursor) if search.cursor is not None else frozenset[int]()
        # At most all that were shown are among these, so that a whole page is left, and one more.
        part = slice(search.offset, search.offset + len(passed) + search.limit + 1)
        show = Show(self._database.path, search.limit, passed)
        try:
            page = await self._page(query, search, part, show)
            counts = await self._facet_counts(query, search, page.hits)
            degraded = False
        except IndexUnavailable:
            self._on_unavailable()
            filters = filters_of(search.selection)
            async with self._database.read() as session:
                hits = await substrings.hits(session, query, filters, search.sort, part)
            page = await self._executor.cpu(show, hits)
            counts, degraded = {}, True
        self.answered[DATABASE if degraded else INDEX] += 1
        seen = passed | {hit.id for hit in page.shown}
        return SearchResult(
            items=page.entries,
            total=page.hits.total,
            facets=facets_from_counts(counts, search.selection),
            took_ms=round((time.perf_counter() - started) * 1000, 1),
            degraded=degraded,
            did_you_mean=page.hits.did_you_mean,
            corrected=page.hits.did_you_mean is not None and not search.verbatim,
            next=cursor_after(seen) if page.more else None,
        )

    async def warm_up(self) -> None:
        """Have each worker for quick work ready for searches before the first of them."""
        await warm_up(self._engine, self._executor, self._database)

    async def generation(self) -> str | None:
        """Return what names the state of the index; None while there is none to use."""
        try:
            return await self._generation()
        except IndexUnavailable:
            return None

    async def suggest(self, actor: Actor, text: str) -> list[Suggested] | None:
        """Return what `text` may be the beginning of; None while there is no index to say it."""
        self._admit(actor)
        try:
            found = await self._engine.complete(text[:LONGEST_BEGINNING], SUGGESTIONS)
        except IndexUnavailable:
            self._on_unavailable()
            return None
        ids = [one.id for one in found if one.id is not None]
        async with self._database.read() as session:
            known = await lists.summaries(session, ids)
        return [
            Suggested(one.kind, one.text, known[one.id].slug if one.id is not None else None)
            for one in found
            # An entry of the index that the database no longer has is passed over.
            if one.id is None or one.id in known
        ]

    async def similar(
        self, session: ReadSession, actor: Actor, draft: EntryContent
    ) -> list[EntrySummary]:
        """Return entries that may be what a draft is, the likest first; none without an index."""
        self._admit(actor)
        await session.release()
        texts = [draft.title, *draft.error_messages, draft.problem]
        try:
            hits = await self._engine.search(request_for_like(texts, SIMILAR))
        except IndexUnavailable:
            self._on_unavailable()
            return []
        ids = [hit.id for hit in hits.hits]
        found = {entry.id: entry for entry in await entries_repository.by_ids(session, ids)}
        known = [found[one] for one in ids if one in found]
        await session.release()
        named = [[e.title, *e.tags, *e.keywords, *e.error_messages] for e in known]
        likely = await self._executor.cpu(alike, [draft.title, *draft.error_messages], named)
        pairs = zip(known, likely, strict=True)
        return [EntrySummary.model_validate(entry) for entry, is_alike in pairs if is_alike]

    async def listing(self, session: ReadSession, actor: Actor, search: Search) -> Listing:
        """Return a page of what a search finds by title alone.

        Raises:
            IndexUnavailable: nothing says what it finds now.
        """
        self._admit(actor)
        await session.release()
        try:
            # As many as `search` asks for, whose answer is kept.
            part = slice(search.offset, search.offset + search.limit + 1)
            query = parse(search.text)
            if search.sort is Sort.RELEVANCE:
                hits = await self._answer(request_for(query, search, part))
            else:
                hits = await self._sorted(session, query, search, part)
        except IndexUnavailable:
            self._on_unavailable()
            raise
        known = await self._known(session, hits)
        return Listing(known[: search.limit], hits.total)

    async def related(self, session: ReadSession, actor: Actor, entry: Entry) -> list[EntrySummary]:
        """Return other entries that share the rarest words of the entry's title and tags.

        The likest first; none without an index. Kept until the index changes.
        """
        self._admit(actor)
        await session.release()
        texts = [entry.title, *entry.tags, *entry.keywords]
        try:
            hits = await self._answer(request_for_like(texts, RELATED + 1))
        except IndexUnavailable:
            self._on_unavailable()
            return []
        known = await self._known(session, hits)
        return [one for one in known if one.id != entry.id][:RELATED]

    def _admit(self, actor: Actor) -> None:
        """Let who may search do so. Raises Forbidden, NotSignedIn, TooManyRequests."""
        require(actor, Action.READ)
        self._limits.search(actor.caller)

    async def _known(self, session: ReadSession, hits: SearchHits) -> list[EntrySummary]:
        known = await lists.summaries(session, [hit.id for hit in hits.hits])
        # An entry of the index that the database no longer has is passed over.
        return [known[hit.id] for hit in hits.hits if hit.id in known]

    async def _page(self, query: Query, search: Search, part: slice, show: Show) -> Page:
        """Return a page of what is found: found and shown in one go, or what is kept."""
        if search.sort is not Sort.RELEVANCE:
            async with self._database.read() as session:
                hits = await self._sorted(session, query, search, part)
            return await self._executor.cpu(show, hits)
        request = request_for(query, search, part)
        if known := self._answers.get((await self._generation(), request)):
            return await self._executor.cpu(show, known)
        page = await self._engine.search_then(request, show)
        if search.cursor is None:  # nobody asks for the same part after a cursor again
            self._answers[page.hits.generation, request] = page.hits
        return page

    async def _sorted(
        self, session: ReadSession, query: Query, search: Search, part: slice
    ) -> SearchHits:
        """Return a part of what is found, in an order that the database knows."""
        request = request_for(query, search, part)
        hits = await self._engine.search(replace(request, offset=0, limit=None))
        scored = {hit.id: hit for hit in hits.hits}
        ordered = lists.sorted_ids(list(scored), search.sort)
        rows = await session.rows(ordered.offset(part.start).limit(part.stop - part.start))
        return replace(hits, hits=tuple(scored[row.id] for row in rows))

    async def _facet_counts(
        self, query: Query, search: Search, hits: SearchHits
    ) -> dict[str, Mapping[str, int]]:
        """Return the facets of the hits, those of a facet that narrows as if it did not."""
        counts = dict(hits.facets)
        for name, wider in search.selection.alternatives().items():
            request = request_for(query, replace(search, selection=wider), slice(0, 1))
            counts[name] = (await self._answer(request)).facets[name]
        return counts

    async def _generation(self) -> str:
        """Return what names the state of the index, looked up once a state of the database.

        Whoever changes the index notes in the database that it has, after that.
        """
        state = await self._database.state()
        if self._named is None or self._named[0] != state:
            self._named = state, await self._engine.generation()
        return self._named[1]

    async def _answer(self, request: SearchRequest) -> SearchHits:
        """Return the hits, from what is kept where the index has not changed since."""
        known = self._answers.get((await self._generation(), request))
        if known is None:
            known = await self._engine.search(request)
            self._answers[known.generation, request] = known
        return known
