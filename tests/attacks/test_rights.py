"""Rights that somebody had, never had, or would take from somebody else."""

import asyncio
import json
from dataclasses import replace

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from kb.accounts import invitations, people
from kb.accounts.invitations import Joining
from kb.accounts.policy import Role
from kb.accounts.signing_in import Identity, with_identity
from kb.errors import Conflict, Invalid
from kb.runtime import Runtime
from kb.settings import AnonymousAccess
from tests.access import routes
from tests.accounts.conftest import DEVICE, OWNER, add, link_for, signed_in
from tests.conftest import client_of, token_for
from tests.factories import create_entry, make_values
from tests.walk import furnish
from tests.web.pages import get_page, send

KEY = {"idempotency-key": "1"}
NDJSON = {"content-type": "application/x-ndjson"}
READ = [route.removeprefix("GET ") for route in routes() if route.startswith("GET ")]
OPEN = (
    *("/openapi.json", "/docs", "/start", "/problems", "/static", "/sign-in"),
    *("/robots.txt", "/llms.txt", "/opensearch.xml", "/favicon.ico", "/healthz", "/readyz"),
)
EXAMPLES = ("/openapi.json", "/docs")
TOLD = ("stalls the others", "Old advice", "Nobody knows", "is suggested", "time.sleep")


def close(app: FastAPI, runtime: Runtime) -> None:
    """Let visitors do nothing from now on."""
    settings = runtime.settings.model_copy(update={"anonymous": AnonymousAccess.NONE})
    app.state.runtime = replace(runtime, settings=settings)


async def test_no_page_tells_a_stranger_anything_where_nobody_may_read(
    app: FastAPI, runtime: Runtime, maintainer: AsyncClient, client: AsyncClient
) -> None:
    slug = await furnish(maintainer, client)
    close(app, runtime)
    for known in (slug, "old-advice-nobody-needs"):
        values = {"slug": known, "number": "1", "a": "1", "b": "2"}
        for path in (template.format_map(values) for template in READ):
            answer = await client.get(path, params={"q": "loop"})
            assert answer.status_code != 200 or path.startswith(OPEN), path
            assert path in EXAMPLES or not [words for words in TOLD if words in answer.text], path
            # The tag of anything, which somebody else could have been given.
            known_to_them = await client.get(path, headers={"if-none-match": "*"})
            assert known_to_them.status_code != 304 or path.startswith(OPEN), path


@pytest.mark.parametrize("through", ["address", "proxy"])
async def test_a_preview_in_a_chat_does_not_use_a_link_up(
    app: FastAPI, runtime: Runtime, through: str
) -> None:
    await add(runtime, "ann")
    link = f"/sign-in?token={await link_for(runtime, 'ann')}"
    address = "192.0.2.1" if through == "address" else "127.0.0.1"
    headers = {"x-forwarded-for": "192.0.2.1"} if through == "proxy" else {}
    transport = ASGITransport(app=app, client=(address, 1))
    async with AsyncClient(transport=transport, base_url="http://kb.test", headers=headers) as it:
        preview = await it.get(link)
        assert (preview.status_code, it.cookies.get("kb_session")) == (200, None)
        form = (await get_page(it, link)).forms["use-link"]
        answer = await send(it, form.action, form.filled())
        assert (answer.status_code, "kb_session" in it.cookies) == (303, True)
        it.cookies.clear()
        assert (await send(it, form.action, form.filled())).status_code == 401


async def test_an_answer_is_not_replayed_to_a_visitor_who_may_no_longer_read(
    app: FastAPI, runtime: Runtime, client: AsyncClient
) -> None:
    first = await client.post("/api/v1/entries", json=make_values(), headers=KEY)
    close(app, runtime)
    again = await client.post("/api/v1/entries", json=make_values(), headers=KEY)
    assert (first.status_code, again.status_code) == (202, 422)


async def test_an_answer_is_not_replayed_to_somebody_who_was_demoted(
    app: FastAPI, runtime: Runtime, maintainer: AsyncClient
) -> None:
    await add(runtime, "ann", Role.MAINTAINER)
    token = await token_for(runtime, "ann", Role.MAINTAINER)
    path = f"/api/v1/entries/{(await create_entry(maintainer))['slug']}/archive"
    async with client_of(app, authorization=f"Bearer {token}") as program:
        first = await program.post(path, json={"reason": "Old"}, headers=KEY)
        async with runtime.database.write() as session:
            await people.set_role(session, OWNER, "ann", Role.MEMBER)
        again = await program.post(path, json={"reason": "Old"}, headers=KEY)
    assert (first.status_code, again.status_code) == (200, 422)


async def test_visitors_elsewhere_who_choose_the_same_key_are_both_heard(
    app: FastAPI, maintainer: AsyncClient
) -> None:
    path = f"/api/v1/entries/{(await create_entry(maintainer))['slug']}/votes"
    votes = []
    for address in ("192.0.2.1", "192.0.2.2"):
        transport = ASGITransport(app=app, client=(address, 1))
        async with AsyncClient(transport=transport, base_url="http://kb.test") as visitor:
            answer = await visitor.post(path, json={"value": 1}, headers=KEY)
            votes.append(answer.json()["votes"])
    assert votes == [1, 2]


async def test_what_an_import_archives_is_recorded(
    maintainer: AsyncClient, owner: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    await maintainer.post(f"/api/v1/entries/{slug}/archive", json={"reason": "Outdated"})
    lines = (await maintainer.get("/api/v1/export")).text.replace(slug, "taken-along")
    answer = await maintainer.post("/api/v1/import", content=lines, headers=NDJSON)
    assert '"created": 1' in answer.text
    assert "taken-along" in (await owner.get("/account/audit")).text


async def test_an_import_is_recorded_with_what_it_changed(
    maintainer: AsyncClient, owner: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    one, other = make_values(title="One more thing to know"), make_values(slug=slug, why="New.")
    lines = "\n".join(json.dumps(line) for line in (one, other, {"title": "short"}))
    rehearsed = await maintainer.post("/api/v1/import?dry_run=true", content=lines, headers=NDJSON)
    assert '"created": 1' in rehearsed.text
    assert "entries-imported" not in (await owner.get("/account/audit")).text
    await maintainer.post("/api/v1/import", content=lines, headers=NDJSON)
    log = " ".join((await get_page(owner, "/account/audit")).text.split())
    assert "entries-imported 2 entries created: 1, updated: 1, unchanged: 0, rejected: 1" in log


async def test_nobody_is_invited_into_the_role_of_visitors(owner: AsyncClient) -> None:
    answer = await send(owner, "/account/invitations", [("role", "anonymous")])
    assert answer.status_code == 422
    assert "must be member or above" in answer.text


async def test_nobody_new_passes_for_the_command_line(runtime: Runtime) -> None:
    async with runtime.database.write() as session:
        secret = await invitations.invite(session, OWNER, Role.MEMBER)
    wished = Joining("Owner", "four words and a horse")
    with pytest.raises(Invalid, match="name is taken"):
        await invitations.accept(runtime.database, runtime.executor, secret, wished, DEVICE)
    sent = Identity("https://provider.example", "1", "owner")
    await with_identity(runtime.database, sent, Role.MEMBER, DEVICE)
    async with runtime.database.read() as session:
        names = [person.name for person in await people.everybody(session, OWNER)]
    assert names == ["member"]


async def set_role(runtime: Runtime, name: str, role: Role) -> None:
    async with runtime.database.write() as session:
        await people.set_role(session, OWNER, name, role)


async def test_of_two_last_owners_demoted_at_once_one_stays(runtime: Runtime) -> None:
    for name in ("ann", "bob"):
        await add(runtime, name, Role.OWNER)
    demoted = (set_role(runtime, name, Role.MEMBER) for name in ("ann", "bob"))
    faults = await asyncio.gather(*demoted, return_exceptions=True)
    assert [type(fault) for fault in faults if fault is not None] == [Conflict]


async def test_sessions_and_tokens_lose_what_their_person_loses(
    app: FastAPI, runtime: Runtime
) -> None:
    for name in ("ann", "bob"):
        await add(runtime, name, Role.OWNER)
    token = await token_for(runtime, "ann", Role.OWNER)
    async with (
        client_of(app) as browser,
        client_of(app, authorization=f"Bearer {token}") as program,
    ):
        browser.cookies.set("kb_session", await signed_in(runtime, "ann"))
        for caller in (browser, program):
            assert (await caller.get("/account/audit")).status_code == 200
        await set_role(runtime, "ann", Role.MEMBER)
        for caller in (browser, program):
            assert (await caller.get("/account/audit")).status_code == 403
        for role in ("maintainer", "owner"):
            form = [("name", "x"), ("role", role), ("days", "9")]
            assert (await send(browser, "/account/tokens", form)).status_code == 403
            assert (await send(browser, "/account/invitations", form[1:2])).status_code == 403
        async with runtime.database.write() as session:
            await people.disable(session, OWNER, "ann")
        assert (await browser.get("/account")).status_code == 401
        assert (await program.get("/api/v1/entries")).status_code == 401


async def test_nobody_ends_what_is_somebody_elses(app: FastAPI, runtime: Runtime) -> None:
    async with client_of(app) as ann, client_of(app) as bob:
        for name, browser in (("ann", ann), ("bob", bob)):
            await add(runtime, name, Role.MAINTAINER)
            browser.cookies.set("kb_session", await signed_in(runtime, name))
        await send(ann, "/account/tokens", [("name", "x"), ("role", "member"), ("days", "9")])
        await send(ann, "/account/invitations", [("role", "member")])
        for what in ("tokens/1/revoke", "invitations/1/revoke", "sessions/1/end"):
            assert (await send(bob, f"/account/{what}", [])).status_code == 404
        for what in ("tokens/1/revoke", "invitations/1/revoke", "sessions/1/end"):
            assert (await send(ann, f"/account/{what}", [])).status_code == 303
