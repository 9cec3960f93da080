"""SQL about single entries, and about all of them; `kb.entries.lists` has that about lists.

An entry that is asked for by its name is found also when it is archived.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, update
from sqlmodel import col, select

from kb.db.database import ReadSession, WriteSession
from kb.entries import bulk
from kb.models import Archival, Entry, Outbox

_IN_FORCE = (col(Archival.entry_id) == col(Entry.id), col(Archival.restored_at).is_(None))
LIVE = ~exists().where(*_IN_FORCE)
"""The condition that an entry is not archived, looked up for each: many may be."""


async def by_slug(session: ReadSession, slug: str) -> Entry | None:
    """Return the entry, or None."""
    return (await session.exec(select(Entry).where(Entry.slug == slug))).one_or_none()


async def standing(session: ReadSession, slug: str) -> tuple[int, bool] | None:
    """Return the entry's revision number and whether it is archived, or None."""
    columns: list[Any] = [Entry.revision, ~LIVE]
    rows = await session.rows(select(*columns).where(col(Entry.slug) == slug))
    return (rows[0][0], bool(rows[0][1])) if rows else None


async def by_title(session: ReadSession, title: str, slug: str) -> Entry | None:
    """Return the oldest entry of that title whose slug begins with `slug`, or None."""
    query = select(Entry).where(*_slug_begins(slug), Entry.title == title)
    return (await session.exec(query.order_by(col(Entry.id)).limit(1))).one_or_none()


async def by_id(session: ReadSession, entry_id: int) -> Entry | None:
    """Return the entry, or None."""
    return await session.get(Entry, entry_id)


async def by_ids(session: ReadSession, ids: Sequence[int]) -> list[Entry]:
    """Return those of the entries that exist, in no particular order."""
    query = select(Entry).where(col(Entry.id).in_(ids), LIVE)
    return list((await session.exec(query)).all())


async def even_archived(session: ReadSession, ids: Sequence[int]) -> list[Entry]:
    """Return those of the entries that exist, archived or not, in no particular order."""
    return list((await session.exec(select(Entry).where(col(Entry.id).in_(ids)))).all())


async def slugs_like(session: ReadSession, slug: str) -> set[str]:
    """Return the slugs taken that begin with `slug`."""
    matching = _slug_begins(slug)
    return set((await session.exec(select(Entry.slug).where(*matching))).all())


async def highest_id(session: ReadSession) -> int:
    """Return the id of the entry made last; 0 where there is none."""
    return (await session.exec(select(func.max(Entry.id)))).one() or 0


async def addresses(session: ReadSession, first: int, last: int) -> list[tuple[str, datetime]]:
    """Return the slugs of the entries with ids from `first` to `last`, and when each changed."""
    query = select(Entry.slug, Entry.updated_at)
    query = query.where(col(Entry.id).between(first, last), LIVE).order_by(col(Entry.id))
    return [(slug, at) for slug, at in await session.exec(query)]


async def revisions_by_id(session: ReadSession) -> dict[int, int]:
    """Return the current revision number of every entry, by id."""
    return dict((await session.exec(select(Entry.id, Entry.revision).where(LIVE))).all())


async def all_ids(session: ReadSession) -> list[int]:
    """Return every entry's id, in order of creation."""
    return list((await session.exec(select(Entry.id).where(LIVE).order_by(col(Entry.id)))).all())


async def add(session: WriteSession, entry: Entry) -> None:
    """Store a new entry, its tags, and the note that the index lacks it."""
    session.add(entry)
    await session.flush()
    await _changed(session, entry)


async def compare_and_swap(
    session: WriteSession, entry: Entry, base: int, values: dict[str, Any]
) -> bool:
    """Write the values into the entry where its stored revision is still `base`; say whether.

    The comparison is part of the UPDATE, so that of two writers with one base only one wins.
    """
    statement = update(Entry).where(col(Entry.id) == entry.id, col(Entry.revision) == base)
    result = await session.exec(statement.values(values).returning(col(Entry.id)))
    if result.one_or_none() is None:
        return False
    await session.refresh(entry)
    await _changed(session, entry)
    return True


async def _changed(session: WriteSession, entry: Entry) -> None:
    """Bring the tags in line with the entry, and note that the index lacks its present state."""
    await bulk.retag(session, {entry.id: entry.tags})
    await note_change(session, entry)


async def note_change(session: WriteSession, entry: Entry) -> None:
    """Note that the index has not heard yet of what this transaction does to the entry."""
    session.add(Outbox(entry_id=entry.id))
    await session.flush()


async def add_votes(session: WriteSession, entry: Entry, number: int) -> None:
    """Add to the entry's votes; nothing else about it changes."""
    statement = update(Entry).where(col(Entry.id) == entry.id)
    await session.exec(statement.values(votes=Entry.votes + number))
    await session.refresh(entry, ["votes"])


async def add_views(session: WriteSession, views: dict[int, int]) -> None:
    """Add to the view counts, by entry id."""
    for entry_id, number in views.items():
        statement = update(Entry).where(col(Entry.id) == entry_id)
        await session.exec(statement.values(views=Entry.views + number))


def _slug_begins(slug: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions for slugs that begin so."""
    # A range, because SQLite's LIKE does not use the index of the slugs.
    return col(Entry.slug) >= slug, col(Entry.slug) <= f"{slug}~"
