"""Invitations: links by which somebody new chooses a name and a password."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from kb import clock
from kb.accounts import audit, people, repository
from kb.accounts.audit import Event
from kb.accounts.devices import Device
from kb.accounts.names import chosen_name
from kb.accounts.passwords import hashed, require_good
from kb.accounts.policy import Action, Actor, Role, Thing, may, require, require_a_role
from kb.accounts.secrets import new_secret, secret_hash
from kb.accounts.signing_in import LinkNoLongerWorks, Method, open_session
from kb.db.database import Database, ReadSession, WriteSession
from kb.errors import Conflict, FieldError, Invalid, NotFound
from kb.executor import Executor
from kb.models import Invitation
from kb.settings import AnonymousAccess

INVITATION_LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Joining:
    """What somebody who is invited chooses."""

    name: str
    password: str


async def invite(session: WriteSession, actor: Actor, role: Role) -> str:
    """Return the secret of a new invitation into that role. Raises NotAllowed, Invalid."""
    require(actor, Action.INVITE, Thing(role=role))
    require_a_role(role)
    now = clock.now()
    await repository.forget_expired(session, now)
    secret = new_secret()
    invitation = Invitation(
        secret_hash=secret_hash(secret),
        role=role.label,
        invited_by_id=actor.person_id,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    session.add(invitation)
    await session.flush()
    audit.record(session, Event.INVITATION_CREATED, actor.name, str(invitation.id), role=role.label)
    return secret


async def mine(session: ReadSession, actor: Actor) -> Sequence[Invitation]:
    """Return the actor's invitations that nobody has used yet, the newest first."""
    require(actor, Action.INVITE)
    if actor.person_id is None:
        return []
    return await repository.invitations_by(session, actor.person_id, clock.now())


async def revoke(session: WriteSession, actor: Actor, number: int) -> None:
    """Make an invitation of the actor's void. Raises NotFound."""
    require(actor, Action.INVITE)
    invitation = await session.get(Invitation, number)
    if invitation is None or invitation.invited_by_id != actor.person_id:
        raise NotFound("You have no such invitation; perhaps it was used already.")
    await session.delete(invitation)
    audit.record(session, Event.INVITATION_REVOKED, actor.name, str(number))


async def look_at(session: ReadSession, secret: str) -> Invitation:
    """Return the invitation, for whoever holds its link. Raises LinkNoLongerWorks."""
    found = await repository.invitation(session, secret_hash(secret), clock.now())
    if found is None or not await _still_meant(session, found):
        raise LinkNoLongerWorks(
            "This invitation was used already, was revoked, or is over a week old. "
            "Ask whoever sent it for a new one."
        )
    return found


async def accept(
    database: Database,
    executor: Executor,
    secret: str,
    joining: Joining,
    device: Device,
) -> str:
    """Make the account, use the invitation up, and return the secret of a browser session.

    Raises:
        LinkNoLongerWorks: the invitation is no longer good.
        Invalid: the name or the password is not fit to be one; the invitation stays good.
    """
    async with database.read() as reading:
        await look_at(reading, secret)
    name = _checked(joining)
    password_hash = await executor.cpu(hashed, joining.password)
    async with database.write(shown=False) as session:
        invitation = await look_at(session, secret)
        try:
            person = await people.create(session, name, Role.named(invitation.role), by=name)
        except Conflict:
            message = "is taken; choose another one"
            raise Invalid(f"name {message}.", (FieldError("name", message),)) from None
        person.password_hash = password_hash
        await session.delete(invitation)
        return await open_session(session, person, Method.INVITATION, device)


def _checked(joining: Joining) -> str:
    """Return the name to keep. Raises Invalid, with all that is wrong."""
    faults: list[FieldError] = []
    name = ""
    try:
        name = chosen_name(joining.name)
    except Invalid as error:
        faults.extend(error.errors)
    try:
        require_good(joining.password, name)
    except Invalid as error:
        faults.extend(error.errors)
    if faults:
        raise Invalid("; ".join(f"{one.field} {one.message}" for one in faults), tuple(faults))
    return name


async def _still_meant(session: ReadSession, invitation: Invitation) -> bool:
    """Say whether whoever has sent it could send it now."""
    if invitation.invited_by_id is None:
        return True
    inviter = await repository.person_by_id(session, invitation.invited_by_id)
    if inviter.disabled_at is not None:
        return False
    actor = Actor(inviter.name, Role.named(inviter.role), AnonymousAccess.NONE)
    return may(actor, Action.INVITE, Thing(role=Role.named(invitation.role)))
