"""Sessions that somebody else has chosen, and guesses near to what is right."""

from collections.abc import Awaitable, Callable

import pytest
from httpx2 import AsyncClient
from sqlmodel import select

from kb.accounts import invitations
from kb.accounts.policy import Role
from kb.models import ApiToken, SignIn
from kb.runtime import Runtime
from tests.accounts.conftest import OWNER, add, link_for, signed_in
from tests.accounts.test_signing_in import set_password
from tests.conftest import token_for
from tests.web.pages import send

PASSWORD = "four words are enough"
CHOSEN = "a-secret-that-the-attacker-knows-and-has-planted"


async def by_password(runtime: Runtime, client: AsyncClient) -> None:
    fields = [("name", "victim"), ("password", PASSWORD)]
    assert (await send(client, "/sign-in", fields)).status_code == 303


async def by_link(runtime: Runtime, client: AsyncClient) -> None:
    fields = [("token", await link_for(runtime, "victim"))]
    assert (await send(client, "/sign-in", fields)).status_code == 303


async def by_invitation(runtime: Runtime, client: AsyncClient) -> None:
    async with runtime.database.write() as session:
        token = await invitations.invite(session, OWNER, Role.MEMBER)
    fields = [("token", token), ("name", "newcomer"), ("password", PASSWORD)]
    assert (await send(client, "/join", fields)).status_code == 303


@pytest.mark.parametrize("sign_in", [by_password, by_link, by_invitation])
async def test_a_planted_session_is_nobodys(
    runtime: Runtime, client: AsyncClient, sign_in: Callable[..., Awaitable[None]]
) -> None:
    await add(runtime, "victim")
    await set_password(runtime, await signed_in(runtime, "victim"), PASSWORD)
    client.cookies.set("kb_session", CHOSEN)
    await sign_in(runtime, client)
    assert {one.value for one in client.cookies.jar if one.name == "kb_session"} != {CHOSEN}
    client.cookies.clear()
    client.cookies.set("kb_session", CHOSEN)
    assert (await client.get("/account")).status_code == 401


async def test_a_session_of_the_attackers_does_not_become_the_victims(
    runtime: Runtime, client: AsyncClient
) -> None:
    await add(runtime, "mallory")
    await add(runtime, "victim")
    planted = await signed_in(runtime, "mallory")
    client.cookies.set("kb_session", planted)
    await by_link(runtime, client)
    client.cookies.clear()
    client.cookies.set("kb_session", planted)
    assert (await client.get("/account")).status_code == 401


async def test_what_the_database_holds_lets_nobody_in(
    runtime: Runtime, client: AsyncClient
) -> None:
    await add(runtime, "victim")
    session, token = await signed_in(runtime, "victim"), await token_for(runtime, "script")
    async with runtime.database.read() as reading:
        kept = (await reading.exec(select(SignIn.secret_hash))).one()
        hashed = (await reading.exec(select(ApiToken.secret_hash))).one()
    for guess in (kept, session[:-1], session + "a", session.swapcase(), session[::-1], ""):
        client.cookies.clear()
        client.cookies.set("kb_session", guess)
        assert (await client.get("/account")).status_code == 401, guess
    client.cookies.clear()
    for guess in (hashed, f"kb_{hashed}", token[:-1], token + "a", token.swapcase(), token[3:]):
        headers = {"authorization": f"Bearer {guess}"}
        answer = await client.get("/api/v1/entries", headers=headers)
        assert answer.status_code == 401, guess
