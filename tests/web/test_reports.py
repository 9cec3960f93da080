"""Saying on an entry's page whether it is still true, and seeing on /review what is not."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from kb.runtime import Runtime
from kb.settings import AnonymousAccess
from tests.factories import create_entry
from tests.web.pages import get_page, parsed, send, sent_to
from tests.web.test_accounts import visitor_where

TITLE = "Sleeping in an endpoint stalls the others"


@pytest.fixture
async def address(maintainer: AsyncClient) -> str:
    """The address of an entry's page."""
    slug = (await create_entry(maintainer, solution="Do not.", framework="fastapi"))["slug"]
    return f"/entries/{slug}"


async def test_a_visitor_says_whether_an_entry_is_still_true(
    address: str, client: AsyncClient
) -> None:
    form = (await get_page(client, address)).forms[f"{address}/reports"]
    for holds, version, note in (
        ("yes", "fastapi 0.162", ""),
        ("no", "fastapi 0.163", "It <b>waits</b> now"),
    ):
        fields = form.filled(version=version, note=note, holds=holds)
        assert sent_to(await send(client, form.action, fields)) == f"{address}#reports"
    text = " ".join((await get_page(client, address)).text.split())
    assert "Still true with fastapi 0.162" in text
    assert "No longer true with fastapi 0.163 It <b>waits</b> now anonymous" in text
    assert text.index("No longer true with") < text.index("Still true with")


async def test_the_review_page_offers_what_wants_looking_after(
    address: str, client: AsyncClient, maintainer: AsyncClient, owner: AsyncClient
) -> None:
    page = await get_page(owner, "/review")
    assert page.headings == ["Review"]
    await create_entry(maintainer, title="Nobody knows what to do")
    fields = [("holds", "no"), ("version", "fastapi 0.163"), ("note", "Waits now")]
    await send(client, f"{address}/reports", fields)
    page = await get_page(owner, "/review")
    assert page.headings == ["Review", "No longer true?", "Solution wanted"]
    assert page.links[TITLE] == address
    assert "No longer true with fastapi 0.163: Waits now" in page.text
    assert page.links["Nobody knows what to do"] == "/entries/nobody-knows-what-to-do"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ([("holds", "yes")], 422),
        ([("version", "1")], 422),
        ([("holds", "maybe"), ("version", "1")], 422),
        ([("holds", "yes"), ("version", "1"), ("note", "x" * 1001)], 422),
        ([("holds", "yes"), ("version", "1"), ("note", "x" * 1_100_000)], 413),
        ([("holds", "yes"), ("version", "1"), ("more", "1")], 400),
        ([("holds", "yes"), ("holds", "no"), ("version", "1")], 400),
    ],
)
async def test_a_bad_report_is_refused(
    address: str, client: AsyncClient, fields: list[tuple[str, str]], status: int
) -> None:
    parsed(await send(client, f"{address}/reports", fields), status)
    assert "anonymous" not in (await get_page(client, address)).text


async def test_who_may_not_report_is_not_asked(
    address: str, app: FastAPI, runtime: Runtime
) -> None:
    async with visitor_where(app, runtime, AnonymousAccess.READ) as visitor:
        page = await get_page(visitor, address)
        assert f"{address}/reports" not in page.forms
        refused = await send(visitor, f"{address}/reports", [("holds", "yes"), ("version", "1")])
        assert "sign in to report on entries" in parsed(refused, 401).text
