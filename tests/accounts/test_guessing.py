"""Guessing at passwords and links: slowed down, without locking out those whose they are."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from kb.accounts import account, signing_in
from kb.accounts import service as accounts
from kb.accounts.account import NewPassword
from kb.accounts.devices import Device
from kb.accounts.signing_in import WrongCredentials
from kb.errors import Invalid, TooManyRequests
from kb.limits.service import Limits
from kb.runtime import Runtime
from tests.accounts.conftest import ANYONE, DEVICE, add, later, signed_in

GOOD = "four words and a horse"


def strict(runtime: Runtime, number: int = 2) -> Limits:
    """Return limits of so many attempts an hour."""
    settings = runtime.settings.model_copy(update={"sign_ins_per_hour": number})
    return Limits(runtime.database, settings)


async def ann(runtime: Runtime) -> str:
    """Give Ann a password; return the secret of her session at the address of DEVICE."""
    await add(runtime, "ann")
    secret = await signed_in(runtime, "ann")
    await change(runtime, secret, GOOD, Limits(runtime.database, runtime.settings))
    return secret


async def change(runtime: Runtime, secret: str, new: str, limits: Limits, old: str = "") -> None:
    async with runtime.database.read() as session:
        actor = await accounts.actor_signed_in(session, runtime.uses, secret, ANYONE)
    assert actor
    await account.change_password(
        runtime.database, runtime.executor, actor, NewPassword(new, old), secret, limits=limits
    )


async def attempt(
    runtime: Runtime, limits: Limits, name: str, password: str, address: str
) -> type[Exception] | None:
    """Try to sign in; return what kind of error it was."""
    device = Device("Firefox on Linux", address)
    try:
        await signing_in.with_password(
            runtime.database, runtime.executor, name, password, device, limits=limits
        )
    except (WrongCredentials, TooManyRequests) as error:
        return type(error)
    return None


async def test_an_address_may_try_so_often_whatever_the_names(runtime: Runtime) -> None:
    limits = strict(runtime)
    tried = [
        await attempt(runtime, limits, name, "wrong", "203.0.113.9") for name in ("a", "b", "c")
    ]

    assert tried == [WrongCredentials, WrongCredentials, TooManyRequests]


async def test_guesses_from_many_addresses_at_one_name_are_slowed_down(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ann(runtime)
    for name in ("ann", "nobody"):  # the answers do not tell who is there
        limits = strict(runtime)
        tried = [await attempt(runtime, limits, name, "wrong", f"203.0.113.{n}") for n in range(3)]
        assert tried == [WrongCredentials, WrongCredentials, TooManyRequests]

    assert await attempt(runtime, limits, "ann", GOOD, "198.51.100.1") is TooManyRequests
    later(monkeypatch, timedelta(hours=1))
    assert await attempt(runtime, limits, "ann", GOOD, "198.51.100.1") is None


async def test_nobody_is_locked_out_from_where_they_sign_in(runtime: Runtime) -> None:
    await ann(runtime)
    limits = strict(runtime)
    for n in range(3):
        await attempt(runtime, limits, "ann", "wrong", f"203.0.113.{n}")

    assert await attempt(runtime, limits, "ann", GOOD, DEVICE.address) is None


async def test_the_old_password_is_not_guessed_at_in_a_session_that_was_left_open(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = await ann(runtime)
    later(monkeypatch, timedelta(hours=2))
    limits = strict(runtime)
    for _ in range(2):
        with pytest.raises(Invalid):
            await change(runtime, secret, "another good few words", limits, old="wrong")

    with pytest.raises(TooManyRequests):
        await change(runtime, secret, "another good few words", limits, old=GOOD)


async def test_the_page_says_when_to_try_again_and_keeps_the_name(
    app: FastAPI, runtime: Runtime
) -> None:
    transport = ASGITransport(app=app, client=("203.0.113.9", 1))
    form = {"content-type": "application/x-www-form-urlencoded"}
    async with AsyncClient(transport=transport, base_url="http://kb.test") as client:
        for _ in range(runtime.settings.sign_ins_per_hour):
            await runtime.limits.sign_in_from("203.0.113.9")
        answer = await client.post("/sign-in", content="name=ann&password=wrong", headers=form)
        link = await client.post("/sign-in", content="token=guessed", headers=form)

    assert answer.status_code == link.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert 'value="ann"' in answer.text
