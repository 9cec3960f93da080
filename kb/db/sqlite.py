"""How each connection to SQLite is set up, and how its transactions begin."""

from typing import Any

from sqlalchemy import Engine, event

BUSY_MILLISECONDS = 15_000
"""How long a writer waits for one in another process."""

SYNCHRONOUS = "FULL"
"""A commit is on the disk before it is said to be done (https://www.sqlite.org/pragma.html)."""

IMMEDIATE = "BEGIN IMMEDIATE"
"""For writers: a transaction that reads first and asks for the write lock later fails when
another wrote in between (https://www.sqlite.org/lang_transaction.html)."""


def prepare(engine: Engine, *, begin: str | None, foreign_keys: bool = True) -> None:
    """Set each new connection of the engine up; `begin` is the statement that begins, if any."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        # The driver's own BEGIN would come late and deferred, and not at all before a CREATE
        # TABLE, so that a broken migration would stay half done: we say it ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {BUSY_MILLISECONDS}",
            "journal_mode = WAL",
            f"synchronous = {SYNCHRONOUS}",
            f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    if begin is not None:

        @event.listens_for(engine, "begin")
        def _begun(connection: Any) -> None:
            connection.exec_driver_sql(begin)
