"""Connections: who waits for which, and who for none."""

import asyncio
import sqlite3
from contextlib import AsyncExitStack

import anyio
import pytest
from sqlalchemy.exc import OperationalError

from kb.db import sqlite
from kb.db.database import READERS, Database
from kb.errors import Busy
from kb.settings import Settings


async def test_a_writer_kept_out_by_another_process_is_told_to_try_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_MILLISECONDS", 20)
    database = Database(settings.database_path)
    other = sqlite3.connect(settings.database_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy, match="try again"):
        async with database.write() as session:
            await session.connection()
    other.rollback()
    other.close()
    async with database.write() as session:
        await session.connection()
    await database.dispose()


async def test_a_commit_is_on_the_disk_before_it_is_said_to_be_done(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, waits_for_the_disk: str
) -> None:
    monkeypatch.setattr(sqlite, "SYNCHRONOUS", waits_for_the_disk)
    database = Database(settings.database_path)
    async with database.write() as session:
        asked = await (await session.connection()).exec_driver_sql("PRAGMA synchronous")
        assert asked.scalar_one() == 2  # FULL: https://www.sqlite.org/pragma.html
    await database.dispose()


async def test_who_is_cancelled_while_a_transaction_begins_leaves_none_open(
    settings: Settings,
) -> None:
    database = Database(settings.database_path)
    other = sqlite3.connect(settings.database_path, isolation_level=None)

    async def write() -> None:
        async with database.write() as session:
            await session.connection()

    await write()
    for turns in range(40):
        other.execute("BEGIN IMMEDIATE")
        cancelled = asyncio.create_task(write())
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled.cancel()
        other.rollback()
        await asyncio.wait([cancelled])
        await write()
    other.close()
    await database.dispose()


async def test_another_fault_of_the_database_is_no_busy_one(settings: Settings) -> None:
    database = Database(settings.database_path)
    with pytest.raises(OperationalError, match="no such table"):
        async with database.write() as session:
            await (await session.connection()).exec_driver_sql("SELECT 1 FROM nowhere")
    await database.dispose()


async def test_the_state_is_known_also_where_all_readers_have_their_connections(
    settings: Settings,
) -> None:
    database = Database(settings.database_path)
    async with AsyncExitStack() as stack:
        for _ in range(READERS):
            session = await stack.enter_async_context(database.read())
            await session.connection()
        with anyio.fail_after(2):
            assert (await database.state()).unindexed is None
    await database.dispose()


async def test_who_only_counts_has_nobody_look_for_changes(settings: Settings) -> None:
    database = Database(settings.database_path)
    called = 0

    def call() -> None:
        nonlocal called
        called += 1

    database.after_commit.append(call)
    for aside, calls in ((True, 0), (False, 1)):
        async with database.write(shown=False, aside=aside) as session:
            await session.connection()
        assert called == calls
    await database.dispose()
