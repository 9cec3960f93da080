"""The archive: entries out of every list, with the reason, and brought back."""

import asyncio

import pytest
from httpx2 import AsyncClient

from kb.runtime import Runtime
from kb.search.checking import describe_differences
from tests.api.test_bad_input import assert_problem
from tests.factories import create_entry, make_values, revise

REASON = {"reason": "Fixed in 0.170; the advice does harm there."}


@pytest.fixture
async def slug(maintainer: AsyncClient) -> str:
    """The slug of an entry, one of two."""
    await create_entry(maintainer, title="Another one that stays", tags=["stays"], problem="It is.")
    return str((await create_entry(maintainer, language="cobol"))["slug"])


async def archive(client: AsyncClient, slug: str) -> None:
    """Archive the entry."""
    answer = await client.post(f"/api/v1/entries/{slug}/archive", json=REASON)
    assert answer.status_code == 200, answer.text


async def test_an_archived_entry_is_in_no_list_and_comes_back(
    slug: str, maintainer: AsyncClient, client: AsyncClient
) -> None:
    async def seen() -> list[object]:
        listed = (await client.get("/api/v1/entries")).json()
        tags = (await client.get("/api/v1/tags")).json()
        by_tag = (await client.get("/api/v1/entries?tag=asyncio")).json()["total"]
        page = (await client.get("/")).text
        return [
            listed["total"],
            len(listed["items"]),
            tags["total"],
            by_tag,
            f"/entries/{slug}" in page,
            "language=cobol" in page,
            "tag=asyncio" in page,
        ]

    before = await seen()
    assert before == [2, 2, 2, 1, True, True, True]
    await archive(maintainer, slug)
    assert await seen() == [1, 1, 1, 0, False, False, False]
    answer = await maintainer.post(f"/api/v1/entries/{slug}/unarchive")
    assert (answer.status_code, answer.json()["archived"]) == (200, None)
    assert await seen() == before


async def test_search_does_not_find_what_is_archived(
    slug: str, maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    await runtime.indexer.drain()
    assert (await client.get("/api/v1/search?q=event+loop")).json()["total"] == 1
    await archive(maintainer, slug)
    found = (await client.get("/api/v1/search?q=event+loop")).json()
    assert found["items"] == []
    await runtime.indexer.drain()
    found = (await client.get("/api/v1/search?q=event+loop")).json()
    assert (found["items"], found["total"], found["facets"]["language"]) == ([], 0, [])
    assert await describe_differences(runtime.database, runtime.indexer) == []
    await runtime.indexer.rebuild()
    assert (await client.get("/api/v1/search?q=event+loop")).json()["total"] == 0
    await maintainer.post(f"/api/v1/entries/{slug}/unarchive")
    await runtime.indexer.drain()
    assert (await client.get("/api/v1/search?q=event+loop")).json()["total"] == 1


async def test_an_archived_entry_says_why_and_keeps_its_history(
    slug: str, maintainer: AsyncClient, client: AsyncClient
) -> None:
    await archive(maintainer, slug)
    etag = (await client.get(f"/api/v1/entries/{slug}")).headers
    assert "etag" not in etag
    answer = await client.get(f"/api/v1/entries/{slug}", headers={"If-None-Match": '"r1"'})
    archived = answer.json()["archived"]
    assert archived | REASON | {"archived_by": "script"} == archived
    assert (await client.get(f"/api/v1/entries/{slug}/revisions")).json()["total"] == 1


async def test_nothing_about_an_archived_entry_changes(
    slug: str, maintainer: AsyncClient, client: AsyncClient
) -> None:
    path = f"/api/v1/entries/{slug}"
    assert await revise(maintainer, slug, 1, why="More.") == 201
    await archive(maintainer, slug)
    for caller in (maintainer, client):
        answer = await caller.post(f"{path}/revisions", json={"base": 2, "why": "Else."})
        problem = assert_problem(answer, 409, "archived")
        assert REASON["reason"] in problem["detail"]
    assert_problem(await client.post(f"{path}/votes", json={"value": 1}), 409, "archived")
    assert (await client.get(path)).json()["revision"] == 2


async def test_what_was_suggested_before_waits_until_the_entry_is_back(
    slug: str, maintainer: AsyncClient, client: AsyncClient, owner: AsyncClient
) -> None:
    assert await revise(client, slug, 1, why="Suggested.") == 202
    await archive(maintainer, slug)
    assert (await owner.get("/review")).text.count("Sleeping in an endpoint") == 1
    assert (await owner.post("/review/1/accept")).status_code == 409
    await maintainer.post(f"/api/v1/entries/{slug}/unarchive")
    assert (await owner.post("/review/1/accept")).status_code == 303


async def test_it_is_archived_and_restored_once_however_many_try(
    slug: str, maintainer: AsyncClient
) -> None:
    path = f"/api/v1/entries/{slug}"
    for address, body, problem in (
        (f"{path}/archive", REASON, "archived"),
        (f"{path}/unarchive", None, "conflict"),
    ):
        answers = await asyncio.gather(*(maintainer.post(address, json=body) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
        assert_problem(await maintainer.post(address, json=body), 409, problem)
    await archive(maintainer, slug)


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ({}, 422, "invalid"),
        ({"reason": " \n"}, 422, "invalid"),
        ({"reason": "x" * 301}, 422, "invalid"),
        ({"reason": "a\x00b"}, 422, "invalid"),
        ({"reason": "x" * 1_100_000}, 413, "too-large"),
        (REASON | {"more": 1}, 422, "invalid"),
    ],
)
async def test_an_archival_needs_a_reason_fit_to_be_read(
    slug: str, maintainer: AsyncClient, body: dict[str, object], status: int, problem: str
) -> None:
    answer = await maintainer.post(f"/api/v1/entries/{slug}/archive", json=body)
    assert_problem(answer, status, problem)
    assert (await maintainer.get(f"/api/v1/entries/{slug}")).json()["archived"] is None


async def test_only_maintainers_archive(slug: str, client: AsyncClient) -> None:
    for act in ("archive", "unarchive"):
        answer = await client.post(f"/api/v1/entries/{slug}/{act}", json=REASON)
        assert_problem(answer, 401, "not-signed-in")


async def test_what_does_not_exist_is_not_archived(maintainer: AsyncClient) -> None:
    for act in ("archive", "unarchive"):
        answer = await maintainer.post(f"/api/v1/entries/none/{act}", json=REASON)
        assert_problem(answer, 404, "not-found")


async def test_its_slug_stays_taken(slug: str, maintainer: AsyncClient) -> None:
    await archive(maintainer, slug)
    answer = await maintainer.post("/api/v1/entries", json=make_values())
    assert answer.json()["slug"] == f"{slug}-2"
