"""Accounts: who there is, and what each of them is here."""

from collections.abc import Sequence
from datetime import timedelta

from kb import clock
from kb.accounts import audit, repository, tokens
from kb.accounts.audit import Event
from kb.accounts.names import OWNER, checked_name, known_as
from kb.accounts.policy import Action, Actor, Role, Thing, require, require_a_role
from kb.accounts.secrets import new_secret, secret_hash
from kb.db.database import ReadSession, WriteSession
from kb.errors import Conflict, NotFound
from kb.models import Person, SignInLink

LINK_LASTS = timedelta(minutes=15)


async def everybody(session: ReadSession, actor: Actor) -> Sequence[Person]:
    """Return all accounts, by name."""
    require(actor, Action.MANAGE)
    return await repository.people(session)


async def add(session: WriteSession, actor: Actor, name: str, role: Role) -> Person:
    """Return a new account, which has no way to sign in yet.

    Raises:
        Invalid: nobody may be called this.
        Conflict: somebody or some program is.
    """
    require(actor, Action.MANAGE, Thing(role=role))
    return await create(session, checked_name(name), role, by=actor.name)


async def create(session: WriteSession, name: str, role: Role, *, by: str) -> Person:
    """Return a new account; the caller has seen to the name, and to who may do this.

    Raises:
        Invalid: nobody can have that role.
        Conflict: somebody or some program has the name.
    """
    require_a_role(role)
    if not await is_free(session, name):
        raise Conflict(f"There is somebody named {name!r} already; choose another name.")
    person = Person(name=name, role=role.label, created_at=clock.now())
    session.add(person)
    await session.flush()
    audit.record(session, Event.ACCOUNT_CREATED, by, name, role=role.label)
    return person


async def is_free(session: ReadSession, name: str) -> bool:
    """Say whether neither a person nor a program has the name: both stand under what they write."""
    return not (
        await repository.person_by_name(session, name)
        or await repository.token_by_name(session, name, None)
    )


async def free_name(session: ReadSession, wished: str) -> str:
    """Return the name, with a number where it is taken."""
    name, number = wished, 1
    while not await is_free(session, name):
        number += 1
        name = f"{wished}-{number}"
    return name


async def named(session: ReadSession, name: str) -> Person:
    """Return the person. Raises NotFound."""
    person = await repository.person_by_name(session, known_as(name))
    if person is None:
        raise NotFound(f"There is nobody named {known_as(name)!r}; `kb user list` shows who is.")
    return person


async def set_role(session: WriteSession, actor: Actor, name: str, role: Role) -> Person:
    """Make the person that from now on, in the sessions and tokens they have, too.

    Raises:
        Invalid: nobody can have that role.
        NotFound: there is nobody of that name.
        Conflict: nobody would be left to own the place.
    """
    require(actor, Action.MANAGE, Thing(role=role))
    require_a_role(role)
    person = await named(session, name)
    before = person.role
    if role.label != before:
        if role is not Role.OWNER:
            await _require_another_owner(session, person)
        person.role = role.label
        audit.record(
            session, Event.ROLE_CHANGED, actor.name, person.name, before=before, after=person.role
        )
    return person


async def disable(session: WriteSession, actor: Actor, name: str) -> Person:
    """Shut the person out: sessions end, tokens and links are void, what they wrote stays.

    Raises:
        NotFound: there is nobody of that name.
        Conflict: nobody would be left to own the place.
    """
    require(actor, Action.MANAGE)
    person = await named(session, name)
    if person.disabled_at is None:
        await _require_another_owner(session, person)
        person.disabled_at = clock.now()
        await _end_credentials(session, actor, person)
        audit.record(session, Event.ACCOUNT_DISABLED, actor.name, person.name)
    return person


async def enable(session: WriteSession, actor: Actor, name: str) -> Person:
    """Let a person who was shut out sign in again, with nothing they had before. Raises NotFound.

    What was on its way when they were shut out may have made another token.
    """
    require(actor, Action.MANAGE)
    person = await named(session, name)
    if person.disabled_at is not None:
        person.disabled_at = None
        await _end_credentials(session, actor, person)
        audit.record(session, Event.ACCOUNT_ENABLED, actor.name, person.name)
    return person


async def _end_credentials(session: WriteSession, actor: Actor, person: Person) -> None:
    await repository.end_sign_ins(session, person.id)
    await repository.forget_links(session, person.id)
    await tokens.revoke_all(session, actor, person)


async def link(session: WriteSession, actor: Actor, name: str) -> str:
    """Return the secret of a new one-time link that signs the person in; older ones are void.

    Raises:
        NotFound: there is nobody of that name.
        Conflict: they are shut out.
    """
    require(actor, Action.MANAGE)
    person = await named(session, name)
    if person.disabled_at is not None:
        raise Conflict(f"{person.name} is disabled. `kb user enable {person.name}` comes first.")
    return await _new_link(session, person, by=actor.name)


async def owner_link(session: WriteSession) -> str:
    """Return the secret of a new one-time link that signs an owner in, as a server starts.

    Makes the owner's account where there is none.
    """
    person = await repository.oldest_enabled(session, Role.OWNER.label)
    if person is None:
        person = await create(session, await free_name(session, OWNER), Role.OWNER, by="kb")
    return await _new_link(session, person, by="kb")


async def _new_link(session: WriteSession, person: Person, *, by: str) -> str:
    now = clock.now()
    await repository.forget_expired(session, now)
    await repository.forget_links(session, person.id)
    secret = new_secret()
    session.add(
        SignInLink(
            secret_hash=secret_hash(secret), person_id=person.id, expires_at=now + LINK_LASTS
        )
    )
    audit.record(session, Event.LINK_CREATED, by, person.name)
    return secret


async def _require_another_owner(session: ReadSession, person: Person) -> None:
    """Do nothing where somebody else owns the place, or this person does not. Raises Conflict."""
    owns = person.role == Role.OWNER.label and person.disabled_at is None
    if owns and await repository.count_enabled(session, Role.OWNER.label) == 1:
        raise Conflict(f"{person.name} is the only owner. Make somebody else an owner first.")
