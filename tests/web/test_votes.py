"""Voting on an entry's page."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from kb.runtime import Runtime
from kb.settings import AnonymousAccess
from tests.conftest import Prepared
from tests.web.pages import FORM, get_page, parsed, send, sent_to
from tests.web.test_accounts import visitor_where


@pytest.fixture
def slug(data_with_entry: Prepared) -> str:
    """The slug of an entry."""
    return data_with_entry.slug


async def pressed(client: AsyncClient, slug: str) -> list[str]:
    """Return of the two buttons whether they are pressed, and what they would send."""
    page = await get_page(client, f"/entries/{slug}")
    up, down = page.by_id("vote-up"), page.by_id("vote-down")
    return [f"{one['aria-pressed']} {one['value']}" for one in (up, down)]


async def test_a_button_pressed_again_takes_the_vote_back(slug: str, client: AsyncClient) -> None:
    address = f"/entries/{slug}/vote"
    assert await pressed(client, slug) == ["false 1", "false -1"]
    assert sent_to(await send(client, address, [("value", "1")])) == f"/entries/{slug}"
    assert await pressed(client, slug) == ["true 0", "false -1"]
    assert "1 vote" in (await get_page(client, f"/entries/{slug}")).text
    await send(client, address, [("value", "-1")])
    assert await pressed(client, slug) == ["false 1", "true 0"]
    await send(client, address, [("value", "0")])
    assert await pressed(client, slug) == ["false 1", "false -1"]
    assert "0 votes" in (await get_page(client, f"/entries/{slug}")).text


async def test_htmx_gets_the_votes_alone(slug: str, client: AsyncClient) -> None:
    answer = await client.post(
        f"/entries/{slug}/vote", content="value=1", headers=FORM | {"HX-Request-Type": "partial"}
    )
    page = parsed(answer)
    assert "<html" not in answer.text
    assert "1 vote" in page.text
    assert page.by_id("vote-up")["value"] == "0"
    assert answer.headers["set-cookie"].startswith("kb_visitor=")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("value=2", 422),
        ("value=", 422),
        ("", 422),
        ("value=%EF%BC%91", 422),
        ("value=1&value=1", 400),
        ("value=1&x=1", 400),
    ],
)
async def test_a_bad_vote_is_refused(
    slug: str, client: AsyncClient, body: str, status: int
) -> None:
    answer = await client.post(f"/entries/{slug}/vote", content=body, headers=FORM)
    parsed(answer, status)
    assert "0 votes" in (await get_page(client, f"/entries/{slug}")).text


async def test_who_may_not_vote_is_offered_none(slug: str, app: FastAPI, runtime: Runtime) -> None:
    async with visitor_where(app, runtime, AnonymousAccess.READ) as visitor:
        answer = await visitor.get(f"/entries/{slug}")
        assert "0 votes" in answer.text
        assert "Vote up" not in answer.text
        refused = await send(visitor, f"/entries/{slug}/vote", [("value", "1")])
        assert "sign in to vote" in parsed(refused, 401).text


async def test_there_is_no_vote_on_what_does_not_exist(client: AsyncClient) -> None:
    parsed(await send(client, "/entries/none/vote", [("value", "1")]), 404)
