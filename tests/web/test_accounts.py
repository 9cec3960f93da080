"""Signing in and out, and who is offered what."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response

from kb.accounts import audit, people
from kb.accounts.audit import Event
from kb.accounts.policy import Role
from kb.accounts.service import local_owner
from kb.runtime import Runtime
from kb.settings import AnonymousAccess
from tests.conftest import client_of
from tests.factories import create_entry
from tests.web.pages import get_page, parsed, send, sent_to
from tests.web.test_new_entry import draft

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def link(runtime: Runtime) -> str:
    """Return the path of a new sign-in link."""
    async with runtime.database.write() as session:
        return f"/sign-in?token={await people.owner_link(session)}"


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
        (cookie,) = re.findall(r"__Host-kb_session=[^,]+", answer.headers["set-cookie"])
        assert cookie.endswith("; Path=/; SameSite=lax; Secure")
        assert "Domain" not in cookie
        assert (await client.get("/account")).status_code == 200
        await send(client, "/sign-out", [])
        assert "__Host-kb_session" not in client.cookies


async def test_signing_out_ends_the_session(owner: AsyncClient) -> None:
    secret = owner.cookies["kb_session"]
    page = await get_page(owner, "/")
    assert sent_to(await send(owner, page.forms["/sign-out"].action, [])) == "/"
    assert "kb_session" not in owner.cookies
    owner.cookies.set("kb_session", secret)
    assert "Sign in" in (await get_page(owner, "/")).links


async def with_password(app: FastAPI, password: str) -> Response:
    """Sign in as ann in a browser of its own."""
    async with client_of(app) as browser:
        return await send(browser, "/sign-in", [("name", "ann"), ("password", password)])


def session_in(answer: Response) -> str:
    """Return the cookie of the session that the answer begins."""
    (cookie,) = re.findall(r"kb_session=[^;]+", answer.headers["set-cookie"])
    return str(cookie)


async def invited(owner: AsyncClient, role: str = "member") -> str:
    """Return the link of a new invitation, as the page shows it."""
    page = parsed(await send(owner, "/account/invitations", [("role", role)]))
    return str(re.search(r"http://kb\.test(/join\?token=\S+)", page.text)[1])  # type: ignore[index]


PASSWORD = "four words and a horse"


async def join(browser: AsyncClient, link: str, name: str = "ann") -> None:
    form = (await get_page(browser, link)).forms["join"]
    answer = await send(browser, "/join", form.filled(name=name, password=PASSWORD))
    assert sent_to(answer) == "/"


async def test_who_is_invited_joins_once_and_signs_in_with_a_password(
    app: FastAPI, owner: AsyncClient, client: AsyncClient
) -> None:
    link = await invited(owner, "maintainer")
    form = (await get_page(client, link)).forms["join"]
    refused = parsed(
        await send(client, "/join", form.filled(name="Ann Lee", password="too short")), 422
    )
    assert refused.forms["join"].fields[1] == ("name", "Ann Lee")
    assert ("#name" in refused.addresses, "#password" in refused.addresses) == (True, True)
    taken = await send(client, "/join", form.filled(name="owner", password=PASSWORD))
    assert "is taken; choose another one" in parsed(taken, 422).text
    await join(client, link)
    assert "Welcome." in (await get_page(client, "/")).text
    assert "maintainer" in (await get_page(client, "/account")).text
    async with client_of(app) as late:
        page = await get_page(late, link, status=401)
        assert page.headings == ["This link no longer works"]
    assert (await with_password(app, PASSWORD)).status_code == 303
    wrong = parsed(await with_password(app, "five words and a horse"), 401)
    assert wrong.forms["sign-in"].fields == [("name", "ann"), ("password", "")]
    assert "No account has this name and this password." in wrong.text


async def test_an_invitation_is_void_once_revoked(owner: AsyncClient, client: AsyncClient) -> None:
    link = await invited(owner)
    await send(owner, "/account/invitations/1/revoke", [])
    assert (await client.get(link)).status_code == 401
    assert (await send(owner, "/account/invitations/1/revoke", [])).status_code == 404


async def test_an_invitation_is_no_better_than_who_made_it(
    app: FastAPI, runtime: Runtime, owner: AsyncClient, client: AsyncClient
) -> None:
    await join(client, await invited(owner, "maintainer"))
    above = await send(client, "/account/invitations", [("role", "owner")])
    assert "cannot make anybody an owner" in parsed(above, 403).text
    link = await invited(client, "maintainer")
    async with runtime.database.write() as session:
        await people.set_role(session, local_owner(AnonymousAccess.NONE), "ann", Role.MEMBER)
    async with client_of(app) as late:
        assert (await late.get(link)).status_code == 401
    assert (await send(client, "/account/invitations", [("role", "member")])).status_code == 403


async def test_sessions_are_listed_and_ended(app: FastAPI, owner: AsyncClient) -> None:
    async with client_of(app, **{"user-agent": FIREFOX}) as client:
        await join(client, await invited(owner))
        others = []
        for _ in range(3):
            answer = await with_password(app, PASSWORD)
            others.append(client_of(app, cookie=session_in(answer)))
        page = await get_page(client, "/account")
        assert page.text.count("Firefox on Linux") == 2  # and once on its button
        ends = sorted(action for action in page.forms if action.endswith("/end"))
        assert len(ends) == 4
        assert [(await other.get("/account")).status_code for other in others] == [200] * 3
        assert sent_to(await send(client, ends[1], [])) == "/account"
        assert [(await other.get("/account")).status_code for other in others] == [401, 200, 200]
        assert (await send(owner, ends[2], [])).status_code == 404
        assert sent_to(await send(client, "/account/sessions/end-others", [])) == "/account"
        assert [(await other.get("/account")).status_code for other in others] == [401] * 3
        assert (await client.get("/account")).status_code == 200
        for other in others:
            await other.aclose()


async def test_a_password_is_changed_and_ends_the_other_sessions(
    app: FastAPI, owner: AsyncClient, client: AsyncClient
) -> None:
    await join(client, await invited(owner))
    other = session_in(await with_password(app, PASSWORD))
    form = (await get_page(client, "/account")).forms["change-password"]
    fresh = "another good few words"
    for fields, fault in (
        (form.filled(old="wrong", password=fresh), "#old"),
        (form.filled(old=PASSWORD, password="short"), "#password"),
    ):
        refused = parsed(await send(client, "/account/password", fields), 422)
        assert fault in refused.addresses
        assert fresh not in refused.text
    changed = await send(client, "/account/password", form.filled(old=PASSWORD, password=fresh))
    assert sent_to(changed) == "/account"
    assert "Your password is changed" in (await get_page(client, "/account")).text
    async with client_of(app, cookie=other) as elsewhere:
        assert (await elsewhere.get("/account")).status_code == 401
    assert (await with_password(app, PASSWORD)).status_code == 401
    assert (await with_password(app, fresh)).status_code == 303


async def test_who_signed_in_with_a_link_sets_a_password_without_an_old_one(
    owner: AsyncClient,
) -> None:
    form = (await get_page(owner, "/account")).forms["change-password"]
    assert [name for name, _ in form.fields] == ["password"]
    answer = await send(owner, "/account/password", form.filled(password=PASSWORD))
    assert sent_to(answer) == "/account"


async def test_a_token_is_shown_once_works_and_is_revoked(
    app: FastAPI, runtime: Runtime, owner: AsyncClient
) -> None:
    form = (await get_page(owner, "/account")).forms["make-token"]
    answer = await send(owner, "/account/tokens", form.filled(name="my laptop", role="maintainer"))
    assert answer.headers["cache-control"] == "no-store"
    secret = str(re.search(r"kb_[\w-]{43}", parsed(answer).text)[0])  # type: ignore[index]
    page = await get_page(owner, "/account")
    assert "my laptop" in page.text
    assert "never used" in page.text
    assert secret not in page.text
    async with client_of(app, authorization=f"Bearer {secret}") as program:
        entry = await create_entry(program)
        assert entry["submitted_by"] == "owner"
        await runtime.uses.flush()
        page = await get_page(owner, "/account")
        assert "never used" not in page.text
        assert re.search(r"my laptop.*\blast used \d", page.text, re.DOTALL)
        assert (await program.get("/account")).status_code == 403
        assert sent_to(await send(owner, "/account/tokens/1/revoke", [])) == "/account"
        assert (await program.get("/api/v1/entries")).status_code == 401


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 61),
        ("role", "king"),
        ("days", "0"),
        ("days", "\u0661"),
        ("days", ""),
    ],
)
async def test_a_token_that_makes_no_sense_is_not_made(
    owner: AsyncClient, field: str, value: str
) -> None:
    fields = {"name": "laptop", "role": "member", "days": "30", field: value}
    page = parsed(await send(owner, "/account/tokens", list(fields.items())), 422)
    assert f"#token-{field}" in page.addresses
    assert "/account/tokens/1/revoke" not in page.forms


async def test_votes_of_a_person_and_their_programs_count_once(
    app: FastAPI, owner: AsyncClient
) -> None:
    slug = (await create_entry(owner))["slug"]
    answer = await send(
        owner, "/account/tokens", [("name", "a"), ("role", "member"), ("days", "30")]
    )
    secret = str(re.search(r"kb_[\w-]{43}", answer.text)[0])  # type: ignore[index]
    async with client_of(app, authorization=f"Bearer {secret}") as program:
        for voter in (owner, program):
            voted = await voter.post(f"/api/v1/entries/{slug}/votes", json={"value": 1})
            assert voted.json()["votes"] == 1


async def test_owners_read_what_was_done(owner: AsyncClient, client: AsyncClient) -> None:
    slug = (await create_entry(owner))["slug"]
    await join(client, await invited(owner))
    await send(owner, f"/entries/{slug}/archive", [("reason", "Fixed upstream")])
    page = await get_page(owner, (await get_page(owner, "/account")).links["Audit log"])
    text = " ".join(page.text.split())
    for told in (
        f"owner entry-archived {slug} reason: Fixed upstream",
        "ann account-created ann role: member",
        "ann signed-in ann method: invitation",
        "owner signed-in owner method: link",
    ):
        assert told in text
    assert "Audit log" not in (await get_page(client, "/account")).links


async def test_failed_sign_ins_are_recorded_without_what_was_typed(
    app: FastAPI, runtime: Runtime, owner: AsyncClient, client: AsyncClient
) -> None:
    await join(client, await invited(owner))
    async with client_of(app) as browser:
        for name in ("ann", PASSWORD):
            await send(browser, "/sign-in", [("name", name), ("password", "a secret guess")])
    async with runtime.database.read() as session:
        records = await audit.records(session, local_owner(AnonymousAccess.NONE))
    failed = [record for record in records if record.event == Event.SIGN_IN_FAILED]
    assert [record.by for record in failed] == ["anonymous"] * 2
    assert [record.about for record in failed] == ["ann", ""]
    written = "".join(record.model_dump_json() for record in records)
    assert PASSWORD not in written
    assert "guess" not in written


async def test_reviews_are_recorded(owner: AsyncClient, client: AsyncClient) -> None:
    for title in ("The first of two titles", "The second of two titles"):
        await send(client, "/entries", await draft(client, title=title, problem="Some."))
    await send(owner, "/review/1/accept", [])
    await send(owner, "/review/2/reject", [("reason", "No")])
    text = " ".join((await get_page(owner, "/account/audit")).text.split())
    assert "owner suggestion-accepted 1" in text
    assert "owner suggestion-rejected 2" in text


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
