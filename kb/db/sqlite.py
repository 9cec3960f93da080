"""How each connection to SQLite is set up, and how its transactions begin."""

import sqlite3

from sqlalchemy import Connection, Engine, event

BUSY_MILLISECONDS = 15_000
"""How long a writer waits for one in another process."""

JOURNAL = "WAL"
"""Readers go on beside a writer (https://www.sqlite.org/wal.html)."""

SYNCHRONOUS = "FULL"
"""A commit is on the disk before it is said to be done (https://www.sqlite.org/pragma.html)."""

IMMEDIATE = "BEGIN IMMEDIATE"
"""For writers: a transaction that reads first and asks for the write lock later fails when
another wrote in between (https://www.sqlite.org/lang_transaction.html)."""


def set_up(connection: sqlite3.Connection, *, foreign_keys: bool = True) -> None:
    """Set a new connection up; this is blocking."""
    # The driver's own BEGIN would come late and deferred, and not at all before a CREATE
    # TABLE, so that a broken migration would stay half done: we say it ourselves.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_MILLISECONDS}",
        f"journal_mode = {JOURNAL}",
        f"synchronous = {SYNCHRONOUS}",
        f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def begin_with(engine: Engine, statement: str) -> None:
    """Have the engine's transactions begin with that statement."""

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(statement)
