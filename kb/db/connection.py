"""Connections to SQLite on which a statement takes one turn of their thread.

aiosqlite gives each call of sqlite3 to the connection's thread by itself: make a cursor, execute,
fetch, close. Each turn there and back costs more than most statements. Here all four are one.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Self, cast

import aiosqlite

from kb.db.sqlite import set_up

_CHUNK = 64
"""Rows that aiosqlite's own cursors would fetch at once; none is used."""


class Result(NamedTuple):
    """What came of a statement, all of its rows included."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    rows: Sequence[Any] = ()


class Cursor:
    """As much of a cursor as SQLAlchemy uses."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._result = Result()

    async def __aenter__(self) -> Self:
        """Return itself: nothing is opened before there is a statement."""
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Execute a statement and read its rows."""
        self._result = await self._connection.run(lambda cursor: cursor.execute(sql, parameters))

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Execute a statement with each of the parameters."""
        self._result = await self._connection.run(
            lambda cursor: cursor.executemany(sql, parameters)
        )

    async def fetchall(self) -> Sequence[Any]:
        """Return the rows, which were read with the statement."""
        return self._result.rows

    async def close(self) -> None:
        """Do nothing: what was open was closed with the statement."""

    @property
    def description(self) -> Any:
        """The names of the columns; None for a statement without rows."""
        return self._result.description

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""
        return self._result.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The number of the row inserted last."""
        return self._result.lastrowid


class Connection(aiosqlite.Connection):
    """A connection with such cursors."""

    def cursor(self) -> Cursor:  # type: ignore[override]
        """Return a new cursor."""
        return Cursor(self)

    _settled = True
    """Whether nothing was sent since the last commit or rollback that went well.

    Who is cancelled leaves a statement that may yet begin a transaction in the thread's queue.
    """

    async def commit(self) -> None:
        """Commit what was begun."""
        await super().commit()
        self._settled = True

    async def rollback(self) -> None:
        """Roll back what was begun; the pool asks for that of each connection it gets back."""
        if not self._settled:
            await super().rollback()
            self._settled = True

    async def run(self, statement: Callable[[sqlite3.Cursor], object]) -> Result:
        """Carry a statement out in the connection's thread; return what came of it."""
        self._settled = False
        done = await self._execute(_run, self._conn, statement)  # type: ignore[no-untyped-call]
        return cast("Result", done)


def _run(connection: sqlite3.Connection, statement: Callable[[sqlite3.Cursor], object]) -> Result:
    cursor = connection.cursor()
    try:
        statement(cursor)
        rows = cursor.fetchall() if cursor.description else []
        # How many rows an INSERT … RETURNING has changed is known when all were fetched.
        return Result(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    finally:
        cursor.close()


def _open(path: Path) -> sqlite3.Connection:
    """Return a new connection, set up in one turn of the thread that it belongs to."""
    connection = sqlite3.connect(path)
    try:
        set_up(connection)
    except BaseException:
        connection.close()
        raise
    return connection


async def connect(path: Path) -> aiosqlite.Connection:
    """Return a new connection to the database at `path`, opened in a thread of its own."""
    connection = Connection(partial(_open, path), _CHUNK)
    # As SQLAlchemy has it with connections of its own making: none may keep a process from ending.
    connection._thread.daemon = True  # noqa: SLF001
    return await connection
