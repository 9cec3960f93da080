"""Whoever changes, searches, or guesses too often: refused, and loses nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response

from kb import clock
from kb.accounts.policy import Role
from kb.limits.callers import Caller
from kb.limits.service import Limits
from kb.runtime import Runtime, open_runtime
from kb.search.service import SearchService
from kb.settings import Settings
from tests.access import routes
from tests.accounts.test_access import ENTRY as ENTRY_FORM
from tests.accounts.test_access import FORMS, ask
from tests.conftest import token_for
from tests.factories import create_entry, make_values
from tests.web.pages import get_page, parsed, send

ROUTES = routes()
ELSEWHERE = "203.0.113.9"
ENTRY = "/api/v1/entries"
Limited = Callable[..., Callable[..., AsyncClient]]


@pytest.fixture
def limited(app: FastAPI, runtime: Runtime) -> Limited:
    """Sets limits; returns what makes clients of an address, with or without a token."""

    def limit(**limits: int) -> Callable[..., AsyncClient]:
        settings = runtime.settings.model_copy(update=limits)
        made = Limits(runtime.database, settings)
        search = SearchService(
            runtime.search._engine,
            runtime.executor,
            made,
            runtime.database,
            runtime.indexer.suspect,
        )
        app.state.runtime = replace(runtime, settings=settings, limits=made, search=search)

        def client(address: str = ELSEWHERE, token: str = "") -> AsyncClient:
            headers = {"authorization": f"Bearer {token}"} if token else {}
            transport = ASGITransport(app=app, client=(address, 1))
            return AsyncClient(transport=transport, base_url="http://kb.test", headers=headers)

        return client

    return limit


@pytest.fixture
def tomorrow(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets a day pass."""

    def pass_a_day() -> None:
        later = datetime.now(UTC) + timedelta(days=1)
        monkeypatch.setattr(clock, "now", lambda: later)

    return pass_a_day


async def suggest(client: AsyncClient, number: int = 0) -> Response:
    return await client.post(ENTRY, json=make_values(title=f"Suggestion number {number} of many"))


async def statuses(answers: list[Awaitable[Response]]) -> list[int]:
    return [(await one).status_code for one in answers]


async def test_a_program_that_writes_too_much_is_told_when_to_go_on(
    limited: Limited, runtime: Runtime, tomorrow: Callable[[], None]
) -> None:
    clients = limited(writes_per_hour=3)
    program = clients(token=await token_for(runtime, "script", Role.MAINTAINER))
    assert await statuses([suggest(program, n) for n in range(3)]) == [201] * 3

    refused = await suggest(program, 3)

    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "/problems/too-many-requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 1200
    tomorrow()
    assert (await suggest(program, 3)).status_code == 201


async def test_without_a_limit_nobody_counts(limited: Limited) -> None:
    client = limited(writes_per_hour=0, searches_per_minute=0, sign_ins_per_hour=0)()

    assert set(await statuses([suggest(client, n) for n in range(8)])) == {202}


async def test_a_person_and_their_tokens_are_one_caller(limited: Limited, runtime: Runtime) -> None:
    clients = limited(writes_per_hour=2)
    one, other = [clients(token=await token_for(runtime, name)) for name in ("one", "other")]
    assert await statuses([suggest(one, 1), suggest(one, 2), suggest(one, 3)]) == [202, 202, 429]
    assert (await suggest(other, 4)).status_code == 202


async def test_forgetting_the_cookie_gains_a_visitor_nothing(limited: Limited) -> None:
    clients = limited(writes_per_hour=2)
    for number in range(2):
        assert (await suggest(clients(), number)).status_code == 202

    assert (await suggest(clients(), 2)).status_code == 429
    assert (await suggest(clients("203.0.113.10"), 3)).status_code == 202


async def test_taking_another_address_gains_a_browser_nothing(limited: Limited) -> None:
    clients = limited(writes_per_hour=2)
    first = clients("203.0.113.1")
    await suggest(first, 1)
    await suggest(first, 2)
    moved = clients("203.0.113.2")
    moved.cookies = first.cookies

    assert await statuses([suggest(moved, 3), suggest(moved, 4)]) == [202, 429]


async def test_all_of_an_ipv6_network_is_one_caller(limited: Limited) -> None:
    clients = limited(writes_per_hour=1)

    assert (await suggest(clients("2001:db8::1"), 1)).status_code == 202
    assert (await suggest(clients("2001:db8::2"), 2)).status_code == 429


async def test_a_forged_address_gains_nothing(limited: Limited) -> None:
    client = limited(writes_per_hour=1)()
    await suggest(client, 1)

    for name in ("x-forwarded-for", "x-real-ip", "forwarded", "client-ip", "true-client-ip"):
        forged = await client.post(
            ENTRY, json=make_values(), headers={name: "198.51.100.7;for=198.51.100.7"}
        )
        assert forged.status_code == 429


async def test_two_processes_agree_on_every_change(settings: Settings, runtime: Runtime) -> None:
    strict = settings.model_copy(update={"writes_per_hour": 5})
    async with open_runtime(strict, processes=0) as one, open_runtime(strict, processes=0) as two:
        caller = Caller(("person:ann",))
        results = await asyncio.gather(
            *(process.limits.write(caller) for process in [one, two] * 6), return_exceptions=True
        )

    assert results.count(None) == 5


async def test_two_processes_agree_on_searches_within_seconds(
    settings: Settings, runtime: Runtime
) -> None:
    strict = settings.model_copy(update={"searches_per_minute": 10})
    async with open_runtime(strict, processes=0) as one, open_runtime(strict, processes=0) as two:
        caller = Caller(("address:203.0.113.9",))
        for _ in range(6):
            one.limits.search(caller)
            two.limits.search(caller)
        await one.limits.flush()
        await two.limits.flush()

        with pytest.raises(Exception, match="10 searches a minute"):
            two.limits.search(caller)


async def test_a_form_that_comes_too_soon_keeps_every_word(limited: Limited) -> None:
    client = limited(writes_per_hour=1)()
    await suggest(client)
    blank = (await get_page(client, "/entries/new")).forms["entry-form"]
    fields = blank.filled(title="A title not to be lost", tags="a", problem="Long words.")

    answer = await send(client, "/entries", [*fields, ("action", "save")])

    page = parsed(answer, 429)
    assert int(answer.headers["retry-after"]) > 0
    assert dict(page.forms["entry-form"].fields)["problem"] == "Long words."
    assert dict(page.forms["entry-form"].fields)["title"] == "A title not to be lost"
    assert "try again in" in page.text


async def test_a_short_form_that_comes_too_soon_keeps_its_words_and_its_place(
    limited: Limited, runtime: Runtime, tomorrow: Callable[[], None], maintainer: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    clients = limited(writes_per_hour=1)
    number = (await suggest(clients())).json()["id"]
    client = clients(token=await token_for(runtime, "late", Role.MAINTAINER))
    await suggest(client, 2)
    entry = f"/entries/{slug}"
    for path, fields in (
        (f"{entry}/reports", [("holds", "no"), ("version", "4.2"), ("note", "It <b> does")]),
        (f"{entry}/vote", [("value", "1")]),
        (f"/review/{number}/reject", [("reason", "Said elsewhere already")]),
        (f"{entry}/archive", [("reason", "Fixed upstream")]),
    ):
        refused = parsed(await send(client, path, fields), 429)
        form = refused.forms["again"]
        assert (form.action, form.fields) == (path, fields)
        assert path.rpartition("/")[0] in refused.links.values()
    tomorrow()
    assert (await send(client, form.action, form.fields)).status_code == 303
    archived = (await maintainer.get(f"{ENTRY}/{slug}")).json()["archived"]
    assert archived["reason"] == "Fixed upstream"


async def test_a_retry_under_its_key_is_carried_out_once_it_may_be(
    limited: Limited, tomorrow: Callable[[], None]
) -> None:
    client = limited(writes_per_hour=1)()
    await suggest(client)
    key, values = {"idempotency-key": "mine"}, make_values(title="Sent again under its own key")

    refused = await client.post(ENTRY, json=values, headers=key)
    tomorrow()
    carried_out = await client.post(ENTRY, json=values, headers=key)
    again = await client.post(ENTRY, json=values, headers=key)

    assert [refused.status_code, carried_out.status_code] == [429, 202]
    assert again.json() == carried_out.json()


async def test_every_route_that_changes_something_counts(
    limited: Limited,
    maintainer: AsyncClient,
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    whole = f"category=gotcha&severity=minor&base=1&version=1&{ENTRY_FORM}"
    for route in ("/entries", "/entries/{slug}/revisions", "/review/{number}/edit"):
        monkeypatch.setitem(FORMS, f"POST {route}", whole)
    changing = [one for one in ROUTES if not one.startswith("GET ") and one not in UNCOUNTED]
    clients = limited(writes_per_hour=1, sign_ins_per_hour=1)
    client = clients(token=await token_for(runtime, "busy", Role.OWNER))
    await suggest(client)
    visitor = clients()
    assert (await suggest(visitor, 2)).status_code == 202
    for _ in range(2):
        await send(client, "/sign-in", [("name", "x"), ("password", "y")])

    found = {
        one: (await ask(visitor if one.endswith("/edit") else client, one, slug)).status_code
        for one in changing
    }

    assert {one: status for one, status in found.items() if status != 429} == {}


UNCOUNTED = {
    # Whoever has done too much must still be able to leave and to end what others may abuse.
    "POST /sign-out",
    "POST /account/sessions/{number}/end",
    "POST /account/sessions/end-others",
    "POST /account/tokens/{number}/revoke",
    "POST /account/invitations/{number}/revoke",
    # Counts who guesses at the old password, in a session, which this test has none of.
    "POST /account/password",
    # No token is let in; the same rule as for the others stands before them.
}


@pytest.mark.parametrize(
    "address",
    ["/?q=loop", "/api/v1/search?q=loop", "/api/v1/suggest?q=lo", "/opensearch/suggest?q=lo"],
)
async def test_whoever_searches_too_much_waits(limited: Limited, address: str) -> None:
    clients = limited(searches_per_minute=2)
    client = clients()
    # In vain, a page searches twice: for whole words, and for beginnings of one.
    for _ in range(2):
        await client.get(address)

    refused = await client.get(address)

    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert (await clients("203.0.113.10").get("/api/v1/suggest?q=lo")).status_code == 200


async def test_a_search_that_is_refused_stays_in_the_box(limited: Limited) -> None:
    client = limited(searches_per_minute=1)()
    await client.get("/api/v1/suggest?q=lo")

    page = parsed(await client.get("/", params={"q": "my long error"}), 429)

    assert page.by_id("q")["value"] == "my long error"


async def test_whoever_may_not_search_may_read(limited: Limited, maintainer: AsyncClient) -> None:
    slug = (await create_entry(maintainer))["slug"]
    client = limited(searches_per_minute=1)()
    await client.get("/api/v1/suggest?q=lo")

    for address in ("/", f"/entries/{slug}?q=loop", f"/api/v1/entries/{slug}", "/tags"):
        assert (await client.get(address)).status_code == 200


async def test_previews_cost_as_much_as_searches(limited: Limited) -> None:
    client = limited(searches_per_minute=1)()
    fields: Any = [("title", "A title long enough"), ("tags", "a"), ("problem", "Some.")]
    glance = [*fields, ("action", "glance")]

    answers = [await send(client, "/entries", glance) for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 429]


async def test_somebody_at_the_machine_itself_searches_freely(limited: Limited) -> None:
    clients = limited(searches_per_minute=1)
    for _ in range(3):
        answer = await clients("127.0.0.1").get("/api/v1/suggest?q=lo")
        assert answer.status_code == 200
    proxied = {"x-forwarded-for": "198.51.100.7"}
    for expected in (200, 429):
        answer = await clients("127.0.0.1").get("/api/v1/suggest?q=lo", headers=proxied)
        assert answer.status_code == expected


async def test_a_wrong_token_counts_once_whatever_else_was_sent(limited: Limited) -> None:
    clients = limited(sign_ins_per_hour=2)
    client, key = clients(token="kb_wrong"), {"idempotency-key": "mine"}
    asked: list[Awaitable[Response]] = [
        client.post(ENTRY, json=make_values(), headers=key) for _ in range(3)
    ]
    assert await statuses(asked) == [401, 401, 429]


async def test_going_to_the_provider_counts_as_an_attempt(limited: Limited) -> None:
    client = limited(sign_ins_per_hour=1)()
    asked: list[Awaitable[Response]] = [client.get("/sign-in/provider") for _ in range(2)]
    assert await statuses(asked) == [404, 429]  # there is none here


async def test_guessing_at_tokens_is_slowed_down_and_keeps_nobody_out(
    limited: Limited, runtime: Runtime
) -> None:
    clients = limited(sign_ins_per_hour=3)
    guesses = [await clients(token=f"kb_{n}").get(ENTRY) for n in range(4)]
    assert [one.status_code for one in guesses] == [401, 401, 401, 429]
    assert int(guesses[-1].headers["retry-after"]) > 0

    right = clients(token=await token_for(runtime, "script"))

    assert (await right.get(ENTRY)).status_code == 200
