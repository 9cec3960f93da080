"""Looking at suggestions: those that wait, one, and how each stands to the entry of today.

A suggestion keeps the base it was made on. How it stands is worked out when somebody looks, so it
is right whatever changed the entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import anyio

from kb import cursors
from kb.accounts.policy import Action, Actor, Thing, may, require
from kb.cursors import Int64, Position
from kb.db.database import ReadSession
from kb.entries import repository as entries_repository
from kb.entries import service as entries
from kb.entries.schemas import EntryContent
from kb.errors import Busy, NotFound
from kb.executor import Executor
from kb.models import Entry, Suggestion, SuggestionStatus
from kb.review import repository
from kb.review.repository import Readable
from kb.revisions import service as revisions
from kb.revisions.merge import FieldConflict, Standing, standing
from kb.revisions.service import Rebased

STANDING_SECONDS = 5.0
"""How long a list may take to find out how its suggestions stand."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A suggestion and the entry it is about, if that exists yet.

    `standing` is how it stands to that entry, while it waits and where that was asked for; None
    also where there was no time to find out.
    """

    suggestion: Suggestion
    entry: Entry | None
    standing: Standing | None = None

    @property
    def content(self) -> EntryContent:
        """What is suggested."""
        return EntryContent.stored(self.suggestion.content)


async def _with_entries(
    session: ReadSession, executor: Executor, suggestions: Sequence[Suggestion]
) -> list[Waiting]:
    ids = {one.entry_id for one in suggestions if one.entry_id is not None}
    about = await entries_repository.even_archived(session, list(ids))
    found = {entry.id: entry for entry in about}
    both = [Waiting(one, found.get(one.entry_id or 0)) for one in suggestions]
    return await with_standing(session, executor, both)


@dataclass(frozen=True, slots=True)
class Walk:
    """A page of suggestions, how many there are, and the cursor of the next page."""

    items: list[Waiting]
    total: int
    next: str | None


class _After(Position):
    suggestion: Int64


async def walk(
    session: ReadSession,
    executor: Executor,
    actor: Actor,
    status: SuggestionStatus | None,
    *,
    limit: int,
    cursor: str | None = None,
) -> Walk:
    """Return the newest suggestions of that status (None: of any), or those after the cursor.

    Raises:
        Invalid: the cursor is none of this list.
    """
    require(actor, Action.READ)
    after = cursors.decode(cursor, _After).suggestion if cursor is not None else None
    readable = _readable(actor)
    found = await repository.newest(session, status, limit + 1, after, readable)
    items = await _with_entries(session, executor, found[:limit])
    more = cursors.encode(_After(suggestion=found[limit - 1].id)) if len(found) > limit else None
    return Walk(items, await repository.count(session, status, readable=readable), more)


def _readable(actor: Actor) -> Readable:
    return Readable(everything=may(actor, Action.REVIEW), author_key=actor.key)


async def get(session: ReadSession, actor: Actor, suggestion_id: int) -> Waiting:
    """Return one suggestion, decided or not.

    Raises:
        NotFound: there is none.
        NotSignedIn, NotAllowed: it may hold a secret, and is neither the actor's nor theirs to
            decide on.
    """
    require(actor, Action.READ)
    suggestion = await repository.get(session, suggestion_id)
    if suggestion is None:
        raise NotFound(f"There is no suggestion {suggestion_id}.")
    if suggestion.confidential and not may(actor, Action.AMEND, Thing(owner=suggestion.author_key)):
        require(actor, Action.REVIEW)
    if suggestion.entry_id is None:
        return Waiting(suggestion, None)
    return Waiting(suggestion, await entries_repository.by_id(session, suggestion.entry_id))


@dataclass(frozen=True, slots=True)
class Look:
    """A suggestion in full.

    While it waits, `after` is what it makes of `before`, the entry today, and `conflicts` is where
    the two touch. Once it is decided, they are its base and what it wanted to make of that. A new
    entry has nothing before.
    """

    waiting: Waiting
    base: EntryContent | None
    before: EntryContent | None
    after: EntryContent
    conflicts: tuple[FieldConflict, ...] = ()

    @property
    def stale(self) -> bool:
        """Whether it waits, and the entry has moved on since it was made."""
        entry, suggestion = self.waiting.entry, self.waiting.suggestion
        waits = suggestion.status == SuggestionStatus.PENDING
        return waits and entry is not None and entry.revision != suggestion.base


async def look(session: ReadSession, executor: Executor, actor: Actor, suggestion_id: int) -> Look:
    """Return one suggestion with what it changes. Raises NotFound."""
    one = await get(session, actor, suggestion_id)
    entry, base = one.entry, one.suggestion.base
    if entry is None or base is None:
        return Look(one, None, None, one.content)
    if one.suggestion.status != SuggestionStatus.PENDING:
        was = await revisions.content_at(session, entry, base)
        return Look(one, was, was, one.content)
    [one] = await with_standing(session, executor, [one])
    rebased = await revisions.rebase(session, executor, entry, base, one.content)
    today = entries.content_of(entry)
    return Look(one, rebased.started_from, today, rebased.content, rebased.conflicts)


async def rebased(session: ReadSession, executor: Executor, one: Waiting) -> Rebased | None:
    """Return what a suggestion makes of the entry as it is today; None where it is a new entry."""
    if one.entry is None or one.suggestion.base is None:
        return None
    base = one.suggestion.base
    return await revisions.rebase(session, executor, one.entry, base, one.content)


async def with_standing(
    session: ReadSession, executor: Executor, found: list[Waiting]
) -> list[Waiting]:
    """Return the same, with how each suggestion of a revision stands to its entry.

    All of them together get `STANDING_SECONDS`: who makes suggestions must not be able to keep
    who reads them waiting.
    """
    deadline = anyio.current_time() + STANDING_SECONDS
    return [
        replace(one, standing=await _standing(session, executor, one, deadline)) for one in found
    ]


async def _standing(
    session: ReadSession, executor: Executor, one: Waiting, deadline: float
) -> Standing | None:
    entry, suggestion = one.entry, one.suggestion
    if entry is None or suggestion.base is None or suggestion.status != SuggestionStatus.PENDING:
        return None
    if suggestion.base == entry.revision:
        return Standing.CURRENT
    base = await revisions.content_at(session, entry, suggestion.base)
    today = entries.content_of(entry)
    await session.release()
    left = deadline - anyio.current_time()
    if left <= 0:
        return None
    try:
        return await executor.cpu(standing, base, today, one.content, seconds=left)
    except Busy:
        return None
