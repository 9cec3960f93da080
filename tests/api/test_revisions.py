"""The API's revisions: list, get, create; and that nobody overwrites anybody."""

import asyncio
import random
from dataclasses import replace

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from kb.runtime import Runtime
from tests.conftest import Prepared, client_of
from tests.factories import revise


@pytest.fixture
def slug(data_with_entry: Prepared) -> str:
    """An entry at revision 1."""
    return data_with_entry.slug


async def test_fields_that_are_not_sent_stay_as_they_are(
    maintainer: AsyncClient, client: AsyncClient, slug: str
) -> None:
    before = (await client.get(f"/api/v1/entries/{slug}")).json()
    answer = await maintainer.post(
        f"/api/v1/entries/{slug}/revisions",
        json={"why": "One thread.", "summary": "Say why"},
        headers={"If-Match": '"r1"'},
    )
    assert answer.status_code == 201
    made = answer.json()
    assert (made["number"], made["base"], made["kind"]) == (2, 1, "edit")
    assert (made["author"], made["summary"]) == ("script", "Say why")
    assert answer.headers["ETag"] == '"r2"'
    assert (await client.get(answer.headers["Location"])).json() == made
    after = (await client.get(f"/api/v1/entries/{slug}")).json()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"why", "revision", "updated_at"}


async def test_every_revision_keeps_what_it_held(
    maintainer: AsyncClient, client: AsyncClient, slug: str
) -> None:
    assert await revise(maintainer, slug, 1, title="A second title for it") == 201
    history = (await client.get(f"/api/v1/entries/{slug}/revisions")).json()
    assert [item["number"] for item in history["items"]] == [2, 1]
    first = (await client.get(f"/api/v1/entries/{slug}/revisions/1")).json()
    assert first["content"]["title"] == "Sleeping in an endpoint stalls the others"
    missing = await client.get(f"/api/v1/entries/{slug}/revisions/3")
    assert missing.status_code == 404


async def test_a_stale_base_is_told_all_three_contents(
    maintainer: AsyncClient, client: AsyncClient, slug: str
) -> None:
    assert await revise(maintainer, slug, 1, why="Theirs.") == 201
    answer = await maintainer.post(
        f"/api/v1/entries/{slug}/revisions", json={"base": 1, "why": "Mine."}
    )
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "/problems/stale-base"
    assert (problem["base"]["revision"], problem["base"]["content"]["why"]) == (1, None)
    assert (problem["theirs"]["revision"], problem["theirs"]["content"]["why"]) == (2, "Theirs.")
    assert problem["yours"]["content"]["why"] == "Mine."
    assert (await client.get(f"/api/v1/entries/{slug}")).json()["why"] == "Theirs."


async def test_clients_that_revise_at_once_lose_nothing(
    maintainer: AsyncClient, client: AsyncClient, slug: str
) -> None:
    path = f"/api/v1/entries/{slug}"

    async def add_gotcha(number: int) -> None:
        for _ in range(200):
            entry = (await client.get(path)).json()
            gotchas = [*entry["gotchas"], f"gotcha {number}"]
            status = await revise(maintainer, slug, entry["revision"], gotchas=gotchas)
            if status == 201:
                return
            assert status == 409
            await asyncio.sleep(random.random() / 100)
        pytest.fail("never got through")

    await asyncio.gather(*(add_gotcha(number) for number in range(12)))
    entry = (await client.get(path)).json()
    assert sorted(entry["gotchas"]) == sorted(f"gotcha {number}" for number in range(12))
    history = (await client.get(f"{path}/revisions")).json()["items"]
    assert [item["number"] for item in history] == list(range(13, 0, -1))
    for item in history[:-1]:
        revision = (await client.get(f"{path}/revisions/{item['number']}")).json()
        assert len(revision["content"]["gotchas"]) == item["number"] - 1


async def test_of_two_with_one_base_one_wins(maintainer: AsyncClient, slug: str) -> None:
    tries = (revise(maintainer, slug, 1, why=f"Reason {number}") for number in range(8))
    assert sorted(await asyncio.gather(*tries)) == [201] + [409] * 7


@pytest.mark.parametrize(
    ("headers", "body", "status", "field"),
    [
        ({}, {"why": "x"}, 428, None),
        ({"If-Match": '"r99"'}, {"why": "x"}, 422, "base"),
        ({"If-Match": '"r0"'}, {"why": "x"}, 422, "If-Match"),
        ({"If-Match": 'W/"r1"'}, {"why": "x"}, 422, "If-Match"),
        ({"If-Match": '"r1"'}, {"why": "x", "base": 2}, 422, "If-Match"),
        ({}, {"base": -1, "why": "x"}, 422, "base"),
        ({}, {"base": 2**70, "why": "x"}, 422, "base"),
        ({}, {"base": 1}, 422, None),
        ({}, {"base": 1, "title": None}, 422, "title"),
        ({}, {"base": 1, "title": "short"}, 422, "title"),
        ({}, {"base": 1, "tags": []}, 422, "tags"),
        ({}, {"base": 1, "colour": "red"}, 422, "colour"),
        ({}, {"base": 1, "summary": "x" * 301, "why": "x"}, 422, "summary"),
    ],
)
async def test_a_bad_revision_is_refused_and_nothing_is_stored(
    maintainer: AsyncClient,
    client: AsyncClient,
    slug: str,
    headers: dict[str, str],
    body: dict[str, object],
    status: int,
    field: str | None,
) -> None:
    path = f"/api/v1/entries/{slug}"
    answer = await maintainer.post(f"{path}/revisions", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    named = [error["field"] for error in answer.json().get("errors", [])]
    assert named == ([field] if field else [])
    assert (await client.get(f"{path}/revisions")).json()["total"] == 1


async def test_a_visitors_revision_waits_for_review(client: AsyncClient, slug: str) -> None:
    assert await revise(client, slug, 1, why="A visitor's reason") == 202
    assert (await client.get(f"/api/v1/entries/{slug}")).json()["why"] is None


@pytest.mark.parametrize("base", [1, 2, 9])
async def test_who_may_only_read_is_told_so_before_anything_else(
    app: FastAPI, runtime: Runtime, maintainer: AsyncClient, slug: str, base: int
) -> None:
    assert await revise(maintainer, slug, 1, why="A") == 201
    settings = runtime.settings.model_copy(update={"anonymous": "read"})
    app.state.runtime = replace(runtime, settings=settings)
    async with client_of(app) as reader:
        assert await revise(reader, slug, base, why="A") == 401
        assert await revise(reader, slug, base, why="B") == 401


async def test_a_long_history_comes_in_pages(
    maintainer: AsyncClient, client: AsyncClient, slug: str
) -> None:
    for number in range(1, 6):
        assert await revise(maintainer, slug, number, why=f"Reason {number}") == 201
    path = f"/api/v1/entries/{slug}/revisions"
    first = await client.get(path, params={"limit": 4})
    assert [item["number"] for item in first.json()["items"]] == [6, 5, 4, 3]
    assert first.json()["total"] == 6
    second = await client.get(first.links["next"]["url"])
    assert [item["number"] for item in second.json()["items"]] == [2, 1]
    assert second.json()["next"] is None
    assert "next" not in second.links
    for bad in ({"limit": 0}, {"limit": 101}, {"cursor": "x"}):
        assert (await client.get(path, params=bad)).status_code == 422


async def test_two_revisions_are_compared_line_by_line(
    maintainer: AsyncClient, client: AsyncClient, slug: str
) -> None:
    assert await revise(maintainer, slug, 1, why="One thread.", tags=["asyncio", "new"]) == 201
    assert await revise(maintainer, slug, 2, why="One thread runs.") == 201
    path = f"/api/v1/entries/{slug}/compare"
    found = (await client.get(f"{path}/2...3")).json()
    assert (found["a"]["number"], found["b"]["number"]) == (2, 3)
    [field] = found["fields"]
    assert (field["field"], field["kind"]) == ("why", "prose")
    old, new = field["lines"]
    assert (old["op"], old["old_number"], old["new_number"]) == ("delete", 1, None)
    assert [one["text"] for one in new["segments"] if one["changed"]] == [" runs"]
    back = (await client.get(f"{path}/3...1")).json()["fields"]
    assert [one["field"] for one in back] == ["tags", "why"]
    assert (await client.get(f"{path}/2...2")).json()["fields"] == []


@pytest.mark.parametrize(
    ("pair", "status", "told"),
    [
        ("1...7", 404, "has no revision 7"),
        ("0...1", 404, "has no revision 0"),
        ("1...another-entry", 422, "only revisions of one entry"),
        ("another-entry:1...1", 422, "only revisions of one entry"),
        ("1..." + "9" * 40, 422, "only revisions of one entry"),
    ],
)
async def test_what_cannot_be_compared_says_why(
    client: AsyncClient, slug: str, pair: str, status: int, told: str
) -> None:
    for path in (f"/api/v1/entries/{slug}", f"/entries/{slug}"):
        answer = await client.get(f"{path}/compare/{pair}")
        assert answer.status_code == status
        assert told in answer.text


async def test_an_old_revision_is_restored_as_a_new_one(
    maintainer: AsyncClient, client: AsyncClient, slug: str
) -> None:
    assert await revise(maintainer, slug, 1, why="Wrong.") == 201
    path = f"/api/v1/entries/{slug}"
    assert (await client.post(f"{path}/revisions/1/restore")).status_code == 401
    answer = await maintainer.post(f"{path}/revisions/1/restore")
    assert answer.status_code == 201
    made = answer.json()
    assert (made["number"], made["kind"], made["restored"], made["base"]) == (3, "restore", 1, 2)
    assert (await client.get(answer.headers["Location"])).json() == made
    assert (await client.get(path)).json()["why"] is None
    assert (await maintainer.post(f"{path}/revisions/1/restore")).status_code == 422
    assert (await maintainer.post(f"{path}/revisions/9/restore")).status_code == 404
