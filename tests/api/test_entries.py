"""The API's entries: list, get, create."""

import asyncio
from itertools import pairwise

import pytest
from httpx2 import AsyncClient

from kb.runtime import Runtime
from tests.factories import create_entry, make_values, revise


async def test_a_created_entry_is_returned_as_stored(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    values = make_values(
        category="debug",
        severity="major",
        language="Python",
        framework="FastAPI",
        environment=["linux"],
        keywords=["event loop"],
        error_messages=["RuntimeError: no running event loop"],
        solution="Use `asyncio.sleep`.",
        why="One thread runs the loop.",
        gotchas=["So does `requests`."],
        context="In `async def` endpoints.",
        applies_to="fastapi >= 0.100",
        references=["https://fastapi.tiangolo.com/async/"],
    )
    answer = await maintainer.post("/api/v1/entries", json=values)
    assert answer.status_code == 201
    created = answer.json()
    expected = values | {
        "language": "python",
        "framework": "fastapi",
        "slug": "sleeping-in-an-endpoint-stalls-the-others",
        "revision": 1,
        "submitted_by": "script",
        "votes": 0,
        "views": 0,
        "url": "http://kb.test/entries/sleeping-in-an-endpoint-stalls-the-others",
    }
    assert {name: created[name] for name in expected} == expected
    assert answer.headers["ETag"] == '"r1"'
    got = await client.get(answer.headers["Location"])
    assert got.json() == created


async def test_an_entry_is_not_sent_again_to_who_has_its_revision(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    created = await create_entry(maintainer)
    path = f"/api/v1/entries/{created['slug']}"
    etag = (await client.get(path)).headers["ETag"]
    again = await client.get(path, headers={"If-None-Match": f'W/"x", {etag}'})
    assert (again.status_code, again.content) == (304, b"")
    other = await client.get(path, headers={"If-None-Match": '"r9"'})
    assert other.status_code == 200


async def test_entries_of_one_title_get_different_slugs(maintainer: AsyncClient) -> None:
    first, second = [await create_entry(maintainer) for _ in range(2)]
    assert second["slug"] == first["slug"] + "-2"


async def test_a_walk_by_cursor_meets_every_entry_once_while_some_are_added(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    made = [(await create_entry(maintainer))["slug"] for _ in range(7)]
    met: list[str] = []
    path: str | None = "/api/v1/entries?limit=3"
    while path:
        answer = await client.get(path)
        page = answer.json()
        met += [item["slug"] for item in page["items"]]
        link = answer.headers.get("Link", "")
        assert bool(link) == bool(page["next"])
        path = link.removeprefix("<").split(">")[0] or None
        await create_entry(maintainer)
    assert met == made[::-1]


@pytest.mark.parametrize("sort", ["relevance", "newest", "updated", "votes", "views"])
async def test_every_sort_can_be_walked(
    maintainer: AsyncClient, client: AsyncClient, sort: str
) -> None:
    made = {(await create_entry(maintainer))["slug"] for _ in range(3)}
    met: list[dict[str, object]] = []
    cursor = None
    for _ in range(3):
        params = {"sort": sort, "limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/api/v1/entries", params=params)).json()
        met += page["items"]
        cursor = page["next"]
    assert cursor is None
    assert {item["slug"] for item in met} == made
    if sort == "updated":
        assert all(str(a["updated_at"]) > str(b["updated_at"]) for a, b in pairwise(met))


async def test_a_list_is_filtered_by_its_facets(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    await create_entry(maintainer, tags=["a", "b"], language="python", severity="major")
    await create_entry(maintainer, tags=["a"], language="go", category="debug")

    async def total(**params: str | list[str]) -> int:
        answer = await client.get("/api/v1/entries", params=params)
        assert answer.status_code == 200
        return int(answer.json()["total"])

    assert await total() == 2
    assert await total(tag="a") == 2
    assert await total(tag=["a", "b"]) == 1
    assert await total(language="GO") == 1
    assert await total(language=["go", "python"]) == 2
    assert await total(category="debug", severity="major") == 0
    assert await total(framework="none-such") == 0


async def tags(client: AsyncClient, **params: str) -> list[tuple[str, int]]:
    answer = await client.get("/api/v1/tags", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["items"])
    return [(item["tag"], item["count"]) for item in answer.json()["items"]]


async def test_tags_are_counted(maintainer: AsyncClient, client: AsyncClient) -> None:
    await create_entry(maintainer, tags=["b", "a"])
    await create_entry(maintainer, tags=["b"])
    assert (await client.get("/api/v1/tags")).json() == {
        "items": [{"tag": "b", "count": 2}, {"tag": "a", "count": 1}],
        "total": 2,
    }
    await create_entry(maintainer, tags=["b", "c++"])
    assert await tags(client) == [("b", 3), ("a", 1), ("c++", 1)]
    assert await tags(client, sort="name") == [("a", 1), ("b", 3), ("c++", 1)]
    assert await tags(client, q="C+") == [("c++", 1)]
    assert (await client.get("/api/v1/tags", params={"quer": "c"})).status_code == 422


async def test_a_tag_counts_neither_archived_entries_nor_what_a_revision_took_away(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    first = (await create_entry(maintainer, tags=["a", "b"]))["slug"]
    second = (await create_entry(maintainer, tags=["a"]))["slug"]
    assert await tags(client) == [("a", 2), ("b", 1)]
    reason = {"reason": "Gone"}
    await maintainer.post(f"/api/v1/entries/{second}/archive", json=reason)
    assert await tags(client) == [("a", 1), ("b", 1)]
    assert await revise(maintainer, first, 1, tags=["b"]) == 201
    assert await tags(client) == [("b", 1)]
    await maintainer.post(f"/api/v1/entries/{second}/unarchive")
    assert await tags(client) == [("a", 1), ("b", 1)]


async def test_whoever_may_only_suggest_gets_a_suggestion(
    client: AsyncClient, owner: AsyncClient
) -> None:
    answer = await client.post("/api/v1/entries", json=make_values())
    assert answer.status_code == 202
    assert answer.json()["status"] == "pending"
    assert answer.headers["Location"] == answer.json()["url"]
    assert (await client.get("/api/v1/entries")).json()["total"] == 0
    assert (await owner.get(answer.headers["Location"])).status_code == 200


async def test_entries_created_at_once_are_all_kept(
    maintainer: AsyncClient, runtime: Runtime
) -> None:
    made = await asyncio.gather(*(create_entry(maintainer) for _ in range(20)))
    assert len({entry["slug"] for entry in made}) == 20
    await runtime.indexer.drain()
    assert await runtime.indexer.differences() == []
