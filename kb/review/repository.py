"""SQL about suggestions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, update
from sqlmodel import col, select

from kb.db.database import ReadSession, WriteSession
from kb.models import Suggestion, SuggestionStatus


@dataclass(frozen=True, slots=True)
class Readable:
    """Which suggestions somebody may read: everything, or all but others' confidential ones."""

    everything: bool
    author_key: str | None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what rows have to meet."""
        if self.everything:
            return []
        public = col(Suggestion.confidential).is_(False)
        if self.author_key is None:
            return [public]
        return [or_(public, col(Suggestion.author_key) == self.author_key)]


async def get(session: ReadSession, suggestion_id: int) -> Suggestion | None:
    """Return the suggestion, or None."""
    return await session.get(Suggestion, suggestion_id)


async def pending(session: ReadSession, entry_id: int, limit: int) -> Sequence[Suggestion]:
    """Return the oldest suggestions about an entry that wait."""
    query = select(Suggestion).where(
        Suggestion.entry_id == entry_id, Suggestion.status == SuggestionStatus.PENDING
    )
    return (await session.exec(query.order_by(col(Suggestion.id)).limit(limit))).all()


async def newest(
    session: ReadSession,
    status: SuggestionStatus | None,
    limit: int,
    after: int | None,
    readable: Readable,
) -> Sequence[Suggestion]:
    """Return the newest suggestions of that status, or those older than suggestion `after`."""
    query = select(Suggestion).where(*readable.conditions())
    if status is not None:
        query = query.where(Suggestion.status == status)
    if after is not None:
        query = query.where(col(Suggestion.id) < after)
    return (await session.exec(query.order_by(col(Suggestion.id).desc()).limit(limit))).all()


async def count(
    session: ReadSession,
    status: SuggestionStatus | None,
    *,
    entry_id: int | None = None,
    author_key: str | None = None,
    readable: Readable | None = None,
) -> int:
    """Return how many suggestions have that status: of all, about one entry, or by one author."""
    query = select(func.count()).select_from(Suggestion)
    if readable is not None:
        query = query.where(*readable.conditions())
    if status is not None:
        query = query.where(col(Suggestion.status) == status)
    if entry_id is not None:
        query = query.where(col(Suggestion.entry_id) == entry_id)
    if author_key is not None:
        query = query.where(col(Suggestion.author_key) == author_key)
    return (await session.exec(query)).one()


async def decide(session: WriteSession, suggestion: Suggestion, values: dict[str, Any]) -> bool:
    """Write the values where the suggestion still waits, at the version known; say whether."""
    statement = update(Suggestion).where(
        col(Suggestion.id) == suggestion.id,
        col(Suggestion.version) == suggestion.version,
        col(Suggestion.status) == SuggestionStatus.PENDING,
    )
    result = await session.exec(statement.values(values).returning(col(Suggestion.id)))
    return result.one_or_none() is not None
