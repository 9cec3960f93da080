"""SQL about people and their credentials."""

from datetime import datetime

from sqlmodel import col, delete, select

from kb.db.database import ReadSession, WriteSession
from kb.models import ApiToken, Person, SignIn, SignInLink


async def person_by_name(session: ReadSession, name: str) -> Person | None:
    """Return the person, or None."""
    return (await session.exec(select(Person).where(Person.name == name))).one_or_none()


async def person_signed_in(session: ReadSession, secret_hash: str, now: datetime) -> Person | None:
    """Return whose session this is, unless it is over."""
    query = select(Person).join(SignIn, col(SignIn.person_id) == col(Person.id))
    query = query.where(SignIn.secret_hash == secret_hash, SignIn.expires_at > now)
    return (await session.exec(query)).one_or_none()


async def token(session: ReadSession, secret_hash: str) -> ApiToken | None:
    """Return the API token, or None."""
    return await session.get(ApiToken, secret_hash)


async def token_by_name(session: ReadSession, name: str) -> ApiToken | None:
    """Return the API token of that name, or None."""
    return (await session.exec(select(ApiToken).where(ApiToken.name == name))).one_or_none()


async def use_link(session: WriteSession, secret_hash: str, now: datetime) -> int | None:
    """Remove the sign-in link and return its person's id, unless it is unknown or over."""
    matching = (col(SignInLink.secret_hash) == secret_hash, col(SignInLink.expires_at) > now)
    statement = delete(SignInLink).where(*matching).returning(col(SignInLink.person_id))
    return (await session.exec(statement)).scalar_one_or_none()


async def end_sign_in(session: WriteSession, secret_hash: str) -> None:
    """Remove a browser's session."""
    await session.exec(delete(SignIn).where(col(SignIn.secret_hash) == secret_hash))


async def forget_expired(session: WriteSession, now: datetime) -> None:
    """Remove links and browser sessions that are over."""
    await session.exec(delete(SignInLink).where(col(SignInLink.expires_at) <= now))
    await session.exec(delete(SignIn).where(col(SignIn.expires_at) <= now))
