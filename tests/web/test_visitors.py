"""Visitors are known again by a cookie, from when it is first needed."""

import re

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from kb.dependencies import By, ByKnown
from kb.errors import Invalid
from tests.conftest import client_of
from tests.factories import create_entry


@pytest.fixture
def doors(app: FastAPI) -> None:
    """Routes that say by what they know whoever asks."""

    @app.get("/whoami")
    async def whoami(actor: By) -> str | None:
        return actor.key

    @app.post("/known")
    async def known(actor: ByKnown, *, fail: bool = False) -> str | None:
        if fail:
            raise Invalid("No.")
        return actor.key


@pytest.mark.usefixtures("doors")
async def test_a_visitor_is_known_from_the_first_time_it_matters(
    app: FastAPI, client: AsyncClient
) -> None:
    assert (await client.get("/whoami")).json() is None
    first = await client.post("/known")
    key = first.json()
    assert re.fullmatch("visitor:[0-9a-f]{64}", key)
    assert (await client.get("/whoami")).json() == key
    again = await client.post("/known")
    assert again.json() == key
    assert "set-cookie" not in again.headers
    async with client_of(app) as other:
        assert (await other.post("/known")).json() != key


@pytest.mark.usefixtures("doors")
async def test_the_cookie_is_for_us_alone_and_holds_no_key(
    app: FastAPI, client: AsyncClient
) -> None:
    first = await client.post("/known")
    cookie = first.headers["set-cookie"]
    assert first.json().removeprefix("visitor:") not in cookie
    assert re.fullmatch(
        "kb_visitor=[A-Za-z0-9_-]{43}; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax", cookie
    )
    transport = ASGITransport(app=app)
    async with AsyncClient(transport=transport, base_url="https://kb.test") as secure:
        assert "; Secure" in (await secure.post("/known")).headers["set-cookie"]


@pytest.mark.usefixtures("doors")
async def test_no_cookie_comes_with_an_error_or_with_reading(
    client: AsyncClient, maintainer: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    assert "set-cookie" not in (await client.post("/known?fail=true")).headers
    for address in ("/", f"/entries/{slug}", f"/entries/{slug}/revise", "/api/v1/entries"):
        assert "set-cookie" not in (await client.get(address)).headers


@pytest.mark.usefixtures("doors")
async def test_people_and_programs_are_known_by_name(
    owner: AsyncClient, maintainer: AsyncClient
) -> None:
    for caller, key in ((owner, "person:owner"), (maintainer, "token:script")):
        answer = await caller.post("/known")
        assert (answer.json(), "set-cookie" in answer.headers) == (key, False)
