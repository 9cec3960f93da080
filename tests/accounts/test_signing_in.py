"""The ways to sign in: links, passwords, and whom a provider vouches for."""

import asyncio
from datetime import timedelta

import pytest

from kb.accounts import account, people, signing_in
from kb.accounts import service as accounts
from kb.accounts.account import NewPassword
from kb.accounts.policy import Role
from kb.accounts.signing_in import (
    AccountDisabled,
    Identity,
    LinkNoLongerWorks,
    WrongCredentials,
)
from kb.errors import Invalid
from kb.runtime import Runtime
from tests.accounts.conftest import ANYONE, DEVICE, OWNER, add, later, link_for, signed_in

GOOD = "four words and a horse"
OTHER = "another good few words"


async def name_of(runtime: Runtime, secret: str) -> str | None:
    async with runtime.database.read() as session:
        actor = await accounts.actor_signed_in(session, runtime.uses, secret, ANYONE)
    return actor.name if actor else None


async def set_password(runtime: Runtime, secret: str, password: str, old: str = "") -> None:
    async with runtime.database.read() as session:
        actor = await accounts.actor_signed_in(session, runtime.uses, secret, ANYONE)
    assert actor
    new = NewPassword(password, old)
    await account.change_password(
        runtime.database, runtime.executor, actor, new, secret, limits=runtime.limits
    )


async def with_password(runtime: Runtime, name: str, password: str) -> str:
    return await signing_in.with_password(
        runtime.database, runtime.executor, name, password, DEVICE, limits=runtime.limits
    )


async def test_a_link_signs_in_once(runtime: Runtime) -> None:
    await add(runtime, "ann")
    link = await link_for(runtime, "ann")
    secret = await signing_in.with_link(runtime.database, link, DEVICE)
    assert await name_of(runtime, secret) == "ann"
    with pytest.raises(LinkNoLongerWorks, match="used already"):
        await signing_in.with_link(runtime.database, link, DEVICE)


async def test_of_several_uses_of_a_link_at_once_one_signs_in(runtime: Runtime) -> None:
    await add(runtime, "ann")
    link = await link_for(runtime, "ann")
    uses = [signing_in.with_link(runtime.database, link, DEVICE) for _ in range(3)]
    ended = await asyncio.gather(*uses, return_exceptions=True)
    assert len([one for one in ended if isinstance(one, str)]) == 1
    assert len([one for one in ended if isinstance(one, LinkNoLongerWorks)]) == 2


async def test_a_newer_link_makes_the_older_void(runtime: Runtime) -> None:
    for name in ("ann", "bob"):
        await add(runtime, name)
    other, old, new = [await link_for(runtime, name) for name in ("bob", "ann", "ann")]
    with pytest.raises(LinkNoLongerWorks):
        await signing_in.with_link(runtime.database, old, DEVICE)
    for link in (new, other):
        assert await signing_in.with_link(runtime.database, link, DEVICE)


@pytest.mark.parametrize(("minutes", "works"), [(14, True), (15, False)])
async def test_a_link_is_good_for_a_quarter_of_an_hour(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, minutes: int, works: bool
) -> None:
    await add(runtime, "ann")
    link = await link_for(runtime, "ann")
    later(monkeypatch, timedelta(minutes=minutes))
    if works:
        assert await signing_in.with_link(runtime.database, link, DEVICE)
    else:
        with pytest.raises(LinkNoLongerWorks):
            await signing_in.with_link(runtime.database, link, DEVICE)


async def test_the_first_link_makes_the_owner_and_later_ones_find_an_owner(
    runtime: Runtime,
) -> None:
    async with runtime.database.write() as session:
        link = await people.owner_link(session)
    assert await name_of(runtime, await signing_in.with_link(runtime.database, link, DEVICE)) == (
        "owner"
    )
    await add(runtime, "ann", Role.OWNER)
    async with runtime.database.write() as session:
        await people.set_role(session, OWNER, "owner", Role.MEMBER)
        link = await people.owner_link(session)
    secret = await signing_in.with_link(runtime.database, link, DEVICE)
    assert await name_of(runtime, secret) == "ann"


async def test_a_name_and_its_password_sign_in(runtime: Runtime) -> None:
    await add(runtime, "ann")
    await set_password(runtime, await signed_in(runtime, "ann"), GOOD)
    assert await name_of(runtime, await with_password(runtime, " Ann ", GOOD)) == "ann"
    for name, password in (("ann", OTHER), ("ann", ""), ("bob", GOOD), ("ann", "x" * 5000)):
        with pytest.raises(WrongCredentials):
            await with_password(runtime, name, password)


async def test_a_password_is_the_same_however_its_letters_are_composed(runtime: Runtime) -> None:
    await add(runtime, "ann")
    await set_password(
        runtime, await signed_in(runtime, "ann"), "cre\u0300me bru\u0302le\u0301e, warm"
    )
    assert await with_password(runtime, "ann", "cr\u00e8me br\u00fbl\u00e9e, warm")


async def test_a_long_password_that_is_taken_signs_in(runtime: Runtime) -> None:
    decomposed = "e\u0301o\u0302 xabcdf" * 75
    assert len(decomposed) == 825
    longest = decomposed + "u\u0308" * 100
    await add(runtime, "ann")
    await set_password(runtime, await signed_in(runtime, "ann"), longest)
    assert await with_password(runtime, "ann", longest)


async def test_the_first_start_finds_a_name_for_the_owner(runtime: Runtime) -> None:
    await add(runtime, "owner")
    async with runtime.database.write() as session:
        link = await people.owner_link(session)
    secret = await signing_in.with_link(runtime.database, link, DEVICE)
    assert await name_of(runtime, secret) == "owner-2"


async def test_who_has_no_password_cannot_sign_in_with_one(runtime: Runtime) -> None:
    await add(runtime, "ann")
    with pytest.raises(WrongCredentials):
        await with_password(runtime, "ann", "")


async def test_who_is_disabled_is_out_until_enabled(runtime: Runtime) -> None:
    await add(runtime, "ann")
    secret = await signed_in(runtime, "ann")
    await set_password(runtime, secret, GOOD)
    link = await link_for(runtime, "ann")
    async with runtime.database.write() as session:
        await people.disable(session, OWNER, "ann")
    assert await name_of(runtime, secret) is None
    with pytest.raises(WrongCredentials):
        await with_password(runtime, "ann", GOOD)
    with pytest.raises(LinkNoLongerWorks):
        await signing_in.with_link(runtime.database, link, DEVICE)
    async with runtime.database.write() as session:
        await people.enable(session, OWNER, "ann")
    assert await name_of(runtime, secret) is None
    assert await with_password(runtime, "ann", GOOD)


async def test_a_new_password_ends_the_other_sessions(runtime: Runtime) -> None:
    await add(runtime, "ann")
    await set_password(runtime, await signed_in(runtime, "ann"), GOOD)
    here, there = [await with_password(runtime, "ann", GOOD) for _ in range(2)]
    await set_password(runtime, here, OTHER, old=GOOD)
    assert [await name_of(runtime, one) for one in (here, there)] == ["ann", None]
    with pytest.raises(WrongCredentials):
        await with_password(runtime, "ann", GOOD)
    assert await with_password(runtime, "ann", OTHER)


async def test_a_new_password_needs_the_old_one(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(runtime, "ann")
    await set_password(runtime, await signed_in(runtime, "ann"), GOOD)
    for secret in (await with_password(runtime, "ann", GOOD), await signed_in(runtime, "ann")):
        later(monkeypatch, timedelta(hours=1))
        with pytest.raises(Invalid, match="not the password that you have now"):
            await set_password(runtime, secret, OTHER, old=OTHER)
    assert await with_password(runtime, "ann", GOOD)


async def test_who_forgot_the_password_sets_a_new_one_after_a_link(runtime: Runtime) -> None:
    await add(runtime, "ann")
    await set_password(runtime, await signed_in(runtime, "ann"), GOOD)
    await set_password(runtime, await signed_in(runtime, "ann"), OTHER)
    assert await with_password(runtime, "ann", OTHER)


def identity(subject: str, name: str, issuer: str = "https://id.example") -> Identity:
    return Identity(issuer, subject, name)


async def test_a_provider_is_believed_about_a_subject_and_not_about_a_name(
    runtime: Runtime,
) -> None:
    await add(runtime, "ann", Role.OWNER)
    people_of = {}
    for one in (
        identity("1", "ann"),
        identity("2", "Ann"),
        identity("1", "renamed"),
        identity("1", "ann", "https://other.example"),
        identity("3", "日本"),
        identity("4", "Żółć, Ł@example.org"),
    ):
        secret = await signing_in.with_identity(runtime.database, one, Role.MEMBER, DEVICE)
        people_of[one] = await name_of(runtime, secret)
    assert list(people_of.values()) == ["ann-2", "ann-3", "ann-2", "ann-4", "member", "zoc"]


async def test_a_provider_does_not_let_in_who_is_disabled(runtime: Runtime) -> None:
    ann = identity("1", "ann")
    await signing_in.with_identity(runtime.database, ann, Role.MEMBER, DEVICE)
    async with runtime.database.write() as session:
        await people.disable(session, OWNER, "ann")
    with pytest.raises(AccountDisabled):
        await signing_in.with_identity(runtime.database, ann, Role.MEMBER, DEVICE)
