"""Reading the history of entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from kb import cursors
from kb.accounts.policy import Action, Actor, require
from kb.cursors import Int64, Position
from kb.db.database import ReadSession
from kb.entries import service as entries
from kb.entries.schemas import EntryContent
from kb.entries.selection import PAGE_SIZE
from kb.errors import FieldError, Invalid, NotFound
from kb.models import Entry, Revision
from kb.revisions import repository

MAX_DIGITS = 9
"""Digits of a revision's number."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A page of a history, how many revisions that has, and the cursor of the next page."""

    items: Sequence[Row[Any]]
    total: int
    next: str | None


class _After(Position):
    revision: Int64


async def newest(
    session: ReadSession, actor: Actor, entry: Entry, number: int
) -> Sequence[Row[Any]]:
    """Return the entry's newest revisions, as `history` does."""
    require(actor, Action.READ)
    return await repository.of_entry(session, entry.id, number, None)


async def history(
    session: ReadSession, actor: Actor, slug: str, after: int | None = None
) -> Sequence[Row[Any]]:
    """Return the entry's newest revisions, or those older than number `after`, the newest first.

    They are all about each but what it held. Raises NotFound where there is no such entry.
    """
    entry = await entries.get(session, actor, slug)
    return await repository.of_entry(session, entry.id, PAGE_SIZE, after)


async def walk(
    session: ReadSession, actor: Actor, slug: str, *, limit: int, cursor: str | None = None
) -> Walk:
    """Return the entry's newest revisions, or those after the cursor.

    Raises:
        NotFound: there is no such entry.
        Invalid: the cursor is none of a history.
    """
    entry = await entries.get(session, actor, slug)
    after = cursors.decode(cursor, _After).revision if cursor is not None else None
    items = await repository.of_entry(session, entry.id, limit, after)
    more = items and items[-1].number > 1
    following = cursors.encode(_After(revision=items[-1].number)) if more else None
    return Walk(items, entry.revision, following)


async def get(session: ReadSession, actor: Actor, slug: str, number: int) -> Revision:
    """Return one revision of an entry. Raises NotFound."""
    entry = await entries.get(session, actor, slug)
    revision = await repository.numbered(session, entry.id, number)
    if revision is None:
        raise NotFound(
            f"“{slug}” has no revision {number}; it has revisions 1 to {entry.revision}."
        )
    return revision


async def two(
    session: ReadSession, actor: Actor, slug: str, a: str, b: str
) -> tuple[Revision, Revision]:
    """Return the two revisions of an entry whose numbers an address gives as texts.

    Raises:
        NotFound: there is no such entry, or no such revision of it.
        Invalid: one is no number, such as that of another entry's revision.
    """
    wrong = [
        one for one in (a, b) if not (one.isascii() and one.isdigit() and len(one) <= MAX_DIGITS)
    ]
    if wrong:
        message = "must be a revision's number: only revisions of one entry can be compared"
        raise Invalid(f"“{wrong[0]}” {message}.", tuple(FieldError(one, message) for one in wrong))
    old, new = int(a), int(b)
    return await get(session, actor, slug, old), await get(session, actor, slug, new)


def content_of(revision: Revision) -> EntryContent:
    """Return what the revision holds."""
    return EntryContent.stored(revision.content)
