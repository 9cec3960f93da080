"""SQL about people and their credentials."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import col, delete, func, select, update

from kb.db.database import ReadSession, WriteSession
from kb.models import ApiToken, AuditRecord, Invitation, Person, SignIn, SignInLink


async def person_by_name(session: ReadSession, name: str) -> Person | None:
    """Return the person, or None."""
    return (await session.exec(select(Person).where(Person.name == name))).one_or_none()


async def person_by_id(session: ReadSession, number: int) -> Person:
    """Return the person; accounts are never removed."""
    return (await session.exec(select(Person).where(Person.id == number))).one()


async def person_by_identity(session: ReadSession, issuer: str, subject: str) -> Person | None:
    """Return whom the provider knows as that subject, or None."""
    query = select(Person).where(Person.issuer == issuer, Person.subject == subject)
    return (await session.exec(query)).one_or_none()


async def people(session: ReadSession) -> Sequence[Person]:
    """Return everybody, by name."""
    return (await session.exec(select(Person).order_by(col(Person.name)))).all()


async def oldest_enabled(session: ReadSession, role: str) -> Person | None:
    """Return the first person with that role who is not shut out, or None."""
    query = select(Person).where(Person.role == role, col(Person.disabled_at).is_(None))
    return (await session.exec(query.order_by(col(Person.id)).limit(1))).one_or_none()


async def count_enabled(session: ReadSession, role: str) -> int:
    """Return how many people with that role are not shut out."""
    query = select(func.count()).select_from(Person)
    query = query.where(Person.role == role, col(Person.disabled_at).is_(None))
    return (await session.exec(query)).one()


async def signed_in(session: ReadSession, secret_hash: str, now: datetime) -> Any | None:
    """Return whose session this is, unless it is over or they are shut out.

    A row of the person's `id`, `name`, `role` and the session's `number` and `last_used_at`.
    """
    query: Any = (
        columns(
            col(Person.id),
            col(Person.name),
            col(Person.role),
            col(SignIn.id).label("number"),
            col(SignIn.last_used_at),
        )
        .join(SignIn, col(SignIn.person_id) == col(Person.id))
        .where(col(SignIn.secret_hash) == secret_hash, col(SignIn.expires_at) > now)
        .where(col(Person.disabled_at).is_(None))
    )
    rows = await session.rows(query)
    return rows[0] if rows else None


async def sign_in_by_secret(session: ReadSession, secret_hash: str) -> SignIn | None:
    """Return a browser's session, or None."""
    query = select(SignIn).where(SignIn.secret_hash == secret_hash)
    return (await session.exec(query)).one_or_none()


async def sign_ins_of(session: ReadSession, person_id: int, now: datetime) -> Sequence[SignIn]:
    """Return the person's browser sessions that are not over, the last used first."""
    query = select(SignIn).where(SignIn.person_id == person_id, SignIn.expires_at > now)
    return (await session.exec(query.order_by(col(SignIn.last_used_at).desc()))).all()


async def token_and_person(
    session: ReadSession, secret_hash: str
) -> tuple[ApiToken, Person | None] | None:
    """Return the API token and whose it is, or None."""
    query = select(ApiToken, Person).outerjoin(Person, col(ApiToken.person_id) == col(Person.id))
    found = await session.exec(query.where(ApiToken.secret_hash == secret_hash))
    return found.one_or_none()


async def token_by_name(session: ReadSession, name: str, person_id: int | None) -> ApiToken | None:
    """Return the person's API token of that name, or the program of that name; None if none."""
    query = select(ApiToken).where(ApiToken.name == name, col(ApiToken.person_id) == person_id)
    return (await session.exec(query)).one_or_none()


async def tokens_of(session: ReadSession, person_id: int) -> Sequence[ApiToken]:
    """Return the person's API tokens, the newest first."""
    query = select(ApiToken).where(ApiToken.person_id == person_id)
    return (await session.exec(query.order_by(col(ApiToken.id).desc()))).all()


async def tokens(session: ReadSession) -> Sequence[tuple[ApiToken, Person | None]]:
    """Return all API tokens and whose they are, in the order they were made."""
    query = select(ApiToken, Person).outerjoin(Person, col(ApiToken.person_id) == col(Person.id))
    return (await session.exec(query.order_by(col(ApiToken.id)))).all()


async def invitation(session: ReadSession, secret_hash: str, now: datetime) -> Invitation | None:
    """Return the invitation, unless it is used, over or unknown."""
    query = select(Invitation).where(
        Invitation.secret_hash == secret_hash, Invitation.expires_at > now
    )
    return (await session.exec(query)).one_or_none()


async def invitations_by(
    session: ReadSession, person_id: int, now: datetime
) -> Sequence[Invitation]:
    """Return the person's invitations that nobody has used yet, the newest first."""
    query = select(Invitation).where(
        Invitation.invited_by_id == person_id, Invitation.expires_at > now
    )
    return (await session.exec(query.order_by(col(Invitation.id).desc()))).all()


async def use_link(session: WriteSession, secret_hash: str, now: datetime) -> int | None:
    """Remove the sign-in link and return its person's id, unless it is unknown or over."""
    matching = (col(SignInLink.secret_hash) == secret_hash, col(SignInLink.expires_at) > now)
    statement = delete(SignInLink).where(*matching).returning(col(SignInLink.person_id))
    return (await session.exec(statement)).scalar_one_or_none()


async def end_sign_in(session: WriteSession, secret_hash: str) -> None:
    """Remove a browser's session."""
    await session.exec(delete(SignIn).where(col(SignIn.secret_hash) == secret_hash))


async def forget_links(session: WriteSession, person_id: int) -> None:
    """Remove the person's sign-in links."""
    await session.exec(delete(SignInLink).where(col(SignInLink.person_id) == person_id))


async def end_sign_ins(
    session: WriteSession, person_id: int, *, only: int | None = None, but: str | None = None
) -> Sequence[str]:
    """Remove a person's browser sessions; return what devices they were on.

    `only` is the number of the one to remove; `but` the hash of the secret of one to keep.
    """
    statement = delete(SignIn).where(col(SignIn.person_id) == person_id)
    if only is not None:
        statement = statement.where(col(SignIn.id) == only)
    if but is not None:
        statement = statement.where(col(SignIn.secret_hash) != but)
    return (await session.exec(statement.returning(col(SignIn.device)))).scalars().all()


async def forget_expired(session: WriteSession, now: datetime) -> None:
    """Remove links, invitations and browser sessions that are over."""
    for table in (SignInLink, SignIn, Invitation):
        await session.exec(delete(table).where(col(table.expires_at) <= now))


async def set_last_used(
    session: WriteSession, kind: type[SignIn] | type[ApiToken], number: int, at: datetime
) -> None:
    """Say when a session or a token was last used."""
    await session.exec(update(kind).where(col(kind.id) == number).values(last_used_at=at))


async def audit_records(
    session: ReadSession, since: datetime | None, limit: int | None
) -> Sequence[AuditRecord]:
    """Return the newest records of the audit log, the newest first."""
    query = select(AuditRecord).order_by(col(AuditRecord.id).desc()).limit(limit)
    if since is not None:
        query = query.where(AuditRecord.at >= since)
    return (await session.exec(query)).all()


async def addresses_of(
    session: ReadSession, name: str, event: str, since: datetime
) -> Sequence[str]:
    """Return the addresses that the audit log has of such events about somebody since then."""
    address = col(AuditRecord.details)["address"].as_string()
    query = select(address).where(
        AuditRecord.at >= since, AuditRecord.event == event, AuditRecord.about == name
    )
    return (await session.exec(query.distinct())).all()
