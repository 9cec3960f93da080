"""SQL about many entries at once, as exports read them and imports write them.

Past the ORM: rows of all columns come, and mappings of columns to values go.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, insert, select, update
from sqlmodel import col, delete

from kb.db.database import ReadSession, WriteSession
from kb.models import Entry, EntryTag, Outbox

_COLUMNS = [getattr(Entry, name) for name in Entry.model_fields]


async def by_slugs(session: ReadSession, slugs: Sequence[str]) -> Sequence[Row[Any]]:
    """Return the rows of those of the entries that exist, archived or not."""
    query: Select[Any] = select(*_COLUMNS).where(col(Entry.slug).in_(slugs))
    return await session.rows(query)


async def after(session: ReadSession, entry_id: int, limit: int) -> Sequence[Row[Any]]:
    """Return the rows of the next entries in order of creation, archived or not."""
    query: Select[Any] = select(*_COLUMNS).where(col(Entry.id) > entry_id)
    return await session.rows(query.order_by(col(Entry.id)).limit(limit))


async def insert_all(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Store new entries, each with all of its values but the id; return their ids by slug."""
    if not rows:
        return {}
    statement = insert(Entry).returning(col(Entry.slug), col(Entry.id))
    stored = await (await session.connection()).execute(statement, rows)
    return {row.slug: row.id for row in stored}


async def rewrite_all(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write values into entries: `entry_id` says which, and every row has the same columns."""
    if rows:
        statement = update(Entry).where(col(Entry.id) == bindparam("entry_id"))
        await (await session.connection()).execute(statement, rows)


async def retag(session: WriteSession, tags: Mapping[int, Iterable[str]]) -> None:
    """Store the tags of these entries in place of older ones.

    Only what differs is written: triggers count each tag that goes or comes with all that its
    entry has.
    """
    columns: list[Any] = [EntryTag.entry_id, EntryTag.tag]
    known = await session.rows(select(*columns).where(col(EntryTag.entry_id).in_(tags)))
    before = {(entry_id, tag) for entry_id, tag in known}
    now = {(entry_id, tag) for entry_id, own in tags.items() for tag in own}
    one = and_(col(EntryTag.entry_id) == bindparam("entry"), col(EntryTag.tag) == bindparam("gone"))
    connection = await session.connection()
    if gone := [{"entry": entry_id, "gone": tag} for entry_id, tag in before - now]:
        await connection.execute(delete(EntryTag).where(one), gone)
    if new := [{"entry": entry_id, "new": tag} for entry_id, tag in sorted(now - before)]:
        at = select(col(Entry.created_at)).where(col(Entry.id) == bindparam("entry"))
        row = {
            "entry_id": bindparam("entry"),
            "tag": bindparam("new"),
            "created_at": at.scalar_subquery(),
        }
        await connection.execute(insert(EntryTag).values(row), new)


async def note_changes(session: WriteSession, ids: Iterable[int]) -> None:
    """Note that the index has not heard yet of what this transaction does to the entries."""
    if rows := [{"entry_id": one} for one in ids]:
        await (await session.connection()).execute(insert(Outbox), rows)
