"""Searching: the engine's hits, joined with what the database knows of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from kb.accounts.policy import Action, Actor, require
from kb.content.snippets import Snippet
from kb.db.database import ReadSession
from kb.entries import repository as entries_repository
from kb.entries.schemas import EntryContent, EntrySummary
from kb.entries.selection import Facets, Selection, Sort, facets_from_counts
from kb.executor import Executor
from kb.models import Entry
from kb.search.analysis import tokens
from kb.search.engine import (
    Filters,
    Hit,
    IndexUnavailable,
    SearchEngine,
    SearchHits,
    SearchRequest,
)
from kb.search.highlight import Passages, highlight
from kb.search.query import Phrase, Query, Word, parse

SIMILAR = 5
"""Entries shown to somebody who is about to write one."""

SIMILAR_WORDS = 200
"""Words of a draft that are looked for."""


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody wants to find, and which part of the result to show."""

    text: str
    selection: Selection
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 20
    as_you_type: bool = False


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """One entry found, and why: `title` and `snippet` are safe HTML with `<mark>`s."""

    entry: EntrySummary
    score: float
    title: str
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of entries found, out of `total`, and the facets of all of them.

    `degraded` says that the index was not ready and the database answered in its place, by
    plain substrings.
    """

    items: list[FoundEntry]
    total: int
    facets: Facets
    took_ms: float
    degraded: bool = False


class SearchService:
    """Answers searches from an engine, and from the database while the engine cannot."""

    def __init__(
        self, engine: SearchEngine, executor: Executor, on_unavailable: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._executor = executor
        self._on_unavailable = on_unavailable

    async def search(self, session: ReadSession, actor: Actor, search: Search) -> SearchResult:
        """Return what was found. Any text is a query; none is an error."""
        require(actor, Action.READ)
        started = time.perf_counter()
        query = parse(search.text)
        try:
            hits = await self._hits(session, query, search)
            degraded = False
        except IndexUnavailable:
            self._on_unavailable()
            hits = await self._from_database(session, query, search)
            degraded = True
        facets = facets_from_counts(hits.facets, search.selection)
        items = await self._found(session, hits)
        took = round((time.perf_counter() - started) * 1000, 1)
        return SearchResult(items, hits.total, facets, took, degraded)

    async def similar(
        self, session: ReadSession, actor: Actor, draft: EntryContent
    ) -> list[EntrySummary]:
        """Return the entries most like a draft, the likest first; none while there is no index."""
        require(actor, Action.READ)
        text = "\n".join([draft.title, *draft.error_messages, draft.problem])
        words = tuple(Word(word) for word in text.split()[:SIMILAR_WORDS])
        request = SearchRequest(Query(words, pasted=True), limit=SIMILAR)
        try:
            hits = await self._engine.search(request)
        except IndexUnavailable:
            self._on_unavailable()
            return []
        ids = [hit.id for hit in hits.hits]
        found = await entries_repository.summaries(session, ids)
        return [found[one] for one in ids if one in found]

    async def _hits(self, session: ReadSession, query: Query, search: Search) -> SearchHits:
        by_score = search.sort is Sort.RELEVANCE
        request = SearchRequest(
            query,
            _filters(search.selection),
            offset=search.offset if by_score else 0,
            limit=search.limit if by_score else None,
            prefix_last=search.as_you_type,
        )
        hits = await self._engine.search(request)
        if by_score:
            return hits
        scored = {hit.id: hit for hit in hits.hits}
        ordered = entries_repository.sorted_ids(list(scored), search.sort)
        shown = await session.rows(ordered.offset(search.offset).limit(search.limit))
        return replace(hits, hits=tuple(scored[row.id] for row in shown))

    async def _from_database(
        self, session: ReadSession, query: Query, search: Search
    ) -> SearchHits:
        words = [one.text for one in query.clauses if isinstance(one, Word | Phrase)]
        filters = _filters(search.selection).merged(query)
        chosen = {name: getattr(filters, name) for name in Selection.model_fields}
        selection = Selection.model_construct(**chosen)
        matching = entries_repository.containing(words, selection, search.sort)
        total = await entries_repository.count_rows(session, matching)
        shown = matching.offset(search.offset).limit(search.limit)
        hits = tuple(Hit(row.id, 0.0) for row in await session.rows(shown))
        terms = frozenset(token.term for word in words for token in tokens(word))
        return SearchHits(hits, total, generation="", terms=terms)

    async def _found(self, session: ReadSession, hits: SearchHits) -> list[FoundEntry]:
        ids = [hit.id for hit in hits.hits]
        # An entry of the index that the database no longer has is passed over.
        rows = {row.id: row for row in await entries_repository.by_ids(session, ids)}
        shown = [(hit, rows[hit.id]) for hit in hits.hits if hit.id in rows]
        passages = [_passages(entry) for _, entry in shown]
        marked = await self._executor.cpu(highlight, passages, hits.terms)
        return [
            FoundEntry(EntrySummary.model_validate(entry), hit.score, title, snippet)
            for (hit, entry), (title, snippet) in zip(shown, marked, strict=True)
        ]


def _filters(selection: Selection) -> Filters:
    chosen: dict[str, Any] = selection.chosen()
    return Filters(**chosen)


def _passages(entry: Entry) -> Passages:
    parts = [
        ("problem", entry.problem),
        *(("error message", text) for text in entry.error_messages),
        ("solution", entry.solution or ""),
        ("why", entry.why or ""),
        *(("gotcha", text) for text in entry.gotchas),
        ("context", entry.context or ""),
        ("keywords", ", ".join(entry.keywords)),
        ("tags", ", ".join(entry.tags)),
    ]
    return Passages(entry.title, [(field, text) for field, text in parts if text])
