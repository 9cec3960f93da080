"""While a worker process is waited for, others read and write."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from kb.db.database import READERS
from kb.runtime import Runtime
from tests import work
from tests.factories import create_entry, revise

PROCESSES = 2
PATIENCE = 10
"""Seconds after which something is taken to wait for ever."""

PARTIAL = {"HX-Request-Type": "partial"}


@pytest.fixture
async def let_go(runtime: Runtime, tmp_path: Path) -> AsyncIterator[Callable[[], None]]:
    """Every worker process is taken, until this is called; there is nothing to be indexed."""
    await runtime.indexer.drain()
    until = tmp_path / "until"
    started = [tmp_path / f"started-{number}" for number in range(PROCESSES)]
    stays = [
        asyncio.create_task(runtime.executor.cpu(work.stay, str(one), str(until), seconds=60))
        for one in started
    ]
    while not all(one.exists() for one in started):
        assert not any(one.done() for one in stays)  # nobody would come any more
        await asyncio.sleep(0.01)
    yield until.touch
    until.touch()
    await asyncio.gather(*stays)


@pytest.fixture
async def slug(maintainer: AsyncClient) -> str:
    """An entry at revision 2."""
    made = str((await create_entry(maintainer))["slug"])
    assert await revise(maintainer, made, 1, why="A") == 201
    return made


@pytest.fixture
async def stale(client: AsyncClient, maintainer: AsyncClient, slug: str) -> str:
    """A suggestion that has to be merged; its address in the API."""
    body = {"base": 2, "context": "Suggested."}
    made = await client.post(f"/api/v1/entries/{slug}/revisions", json=body)
    assert made.status_code == 202
    assert await revise(maintainer, slug, 2, why="B") == 201
    return f"/api/v1/suggestions/{made.json()['id']}"


async def vote(client: AsyncClient, slug: str) -> int:
    voting = client.post(f"/api/v1/entries/{slug}/votes", json={"value": 1})
    return (await asyncio.wait_for(voting, PATIENCE)).status_code


async def begun(runtime: Runtime, calls: int = 1) -> None:
    """Let requests come as far as they get: until so many calls of theirs wait for a worker."""
    async with asyncio.timeout(PATIENCE):
        while runtime.executor.load().waiting < calls:
            await asyncio.sleep(0.01)


async def test_nobody_waits_for_the_merge_of_another_ones_revision(
    client: AsyncClient,
    maintainer: AsyncClient,
    runtime: Runtime,
    slug: str,
    let_go: Callable[[], None],
) -> None:
    merging = asyncio.create_task(revise(maintainer, slug, 1, context="C"))
    await begun(runtime)
    assert await vote(client, slug) == 200
    let_go()
    assert await merging == 201


@pytest.mark.parametrize("decision", ["accept", "reject"])
async def test_nobody_waits_for_what_follows_a_decision(
    client: AsyncClient,
    maintainer: AsyncClient,
    runtime: Runtime,
    slug: str,
    stale: str,
    decision: str,
    let_go: Callable[[], None],
) -> None:
    deciding = asyncio.create_task(maintainer.post(f"{stale}/{decision}"))
    await begun(runtime)
    assert await vote(client, slug) == 200
    let_go()
    assert (await deciding).status_code == 200


TOGETHER = {"{page}"}
"""Where many wait for one call, which all of them get the answer of."""

LOOKS = [
    *("/api/v1/suggestions", "{stale}", "/review", "/?q=sleeping", "/api/v1/search?q=sleeping"),
    *("{page}", "{page}?q=sleeping", "{page}/related", "/entries/new?title=Sleeping+stalls"),
]


@pytest.mark.parametrize("path", LOOKS)
async def test_readers_do_not_wait_for_those_who_wait_for_a_worker(
    client: AsyncClient,
    runtime: Runtime,
    slug: str,
    stale: str,
    path: str,
    let_go: Callable[[], None],
) -> None:
    address = path.format(stale=stale, page=f"/entries/{slug}")
    look = [client.get(address, headers=PARTIAL) for _ in range(READERS + 1)]
    looks = [asyncio.create_task(one) for one in look]
    await begun(runtime, 1 if path in TOGETHER else len(looks))
    reading = client.get(f"/api/v1/entries/{slug}")
    assert (await asyncio.wait_for(reading, PATIENCE)).status_code == 200
    let_go()
    assert [one.status_code for one in await asyncio.gather(*looks)] == [200] * len(looks)


async def test_who_is_overtaken_while_a_merge_waits_is_merged_again(
    client: AsyncClient,
    maintainer: AsyncClient,
    runtime: Runtime,
    slug: str,
    let_go: Callable[[], None],
) -> None:
    merging = asyncio.create_task(revise(maintainer, slug, 1, context="C"))
    await begun(runtime)
    # A restore needs no merge, so it comes first.
    restored = await maintainer.post(f"/api/v1/entries/{slug}/revisions/1/restore")
    assert restored.status_code == 201
    let_go()
    assert await merging == 201
    made = (await client.get(f"/api/v1/entries/{slug}/revisions/4")).json()
    assert (made["base"], made["merged_with"]) == (1, 3)
    assert (made["content"]["why"], made["content"]["context"]) == (None, "C")
