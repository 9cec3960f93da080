"""The ways to sign in, each of which opens a browser session, and signing out.

Who gets it wrong is recorded too, in a transaction of its own: the error must not roll it back.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from kb import clock
from kb.accounts import audit, people, repository
from kb.accounts.audit import Event
from kb.accounts.devices import Device
from kb.accounts.names import known_as, name_like
from kb.accounts.passwords import matches
from kb.accounts.policy import Role
from kb.accounts.secrets import new_secret, secret_hash
from kb.db.database import Database, ReadSession, WriteSession
from kb.errors import NotSignedIn, TooManyRequests
from kb.executor import Executor
from kb.limits.callers import by_address
from kb.limits.service import Limits
from kb.models import Person, SignIn

SIGN_IN_LASTS = timedelta(days=30)
KNOWN_FOR = timedelta(days=90)
"""How long an address that somebody has signed in from counts as theirs."""


class Method(StrEnum):
    """How somebody has shown who they are."""

    LINK = "link"
    PASSWORD = "password"  # noqa: S105 (a method's name)
    PROVIDER = "provider"
    INVITATION = "invitation"


class LinkNoLongerWorks(NotSignedIn):
    """A one-time link that is used up, too old or unknown."""

    title = "This link no longer works"


class WrongCredentials(NotSignedIn):
    """A name and a password that do not belong together, or not to anybody."""

    title = "Wrong name or password"


class AccountDisabled(NotSignedIn):
    """Somebody who is known, and shut out."""

    title = "This account is disabled"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at an OpenID Connect provider; `name` is what they are called there."""

    issuer: str
    subject: str
    name: str


async def with_link(database: Database, link: str, device: Device) -> str:
    """Use a one-time link up; return the secret of the browser session it opens.

    Raises:
        LinkNoLongerWorks: the link is unknown, used already, replaced by a newer one, or over 15
            minutes old.
    """
    async with database.write(shown=False) as session:
        person_id = await repository.use_link(session, secret_hash(link), clock.now())
        person = await repository.person_by_id(session, person_id) if person_id else None
        if person and person.disabled_at is None:
            return await open_session(session, person, Method.LINK, device)
        _failed(session, person, Method.LINK, device)
    raise LinkNoLongerWorks(
        "This sign-in link was used already, was replaced by a newer one, or is over 15 minutes "
        "old. Each start of `kb serve` prints a new one for the owner; `kb user link NAME` makes "
        "one for anybody."
    )


async def with_password(
    database: Database,
    executor: Executor,
    name: str,
    password: str,
    device: Device,
    *,
    limits: Limits,
) -> str:
    """Return the secret of a new browser session for whoever has this name and password.

    Takes as long for a name that nobody has.

    Raises:
        TooManyRequests: there were too many attempts from there, or as this person.
        WrongCredentials: nobody has both; which of the two is wrong is not told.
    """
    await limits.sign_in_from(device.address)
    async with database.read() as reading:
        person = await repository.person_by_name(reading, known_as(name))
        await _count_attempt(reading, limits, known_as(name), device)
    stored = person.password_hash if person and person.disabled_at is None else None
    right = await executor.cpu(matches, password, stored)
    async with database.write(shown=False) as session:
        if person:
            # While the password was hashed, it may have been changed and its person shut out.
            person = await repository.person_by_id(session, person.id)
            if right and person.password_hash == stored and person.disabled_at is None:
                return await open_session(session, person, Method.PASSWORD, device)
        _failed(session, person, Method.PASSWORD, device)
    raise WrongCredentials("No account has this name and this password. Check both.")


async def _count_attempt(session: ReadSession, limits: Limits, name: str, device: Device) -> None:
    """Count an attempt to sign in as somebody.

    Whoever guesses elsewhere must not be able to lock them out for ever: where they have signed
    in from before, only the address's own attempts count.
    """
    try:
        await limits.sign_in_as(name)
    except TooManyRequests:
        since = clock.now() - KNOWN_FOR
        addresses = await repository.addresses_of(session, name, Event.SIGNED_IN, since)
        if by_address(device.address) not in map(by_address, addresses):
            raise


async def with_identity(database: Database, identity: Identity, role: Role, device: Device) -> str:
    """Return the secret of a new browser session for whom a provider vouches for.

    Who comes for the first time gets an account of that role, under a name that is still free: an
    account that has the same name already is somebody else's, whatever the provider says.


    Raises:
        AccountDisabled: they are shut out here.
    """
    async with database.write(shown=False) as session:
        person = await repository.person_by_identity(session, identity.issuer, identity.subject)
        if person is None:
            person = await _newcomer(session, identity, role)
        if person.disabled_at is None:
            return await open_session(session, person, Method.PROVIDER, device)
        _failed(session, person, Method.PROVIDER, device)
    raise AccountDisabled("An owner has disabled this account. Ask them.")


async def _newcomer(session: WriteSession, identity: Identity, role: Role) -> Person:
    name = await people.free_name(session, name_like(identity.name))
    person = await people.create(session, name, role, by=name)
    person.issuer, person.subject = identity.issuer, identity.subject
    return person


async def open_session(
    session: WriteSession, person: Person, method: Method, device: Device
) -> str:
    """Return the secret of a new browser session; the one that the browser had ends."""
    now = clock.now()
    await repository.forget_expired(session, now)
    if device.session:
        await repository.end_sign_in(session, secret_hash(device.session))
    secret = new_secret()
    session.add(
        SignIn(
            secret_hash=secret_hash(secret),
            person_id=person.id,
            method=method,
            device=device.name,
            created_at=now,
            last_used_at=now,
            expires_at=now + SIGN_IN_LASTS,
        )
    )
    audit.record(session, Event.SIGNED_IN, person.name, person.name, **_details(method, device))
    return secret


async def sign_out(database: Database, secret: str) -> None:
    """End a browser session; unknown ones are fine."""
    async with database.write(shown=False) as session:
        found = await repository.sign_in_by_secret(session, secret_hash(secret))
        if found:
            person = await repository.person_by_id(session, found.person_id)
            await repository.end_sign_in(session, found.secret_hash)
            audit.record(session, Event.SIGNED_OUT, person.name, person.name, device=found.device)


def _failed(session: WriteSession, person: Person | None, method: Method, device: Device) -> None:
    # A name that nobody has is not written down: it may be a password in the wrong field.
    about = person.name if person else ""
    audit.record(session, Event.SIGN_IN_FAILED, "anonymous", about, **_details(method, device))


def _details(method: Method, device: Device) -> dict[str, str]:
    return {"method": method, "device": device.name, "address": device.address}
