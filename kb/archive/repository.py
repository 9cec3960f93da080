"""SQL about archivals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import col, select

from kb.db.database import ReadSession, WriteSession
from kb.models import Archival


async def in_force(session: ReadSession, entry_id: int) -> Archival | None:
    """Return why and by whom the entry is archived now, or None."""
    query = select(Archival).where(
        Archival.entry_id == entry_id, col(Archival.restored_at).is_(None)
    )
    return (await session.exec(query)).one_or_none()


async def all_in_force(session: ReadSession, entry_ids: Sequence[int]) -> Sequence[Archival]:
    """Return the archivals of those of the entries that are archived now."""
    query = select(Archival).where(
        col(Archival.entry_id).in_(entry_ids), col(Archival.restored_at).is_(None)
    )
    return (await session.exec(query)).all()


async def insert_all(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Store many archivals, each as the values of its columns."""
    if rows:
        await (await session.connection()).execute(insert(Archival), rows)


async def end(session: WriteSession, archival: Archival, by: str, at: datetime) -> None:
    """Write down who has restored the entry."""
    statement = update(Archival).where(col(Archival.id) == archival.id)
    await session.exec(statement.values(restored_by=by, restored_at=at))
