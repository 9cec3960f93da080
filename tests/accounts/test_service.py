"""Signing in with one-time links, and what credentials stand for."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from kb import clock
from kb.accounts import service as accounts
from kb.accounts.policy import Role
from kb.errors import Conflict, NotSignedIn
from kb.models import ApiToken, SignIn, SignInLink
from kb.runtime import Runtime
from kb.settings import AnonymousAccess

ANYONE = AnonymousAccess.SUGGEST


def later(monkeypatch: pytest.MonkeyPatch, passed: timedelta) -> None:
    """Let that much time pass."""
    then = clock.now() + passed
    monkeypatch.setattr(clock, "now", lambda: then)


async def test_a_link_signs_the_owner_in_once(runtime: Runtime) -> None:
    async with runtime.database.write() as session:
        link = await accounts.owner_link(session)
    async with runtime.database.write() as session:
        cookie = await accounts.sign_in(session, link)
    async with runtime.database.read() as session:
        actor = await accounts.actor_signed_in(session, cookie, ANYONE)
    assert actor
    assert (actor.name, actor.role) == ("owner", Role.OWNER)
    with pytest.raises(NotSignedIn, match="used already"):
        async with runtime.database.write() as session:
            await accounts.sign_in(session, link)


async def test_of_two_uses_of_a_link_at_once_one_signs_in(runtime: Runtime) -> None:
    async with runtime.database.write() as session:
        link = await accounts.owner_link(session)

    async def use() -> bool:
        try:
            async with runtime.database.write() as session:
                await accounts.sign_in(session, link)
        except NotSignedIn:
            return False
        return True

    assert sorted(await asyncio.gather(use(), use(), use())) == [False, False, True]


async def test_a_link_is_good_for_a_quarter_of_an_hour(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with runtime.database.write() as session:
        first, second = [await accounts.owner_link(session) for _ in range(2)]
    later(monkeypatch, timedelta(minutes=14))
    async with runtime.database.write() as session:
        await accounts.sign_in(session, first)
    later(monkeypatch, timedelta(minutes=2))
    with pytest.raises(NotSignedIn):
        async with runtime.database.write() as session:
            await accounts.sign_in(session, second)


async def test_a_sign_in_ends(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    async with runtime.database.write() as session:
        first = await accounts.sign_in(session, await accounts.owner_link(session))
        second = await accounts.sign_in(session, await accounts.owner_link(session))
        await accounts.sign_out(session, first)
    async with runtime.database.read() as session:
        assert await accounts.actor_signed_in(session, first, ANYONE) is None
        assert await accounts.actor_signed_in(session, second, ANYONE)
        later(monkeypatch, accounts.SIGN_IN_LASTS)
        assert await accounts.actor_signed_in(session, second, ANYONE) is None


async def test_a_token_has_its_name_and_role(runtime: Runtime) -> None:
    async with runtime.database.write() as session:
        token = await accounts.create_token(session, "ci", Role.MEMBER)
        with pytest.raises(Conflict, match="another name"):
            await accounts.create_token(session, "ci", Role.OWNER)
    async with runtime.database.read() as session:
        actor = await accounts.actor_with_token(session, token, ANYONE)
        with pytest.raises(NotSignedIn):
            await accounts.actor_with_token(session, token + "x", ANYONE)
    assert (actor.name, actor.role) == ("ci", Role.MEMBER)


async def test_no_secret_is_stored(runtime: Runtime) -> None:
    async with runtime.database.write() as session:
        link = await accounts.owner_link(session)
        token = await accounts.create_token(session, "ci", Role.MEMBER)
        cookie = await accounts.sign_in(session, await accounts.owner_link(session))
    async with runtime.database.read() as session:
        rows = [
            row.model_dump_json()
            for table in (SignInLink, SignIn, ApiToken)
            for row in (await session.exec(select(table))).all()
        ]
    assert len(rows) == 3
    assert not [row for row in rows for secret in (link, token, cookie) if secret in row]
