"""Signing in and out, and turning credentials into actors."""

from datetime import timedelta

from kb import clock
from kb.accounts import repository
from kb.accounts.policy import Actor, Role
from kb.accounts.secrets import TOKEN_PREFIX, new_secret, secret_hash
from kb.db.database import ReadSession, WriteSession
from kb.errors import Conflict, NotSignedIn
from kb.models import ApiToken, Person, SignIn, SignInLink
from kb.settings import AnonymousAccess

OWNER = "owner"
LINK_LASTS = timedelta(minutes=15)
SIGN_IN_LASTS = timedelta(days=30)


class LinkNoLongerWorks(NotSignedIn):
    """A one-time link that is used up, too old or unknown."""

    title = "This link no longer works"


def anonymous(anyone: AnonymousAccess, secret: str = "") -> Actor:
    """Return the actor for a request without credentials.

    `secret` is what the visitor's browser is known by, where it is.
    """
    key = f"visitor:{secret_hash(secret)}" if secret else None
    return Actor("anonymous", Role.ANONYMOUS, anyone, key)


def local_owner(anyone: AnonymousAccess) -> Actor:
    """Return the actor for the command line: who runs it holds the data folder already."""
    return _person(OWNER, Role.OWNER, anyone)


async def actor_signed_in(
    session: ReadSession, secret: str, anyone: AnonymousAccess
) -> Actor | None:
    """Return the actor whose browser session this is, or None where it is over or unknown."""
    person = await repository.person_signed_in(session, secret_hash(secret), clock.now())
    return _person(person.name, Role.named(person.role), anyone) if person else None


async def actor_with_token(session: ReadSession, secret: str, anyone: AnonymousAccess) -> Actor:
    """Return the actor that an API token stands for.

    Raises:
        NotSignedIn: there is no such token.
    """
    token = await repository.token(session, secret_hash(secret))
    if token is None:
        raise NotSignedIn("This API token is not known. Make one with `kb token create NAME`.")
    return Actor(token.name, Role.named(token.role), anyone, f"token:{token.name}")


async def owner_link(session: WriteSession) -> str:
    """Return the secret of a new one-time link that signs the owner in.

    Makes the owner's account where there is none.
    """
    now = clock.now()
    await repository.forget_expired(session, now)
    owner = await repository.person_by_name(session, OWNER)
    if owner is None:
        owner = Person(name=OWNER, role=Role.OWNER.label, created_at=now)
        session.add(owner)
        await session.flush()
    secret = new_secret()
    session.add(
        SignInLink(secret_hash=secret_hash(secret), person_id=owner.id, expires_at=now + LINK_LASTS)
    )
    return secret


async def sign_in(session: WriteSession, link_secret: str) -> str:
    """Use a one-time link up; return the secret of the browser session it opens.

    Raises:
        LinkNoLongerWorks: the link is unknown, used already, or over 15 minutes old.
    """
    now = clock.now()
    person_id = await repository.use_link(session, secret_hash(link_secret), now)
    if person_id is None:
        raise LinkNoLongerWorks(
            "This sign-in link was used already or is over 15 minutes old. "
            "Each start of `kb serve` prints a new one."
        )
    secret = new_secret()
    session.add(
        SignIn(
            secret_hash=secret_hash(secret),
            person_id=person_id,
            created_at=now,
            expires_at=now + SIGN_IN_LASTS,
        )
    )
    return secret


async def sign_out(session: WriteSession, secret: str) -> None:
    """End a browser session; unknown ones are fine."""
    await repository.end_sign_in(session, secret_hash(secret))


async def create_token(session: WriteSession, name: str, role: Role) -> str:
    """Return a new API token's secret, which is shown this once.

    Raises:
        Conflict: there is a token of that name.
    """
    if await repository.token_by_name(session, name):
        raise Conflict(f"There is a token named {name!r} already; choose another name.")
    secret = new_secret(TOKEN_PREFIX)
    session.add(
        ApiToken(
            secret_hash=secret_hash(secret), name=name, role=role.label, created_at=clock.now()
        )
    )
    return secret


def _person(name: str, role: Role, anyone: AnonymousAccess) -> Actor:
    return Actor(name, role, anyone, f"person:{name}")
