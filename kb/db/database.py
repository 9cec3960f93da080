"""Engines and sessions: many readers that never wait, writers one after another.

SQLite in WAL mode lets readers go on beside one writer.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import Select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from kb.db import generation
from kb.db.connection import connect
from kb.db.sqlite import IMMEDIATE, begin_with
from kb.db.watch import State, Watch
from kb.errors import Busy

READERS = 4
__all__ = ["Database", "PoolTimeout", "ReadSession", "WriteSession"]

READER_WAIT = 5.0
WRITER_WAIT = 60.0
"""Seconds a request waits for a connection before it is told that too much is going on."""


class ReadSession(AsyncSession):
    """A session for looking: each statement sees the last commit, nothing is ever written."""

    async def rows(self, query: Select[Any]) -> Sequence[Any]:
        """Return the rows of a query for named columns, past the ORM.

        Twenty of them take half as long as twenty of its objects.
        """
        found: Sequence[Any] = (await (await self.connection()).execute(query)).all()
        return found

    async def release(self) -> None:
        """Give the connection back while something else is waited for; the next read takes one.

        There are few: who waits for a worker process must not keep others from reading.
        """
        if self.in_transaction():
            await self.commit()


class WriteSession(ReadSession):
    """A session in a write transaction. Services flush it; whoever opened it commits."""

    async def release(self) -> None:
        """Do nothing: a writer keeps its transaction."""


class Database:
    """The engines of one database and the sessions on them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        url, connecting = f"sqlite+aiosqlite:///{path}", partial(connect, path)
        # What is sent to the database stays out of errors, and so out of the log.
        reading = partial(
            create_async_engine,
            url,
            async_creator=connecting,
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            max_overflow=0,
            pool_timeout=READER_WAIT,
            hide_parameters=True,
        )
        self._reader = reading(pool_size=READERS)
        # A connection of its own: those who hold the others may be waiting for the state.
        self._watcher = reading(pool_size=1)
        # One connection: writers of this process queue here, fairly, and not in SQLite's busy loop.
        self._writer = create_async_engine(
            url,
            async_creator=connecting,
            pool_size=1,
            max_overflow=0,
            pool_timeout=WRITER_WAIT,
            hide_parameters=True,
        )
        begin_with(self._writer.sync_engine, IMMEDIATE)
        self._read = async_sessionmaker(self._reader, class_=ReadSession, expire_on_commit=False)
        self._write = async_sessionmaker(self._writer, class_=WriteSession, expire_on_commit=False)
        self._watch = Watch(path.with_suffix(".changed"), self._read_state)
        self._turns: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self.before_commit: list[Callable[[WriteSession], Awaitable[None]]] = []
        """Called at the end of each write transaction that is not aside; a part of it."""
        self.after_commit: list[Callable[[], None]] = []
        """Called, without waiting, whenever this process has committed something."""

    async def state(self) -> State:
        """Return the state of the last commit, of whichever process.

        To be read before what it is to stand for: a commit in between then makes it too old, which
        costs an answer, and never too new, which would hide a change.
        """
        return await self._watch.state()

    async def _read_state(self) -> State:
        try:
            async with ReadSession(self._watcher) as session:
                return await generation.state(session)
        except SQLAlchemyError:
            # That is for whoever reads more to say. A state like no other: all counts as changed.
            return State(token_hex(8), None)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """Open a session for reading."""
        session = self._read()
        try:
            yield session
        finally:
            # One that has asked nothing, or nothing since, holds nothing; a search needs none.
            if session.in_transaction():
                await asyncio.shield(asyncio.create_task(session.close()))

    @asynccontextmanager
    async def write(
        self, *, shown: bool = True, aside: bool = False
    ) -> AsyncIterator[WriteSession]:
        """Open a session for writing; it commits at the end, and rolls back on any exception.

        `shown` says that answers may show what it writes: they are of a new generation then.
        `aside`, that it is no part of what a request is there for, and holds without it: what is
        counted, say. Then nothing is shown, the state is what it was, and nobody is called.

        Raises Busy where another process writes for longer than SQLite waits.
        """
        try:
            async with self._write() as session, session.begin():
                yield session
                for hook in () if aside else self.before_commit:
                    await hook(session)
                if shown and not aside:
                    await generation.advance(session)
        except OperationalError as error:
            if not _is_locked(error):
                raise
            raise Busy("Somebody else is writing. Nothing was saved; try again.") from error
        if aside:
            return
        self._watch.changed()
        for callback in self.after_commit:
            callback()

    @asynccontextmanager
    async def turn(self, what: Hashable) -> AsyncIterator[None]:
        """Wait for those of this process who are at the same thing; nobody else waits for them.

        For work that is prepared before its write transaction, and lost where another comes first.
        """
        async with self._turns.setdefault(what, asyncio.Lock()):
            yield

    async def dispose(self) -> None:
        """Close every connection."""
        await self._watch.close()
        await self._reader.dispose()
        await self._watcher.dispose()
        await self._writer.dispose()


def _is_locked(error: OperationalError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", 0)
    # The low byte is the primary result code (https://www.sqlite.org/rescode.html).
    return code & 0xFF == sqlite3.SQLITE_BUSY
