"""SQL about what happened: one query a source, each served by its own index."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal, select, tuple_
from sqlmodel import col

from kb.activity.events import Event, Source, Teaser
from kb.db.database import ReadSession
from kb.entries.repository import LIVE
from kb.models import Archival, Entry, Revision, Suggestion


def _select(*columns: Any) -> Select[Any]:
    return select(*columns)


# Of each source: when, which row, who, what, which number, the entry's title and slug, a note.


def _revisions() -> Select[Any]:
    query = _select(
        *(col(Revision.created_at), col(Revision.id), col(Revision.author)),
        *(col(Revision.kind), col(Revision.number), col(Entry.title), col(Entry.slug)),
        col(Revision.summary),
    )
    return query.join(Entry, col(Entry.id) == col(Revision.entry_id))


def _reviews() -> Select[Any]:
    title = func.coalesce(col(Entry.title), col(Suggestion.content)["title"].as_string())
    query = _select(
        *(col(Suggestion.decided_at), col(Suggestion.id), col(Suggestion.decided_by)),
        *(col(Suggestion.status), col(Suggestion.id).label("number"), title, col(Entry.slug)),
        col(Suggestion.reason),
    )
    query = query.where(col(Suggestion.decided_at).is_not(None))
    return query.outerjoin(Entry, col(Entry.id) == col(Suggestion.entry_id))


def _archivals() -> Select[Any]:
    query = _select(
        *(col(Archival.archived_at), col(Archival.id), col(Archival.archived_by)),
        *(literal("archived"), literal(0), col(Entry.title), col(Entry.slug)),
        col(Archival.reason),
    )
    return query.join(Entry, col(Entry.id) == col(Archival.entry_id))


def _restorations() -> Select[Any]:
    query = _select(
        *(col(Archival.restored_at), col(Archival.id), col(Archival.restored_by)),
        *(literal("unarchived"), literal(0), col(Entry.title), col(Entry.slug)),
        literal(""),
    )
    query = query.where(col(Archival.restored_at).is_not(None))
    return query.join(Entry, col(Entry.id) == col(Archival.entry_id))


_QUERIES: dict[Source, Callable[[], Select[Any]]] = {
    Source.REVISION: _revisions,
    Source.REVIEW: _reviews,
    Source.ARCHIVAL: _archivals,
    Source.RESTORATION: _restorations,
}


async def newest(
    session: ReadSession,
    source: Source,
    limit: int,
    author: str | None,
    before: tuple[datetime, int, int] | None,
) -> list[Event]:
    """Return the newest events of one source: of all, or by one author, or before a place."""
    query = _QUERIES[source]()
    at, number, who, *_ = query.selected_columns
    if author is not None:
        query = query.where(who == author)
    if before is not None:
        query = query.where(_earlier(at, number, source, before))
    rows = await session.rows(query.order_by(at.desc(), number.desc()).limit(limit))
    return [_event(source, row) for row in rows]


async def teasers(session: ReadSession, slugs: Collection[str], length: int) -> dict[str, Teaser]:
    """Return how the problem begins, and the tags, of those entries that are not archived."""
    query = _select(
        *(col(Entry.slug), func.substr(Entry.problem, 1, length), col(Entry.tags)),
    ).where(col(Entry.slug).in_(slugs), LIVE)
    return {slug: Teaser(*teaser) for slug, *teaser in await session.rows(query)}


def _earlier(
    at: Any, number: Any, source: Source, before: tuple[datetime, int, int]
) -> ColumnElement[bool]:
    """Return the condition that an event of the source stands before the place."""
    moment, its_source, its_number = before
    if source == its_source:
        return tuple_(at, number) < (moment, its_number)
    earlier: ColumnElement[bool] = at <= moment if source < its_source else at < moment
    return earlier


def _event(source: Source, row: Row[Any]) -> Event:
    at, row_id, author, what, number, title, slug, note = tuple[Any, ...](row)
    return Event(at, source, row_id, author, what, number, title, slug, note)
