"""From the database to the index, in batches that large entries do not make too large."""

import asyncio
import io
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from math import inf
from pathlib import Path

import anyio
import pytest
from httpx2 import AsyncClient

from kb.accounts.policy import Actor
from kb.accounts.service import local_owner
from kb.db import watch
from kb.entries.selection import Selection
from kb.runtime import Runtime, in_background, open_runtime
from kb.search import indexer, outbox
from kb.search.engine import Document
from kb.search.results import Search
from kb.settings import EngineName, Settings
from kb.transfer.importing import import_records
from kb.transfer.reading import Reader
from tests.factories import create_entry, make_values, revise
from tests.search.searcher import ENGINE
from tests.servers import PATIENCE

NUMBER = 2 * indexer.PORTION + 5


def owner_of(runtime: Runtime) -> Actor:
    return local_owner(runtime.settings.anonymous)


async def import_some(runtime: Runtime) -> None:
    lines = [json.dumps(make_values(title=f"Entry number {one}")) for one in range(NUMBER)]
    reader = Reader([io.BytesIO("\n".join(lines).encode())])
    async for _ in import_records(runtime.database, runtime.executor, owner_of(runtime), reader):
        pass


def noted_commits(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the list to which each commit of the engine will add how many entries it took in."""
    noted: list[int] = []
    apply = runtime.indexer._engine.apply

    async def noting(upserts: Sequence[Document], deletes: Sequence[int]) -> None:
        await apply(upserts, deletes)
        noted.append(len(upserts))

    monkeypatch.setattr(runtime.indexer._engine, "apply", noting)
    return noted


@pytest.mark.parametrize(("characters", "commits"), [(1, 3), (indexer.BATCH_CHARACTERS, 1)])
async def test_a_batch_ends_where_its_entries_have_much_text(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, characters: int, commits: int
) -> None:
    monkeypatch.setattr(indexer, "BATCH_CHARACTERS", characters)
    async with open_runtime(settings, processes=0) as runtime:
        await runtime.indexer.heal()
        noted = noted_commits(runtime, monkeypatch)
        await import_some(runtime)
        await runtime.indexer.drain()

        assert (len(noted), sum(noted)) == (commits, NUMBER)
        assert await runtime.indexer.differences() == []


POSTINGS = {EngineName.WHOOSH: "*.pst", EngineName.TANTIVY: "*.idx"}[ENGINE]
"""The files of an engine that say which entries have a word; no comparison reads them."""


def current_folder(runtime: Runtime) -> Path:
    root = runtime.settings.index_dir
    folder: str = json.loads((root / "current.json").read_text())["folder"]
    return root / folder


def damage_postings(runtime: Runtime) -> Path:
    """Overwrite them where they are; return the folder of the index."""
    folder = current_folder(runtime)
    for path in folder.glob(POSTINGS):
        with path.open("r+b") as file:
            file.write(b"\xff" * path.stat().st_size)
    return folder


async def is_degraded(runtime: Runtime, text: str) -> bool:
    """Say whether the database answers a search."""
    search = Search(text, Selection())
    return (await runtime.search.search(owner_of(runtime), search)).degraded


async def rebuilt(runtime: Runtime, damaged: Path) -> None:
    """Wait until another index is used, and has everything."""
    with anyio.fail_after(PATIENCE):
        while current_folder(runtime) == damaged or await runtime.indexer.differences():
            await anyio.sleep(0.05)


@pytest.fixture
async def restarted(settings: Settings) -> AsyncIterator[Runtime]:
    """A runtime that has not read anything yet of an index with entries, which is damaged."""
    async with open_runtime(settings, processes=0) as first:
        await import_some(first)
        await first.indexer.drain()
        damage_postings(first)
    async with open_runtime(settings) as runtime:
        yield runtime


async def test_an_index_that_can_be_compared_and_not_be_searched_is_built_anew(
    restarted: Runtime,
) -> None:
    damaged = current_folder(restarted)
    assert await is_degraded(restarted, "entry number")
    async with in_background(restarted):
        await rebuilt(restarted, damaged)
        assert not await is_degraded(restarted, "entry number")


async def test_an_index_that_can_be_compared_and_not_be_written_to_is_built_anew(
    runtime: Runtime, maintainer: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "RETRY_SECONDS", 0.1)
    slug = (await create_entry(maintainer))["slug"]
    await import_some(runtime)
    await runtime.indexer.drain()
    damaged = damage_postings(runtime)
    assert await revise(maintainer, slug, 1, why="Of zebras.") == 201
    await rebuilt(runtime, damaged)
    assert not await is_degraded(runtime, "zebras")
    async with runtime.database.read() as session:
        assert await outbox.waiting(session) == 0


async def test_an_index_that_is_not_usable_right_after_it_was_built_is_left_for_a_while(
    restarted: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What makes searches fail then is not in its files."""
    damaged = current_folder(restarted)
    assert await is_degraded(restarted, "entry number")
    await restarted.indexer.heal()
    again = current_folder(restarted)
    assert again != damaged
    for _ in range(3):
        restarted.indexer.suspect()
        await restarted.indexer.heal()
    assert current_folder(restarted) == again
    monkeypatch.setattr(indexer, "LEFT_ALONE", 0.0)
    restarted.indexer.suspect()
    await restarted.indexer.heal()
    assert current_folder(restarted) != again


async def test_what_waits_for_the_index_is_not_noted_twice(settings: Settings) -> None:
    async with open_runtime(settings, processes=0) as runtime:
        await import_some(runtime)
        for _ in range(2):
            await runtime.indexer.heal()
            async with runtime.database.read() as session:
                assert await outbox.waiting(session) == NUMBER


async def test_while_nobody_commits_the_database_is_not_asked_what_waits(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LASTS", inf)
    async with open_runtime(settings, processes=0) as runtime:
        await import_some(runtime)
        await runtime.indexer.drain()
        assert await runtime.indexer.differences() == []
        with closing(sqlite3.connect(settings.database_path)) as behind:
            behind.execute("ALTER TABLE outbox RENAME TO elsewhere")
        await runtime.indexer.drain()


@pytest.mark.parametrize("at_once", [True, False])
async def test_of_several_servers_one_builds_a_missing_index(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, *, at_once: bool
) -> None:
    async with open_runtime(settings, processes=0) as one, open_runtime(settings) as other:
        await import_some(one)
        for runtime in (one, other):
            await runtime.indexer.heal()
        shutil.rmtree(settings.index_dir)
        built = []
        for runtime in (one, other):
            rebuild = runtime.indexer._engine.rebuild

            async def noted(documents, rebuild=rebuild):  # type: ignore[no-untyped-def]
                await rebuild(documents)
                built.append(rebuild)

            monkeypatch.setattr(runtime.indexer._engine, "rebuild", noted)
            runtime.indexer.suspect()
        if at_once:
            await asyncio.gather(one.indexer.heal(), other.indexer.heal())
        for runtime in (one, other):
            runtime.indexer.suspect()
            await runtime.indexer.heal()
            assert await runtime.indexer.differences() == []
        assert len(built) == 1
