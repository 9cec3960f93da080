"""What a read asks of the database costs the same however many entries there are.

Counted are the instructions of SQLite's virtual machine, which say the same on every machine.
"""

import json
import sqlite3
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from kb.db.connection import Connection, Result
from kb.entries import counts, lists
from kb.runtime import Runtime
from kb.statistics import service as statistics
from tests.conftest import client_of
from tests.factories import make_values

FEW, MANY = 60, 600
"""Of few, too, there are more than any two pages show."""

NOBODY: Any = None
"""Counts no longer; aiosqlite's types do not know of it."""

ABOUT = 100
"""To read the state of the database takes less; whether it is due is for the clock to say."""

READS = [
    "/",
    "/?sort=votes",
    "/?sort=votes&language=python",
    "/?sort=updated",
    "/?sort=updated&tag=asyncio",
    "/?page=2",
    "/?language=python",
    "/?language=python&language=rust",
    "/?language=python&category=gotcha",
    "/?language=python&framework=none",
    "/?tag=asyncio",
    "/?tag=asyncio&page=2",
    "/?tag=asyncio&tag=often",
    "/?tag=asyncio&tag=none",
    "/tags",
    "/activity",
    "/feed.atom",
    "/start",
    "/stats",
    "/?q=entry",
    "/entries/entry-number-7-of-all",
    "/entries/entry-number-7-of-all/related",
    "/entries/entry-number-7-of-all/revisions",
    "/api/v1/entries",
    "/api/v1/entries?sort=votes",
    "/api/v1/entries?sort=views&limit=25",
    "/api/v1/entries?sort=updated",
    "/api/v1/entries?sort=updated&language=python",
    "/api/v1/entries?sort=updated&tag=asyncio",
    "/api/v1/entries?sort=views&tag=asyncio",
    "/api/v1/entries?language=python",
    "/api/v1/entries?tag=asyncio",
    "/api/v1/entries?tag=asyncio&tag=often",
    "/api/v1/entries?tag=asyncio&language=python",
    "/api/v1/entries/entry-number-7-of-all",
    "/api/v1/search?q=entry",
    "/api/v1/tags",
    "/api/v1/stats",
    "/healthz",
]


counted: ContextVar[list[int] | None] = ContextVar("counted", default=None)
"""The instructions of each statement of one request; what goes on beside it has no part in that."""


@pytest.fixture(autouse=True)
def few_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have fewer entries counted for two filters, or walked in an order, than there are of few."""
    monkeypatch.setattr(counts, "COUNTED", FEW // 2)
    monkeypatch.setattr(lists, "WALKED", FEW // 2)


@pytest.fixture(autouse=True)
def fresh_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have numbers counted for each who asks."""
    monkeypatch.setattr(statistics, "FRESH_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count what SQLite does for statements."""
    run = Connection.run

    async def run_counted(
        self: Connection, statement: Callable[[sqlite3.Cursor], object]
    ) -> Result:
        steps = counted.get()
        if steps is None:
            return await run(self, statement)

        def step() -> None:
            steps.append(1)

        def with_steps(cursor: sqlite3.Cursor) -> None:
            cursor.connection.set_progress_handler(step, 1)
            statement(cursor)

        try:
            return await run(self, with_steps)
        finally:
            await self.set_progress_handler(NOBODY, 1)

    monkeypatch.setattr(Connection, "run", run_counted)


async def add(client: AsyncClient, runtime: Runtime, numbers: range) -> None:
    """Add entries of these numbers, and wait until they are in the index."""
    lines = [
        json.dumps(
            make_values(
                title=f"Entry number {number} of all", language="python", tags=["asyncio", "often"]
            )
        )
        for number in numbers
    ]
    answer = await client.post(
        "/api/v1/import",
        content="\n".join(lines),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code == 200, answer.text
    await runtime.indexer.drain()


async def taken(app: FastAPI) -> dict[str, int]:
    """Return the instructions that each read takes of who asks first, its next page, a last one."""
    found = {}
    following: str | None
    async with client_of(app) as visitor:
        for path in READS:
            found[path], following = await taken_by(visitor, path)
            if following:
                found[f"{path}, next"], _ = await taken_by(visitor, following)
        following = "/api/v1/entries?sort=updated&language=python&limit=20"
        while following:
            found["the last page of a walk"], following = await taken_by(visitor, following)
    return found


async def taken_by(visitor: AsyncClient, path: str) -> tuple[int, str | None]:
    """Return the instructions that the read takes, and where its next page is, if it says so."""
    steps: list[int] = []
    counted.set(steps)
    answer = await visitor.get(path)
    counted.set(None)
    assert answer.status_code == 200, path
    return len(steps), answer.links.get("next", {}).get("url")


async def test_reads_take_as_much_of_the_database_with_ten_times_the_entries(
    app: FastAPI, runtime: Runtime, maintainer: AsyncClient
) -> None:
    await add(maintainer, runtime, range(FEW))
    few = await taken(app)
    await add(maintainer, runtime, range(FEW, MANY))
    many = await taken(app)
    assert few["/api/v1/entries"] > 0
    assert few["/api/v1/entries, next"] > 0
    grown = {path: (few[path], many[path]) for path in few if many[path] > few[path] + ABOUT}
    assert grown == {}
