"""What credentials stand for: sessions and tokens, their ends, and what is stored of them."""

from datetime import timedelta

import pytest
from sqlmodel import select

from kb import clock
from kb.accounts import people, signing_in, tokens
from kb.accounts import service as accounts
from kb.accounts.policy import Actor, Role
from kb.accounts.tokens import NewToken
from kb.errors import Conflict, Invalid, NotAllowed, NotSignedIn
from kb.models import ApiToken, SignIn, SignInLink
from kb.runtime import Runtime
from tests.accounts.conftest import ANYONE, OWNER, add, later, signed_in


async def actor_of(runtime: Runtime, secret: str) -> Actor | None:
    async with runtime.database.read() as session:
        return await accounts.actor_signed_in(session, runtime.uses, secret, ANYONE)


async def actor_with(runtime: Runtime, token: str) -> Actor:
    async with runtime.database.read() as session:
        return await accounts.actor_with_token(session, runtime.uses, token, ANYONE)


async def test_a_sign_in_ends(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    await add(runtime, "ann")
    first, second = await signed_in(runtime, "ann"), await signed_in(runtime, "ann")
    await signing_in.sign_out(runtime.database, first)
    assert await actor_of(runtime, first) is None
    assert await actor_of(runtime, second)
    later(monkeypatch, signing_in.SIGN_IN_LASTS)
    assert await actor_of(runtime, second) is None


async def test_the_session_that_a_browser_had_ends_when_a_new_one_begins(runtime: Runtime) -> None:
    await add(runtime, "ann")
    first = await signed_in(runtime, "ann")
    second = await signed_in(runtime, "ann", replaces=first)
    assert await actor_of(runtime, first) is None
    assert await actor_of(runtime, second)


async def test_a_program_is_called_like_its_token(runtime: Runtime) -> None:
    async with runtime.database.write() as session:
        token = await tokens.create_for(session, OWNER, NewToken("CI"))
        with pytest.raises(Conflict, match="another name"):
            await tokens.create_for(session, OWNER, NewToken("ci", Role.OWNER))
    actor = await actor_with(runtime, token)
    assert (actor.name, actor.role, actor.key) == ("ci", Role.MEMBER, "token:ci")
    with pytest.raises(NotSignedIn, match="not known"):
        await actor_with(runtime, token + "x")


async def test_a_persons_token_acts_as_that_person(runtime: Runtime) -> None:
    await add(runtime, "ann", Role.MAINTAINER)
    async with runtime.database.write() as session:
        ones = [await tokens.create_for(session, OWNER, NewToken("ann")) for _ in range(2)]
    actors = [await actor_with(runtime, one) for one in ones]
    assert [(one.name, one.key, one.role) for one in actors] == [
        ("ann", "person:ann", Role.MEMBER)
    ] * 2


async def test_a_token_is_never_above_its_person(runtime: Runtime) -> None:
    await add(runtime, "ann", Role.MAINTAINER)
    async with runtime.database.write() as session:
        with pytest.raises(Invalid, match="above what ann is"):
            await tokens.create_for(session, OWNER, NewToken("ann", Role.OWNER))
        token = await tokens.create_for(session, OWNER, NewToken("ann", Role.MAINTAINER))
    assert (await actor_with(runtime, token)).role is Role.MAINTAINER
    async with runtime.database.write() as session:
        await people.set_role(session, OWNER, "ann", Role.MEMBER)
    assert (await actor_with(runtime, token)).role is Role.MEMBER


async def test_a_token_of_who_was_disabled_never_works_again(runtime: Runtime) -> None:
    number = await add(runtime, "ann")
    ann = Actor("ann", Role.MEMBER, ANYONE, "person:ann", number)
    async with runtime.database.write() as session:
        token = await tokens.create_for(session, OWNER, NewToken("ann"))
    async with runtime.database.write() as session:
        await people.disable(session, OWNER, "ann")
    with pytest.raises(NotSignedIn, match="not known"):
        await actor_with(runtime, token)
    # Their request was on its way when they were disabled.
    async with runtime.database.write() as session:
        late = await tokens.create(session, ann, NewToken("late"))
    with pytest.raises(NotSignedIn, match="disabled"):
        await actor_with(runtime, late)
    async with runtime.database.write() as session:
        await people.enable(session, OWNER, "ann")
    for one in (token, late):
        with pytest.raises(NotSignedIn, match="not known"):
            await actor_with(runtime, one)


async def test_nobody_makes_a_token_above_their_own_role(runtime: Runtime) -> None:
    number = await add(runtime, "ann")
    ann = Actor("ann", Role.MEMBER, ANYONE, "person:ann", number)
    async with runtime.database.write() as session:
        with pytest.raises(NotAllowed, match="cannot make anybody a maintainer"):
            await tokens.create(session, ann, NewToken("laptop", Role.MAINTAINER))
        await tokens.create(session, ann, NewToken("my laptop"))
        with pytest.raises(Conflict):
            await tokens.create(session, ann, NewToken("my  laptop "))


@pytest.mark.parametrize("days", [0, -1, 3651])
async def test_a_token_ends_within_ten_years(runtime: Runtime, days: int) -> None:
    async with runtime.database.write() as session:
        with pytest.raises(Invalid, match="between 1 and 3650"):
            await tokens.create_for(session, OWNER, NewToken("ci", days=days))


async def test_a_token_expires(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    async with runtime.database.write() as session:
        token = await tokens.create_for(session, OWNER, NewToken("ci", days=3))
    later(monkeypatch, timedelta(days=2))
    assert await actor_with(runtime, token)
    later(monkeypatch, timedelta(days=1))
    with pytest.raises(NotSignedIn, match="expired on"):
        await actor_with(runtime, token)


async def test_a_revoked_token_is_unknown(runtime: Runtime) -> None:
    async with runtime.database.write() as session:
        token = await tokens.create_for(session, OWNER, NewToken("ci"))
        ((held, nobody),) = await tokens.all_tokens(session, OWNER)
        await tokens.revoke_any(session, OWNER, held.id)
    assert nobody is None
    with pytest.raises(NotSignedIn, match="not known"):
        await actor_with(runtime, token)


async def test_the_last_use_is_written_behind_the_request_and_not_each_time(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(runtime, "ann")
    cookie = await signed_in(runtime, "ann")
    async with runtime.database.write() as session:
        token = await tokens.create_for(session, OWNER, NewToken("ann"))

    async def last_used() -> list[object]:
        await runtime.uses.flush()
        async with runtime.database.read() as session:
            session_used = (await session.exec(select(SignIn.last_used_at))).one()
            return [session_used, (await session.exec(select(ApiToken.last_used_at))).one()]

    opened = (await last_used())[0]
    assert await last_used() == [opened, None]
    await actor_of(runtime, cookie)
    await actor_with(runtime, token)
    first = await last_used()
    assert first[0] == opened
    assert first[1]
    later(monkeypatch, timedelta(minutes=4))
    await actor_with(runtime, token)
    assert await last_used() == first
    later(monkeypatch, timedelta(minutes=2))
    await actor_of(runtime, cookie)
    await actor_with(runtime, token)
    assert await last_used() == [clock.now(), clock.now()]


async def test_no_secret_is_stored(runtime: Runtime) -> None:
    await add(runtime, "ann")
    cookie = await signed_in(runtime, "ann")
    async with runtime.database.write() as session:
        link = await people.link(session, OWNER, "ann")
        token = await tokens.create_for(session, OWNER, NewToken("ci"))
    async with runtime.database.read() as session:
        rows = [
            row.model_dump_json()
            for table in (SignInLink, SignIn, ApiToken)
            for row in (await session.exec(select(table))).all()
        ]
    assert len(rows) == 3
    assert not [row for row in rows for secret in (link, token, cookie) if secret in row]
