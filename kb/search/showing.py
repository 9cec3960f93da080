"""What is shown of a page of hits: their rows, and why each was found.

Called where the search was made, in a worker process, so that a search is one call there and back
and no text of an entry is sent. By sqlite3 itself: SQLAlchemy would take 23 MB of each worker, and
ten times as long as the statement (docs/decisions/0018-one-hop.md).
"""

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import local
from typing import Any, NamedTuple

from kb.content.snippets import Snippet
from kb.search.engine import Hit, SearchHits
from kb.search.highlight import Passages, highlight

SUMMARY = (
    "id",
    "slug",
    "title",
    "category",
    "severity",
    "language",
    "framework",
    "tags",
    "votes",
    "views",
    "created_at",
    "updated_at",
)
"""The columns of `EntrySummary`, which would bring pydantic into each worker."""

_LISTS = ("tags", "keywords", "error_messages", "gotchas")
_READ = (*SUMMARY, "problem", "solution", "why", "context", *_LISTS[1:])
_TIMES = ("created_at", "updated_at")
_LIVE = "id NOT IN (SELECT entry_id FROM archival WHERE restored_at IS NULL)"

_OPEN_DATABASES = 4


class Shown(NamedTuple):
    """An entry that was found: its `SUMMARY`, its score, and its title and a passage as HTML."""

    summary: dict[str, Any]
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
    entries: Sequence[Shown]


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
        rows = _rows(self.database, [hit.id for hit in page])
        known = [(hit, rows[hit.id]) for hit in page if hit.id in rows]
        marked = highlight([_passages(row) for _, row in known], hits.terms)
        entries = [
            Shown({name: row[name] for name in SUMMARY}, hit.score, title, snippet)
            for (hit, row), (title, snippet) in zip(known, marked, strict=True)
        ]
        return Page(hits, page, len(fresh) > self.limit, entries)


def _passages(row: dict[str, Any]) -> Passages:
    """Return the texts of the entry in which a searcher looks for why it was found."""
    parts = [
        ("problem", row["problem"]),
        *(("error message", text) for text in row["error_messages"]),
        ("solution", row["solution"]),
        ("why", row["why"]),
        *(("gotcha", text) for text in row["gotchas"]),
        ("context", row["context"]),
        ("keywords", ", ".join(row["keywords"])),
        ("tags", ", ".join(row["tags"])),
    ]
    return Passages(row["title"], [(field, text) for field, text in parts if text])


def _rows(database: Path, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what is read of those of the entries that there are to see, by id."""
    places = ", ".join("?" * len(ids))
    query = f"SELECT {', '.join(_READ)} FROM entry WHERE id IN ({places}) AND {_LIVE}"  # noqa: S608
    rows = {}
    for values in _connection(database).execute(query, ids):
        row = rows[values[0]] = dict(zip(_READ, values, strict=True))
        row |= {name: json.loads(row[name]) for name in _LISTS}
        row |= {name: f"{row[name]}Z" for name in _TIMES}
    return rows


class _Connection(sqlite3.Connection):
    """Closed with the thread that opened it."""

    def __del__(self) -> None:
        self.close()


_open = local()


def _connection(database: Path) -> sqlite3.Connection:
    """Return this thread's connection to the database."""
    if not hasattr(_open, "connections"):
        _open.connections = OrderedDict()
    known: OrderedDict[Path, sqlite3.Connection] = _open.connections
    if database not in known:
        known[database] = sqlite3.connect(
            database, isolation_level=None, check_same_thread=False, factory=_Connection
        )
        known[database].execute("PRAGMA query_only = ON")
    known.move_to_end(database)
    if len(known) > _OPEN_DATABASES:
        known.popitem(last=False)
    return known[database]
