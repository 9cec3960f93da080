"""Workers that have opened the index before anybody searches."""

import asyncio
import shutil

import pytest
from httpx2 import AsyncClient
from sqlmodel import update

from kb.models import Entry
from kb.runtime import Runtime
from kb.search import outbox, warming
from kb.search.engine import Hit, SearchHits
from kb.search.showing import Show
from tests.factories import create_entry


async def test_every_worker_for_quick_work_searches_once(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "AFTER", 0.0)
    asked = []
    search_then = runtime.search._engine.search_then

    async def noted(request, show):  # type: ignore[no-untyped-def]
        page = await search_then(request, show)
        asked.append(page.hits.total)
        return page

    monkeypatch.setattr(runtime.search._engine, "search_then", noted)
    await runtime.search.warm_up()
    assert asked == [0] * runtime.executor.at_once


async def test_an_index_that_is_not_there_yet_is_no_fault(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "AFTER", 0.0)
    shutil.rmtree(runtime.settings.index_dir)
    await runtime.search.warm_up()


async def test_entries_are_prepared_before_they_are_found(
    maintainer: AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "AFTER", 0.0)
    await create_entry(maintainer, title="A loop that waits", problem="The loop waits long.")
    while await _unindexed(runtime):  # a worker at that would have another one prepare them
        await asyncio.sleep(0.01)
    await runtime.search.warm_up()
    # A revision changes the number, too; this is what no worker reads that has read it before.
    async with runtime.database.write() as session:
        await session.exec(update(Entry).values(problem="Not read again."))
    hits = SearchHits((Hit(1, 1.0),), 1, "", terms=frozenset({"loop"}))
    page = await runtime.executor.cpu(Show(runtime.settings.database_path, 1), hits)
    assert [one.snippet.html for one in page.entries] == ["The <mark>loop</mark> waits long."]


async def _unindexed(runtime: Runtime) -> bool:
    async with runtime.database.read() as session:
        return await outbox.waiting(session) > 0
