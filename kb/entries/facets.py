"""The facets of a list, counted once after something has changed, however many ask.

What entries of one value have is kept by the database. What a selection by more than one filter
has must be counted among the entries that it holds.
"""

import asyncio
from dataclasses import dataclass
from weakref import WeakValueDictionary

from cachetools import LRUCache

from kb.accounts.policy import Action, Actor, require
from kb.db.database import Database, ReadSession
from kb.entries import counts as counting
from kb.entries.selection import Facets, Selection, facets_from_counts

KEPT = 200
"""Selections whose facets are kept; each names at most some 300 values."""

_Chosen = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class CountedFacets:
    """The facets of a selection; in those of `partly`, at least so many entries have each value."""

    facets: Facets
    partly: frozenset[str]


class FacetCounts:
    """The facets of the selections asked for last, in one generation of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._generation = ""
        self._kept: LRUCache[_Chosen, CountedFacets] = LRUCache(KEPT)
        # Held only while somebody counts that selection or waits for it.
        self._counting: WeakValueDictionary[_Chosen, asyncio.Lock] = WeakValueDictionary()

    async def of(self, session: ReadSession, actor: Actor, selection: Selection) -> CountedFacets:
        """Return the facets of the selection, each value with its number of entries."""
        require(actor, Action.READ)
        key = tuple(selection.chosen().items())
        async with self._counting.setdefault(key, asyncio.Lock()):
            # Read before the counts: what changes between the two is counted once more.
            now = (await self._database.state()).generation
            if now != self._generation:
                self._kept.clear()
                self._generation = now
            if (found := self._kept.get(key)) is None:
                counts = await counting.facet_counts(session, selection)
                facets = facets_from_counts(counts.values, selection)
                found = CountedFacets(facets, frozenset(counts.partly))
                if now == self._generation:
                    self._kept[key] = found
            return found
