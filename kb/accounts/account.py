"""One's own account: its password, and the browser sessions that are open on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from kb import clock
from kb.accounts import audit, repository
from kb.accounts.audit import Event
from kb.accounts.passwords import hashed, matches, require_good
from kb.accounts.policy import Action, Actor, require
from kb.accounts.secrets import secret_hash
from kb.accounts.signing_in import Method
from kb.db.database import Database, ReadSession, WriteSession
from kb.errors import FieldError, Invalid, NotFound
from kb.executor import Executor
from kb.limits.service import Limits
from kb.models import ApiToken, Person, SignIn

FRESH = timedelta(hours=1)
"""How long after signing in with a link a new password needs no old one: links are for those who
have forgotten it."""


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody sees of their own account."""

    person: Person
    sessions: Sequence[SignIn]
    tokens: Sequence[ApiToken]
    current: SignIn
    """The session in which they look at it."""

    @property
    def needs_old_password(self) -> bool:
        """Whether a new password needs the old one."""
        return _needs_old_password(self.person, self.current)


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password to be, and the one until now where it is asked for."""

    password: str
    old: str = ""


async def look(session: ReadSession, actor: Actor, secret: str) -> Account:
    """Return the actor's account; `secret` is that of the browser session they are in."""
    require(actor, Action.ACCOUNT)
    person, current = await _found(session, secret)
    return Account(
        person,
        await repository.sign_ins_of(session, person.id, clock.now()),
        await repository.tokens_of(session, person.id),
        current,
    )


async def change_password(
    database: Database,
    executor: Executor,
    actor: Actor,
    new: NewPassword,
    secret: str,
    *,
    limits: Limits,
) -> None:
    """Give the actor a password; every other session of theirs ends.

    `secret` is that of the browser session they are in.

    Raises:
        TooManyRequests: the old one was guessed at, or is, too often.
        Invalid: the old one is not right, or the new one is not good.
    """
    require(actor, Action.ACCOUNT)
    require_good(new.password, actor.name)
    # Apart from who tries to sign in as them: that must not keep them from a new password.
    await limits.sign_in_as(f"{actor.name}, signed in")
    async with database.read() as reading:
        person, current = await _found(reading, secret)
    if _needs_old_password(person, current) and not await executor.cpu(
        matches, new.old, person.password_hash
    ):
        await _note_wrong_password(database, person, current)
        message = "is not the password that you have now"
        raise Invalid(f"old {message}.", (FieldError("old", message),))
    password_hash = await executor.cpu(hashed, new.password)
    async with database.write(shown=False) as session:
        person, current = await _found(session, secret)
        person.password_hash = password_hash
        await repository.end_sign_ins(session, person.id, but=current.secret_hash)
        await repository.forget_links(session, person.id)
        audit.record(session, Event.PASSWORD_CHANGED, person.name, person.name)


async def end_session(session: WriteSession, actor: Actor, number: int) -> None:
    """End one of the actor's own browser sessions. Raises NotFound."""
    require(actor, Action.ACCOUNT)
    assert actor.person_id is not None  # noqa: S101 (who may do this has signed in)
    ended = await repository.end_sign_ins(session, actor.person_id, only=number)
    if not ended:
        raise NotFound("You have no such session; perhaps it is over already.")
    audit.record(session, Event.SESSION_ENDED, actor.name, actor.name, device=ended[0])


async def end_other_sessions(session: WriteSession, actor: Actor, secret: str) -> None:
    """End all of the actor's browser sessions but the one with that secret."""
    require(actor, Action.ACCOUNT)
    assert actor.person_id is not None  # noqa: S101 (who may do this has signed in)
    kept = secret_hash(secret)
    for device in await repository.end_sign_ins(session, actor.person_id, but=kept):
        audit.record(session, Event.SESSION_ENDED, actor.name, actor.name, device=device)


async def _found(session: ReadSession, secret: str) -> tuple[Person, SignIn]:
    """Return who is in this browser session. Raises NotFound where it has just ended."""
    current = await repository.sign_in_by_secret(session, secret_hash(secret))
    if current is None:
        raise NotFound("Your session has ended. Sign in again.")
    return await repository.person_by_id(session, current.person_id), current


def _needs_old_password(person: Person, current: SignIn) -> bool:
    by_link = current.method == Method.LINK and clock.now() - current.created_at < FRESH
    return person.password_hash is not None and not by_link


async def _note_wrong_password(database: Database, person: Person, current: SignIn) -> None:
    async with database.write(shown=False) as session:
        audit.record(
            session,
            Event.SIGN_IN_FAILED,
            person.name,
            person.name,
            method="old password",
            device=current.device,
        )
