"""SQL about the outbox: what the index has yet to take in."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func
from sqlmodel import col, delete, select

from kb.db.database import ReadSession, WriteSession
from kb.models import Outbox


async def oldest(session: ReadSession, limit: int) -> Sequence[Outbox]:
    """Return the rows that have waited longest, in their order."""
    return (await session.exec(select(Outbox).order_by(col(Outbox.id)).limit(limit))).all()


async def newest_number(session: ReadSession) -> int:
    """Return the number of the newest row that waits; 0 where none does."""
    return (await session.exec(select(func.max(Outbox.id)))).one() or 0


async def waiting(session: ReadSession) -> int:
    """Return how many rows wait."""
    return (await session.exec(select(func.count()).select_from(Outbox))).one()


async def entry_ids(session: ReadSession) -> set[int]:
    """Return the entries whose changes wait."""
    return set((await session.exec(select(Outbox.entry_id))).all())


async def forget(session: WriteSession, up_to: int) -> None:
    """Remove the rows up to and including this number: the index has them."""
    await session.exec(delete(Outbox).where(col(Outbox.id) <= up_to))


def add(session: WriteSession, entry_ids: Iterable[int]) -> None:
    """Note that the index lacks the present state of these entries."""
    session.add_all([Outbox(entry_id=entry_id) for entry_id in entry_ids])
