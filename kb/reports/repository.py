"""SQL about reports, and about the entries that want looking after."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, exists
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from kb.db.database import ReadSession
from kb.entries.repository import LIVE
from kb.models import Entry, Report

_ENTRY: list[Any] = [Entry.slug, Entry.title, Entry.updated_at, Entry.votes]


async def newest(session: ReadSession, entry_id: int, limit: int) -> Sequence[Report]:
    """Return the newest reports on the entry, the newest first."""
    query = select(Report).where(Report.entry_id == entry_id).order_by(col(Report.id).desc())
    return (await session.exec(query.limit(limit))).all()


async def doubted(session: ReadSession, limit: int) -> Sequence[Row[Any]]:
    """Return the entries whose last report on their current revision says that it fails.

    With what that report says, the newest first.
    """
    later = aliased(Report)
    about_the_same = (
        col(later.entry_id) == col(Report.entry_id),
        col(later.revision) == col(Report.revision),
        col(later.id) > col(Report.id),
    )
    columns: list[Any] = [*_ENTRY, Report.version, Report.note, Report.author, Report.created_at]
    query: Select[Any] = select(*columns).join(Report, col(Report.entry_id) == col(Entry.id))
    query = query.where(
        LIVE,
        col(Report.revision) == col(Entry.revision),
        col(Report.holds).is_(False),
        ~exists().where(*about_the_same),
    )
    return await session.rows(query.order_by(col(Report.id).desc()).limit(limit))


async def unconfirmed(session: ReadSession, since: datetime, limit: int) -> Sequence[Row[Any]]:
    """Return the entries that nobody has revised or found true since then, the oldest first."""
    confirmed = exists().where(
        col(Report.entry_id) == col(Entry.id),
        col(Report.holds).is_(True),
        col(Report.created_at) >= since,
    )
    query: Select[Any] = select(*_ENTRY).where(LIVE, col(Entry.updated_at) < since, ~confirmed)
    return await session.rows(query.order_by(col(Entry.updated_at), col(Entry.id)).limit(limit))


async def unsolved(session: ReadSession, limit: int) -> Sequence[Row[Any]]:
    """Return the entries without a solution, the most wanted first."""
    query: Select[Any] = select(*_ENTRY).where(LIVE, col(Entry.solution).is_(None))
    order = col(Entry.votes).desc(), col(Entry.id).desc()
    return await session.rows(query.order_by(*order).limit(limit))
