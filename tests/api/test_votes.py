"""Votes: one a caller, counted right, and no part of an entry's history."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from kb.runtime import Runtime
from tests.api.test_bad_input import assert_problem
from tests.conftest import client_of, token_for
from tests.factories import create_entry


@pytest.fixture
async def path(maintainer: AsyncClient) -> str:
    """The address of an entry in the API."""
    return f"/api/v1/entries/{(await create_entry(maintainer))['slug']}"


@pytest.fixture
async def program(app: FastAPI, runtime: Runtime) -> AsyncIterator[AsyncClient]:
    """A program with a member's API token."""
    token = await token_for(runtime, "bot")
    async with client_of(app, authorization=f"Bearer {token}") as opened:
        yield opened


async def vote(client: AsyncClient, path: str, value: object) -> tuple[int, int]:
    """Vote; return the net number and the caller's own vote."""
    answer = await client.post(f"{path}/votes", json={"value": value})
    assert answer.status_code == 200, answer.text
    return answer.json()["votes"], answer.json()["value"]


async def test_a_caller_has_one_vote_and_can_change_it_and_take_it_back(
    path: str, client: AsyncClient
) -> None:
    assert await vote(client, path, 1) == (1, 1)
    assert await vote(client, path, 1) == (1, 1)
    assert await vote(client, path, -1) == (-1, -1)
    assert await vote(client, path, 0) == (0, 0)
    assert await vote(client, path, 0) == (0, 0)
    assert (await client.get(path)).json()["votes"] == 0


async def test_browsers_people_and_programs_vote_apart(
    path: str,
    app: FastAPI,
    client: AsyncClient,
    owner: AsyncClient,
    maintainer: AsyncClient,
    program: AsyncClient,
) -> None:
    for number, caller in enumerate((client, owner, maintainer, program), start=1):
        assert await vote(caller, path, 1) == (number, 1)
    async with client_of(app) as another_browser:
        assert await vote(another_browser, path, -1) == (3, -1)


async def test_a_vote_is_no_revision(path: str, client: AsyncClient) -> None:
    before = (await client.get(path)).json()
    await vote(client, path, 1)
    after = (await client.get(path)).json()
    assert after == before | {"votes": 1}
    assert (await client.get(f"{path}/revisions")).json()["total"] == 1


async def test_votes_given_at_once_all_count(path: str, app: FastAPI, client: AsyncClient) -> None:
    async with AsyncExitStack() as browsers:
        many = [await browsers.enter_async_context(client_of(app)) for _ in range(20)]
        await asyncio.gather(*(vote(one, path, 1 if i % 4 else -1) for i, one in enumerate(many)))
    assert (await client.get(path)).json()["votes"] == 15 - 5


async def test_one_caller_voting_many_times_at_once_votes_once(
    path: str, program: AsyncClient
) -> None:
    await asyncio.gather(*(vote(program, path, 1) for _ in range(10)))
    assert (await program.get(path)).json()["votes"] == 1
    await asyncio.gather(*(vote(program, path, value) for value in (1, -1, 0) * 4))
    _, mine = await vote(program, path, 1)
    assert ((await program.get(path)).json()["votes"], mine) == (1, 1)


async def test_lists_are_sorted_by_votes(maintainer: AsyncClient, client: AsyncClient) -> None:
    slugs = [(await create_entry(maintainer, title=f"Entry number {n}"))["slug"] for n in range(3)]
    await vote(client, f"/api/v1/entries/{slugs[1]}", 1)
    await vote(client, f"/api/v1/entries/{slugs[2]}", -1)
    answer = await client.get("/api/v1/entries?sort=votes")
    assert [item["slug"] for item in answer.json()["items"]] == [slugs[1], slugs[0], slugs[2]]
    assert [item["votes"] for item in answer.json()["items"]] == [1, 0, -1]


@pytest.mark.parametrize(
    "body",
    [
        *({"value": value} for value in (2, -2, 0.5, "1", None, [1], True)),
        {},
        {"value": 1, "more": 1},
    ],
)
async def test_a_bad_vote_is_refused(
    path: str, client: AsyncClient, body: dict[str, object]
) -> None:
    answer = await client.post(f"{path}/votes", json=body)
    assert_problem(answer, 422, "invalid")
    assert "set-cookie" not in answer.headers
    assert (await client.get(path)).json()["votes"] == 0


async def test_there_is_no_vote_on_what_does_not_exist(client: AsyncClient) -> None:
    answer = await client.post("/api/v1/entries/none/votes", json={"value": 1})
    assert_problem(answer, 404, "not-found")
