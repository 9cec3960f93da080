"""The numbers, and how searches come to be counted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from kb import clock
from kb.db.database import Database
from kb.entries import repository as entries_repository
from kb.runtime import Runtime, open_runtime
from kb.settings import AnonymousAccess
from kb.statistics import repository, searches, service
from kb.statistics.schemas import Door
from tests.factories import create_entry
from tests.web.test_accounts import visitor_where

TYPING = {"hx-request-type": "partial", "user-agent": "a browser"}


@pytest.fixture(autouse=True)
def always_counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "FRESH_SECONDS", -1.0)


async def numbers(client: AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/v1/stats")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def counted(runtime: Runtime, client: AsyncClient) -> dict[str, tuple[int, int]]:
    """Return the searches with and without results, by door."""
    await runtime.searches.flush()
    return {
        each["door"]: (each["found"], each["missed"])
        for each in (await numbers(client))["searches"]
    }


async def test_entries_are_counted_by_what_they_are(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    empty = await numbers(client)
    assert (empty["entries"], empty["growth"], empty["stalest"]) == (0, [], [])
    await create_entry(maintainer, language="go", severity="minor", solution="Do.")
    await create_entry(maintainer, language="go", severity="minor")
    open_one = await create_entry(maintainer, category="debug", severity="critical")
    gone = (await create_entry(maintainer, language="rust"))["slug"]
    await maintainer.post(f"/api/v1/entries/{open_one['slug']}/votes", json={"value": 1})
    await maintainer.post(f"/api/v1/entries/{gone}/archive", json={"reason": "Wrong"})
    told = await numbers(client)
    assert (told["entries"], told["unsolved"], told["archived"]) == (3, 2, 1)
    assert told["categories"] == [
        {"category": "gotcha", "count": 2},
        {"category": "debug", "count": 1},
    ]
    assert told["languages"] == [
        {"language": None, "severity": "critical", "count": 1},
        {"language": "go", "severity": "minor", "count": 2},
    ]
    (point,) = told["growth"]
    assert (point["added"], point["total"]) == (3, 3)
    assert told["most_wanted_solutions"][0]["slug"] == open_one["slug"]
    assert len(told["most_wanted_solutions"]) == 2


async def test_what_is_read_most_and_was_looked_after_longest_ago_comes_first(
    maintainer: AsyncClient,
    client: AsyncClient,
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = [(await create_entry(maintainer, title=f"Entry number {n}"))["slug"] for n in range(4)]
    async with runtime.database.write() as session:
        for slug, day in zip(made, (10, 1, 2, 3), strict=True):
            entry = await entries_repository.by_slug(session, slug)
            assert entry
            entry.updated_at = start + timedelta(days=day)
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=11))
    for slug, holds in ((made[1], True), (made[2], False)):
        body = {"holds": holds, "version": "1"}
        answer = await maintainer.post(f"/api/v1/entries/{slug}/reports", json=body)
        assert answer.status_code == 201
    for _ in range(2):
        await client.get(f"/entries/{made[3]}")
    await client.get(f"/entries/{made[0]}")
    await runtime.views.flush()
    told = await numbers(client)
    assert [each["slug"] for each in told["stalest"]] == [made[2], made[3], made[0], made[1]]
    assert told["stalest"][-1]["confirmed_at"].startswith("2026-01-12")
    assert [(each["slug"], each["views"]) for each in told["most_read"]] == [
        (made[3], 2),
        (made[0], 1),
    ]


async def test_searches_are_counted_by_day_door_and_whether_they_found_something(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    await create_entry(maintainer)
    await runtime.indexer.drain()
    for address in ("/?q=endpoint", "/?q=endpoint&page=1", "/?q=zzyzx", "/", "/?tag=asyncio"):
        await client.get(address)
    await client.get("/?q=endpoint", headers={"sec-purpose": "prefetch;prerender"})
    await client.head("/?q=endpoint")
    for q in ("endpoint", "zzyzx", "", " "):
        await client.get("/api/v1/search", params={"q": q})
    assert await counted(runtime, client) == {"api": (1, 1), "page": (2, 1)}
    await client.get("/api/v1/search", params={"q": "endpoint"})
    assert await counted(runtime, client) == {"api": (2, 1), "page": (2, 1)}


async def test_of_what_is_searched_while_typing_what_rests_counts_once(
    maintainer: AsyncClient,
    client: AsyncClient,
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for typed in ("zz", "zzy", "zzyzx"):
        await client.get("/", params={"q": typed}, headers=TYPING)
    await client.get("/", params={"q": "qqq"}, headers=TYPING | {"user-agent": "another"})
    assert await counted(runtime, maintainer) == {}
    await client.get("/", params={"q": "zzyzx"}, headers={"user-agent": "a browser"})
    assert await counted(runtime, maintainer) == {"page": (0, 1)}
    monkeypatch.setattr(searches, "REST_SECONDS", 0.0)
    assert await counted(runtime, maintainer) == {"page": (0, 2)}
    wanted = (await numbers(maintainer))["wanted"]
    assert [each["words"] for each in wanted] == ["qqq", "zzyzx"]


async def test_only_maintainers_see_what_was_searched_for_in_vain(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    await create_entry(maintainer)
    await runtime.indexer.drain()
    for q in ("Quux  Flibber", "quux flibber", "password=hunter2", "endpoint"):
        await client.get("/api/v1/search", params={"q": q})
    await client.get("/api/v1/search", params={"q": "narrow", "tag": "none"})
    await runtime.searches.flush()
    (wanted,) = (await numbers(maintainer))["wanted"]
    assert (wanted["words"], wanted["times"]) == ("quux flibber", 2)
    assert (await numbers(client))["wanted"] is None


async def test_what_is_wanted_is_bounded_and_forgotten(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "WANTED_KEPT", 2)
    today = datetime(2026, 6, 1, tzinfo=UTC).date()
    async with runtime.database.write() as session:
        await repository.add_wanted(session, {"old": 9}, today - timedelta(days=91))
        await repository.add_wanted(session, {"a": 1, "b": 3, "c": 2}, today)
    async with runtime.database.read() as session:
        kept = [row.words for row in await repository.wanted(session, 10)]
    assert kept == ["b", "c"]


async def test_processes_add_to_the_same_counts(runtime: Runtime, client: AsyncClient) -> None:
    async with open_runtime(runtime.settings, processes=0) as other:
        for each in (runtime, other):
            asked = searches.Asked(Door.API, "flibber", found=False)
            each.searches.count(asked)
            await each.searches.flush()
    assert await counted(runtime, client) == {"api": (0, 2)}


async def test_searches_that_could_not_be_written_are_kept(
    runtime: Runtime, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.searches.count(searches.Asked(Door.PAGE, "a", found=True))
    with monkeypatch.context() as broken:
        broken.setattr(Database, "write", lambda _, **_options: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await runtime.searches.flush()
    assert await counted(runtime, client) == {"page": (1, 0)}


async def test_numbers_are_not_counted_for_each_who_asks(
    maintainer: AsyncClient, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "FRESH_SECONDS", 3600.0)
    before = await numbers(client)
    await create_entry(maintainer)
    assert await numbers(client) == before


async def test_where_nobody_reads_without_signing_in_numbers_are_not_told(
    app: FastAPI, runtime: Runtime
) -> None:
    async with visitor_where(app, runtime, AnonymousAccess.NONE) as visitor:
        for address in ("/stats", "/api/v1/stats"):
            assert (await visitor.get(address)).status_code == 401
