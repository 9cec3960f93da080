"""SQL about revisions: inserted and read, never changed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select
from sqlmodel import col, select

from kb.db.database import ReadSession
from kb.models import Revision

_ABOUT = [getattr(Revision, name) for name in Revision.model_fields if name != "content"]


async def of_entry(
    session: ReadSession, entry_id: int, limit: int, after: int | None = None
) -> Sequence[Row[Any]]:
    """Return the entry's revisions below number `after`, the newest first.

    All about each but what it held.
    """
    query: Select[Any] = select(*_ABOUT).where(col(Revision.entry_id) == entry_id)
    if after is not None:
        query = query.where(col(Revision.number) < after)
    return await session.rows(query.order_by(col(Revision.number).desc()).limit(limit))


async def numbered(session: ReadSession, entry_id: int, number: int) -> Revision | None:
    """Return the entry's revision of that number, or None."""
    query = select(Revision).where(Revision.entry_id == entry_id, Revision.number == number)
    return (await session.exec(query)).one_or_none()
