"""What routes of every door ask for in their signatures."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import cache
from typing import Annotated

from fastapi import Depends, Request

from kb import __version__, clock
from kb.accounts import service as accounts
from kb.accounts.devices import Device, device_of
from kb.accounts.policy import Actor, Role
from kb.answers import on_reuse, reusable
from kb.caching import tag_of, unless_known
from kb.cookies import read_cookie
from kb.db.database import ReadSession, WriteSession
from kb.errors import NotSignedIn
from kb.limits.callers import Caller, by_address, is_loopback
from kb.runtime import Runtime
from kb.visitors import hand_out_secret, secret_of

SESSION_COOKIE = "kb_session"
_FORWARDED = {"forwarded", "x-forwarded-for", "x-forwarded-proto", "x-real-ip", "via"}

_log = logging.getLogger(__name__)


def runtime_of(request: Request) -> Runtime:
    """Return what is open while the server of the request runs."""
    runtime: Runtime = request.app.state.runtime
    return runtime


async def _kb(request: Request) -> Runtime:
    return runtime_of(request)  # in a function that is not async, it would be sent to a thread


Kb = Annotated[Runtime, Depends(_kb)]


def base_url(request: Request) -> str:
    """Return where callers find us: KB_PUBLIC_URL, or the host asked for."""
    return runtime_of(request).settings.public_url or str(request.base_url).rstrip("/")


async def unless_unchanged(request: Request, *more: object, vary: str = "") -> None:
    """Name the state of all that answers show, and of `more`, as that of this answer.

    To be called before anything is read. Who asks the same is given the same until it changes.

    Views are not part of it, but for the hour: each would make everything new.

    Raises:
        NotModified: the caller has this answer, as it would be now.
    """
    hour = f"{clock.now():%Y-%m-%dT%H}"
    state = await reusable(request, runtime_of(request).database)
    address = base_url(request), request.url.path, request.url.query
    unless_known(request, tag_of(__version__, state.generation, hour, *address, *more), vary=vary)


def counts_as_search(request: Request, runtime: Runtime) -> None:
    """Have each request that is given this answer again counted as a search of its caller's."""

    def count(other: Request) -> None:
        visitor = accounts.anonymous(runtime.settings.anonymous)
        runtime.limits.search(_caller(other, runtime, visitor))

    on_reuse(request, count)


def session_secret(request: Request) -> str:
    """Return the secret of the browser's session; empty where it has none."""
    return read_cookie(request, SESSION_COOKIE)


def device_behind(request: Request) -> Device:
    """Return from where the request comes, for people to recognise."""
    address = _address(request)
    agent = request.headers.get("user-agent", "")
    return device_of(agent, address, session_secret(request))


# These take the runtime from the request themselves: each dependency of one costs as much as all
# that most of them do.
async def _read(request: Request) -> AsyncIterator[ReadSession]:
    async with runtime_of(request).database.read() as session:
        yield session


async def _write(request: Request) -> AsyncIterator[WriteSession]:
    async with runtime_of(request).database.write() as session:
        yield session


# "function": the session ends when the route returns, so that a commit that fails is an error
# the client sees, and not one after a reply that said it went well.
Read = Annotated[ReadSession, Depends(_read, scope="function")]
Write = Annotated[WriteSession, Depends(_write, scope="function")]


async def actor_of(request: Request) -> Actor:
    """Return whoever is behind the request.

    Raises:
        NotSignedIn: a token is no good.
        TooManyRequests: so were too many before, from the same address.
    """
    runtime = runtime_of(request)
    try:
        actor = await _actor(request, runtime)
    except NotSignedIn:
        # Good ones of others there are let in still: nobody guesses 256 random bits.
        runtime.limits.wrong_token(_address(request))
        raise
    return replace(actor, caller=_caller(request, runtime, actor))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _caller(request: Request, runtime: Runtime, actor: Actor) -> Caller:
    """Return whom the limits count the actor's request under."""
    address = _address(request)
    forwarded = not _FORWARDED.isdisjoint(request.headers)
    if forwarded and not runtime.settings.proxies:
        _warn_of_proxy(address)
    direct = not forwarded and not runtime.settings.public_url
    local = direct and is_loopback(address)
    keys = () if actor.key is None else (actor.key,)
    if actor.role is Role.ANONYMOUS:
        keys = (by_address(address), *keys)
    return Caller(keys, local)


@cache
def _warn_of_proxy(address: str) -> None:
    _log.warning(
        "Requests come through %s, which KB_TRUSTED_PROXIES does not name: everybody behind it "
        "counts as one caller, and cookies are not marked as secure.",
        address,
    )


async def _actor(request: Request, runtime: Runtime) -> Actor:
    anyone = runtime.settings.anonymous
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    cookie = session_secret(request)
    visitor = accounts.anonymous(anyone, secret_of(request))
    if not scheme and not cookie:
        return visitor
    async with runtime.database.read() as session:
        if scheme:
            if scheme.lower() != "bearer":
                raise NotSignedIn("Use `Authorization: Bearer` with an API token.")
            secret = credentials.strip()
            return await accounts.actor_with_token(session, runtime.uses, secret, anyone)
        actor = await accounts.actor_signed_in(session, runtime.uses, cookie, anyone)
    return actor or visitor


By = Annotated[Actor, Depends(actor_of)]
"""Whoever is behind the request."""


async def _known_actor(request: Request, actor: By) -> Actor:
    if actor.key is not None:
        return actor
    known = accounts.anonymous(actor.anyone, hand_out_secret(request))
    return replace(known, caller=actor.caller)


ByKnown = Annotated[Actor, Depends(_known_actor)]
"""Whoever is behind the request, always with a key: a browser without one gets it in a cookie."""


async def _count_change(runtime: Kb, actor: By) -> None:
    await runtime.limits.write(actor.caller)


async def _count_sign_in(request: Request, runtime: Kb) -> None:
    await runtime.limits.sign_in_from(_address(request))


Changing = Depends(_count_change)
"""For routes that change something: refuses who has changed too much, before the work begins."""

SigningIn = Depends(_count_sign_in)
"""For routes that sign somebody in: refuses addresses that have tried too often."""
