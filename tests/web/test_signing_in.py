"""After signing in, one is where one was; and nowhere that is not ours."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from kb.runtime import Runtime
from tests.accounts.conftest import add, signed_in
from tests.accounts.test_signing_in import set_password
from tests.factories import create_entry
from tests.web.pages import get_page, parsed, send, sent_to

PASSWORD = "four words are enough"
HERE = "http://kb.test"
FOUND = "/?q=event%20loop&tag=asyncio"


@pytest.fixture
async def ann(runtime: Runtime) -> None:
    """Somebody who has a password."""
    await add(runtime, "ann")
    await set_password(runtime, await signed_in(runtime, "ann"), PASSWORD)


async def come_from(client: AsyncClient, referer: str) -> str:
    """Sign in on the page that one gets from there; return where that leads."""
    page = await client.get("/sign-in", headers={"referer": referer})
    form = parsed(page).forms["sign-in"]
    answer = await send(client, form.action, form.filled(name="ann", password=PASSWORD))
    client.cookies.clear()
    return sent_to(answer)


@pytest.mark.usefixtures("ann")
async def test_who_signs_in_is_back_where_they_were(
    client: AsyncClient, maintainer: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    for page in ("/", FOUND, f"/entries/{slug}", f"/entries/{slug}/revise", "/account"):
        assert await come_from(client, HERE + page) == page


@pytest.mark.usefixtures("ann")
async def test_a_wrong_password_does_not_lose_the_way_back(client: AsyncClient) -> None:
    page = parsed(await client.get("/sign-in", headers={"referer": HERE + FOUND}))
    wrong = page.forms["sign-in"].filled(name="ann", password="wrong")
    again = parsed(await send(client, "/sign-in", wrong), 401).forms["sign-in"]
    answer = await send(client, "/sign-in", again.filled(password=PASSWORD))
    assert sent_to(answer) == FOUND


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize(
    "referer",
    [
        "",
        "https://evil.example/entries/new",
        "http://kb.test.evil.example/tags",
        "http://kb.test:81/tags",
        "http://evil.example@kb.test/tags",
        "http://kb.test//evil.example",
        "http://kb.test/\\evil.example",
        "http://kb.test/sign-in",
        "http://kb.test/sign-in/provider",
        "http://kb.test/join?token=a",
        "http://kb.test/entries/a/vote",
        "http://kb.test/nowhere",
        "http://kb.test/tags?q=" + "x" * 1_000,
    ],
)
async def test_from_anywhere_else_one_comes_to_the_first_page(
    client: AsyncClient, referer: str
) -> None:
    assert await come_from(client, referer) == "/"


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize(
    "target",
    [
        *("//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", ""),
        *("/tags\r\nset-cookie: a=b", "/\t/evil.example", "tags", "/tags\x00"),
    ],
)
async def test_no_form_leads_away(client: AsyncClient, target: str) -> None:
    fields = [("name", "ann"), ("password", PASSWORD), ("next", target)]
    assert sent_to(await send(client, "/sign-in", fields)) == "/"


async def test_the_page_of_who_is_refused_leads_back_to_it(
    app: FastAPI, client: AsyncClient, ann: None
) -> None:
    refused = await get_page(client, "/account", status=401)
    assert refused.links["How to sign in"] == "/sign-in"
    assert await come_from(client, f"{HERE}/account") == "/account"
