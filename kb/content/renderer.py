"""Rendered entries: made in a worker process, kept by revision."""

import asyncio
from weakref import WeakValueDictionary

from cachetools import LRUCache

from kb.content.markdown import RenderedEntry, render_entry
from kb.entries.schemas import EntryContent
from kb.executor import Executor

MAX_CACHED = 32_000_000
"""Characters of HTML kept in memory, in all; an ordinary entry has five to ten thousand."""

Key = tuple[int, int]
"""Entry id and revision number: what they name never changes."""


class Renderer:
    """Renders entries off the event loop and remembers the last used ones."""

    def __init__(self, executor: Executor) -> None:
        """Render through `executor`."""
        self._executor = executor
        self._cache: LRUCache[Key, RenderedEntry] = LRUCache(MAX_CACHED, getsizeof=_size)
        # Held only while somebody renders that key or waits for it.
        self._locks: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    async def entry(self, key: Key, content: EntryContent) -> RenderedEntry:
        """Return the HTML of a revision; callers that ask at the same time share one rendering.

        Raises Busy like the executor.
        """
        if found := self._cache.get(key):
            return found
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            if found := self._cache.get(key):
                return found
            rendered = await self.preview(content)
            if _size(rendered) <= MAX_CACHED:
                self._cache[key] = rendered
            return rendered

    async def preview(self, content: EntryContent) -> RenderedEntry:
        """Return the HTML of content that is not stored yet, and remember nothing.

        Raises Busy like the executor.
        """
        return await self._executor.cpu(render_entry, content)


def _size(rendered: RenderedEntry) -> int:
    texts = (rendered.problem, rendered.solution, rendered.why, rendered.context)
    return sum(len(text or "") for text in (*texts, *rendered.gotchas))
