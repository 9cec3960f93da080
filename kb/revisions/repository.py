"""SQL about revisions: inserted and read, never changed."""

from collections.abc import Sequence

from sqlmodel import col, select

from kb.db.database import ReadSession
from kb.models import Revision


async def of_entry(session: ReadSession, entry_id: int, limit: int = 1000) -> Sequence[Revision]:
    """Return the entry's revisions, the newest first."""
    query = select(Revision).where(Revision.entry_id == entry_id)
    return (await session.exec(query.order_by(col(Revision.number).desc()).limit(limit))).all()


async def numbered(session: ReadSession, entry_id: int, number: int) -> Revision | None:
    """Return the entry's revision of that number, or None."""
    query = select(Revision).where(Revision.entry_id == entry_id, Revision.number == number)
    return (await session.exec(query)).one_or_none()
