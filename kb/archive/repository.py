"""SQL about archivals."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select

from kb.db.database import ReadSession, WriteSession
from kb.models import Archival


async def in_force(session: ReadSession, entry_id: int) -> Archival | None:
    """Return why and by whom the entry is archived now, or None."""
    query = select(Archival).where(
        Archival.entry_id == entry_id, col(Archival.restored_at).is_(None)
    )
    return (await session.exec(query)).one_or_none()


async def end(session: WriteSession, archival: Archival, by: str, at: datetime) -> None:
    """Write down who has restored the entry."""
    statement = update(Archival).where(col(Archival.id) == archival.id)
    await session.exec(statement.values(restored_by=by, restored_at=at))
