"""What is shown of a page of hits: their rows, and why each was found.

Called where the search was made, in a worker process, so that a search is one call there and back
and no text of an entry is sent. By sqlite3 itself: SQLAlchemy would take 23 MB of each worker, and
ten times as long as the statement (docs/decisions/0018-one-hop.md).
"""

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from threading import local
from typing import Any, NamedTuple

from cachetools import LRUCache

from kb.content.snippets import Snippet
from kb.search.engine import Hit, SearchHits
from kb.search.highlight import Prepared


class Summary(NamedTuple):
    """What `EntrySummary` has, times as JSON has them: that would bring pydantic into workers."""

    id: int
    slug: str
    title: str
    category: str
    severity: str
    language: str | None
    framework: str | None
    tags: list[str]
    votes: int
    views: int
    created_at: str
    updated_at: str


_READ = (*Summary._fields, "revision")
_TEXTS = (
    *("id", "revision", "title", "problem", "solution", "why", "context"),
    *("tags", "keywords", "error_messages", "gotchas"),
)
_LIVE = "id NOT IN (SELECT entry_id FROM archival WHERE restored_at IS NULL)"

ROOM = 20_000
"""Entries that are kept as they were prepared to be marked, or as many as `KEPT_BYTES` hold."""

KEPT_BYTES = 84_000_000
"""Of `ROOM` entries of the usual length."""

_OPEN_DATABASES = 4


class FoundEntry(NamedTuple):
    """An entry that was found, and why: `title` and `snippet` are safe HTML with `<mark>`s."""

    entry: Summary
    score: float
    title: str
    snippet: Snippet


class Page(NamedTuple):
    """A page of hits: all that the engine gave, those shown, and whether there are more.

    An entry of the index that the database no longer has is among the hits and not in `entries`.
    """

    hits: SearchHits
    shown: Sequence[Hit]
    more: bool
    entries: Sequence[FoundEntry]


@dataclass(frozen=True, slots=True)
class Show:
    """Makes the page of the first `limit` hits that are not among those `passed`."""

    database: Path
    limit: int
    passed: frozenset[int] = frozenset()

    def __call__(self, hits: SearchHits) -> Page:
        """Return the page of these hits."""
        fresh = [hit for hit in hits.hits if hit.id not in self.passed]
        page = fresh[: self.limit]
        rows = _reader(self.database).read([hit.id for hit in page])
        entries = [
            FoundEntry(rows[hit.id].summary, hit.score, *rows[hit.id].texts.marked(hits.terms))
            for hit in page
            if hit.id in rows
        ]
        return Page(hits, page, len(fresh) > self.limit, entries)


def read_ahead(database: Path, ids: Sequence[int]) -> None:
    """Keep these entries ready in this process, for whoever finds them."""
    _reader(database).read(ids)


class _Row(NamedTuple):
    summary: Summary
    texts: Prepared


class _Reader:
    """Reads entries; the texts of a revision once, for as long as they are kept."""

    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(
            database, isolation_level=None, check_same_thread=False, factory=_Connection
        )
        self._connection.execute("PRAGMA query_only = ON")
        self._kept = LRUCache[tuple[int, int], Prepared](KEPT_BYTES, attrgetter("size"))

    def read(self, ids: Sequence[int]) -> dict[int, _Row]:
        """Return those of the entries that there are to see, by id."""
        with self._connection:
            self._connection.execute("BEGIN")  # what is read is of one state
            rows = {row[0]: row for row in self._rows(_READ, ids)}
            kept = ((one, self._kept.get((one, row[-1]))) for one, row in rows.items())
            texts = {one: known for one, known in kept if known}
            unread = [one for one in rows if one not in texts]
            for one, revision, *values in self._rows(_TEXTS, unread) if unread else ():
                texts[one] = self._kept[one, revision] = _prepared(*values)
        return {one: _Row(_summary(row), texts[one]) for one, row in rows.items()}

    def _rows(self, columns: Sequence[str], ids: Sequence[int]) -> Iterable[tuple[Any, ...]]:
        places = ", ".join("?" * len(ids))
        query = f"SELECT {', '.join(columns)} FROM entry WHERE id IN ({places}) AND {_LIVE}"  # noqa: S608
        return self._connection.execute(query, ids)


def _summary(row: Sequence[Any]) -> Summary:
    *values, tags, votes, views, created, updated, _ = row
    return Summary._make([*values, json.loads(tags), votes, views, f"{created}Z", f"{updated}Z"])


def _prepared(
    title: str,
    problem: str,
    solution: str | None,
    why: str | None,
    context: str | None,
    *lists: str,
) -> Prepared:
    """Return the texts of the entry in which a searcher looks for why it was found."""
    tags, keywords, error_messages, gotchas = map(json.loads, lists)
    parts = [
        ("problem", problem),
        *(("error message", text) for text in error_messages),
        ("solution", solution),
        ("why", why),
        *(("gotcha", text) for text in gotchas),
        ("context", context),
        ("keywords", ", ".join(keywords)),
        ("tags", ", ".join(tags)),
    ]
    return Prepared(title, [(field, text) for field, text in parts if text])


class _Connection(sqlite3.Connection):
    """Closed with the thread that opened it."""

    def __del__(self) -> None:
        self.close()


_open = local()


def _reader(database: Path) -> _Reader:
    """Return this thread's reader of the database."""
    if not hasattr(_open, "readers"):
        _open.readers = OrderedDict()
    known: OrderedDict[Path, _Reader] = _open.readers
    if database not in known:
        known[database] = _Reader(database)
    known.move_to_end(database)
    if len(known) > _OPEN_DATABASES:
        known.popitem(last=False)
    return known[database]
