"""The yardstick: SQLite's own full-text index, asked the plain way.

Porter stems, any of the words, BM25, the best twenty. It ranks no further, counts no facets and no
total, so it is a floor to measure against and not a rival (https://www.sqlite.org/fts5.html).
"""

import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from threading import local

from kb.entries.records import EntryRecord
from kb.search.query import Filter, Phrase, Prefix, Query, Word, parse

LIMIT = 20

_FILTERED = {"tag": "tags", "language": "language", "framework": "framework"}
_COLUMNS = (*_FILTERED.values(), "text")
_WORD = re.compile(r"[^\W_]+")


class Fts5:
    """One full-text index in a file; each thread that asks has a connection of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = local()
        self._connections: list[sqlite3.Connection] = []

    def build(self, records: Iterable[EntryRecord]) -> None:
        """Index the records, which only the index keeps."""
        connection = self._connection()
        columns = ", ".join(_COLUMNS)
        places = ", ".join("?" * len(_COLUMNS))
        connection.execute(
            f"CREATE VIRTUAL TABLE entry USING fts5({columns}, content='', tokenize='porter')"
        )
        with connection:
            connection.executemany(
                f"INSERT INTO entry ({columns}) VALUES ({places})",  # noqa: S608 (names of ours)
                (_row(record) for record in records),
            )

    def search(self, query: str) -> list[tuple[int, float]]:
        """Return the (row, rank) of the best entries."""
        match = match_expression(parse(query))
        if not match:
            return []
        statement = "SELECT rowid, rank FROM entry WHERE entry MATCH ? ORDER BY rank LIMIT ?"
        return self._connection().execute(statement, (match, LIMIT)).fetchall()

    def close(self) -> None:
        """Close every thread's connection."""
        for connection in self._connections:
            connection.close()

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            connection = sqlite3.connect(self.path, check_same_thread=False)
            self._local.connection = connection
            self._connections.append(connection)
        found: sqlite3.Connection = self._local.connection
        return found


def match_expression(query: Query) -> str:
    """Return the query in FTS5's language: any of the words, all of the filters it has."""
    words = [
        f'"{word}"'
        for clause in query.clauses
        if isinstance(clause, Word | Phrase | Prefix)
        for word in _WORD.findall(clause.text)
    ]
    conditions = [_condition(one) for one in query.filters if one.field in _FILTERED]
    if words:
        conditions.append(f"({' OR '.join(dict.fromkeys(words))})")
    return " AND ".join(conditions)


def _condition(wanted: Filter) -> str:
    value = wanted.value.replace('"', '""')
    return f'{_FILTERED[wanted.field]} : "{value}"'


def _row(record: EntryRecord) -> list[str]:
    content = record.content
    text = [content.title, content.problem, content.solution, content.why, content.context]
    text += [*content.keywords, *content.error_messages, *content.gotchas]
    # One column for all of the text: BM25 over a dozen of them takes twice the time.
    return [
        "\n".join(content.tags),
        content.language or "",
        content.framework or "",
        "\n".join(part for part in text if part),
    ]
