"""SQL about what happened: one query a source, each served by its own index."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, literal, select, tuple_
from sqlmodel import col

from kb.activity.events import Event, Following, Source, Teaser
from kb.db.database import ReadSession
from kb.entries.repository import LIVE
from kb.models import Archival, Entry, EntryTag, Revision, Suggestion

COMMON = 2000
"""Entries of a tag from which on the newest of them are near the end of time anyway."""


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
    query = query.where(
        col(Suggestion.decided_at).is_not(None), col(Suggestion.confidential).is_(False)
    )
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
    following: Following,
    before: tuple[datetime, int, int] | None,
) -> list[Event]:
    """Return the newest events of one source, or of what is followed, or before a place."""
    query = _QUERIES[source]()
    at, number, who, *_ = query.selected_columns
    if following.author is not None:
        query = query.where(who == following.author)
    if following.tag is not None:
        query = query.where(await _tagged(session, following.tag))
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


async def _tagged(session: ReadSession, tag: str) -> ColumnElement[bool]:
    """Return the condition that the event's entry has the tag, in words that suit how many do.

    Of 100,000 entries with two revisions each, the newest of a tag that 40,000 have took 179 ms
    by gathering those, and 0.1 ms by walking back in time; of one that few have, the other way
    round: 0.1 and 217 ms.
    """
    having = select(col(EntryTag.entry_id)).where(col(EntryTag.tag) == tag)
    some = having.limit(COMMON).subquery()
    (row,) = await session.rows(_select(func.count()).select_from(some))
    if row[0] < COMMON:
        return col(Entry.id).in_(having)
    return exists().where(col(EntryTag.tag) == tag, col(EntryTag.entry_id) == col(Entry.id))


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
