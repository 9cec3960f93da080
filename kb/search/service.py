"""Searching: the engine's hits, joined with what the database knows of them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from cachetools import LRUCache

from kb.accounts.policy import Action, Actor, require
from kb.content.snippets import Snippet
from kb.db.database import ReadSession
from kb.entries import repository as entries_repository
from kb.entries.schemas import EntryContent, EntrySummary
from kb.entries.selection import Selection, Sort, facets_from_counts
from kb.entries.service import Listing
from kb.executor import Executor
from kb.limits.service import Limits
from kb.models import Entry
from kb.search import substrings
from kb.search.documents import passages_of
from kb.search.engine import (
    Filters,
    Hit,
    IndexUnavailable,
    SearchEngine,
    SearchHits,
    SearchRequest,
)
from kb.search.highlight import highlight
from kb.search.positions import cursor_after, shown_at
from kb.search.query import Query, Word, parse
from kb.search.results import FoundEntry, Search, SearchResult, Suggested
from kb.search.similarity import alike

INDEX, DATABASE = "index", "database"

ANSWERS_KEPT = 500
"""Pages of results that are kept for whoever asks the same next."""

SUGGESTIONS = 8
"""Completions shown below the search box."""

LONGEST_BEGINNING = 100
"""Characters of a text that is completed."""

SIMILAR = 5
"""Entries shown to somebody who is about to write one."""

RELATED = 5
"""Entries shown below one as being like it."""

SIMILAR_WORDS = 200
"""Words of an entry, or of a draft of one, that are looked for."""

_Shown = tuple[frozenset[str], tuple[tuple[int, int], ...]]
"""What decides how a page of results is marked: the terms, the entries and their revisions."""


class SearchService:
    """Answers searches from an engine, and from the database while the engine cannot."""

    def __init__(
        self,
        engine: SearchEngine,
        executor: Executor,
        limits: Limits,
        on_unavailable: Callable[[], None],
    ) -> None:
        self._limits = limits
        self._engine = engine
        self._executor = executor
        self._on_unavailable = on_unavailable
        self._answers: LRUCache[tuple[str, SearchRequest], SearchHits] = LRUCache(ANSWERS_KEPT)
        self.answered = {INDEX: 0, DATABASE: 0}
        """How many searches this process has answered from the one and from the other."""
        self._marked: LRUCache[_Shown, list[tuple[str, Snippet]]] = LRUCache(ANSWERS_KEPT)

    async def search(self, session: ReadSession, actor: Actor, search: Search) -> SearchResult:
        """Return what was found. Any text is a query; none is an error.

        Raises:
            Invalid: the cursor is none of a search.
        """
        self._admit(actor)
        started = time.perf_counter()
        query = parse(search.text)
        shown = shown_at(search.cursor) if search.cursor is not None else frozenset[int]()
        # At most all that were shown are among these, so that a whole page is left, and one more.
        part = slice(search.offset, search.offset + len(shown) + search.limit + 1)
        try:
            hits = await self._hits(session, query, search, part)
            counts = await self._facet_counts(query, search, hits)
            degraded = False
        except IndexUnavailable:
            self._on_unavailable()
            filters = _filters(search.selection)
            hits = await substrings.hits(session, query, filters, search.sort, part)
            counts, degraded = {}, True
        self.answered[DATABASE if degraded else INDEX] += 1
        fresh = [hit for hit in hits.hits if hit.id not in shown]
        page = fresh[: search.limit]
        items = await self._found(session, page, hits.terms)
        more = len(fresh) > search.limit
        return SearchResult(
            items=items,
            total=hits.total,
            facets=facets_from_counts(counts, search.selection),
            took_ms=round((time.perf_counter() - started) * 1000, 1),
            degraded=degraded,
            did_you_mean=hits.did_you_mean,
            corrected=hits.did_you_mean is not None and not search.verbatim,
            next=cursor_after(shown | {hit.id for hit in page}) if more else None,
        )

    async def generation(self) -> str | None:
        """Return what names the state of the index; None while there is none to use."""
        try:
            return await self._engine.generation()
        except IndexUnavailable:
            return None

    async def suggest(self, session: ReadSession, actor: Actor, text: str) -> list[Suggested]:
        """Return what `text` may be the beginning of; nothing while there is no index."""
        self._admit(actor)
        try:
            found = await self._engine.complete(text[:LONGEST_BEGINNING], SUGGESTIONS)
        except IndexUnavailable:
            self._on_unavailable()
            return []
        ids = [one.id for one in found if one.id is not None]
        known = await entries_repository.summaries(session, ids)
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
        texts = [draft.title, *draft.error_messages, draft.problem]
        try:
            hits = await self._engine.search(_like(texts, SIMILAR))
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
        """Return a page of what a search finds by title alone; nothing while there is no index."""
        self._admit(actor)
        try:
            # As many as `search` asks for, whose answer is kept.
            part = slice(search.offset, search.offset + search.limit + 1)
            hits = await self._hits(session, parse(search.text), search, part)
        except IndexUnavailable:
            self._on_unavailable()
            return Listing([], 0)
        known = await self._known(session, hits)
        return Listing(known[: search.limit], hits.total)

    async def related(self, session: ReadSession, actor: Actor, entry: Entry) -> list[EntrySummary]:
        """Return other entries that share the rarest words of the entry's title and tags.

        The likest first; none without an index. Kept until the index changes.
        """
        self._admit(actor)
        texts = [entry.title, *entry.tags, *entry.keywords]
        try:
            hits = await self._answer(_like(texts, RELATED + 1))
        except IndexUnavailable:
            self._on_unavailable()
            return []
        known = await self._known(session, hits)
        return [one for one in known if one.id != entry.id][:RELATED]

    def _admit(self, actor: Actor) -> None:
        require(actor, Action.READ)
        self._limits.search(actor.caller)

    async def _known(self, session: ReadSession, hits: SearchHits) -> list[EntrySummary]:
        known = await entries_repository.summaries(session, [hit.id for hit in hits.hits])
        # An entry of the index that the database no longer has is passed over.
        return [known[hit.id] for hit in hits.hits if hit.id in known]

    async def _hits(
        self, session: ReadSession, query: Query, search: Search, part: slice
    ) -> SearchHits:
        request = _request(query, search, part)
        if search.sort is Sort.RELEVANCE:
            # Nobody asks for the same part after a cursor again.
            ask = self._answer if search.cursor is None else self._engine.search
            return await ask(request)
        hits = await self._engine.search(replace(request, offset=0, limit=None))
        scored = {hit.id: hit for hit in hits.hits}
        ordered = entries_repository.sorted_ids(list(scored), search.sort)
        shown = await session.rows(ordered.offset(part.start).limit(part.stop - part.start))
        return replace(hits, hits=tuple(scored[row.id] for row in shown))

    async def _facet_counts(
        self, query: Query, search: Search, hits: SearchHits
    ) -> dict[str, Sequence[tuple[str, int]]]:
        """Return the facets of the hits, those of a facet that narrows as if it did not."""
        counts = dict(hits.facets)
        for name, wider in search.selection.alternatives().items():
            request = _request(query, replace(search, selection=wider), slice(0, 1))
            counts[name] = (await self._answer(request)).facets[name]
        return counts

    async def _answer(self, request: SearchRequest) -> SearchHits:
        """Return the hits, from what is kept where the index has not changed since."""
        known = self._answers.get((await self._engine.generation(), request))
        if known is None:
            known = await self._engine.search(request)
            self._answers[known.generation, request] = known
        return known

    async def _found(
        self, session: ReadSession, hits: Sequence[Hit], terms: frozenset[str]
    ) -> list[FoundEntry]:
        ids = [hit.id for hit in hits]
        # An entry of the index that the database no longer has is passed over.
        rows = {row.id: row for row in await entries_repository.by_ids(session, ids)}
        shown = [(hit, rows[hit.id]) for hit in hits if hit.id in rows]
        await session.release()
        marked = await self._highlighted([entry for _, entry in shown], terms)
        return [
            FoundEntry(EntrySummary.model_validate(entry), hit.score, title, snippet)
            for (hit, entry), (title, snippet) in zip(shown, marked, strict=True)
        ]

    async def _highlighted(
        self, entries: list[Entry], terms: frozenset[str]
    ) -> list[tuple[str, Snippet]]:
        key = (terms, tuple((entry.id, entry.revision) for entry in entries))
        if (known := self._marked.get(key)) is None:
            passages = [passages_of(entry) for entry in entries]
            known = self._marked[key] = await self._executor.cpu(highlight, passages, terms)
        return known


def _request(query: Query, search: Search, part: slice) -> SearchRequest:
    return SearchRequest(
        query,
        _filters(search.selection),
        offset=part.start,
        limit=part.stop - part.start,
        prefix_last=search.as_you_type,
        verbatim=search.verbatim,
    )


def _like(texts: Sequence[str], limit: int) -> SearchRequest:
    """Return the search for what has the rarest words of the texts."""
    words = tuple(Word(word) for word in " ".join(texts).split()[:SIMILAR_WORDS])
    return SearchRequest(Query(words, pasted=True), limit=limit)


def _filters(selection: Selection) -> Filters:
    chosen: dict[str, Any] = selection.chosen()
    return Filters(**chosen)
