"""Signing in and out, and who is offered what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from kb.accounts import service as accounts
from kb.runtime import Runtime
from kb.settings import AnonymousAccess
from tests.conftest import client_of
from tests.factories import create_entry
from tests.web.pages import get_page, send, sent_to


async def link(runtime: Runtime) -> str:
    """Return the path of a new sign-in link."""
    async with runtime.database.write() as session:
        return f"/sign-in?token={await accounts.owner_link(session)}"


@asynccontextmanager
async def visitor_where(
    app: FastAPI, runtime: Runtime, anyone: AnonymousAccess
) -> AsyncIterator[AsyncClient]:
    """Give a visitor of the app while anybody may do that much."""
    settings = runtime.settings.model_copy(update={"anonymous": anyone})
    app.state.runtime = replace(runtime, settings=settings)
    async with client_of(app) as visitor:
        yield visitor


async def test_a_link_signs_in_once(client: AsyncClient, runtime: Runtime) -> None:
    address = await link(runtime)
    assert (await client.head(address)).status_code == 200
    answer = await client.get(address)
    assert sent_to(answer) == "/"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=2592000" in cookie
    assert "Secure" not in cookie
    assert "Sign out" in (await get_page(client, "/")).text
    assert "signed in as owner" in (await get_page(client, "/sign-in")).text
    assert "You are signed in as owner" in (await get_page(client, address)).text
    client.cookies.clear()
    page = await get_page(client, address, status=401)
    assert page.headings == ["This link no longer works"]
    assert page.links["How to sign in"] == "/sign-in"


async def test_what_was_done_is_said_once(client: AsyncClient, runtime: Runtime) -> None:
    signed_in = await client.get(await link(runtime))
    part = await client.get("/", headers={"HX-Request-Type": "partial"})
    assert "You are signed in." not in part.text
    assert "You are signed in." in (await client.get(sent_to(signed_in))).text
    assert "You are signed in." not in (await client.get("/")).text
    await send(client, "/sign-out", [])
    assert "You are signed out." in (await client.get("/")).text


@pytest.mark.parametrize("stored", ["saved", "saved.x", "<b>.1", "no-such", "signed-in.4.4", ""])
async def test_a_note_that_nobody_left_is_not_shown(client: AsyncClient, stored: str) -> None:
    client.cookies.set("kb_note", stored)
    assert "notice note" not in [a.get("class") for _, a in (await get_page(client, "/")).tags]


@pytest.mark.parametrize(
    ("address", "status"), [("/nowhere", 404), ("/entries/none", 404), ("/?sort=x", 422)]
)
async def test_an_error_page_knows_its_visitor(
    owner: AsyncClient, client: AsyncClient, address: str, status: int
) -> None:
    page = await get_page(owner, address, status)
    assert page.links["Review"] == "/review"
    assert "/sign-out" in page.forms
    assert "Sign in" in (await get_page(client, address, status)).links


async def test_an_error_page_needs_no_known_visitor(app: FastAPI) -> None:
    async with client_of(app, authorization="Bearer kb_wrong") as program:
        page = await get_page(program, "/nowhere", status=404)
        assert "There is nothing at /nowhere." in page.text
        assert "Sign in" not in page.links


async def test_the_cookie_of_an_encrypted_connection_stays_on_such(
    app: FastAPI, runtime: Runtime
) -> None:
    transport = ASGITransport(app=app)
    async with AsyncClient(transport=transport, base_url="https://kb.test") as client:
        answer = await client.get(await link(runtime))
    assert "Secure" in answer.headers["set-cookie"]


async def test_signing_out_ends_the_session(owner: AsyncClient) -> None:
    secret = owner.cookies["kb_session"]
    page = await get_page(owner, "/")
    assert sent_to(await send(owner, page.forms["/sign-out"].action, [])) == "/"
    assert "kb_session" not in owner.cookies
    owner.cookies.set("kb_session", secret)
    assert "Sign in" in (await get_page(owner, "/")).links


async def test_how_to_sign_in_is_explained(client: AsyncClient) -> None:
    assert "kb serve" in (await get_page(client, "/sign-in")).text


async def test_nobody_reads_where_anonymous_access_is_none(app: FastAPI, runtime: Runtime) -> None:
    async with visitor_where(app, runtime, AnonymousAccess.NONE) as visitor:
        for address in ("/", "/?q=x", "/entries/x", "/entries/new", "/review", "/review/1"):
            page = await get_page(visitor, address, status=401)
            assert page.links["How to sign in"] == "/sign-in"
        assert (await visitor.get("/sign-in")).status_code == 200


@pytest.mark.parametrize(
    ("anyone", "offered"),
    [
        (AnonymousAccess.READ, None),
        (AnonymousAccess.SUGGEST, "Suggest a change"),
        (AnonymousAccess.EDIT, "Revise"),
    ],
)
async def test_a_page_offers_what_its_visitor_may_do(
    app: FastAPI,
    owner: AsyncClient,
    runtime: Runtime,
    anyone: AnonymousAccess,
    offered: str | None,
) -> None:
    slug = (await create_entry(owner))["slug"]
    async with visitor_where(app, runtime, anyone) as visitor:
        page = await get_page(visitor, f"/entries/{slug}")
        revise = f"/entries/{slug}/revise"
        assert page.links.get(offered or "") == (revise if offered else None)
        assert ("New entry" in page.links) == bool(offered)
        assert (revise in page.links.values()) == bool(offered)
        assert "Review" not in page.links
        expected = 200 if offered else 401
        assert (await visitor.get(revise)).status_code == expected
