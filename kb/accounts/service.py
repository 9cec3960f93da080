"""Turning credentials into actors."""

from kb import clock
from kb.accounts import repository
from kb.accounts.names import OWNER
from kb.accounts.policy import Actor, Role
from kb.accounts.secrets import secret_hash
from kb.accounts.uses import LastUses
from kb.db.database import ReadSession
from kb.errors import NotSignedIn
from kb.models import ApiToken, SignIn
from kb.settings import AnonymousAccess


def anonymous(anyone: AnonymousAccess, secret: str = "") -> Actor:
    """Return the actor for a request without credentials.

    `secret` is what the visitor's browser is known by, where it is.
    """
    key = f"visitor:{secret_hash(secret)}" if secret else None
    return Actor("anonymous", Role.ANONYMOUS, anyone, key)


def local_owner(anyone: AnonymousAccess) -> Actor:
    """Return the actor for the command line: who runs it holds the data folder already."""
    return Actor(OWNER, Role.OWNER, anyone, person_key(OWNER))


def person_key(name: str) -> str:
    """Return what tells this person from every other caller, however they sign in."""
    return f"person:{name}"


async def actor_signed_in(
    session: ReadSession, uses: LastUses, secret: str, anyone: AnonymousAccess
) -> Actor | None:
    """Return the actor whose browser session this is, or None where it is over or unknown."""
    found = await repository.signed_in(session, secret_hash(secret), clock.now())
    if found is None:
        return None
    uses.note(SignIn, found.number, found.last_used_at)
    return Actor(found.name, Role.named(found.role), anyone, person_key(found.name), found.id)


async def actor_with_token(
    session: ReadSession, uses: LastUses, secret: str, anyone: AnonymousAccess
) -> Actor:
    """Return the actor that an API token stands for: its person, or a program of its own.

    It may never do more than the person may now.

    Raises:
        NotSignedIn: there is no such token, it has expired, or its person is shut out.
    """
    found = await repository.token_and_person(session, secret_hash(secret))
    if found is None:
        raise NotSignedIn("This API token is not known. Make one with `kb token create NAME`.")
    token, person = found
    if token.expires_at <= clock.now():
        raise NotSignedIn(
            f"This API token expired on {token.expires_at:%-d %B %Y}. Make a new one."
        )
    uses.note(ApiToken, token.id, token.last_used_at)
    role = Role.named(token.role)
    if person is None:
        return Actor(token.name, role, anyone, f"token:{token.name}", token=True)
    if person.disabled_at is not None:
        raise NotSignedIn("The account that this API token belongs to is disabled.")
    role = min(role, Role.named(person.role))
    return Actor(person.name, role, anyone, person_key(person.name), person.id, token=True)
