"""Workers that have opened the index before anybody searches."""

import shutil

import pytest

from kb.runtime import Runtime
from kb.search import service


async def test_every_worker_searches_once(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "WARM_UP_AFTER", 0.0)
    asked = []
    search_then = runtime.search._engine.search_then

    async def noted(request, show):  # type: ignore[no-untyped-def]
        page = await search_then(request, show)
        asked.append(page.hits.total)
        return page

    monkeypatch.setattr(runtime.search._engine, "search_then", noted)
    await runtime.search.warm_up()
    assert asked == [0] * runtime.executor.processes


async def test_an_index_that_is_not_there_yet_is_no_fault(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "WARM_UP_AFTER", 0.0)
    shutil.rmtree(runtime.settings.index_dir)
    await runtime.search.warm_up()
