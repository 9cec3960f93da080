"""SQL about revisions: inserted and read, never changed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, insert, tuple_
from sqlmodel import col, select

from kb.db.database import ReadSession, WriteSession
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


async def page(
    session: ReadSession, entry_ids: Sequence[int], after: tuple[int, int], limit: int
) -> Sequence[Row[Any]]:
    """Return whole revisions of these entries by entry and number, those after such a pair."""
    place = (col(Revision.entry_id), col(Revision.number))
    query = _whole().where(place[0].in_(entry_ids), tuple_(*place) > after)
    return await session.rows(query.order_by(*place).limit(limit))


async def those(session: ReadSession, places: Sequence[tuple[int, int]]) -> Sequence[Row[Any]]:
    """Return the whole revisions at these pairs of entry and number, in no particular order."""
    place = tuple_(col(Revision.entry_id), col(Revision.number))
    return await session.rows(_whole().where(place.in_(places)))


async def insert_all(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Store many revisions, each as the values of its columns."""
    if rows:
        await (await session.connection()).execute(insert(Revision), rows)


def _whole() -> Select[Any]:
    return select(*(getattr(Revision, name) for name in Revision.model_fields))  # type: ignore[no-any-return]
