"""Reports on whether entries are still true, and the entries that want looking after."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from httpx2 import AsyncClient

from kb import clock
from kb.accounts.service import local_owner
from kb.reports import service as reports
from kb.reports.service import Upkeep
from kb.runtime import Runtime
from kb.settings import AnonymousAccess
from tests.api.test_bad_input import assert_problem
from tests.factories import create_entry, revise

FAILS = {"holds": False, "version": "fastapi 0.163"}
HOLDS = {"holds": True, "version": "fastapi 0.163"}


@pytest.fixture
async def slug(maintainer: AsyncClient) -> str:
    """The slug of an entry with a solution."""
    return str((await create_entry(maintainer, solution="Use `asyncio.sleep`."))["slug"])


async def say(client: AsyncClient, slug: str, **body: object) -> None:
    """Report on the entry."""
    answer = await client.post(f"/api/v1/entries/{slug}/reports", json=body)
    assert answer.status_code == 201, answer.text


async def upkeep(runtime: Runtime) -> Upkeep:
    """Return what wants looking after."""
    async with runtime.database.read() as session:
        return await reports.upkeep(session, local_owner(AnonymousAccess.SUGGEST))


async def doubted(runtime: Runtime) -> list[str]:
    """Return the slugs of what is said to be no longer true."""
    return [row.slug for row in (await upkeep(runtime)).doubted]


async def test_reports_are_listed_the_newest_first(
    slug: str, maintainer: AsyncClient, client: AsyncClient
) -> None:
    await say(client, slug, **FAILS, note="It   hangs now.")
    await revise(maintainer, slug, 1, why="More.")
    await say(maintainer, slug, **HOLDS)
    newest, first = (await client.get(f"/api/v1/entries/{slug}/reports")).json()["items"]
    assert newest | HOLDS | {"note": "", "revision": 2, "author": "script"} == newest
    assert first | FAILS | {"note": "It hangs now.", "revision": 1, "author": "anonymous"} == first
    entry = (await client.get(f"/api/v1/entries/{slug}")).json()
    assert entry["revision"] == 2


async def test_a_doubt_stands_until_somebody_confirms_or_revises(
    slug: str, maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    assert await doubted(runtime) == []
    await say(client, slug, **FAILS)
    await say(client, slug, **FAILS)
    assert await doubted(runtime) == [slug]
    await say(client, slug, **HOLDS)
    assert await doubted(runtime) == []
    await say(client, slug, **FAILS)
    assert await revise(maintainer, slug, 1, applies_to="fastapi < 0.163") == 201
    assert await doubted(runtime) == []


async def test_what_nobody_confirmed_for_a_year_is_offered(
    slug: str, client: AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)

    async def offered_after(days: int) -> list[str]:
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=days))
        return [row.slug for row in (await upkeep(runtime)).unconfirmed]

    assert await offered_after(364) == []
    assert await offered_after(366) == [slug]
    await say(client, slug, **FAILS)
    assert await offered_after(366) == [slug]
    await say(client, slug, **HOLDS)
    assert await offered_after(366) == []
    assert await offered_after(366 + 364) == []
    assert await offered_after(366 + 366) == [slug]


async def test_open_gotchas_are_offered_the_most_wanted_first(
    slug: str, maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    first = (await create_entry(maintainer, title="Nobody knows what to do"))["slug"]
    second = (await create_entry(maintainer, title="Nobody knows here either"))["slug"]
    await client.post(f"/api/v1/entries/{first}/votes", json={"value": 1})
    assert [row.slug for row in (await upkeep(runtime)).unsolved] == [first, second]
    await revise(maintainer, first, 1, solution="Sleep asynchronously.")
    assert [row.slug for row in (await upkeep(runtime)).unsolved] == [second]


async def test_what_is_archived_wants_nothing(
    slug: str, maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    unsolved = (await create_entry(maintainer, title="Nobody knows what to do"))["slug"]
    await say(client, slug, **FAILS)
    for one in (slug, unsolved):
        await maintainer.post(f"/api/v1/entries/{one}/archive", json={"reason": "Gone."})
    assert await upkeep(runtime) == Upkeep([], [], [])
    answer = await client.post(f"/api/v1/entries/{slug}/reports", json=HOLDS)
    assert_problem(answer, 409, "archived")


async def test_reports_made_at_once_are_all_kept(slug: str, client: AsyncClient) -> None:
    await asyncio.gather(*(say(client, slug, **FAILS, note=f"Try {n}") for n in range(10)))
    items = (await client.get(f"/api/v1/entries/{slug}/reports")).json()["items"]
    assert {item["note"] for item in items} == {f"Try {n}" for n in range(10)}


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"holds": "yes"}, 422, "holds"),
        ({"holds": None}, 422, "holds"),
        ({"version": " "}, 422, "version"),
        ({"version": "x" * 101}, 422, "version"),
        ({"note": "x" * 1001}, 422, "note"),
        ({"note": "a\x00b"}, 422, "note"),
        ({"more": 1}, 422, "more"),
        ({"note": "x" * 1_100_000}, 413, None),
    ],
)
async def test_a_bad_report_is_refused(
    slug: str, client: AsyncClient, changes: dict[str, object], status: int, field: str | None
) -> None:
    answer = await client.post(f"/api/v1/entries/{slug}/reports", json=HOLDS | changes)
    problem = assert_problem(answer, status, "invalid" if field else "too-large")
    assert [error["field"] for error in problem.get("errors", [])] == ([field] if field else [])
    assert (await client.get(f"/api/v1/entries/{slug}/reports")).json() == {"items": []}


async def test_there_are_no_reports_on_what_does_not_exist(client: AsyncClient) -> None:
    path = "/api/v1/entries/none/reports"
    assert_problem(await client.get(path), 404, "not-found")
    assert_problem(await client.post(path, json=HOLDS), 404, "not-found")
