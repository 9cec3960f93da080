"""SQL about idempotency keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, delete, select, update

from kb.db.database import ReadSession, WriteSession
from kb.models import IdempotencyKey


async def forget_older(session: WriteSession, than: datetime) -> None:
    """Remove the keys that came before that moment."""
    await session.exec(delete(IdempotencyKey).where(col(IdempotencyKey.created_at) <= than))


async def find(session: ReadSession, actor: str, request: str, key: str) -> IdempotencyKey | None:
    """Return the key's row: the actor's own, or that of the unknown visitor the actor was then."""
    whose = or_(col(IdempotencyKey.actor) == actor, col(IdempotencyKey.became) == actor)
    query = select(IdempotencyKey).where(
        IdempotencyKey.key == key, IdempotencyKey.request == request, whose
    )
    return (await session.exec(query)).first()


async def change(session: WriteSession, held: IdempotencyKey, **values: Any) -> bool:
    """Write the values into the row while its holder is still the same; say whether it was."""
    statement = update(IdempotencyKey).where(_is(held)).values(values)
    found = await session.exec(statement.returning(col(IdempotencyKey.key)))
    return found.one_or_none() is not None


async def remove_idle(session: WriteSession, held: IdempotencyKey) -> None:
    """Remove the row, unless the request was carried out or has another holder by now."""
    idle = col(IdempotencyKey.carried_out).is_(False)
    await session.exec(delete(IdempotencyKey).where(_is(held), idle))


def _is(held: IdempotencyKey) -> ColumnElement[bool]:
    return and_(
        col(IdempotencyKey.actor) == held.actor,
        col(IdempotencyKey.request) == held.request,
        col(IdempotencyKey.key) == held.key,
        col(IdempotencyKey.holder) == held.holder,
    )
