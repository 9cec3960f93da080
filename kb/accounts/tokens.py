"""API tokens: credentials for programs, shown once. A person's are as good as the person is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from kb import clock
from kb.accounts import audit, repository
from kb.accounts.audit import Event
from kb.accounts.names import checked_label, checked_name
from kb.accounts.policy import Action, Actor, Role, Thing, require, require_a_role
from kb.accounts.secrets import TOKEN_PREFIX, new_secret, secret_hash
from kb.db.database import ReadSession, WriteSession
from kb.errors import Conflict, FieldError, Invalid, NotFound
from kb.models import ApiToken, Person

MAX_DAYS = 3650
DEFAULT_DAYS = 365
MAX_TOKENS = 50
"""Tokens that one person may have at a time."""

Owned = tuple[ApiToken, Person | None]


@dataclass(frozen=True, slots=True)
class NewToken:
    """What is asked for: what to call it, what it may do, and for how long."""

    name: str
    role: Role = Role.MEMBER
    days: int = DEFAULT_DAYS


async def create(session: WriteSession, actor: Actor, new: NewToken) -> str:
    """Return the secret of a new token of the actor's own, which is shown this once.

    Raises:
        NotAllowed: the role is above the actor's.
        Invalid: the name, the role or the days make no sense.
        Conflict: there is such a token already, or too many.
    """
    require(actor, Action.TOKEN, Thing(role=new.role))
    assert actor.person_id is not None  # noqa: S101 (who may do this has signed in)
    if len(await repository.tokens_of(session, actor.person_id)) >= MAX_TOKENS:
        raise Conflict(f"You have {MAX_TOKENS} tokens. Revoke one that you no longer use first.")
    return await _add(session, actor, replace(new, name=checked_label(new.name)), actor.person_id)


async def create_for(session: WriteSession, actor: Actor, new: NewToken) -> str:
    """Return the secret of a new token for the person of that name, or else for a program.

    A program has no account: the token's name is who it is. Raises as `create` does.
    """
    require(actor, Action.MANAGE, Thing(role=new.role))
    new = replace(new, name=checked_name(new.name))
    person = await repository.person_by_name(session, new.name)
    if person is None:
        return await _add(session, actor, new, None)
    if person.disabled_at is not None:
        raise Conflict(f"{new.name} is disabled. `kb user enable {new.name}` comes first.")
    if new.role > Role.named(person.role):
        message = f"is above what {new.name} is: {Role.named(person.role).one}"
        raise Invalid(f"The role {message}.", (FieldError("role", message),))
    label = f"command line, {len(await repository.tokens_of(session, person.id)) + 1}"
    return await _add(session, actor, replace(new, name=label), person.id)


async def _add(session: WriteSession, actor: Actor, new: NewToken, person_id: int | None) -> str:
    require_a_role(new.role)
    if not 1 <= new.days <= MAX_DAYS:
        message = f"must be between 1 and {MAX_DAYS}"
        raise Invalid(f"The days {message}.", (FieldError("days", message),))
    if await repository.token_by_name(session, new.name, person_id):
        raise Conflict(f"There is a token named {new.name!r} already; choose another name.")
    now = clock.now()
    secret = new_secret(TOKEN_PREFIX)
    token = ApiToken(
        secret_hash=secret_hash(secret),
        name=new.name,
        person_id=person_id,
        role=new.role.label,
        created_at=now,
        expires_at=now + timedelta(days=new.days),
    )
    session.add(token)
    await session.flush()
    audit.record(
        session,
        Event.TOKEN_CREATED,
        actor.name,
        f"{token.id} {new.name}",
        role=new.role.label,
        days=new.days,
    )
    return secret


async def all_tokens(session: ReadSession, actor: Actor) -> Sequence[Owned]:
    """Return every token and whose it is, in the order they were made."""
    require(actor, Action.MANAGE)
    return await repository.tokens(session)


async def revoke(session: WriteSession, actor: Actor, number: int) -> ApiToken:
    """Make the actor's own token void. Raises NotFound."""
    require(actor, Action.ACCOUNT)
    token = await session.get(ApiToken, number)
    if token is None or token.person_id is None or token.person_id != actor.person_id:
        raise NotFound("You have no such token; perhaps it is revoked already.")
    return await _remove(session, actor, token)


async def revoke_any(session: WriteSession, actor: Actor, number: int) -> ApiToken:
    """Make a token void, whosever it is. Raises NotFound."""
    require(actor, Action.MANAGE)
    token = await session.get(ApiToken, number)
    if token is None:
        raise NotFound(f"There is no token {number}; `kb token list` shows those there are.")
    return await _remove(session, actor, token)


async def revoke_all(session: WriteSession, actor: Actor, person: Person) -> None:
    """Make every token of the person's void; the caller has seen to who may."""
    for token in await repository.tokens_of(session, person.id):
        await _remove(session, actor, token)


async def _remove(session: WriteSession, actor: Actor, token: ApiToken) -> ApiToken:
    await session.delete(token)
    audit.record(session, Event.TOKEN_REVOKED, actor.name, f"{token.id} {token.name}")
    return token
