"""Proposals: applied at once where the actor may edit, else kept as suggestions for a review.

So is what `kb.screening` would have somebody look at first, whoever proposes it.

What has to be merged first takes the database and opens its own sessions: it is prepared while
nobody waits for it, and the write transaction only applies it (docs/decisions/0006-merging.md).
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from kb import clock
from kb.accounts.policy import Action, Actor, may, require
from kb.db.database import Database, PoolTimeout, ReadSession, WriteSession
from kb.entries import repository as entries_repository
from kb.entries import service as entries
from kb.entries.schemas import CONTROL, EntryContent
from kb.errors import Busy, Conflict, FieldError, Invalid
from kb.executor import Executor
from kb.models import Entry, Revision, RevisionKind, Suggestion, SuggestionStatus
from kb.review import repository
from kb.review.suggestions import Waiting, with_standing
from kb.revisions import history
from kb.revisions import service as revisions
from kb.revisions.merge import Standing
from kb.revisions.service import CREATED, Change, Overtaken
from kb.screening.findings import Finding, Kind
from kb.screening.screen import screen

MAX_SUMMARY = 300

MAX_BY_AUTHOR = 20
"""Suggestions of one author that may wait, about whatever entries."""

MAX_ABOUT_ENTRY = 50
"""Suggestions about one entry that may wait."""

ATTEMPTS = 5
"""Times that a change is prepared before somebody who is always overtaken is told so."""

T = TypeVar("T")
_log = logging.getLogger(__name__)


async def propose_entry(
    database: Database, executor: Executor, actor: Actor, content: EntryContent, summary: str = ""
) -> Entry | Suggestion:
    """Create an entry, or suggest it where the actor may only suggest, or where it is held.

    Raises:
        NotSignedIn, NotAllowed: the actor may do neither.
        Invalid: the summary is too long.
    """
    require(actor, Action.SUGGEST)
    change = Change(content, actor.name, checked(summary) or CREATED, RevisionKind.CREATE)
    held = await executor.cpu(screen, content, change.summary)
    async with database.write() as session:
        if may(actor, Action.EDIT) and not held:
            return await revisions.create(session, change)
        return await _suggest(session, actor, change, held)


async def propose_revision(
    database: Database,
    executor: Executor,
    actor: Actor,
    slug: str,
    *,
    base: int,
    content: EntryContent,
    summary: str = "",
) -> Revision | Suggestion:
    """Revise an entry, or suggest the revision where the actor may only suggest, or it is held.

    A revision on a stale base becomes a merge where nothing touches.

    Raises:
        NotSignedIn, NotAllowed: the actor may do neither.
        NotFound: there is no such entry.
        StaleBase: the entry has moved on since `base`, and what was changed touches this.
        Invalid: the base never existed, nothing would change, or the summary is too long.
    """
    require(actor, Action.SUGGEST)
    change = Change(content, actor.name, checked(summary), RevisionKind.EDIT, base)

    async with database.read() as reading:
        entry = await entries.get(reading, actor, slug)
        before = await revisions.content_at(reading, entry, base)
        await reading.release()
        held = await executor.cpu(screen, content, change.summary, before)
        waits = bool(held) or not may(actor, Action.EDIT)
        if waits:
            await revisions.prepare(reading, executor, entry, change)
    if waits:
        async with database.write() as session:
            return await _suggest(session, actor, change, held, entry)
    made = await in_turn(
        database, entry.id, partial(_revise, database, executor, actor, slug, change)
    )
    await supersede(database, executor, actor, made.entry_id)
    return made


async def _revise(
    database: Database, executor: Executor, actor: Actor, slug: str, change: Change
) -> Revision:
    async with database.read() as reading:
        entry = await entries.get(reading, actor, slug)
        ready = await revisions.prepare(reading, executor, entry, change)
    async with database.write() as session:
        entry = await entries.get(session, actor, slug)
        return await revisions.apply(session, entry, ready)


async def propose_restore(
    database: Database,
    executor: Executor,
    actor: Actor,
    slug: str,
    number: int,
    *,
    base: int | None = None,
) -> Revision:
    """Make an old revision's content the newest revision.

    `base` is the revision that the actor took for the current one.

    Raises:
        NotFound: there is no such entry or revision.
        Conflict: the entry has moved on since `base`.
        Invalid: it is what the current revision says already.
    """
    require(actor, Action.EDIT)
    async with database.write() as session:
        entry = await entries.get(session, actor, slug)
        if base not in (None, entry.revision):
            raise Conflict(
                f"The entry has moved on from revision {base} to revision {entry.revision}. "
                "Nothing was restored. Look at what has changed, and restore again from there."
            )
        old = await history.get(session, actor, slug, number)
        change = Change(
            history.content_of(old),
            actor.name,
            f"Restored revision {number}",
            RevisionKind.RESTORE,
            base=entry.revision,
            restored=number,
        )
        made = await revisions.apply(session, entry, change)
    await supersede(database, executor, actor, made.entry_id)
    return made


async def in_turn(
    database: Database, entry_id: int | None, attempt: Callable[[], Awaitable[T]]
) -> T:
    """Return what the attempt to change an entry does; None stands for entries yet to be made.

    Those of this process who change one entry come one after another. Another process may still
    be faster: then the attempt is made again.

    Raises what the attempt raises; Overtaken from the last one alone.
    """
    async with database.turn(entry_id):
        for _ in range(ATTEMPTS - 1):
            with suppress(Overtaken):
                return await attempt()
        return await attempt()


async def supersede(database: Database, executor: Executor, actor: Actor, entry_id: int) -> None:
    """Close the suggestions about the entry that what the actor has just done makes idle.

    That is saved already, so nothing here makes it fail: what there is no time for goes on
    waiting, and whoever looks is told that it is redundant.
    """
    try:
        idle = await _redundant(database, executor, entry_id)
        if not idle:
            return
        async with database.write() as session:
            for one in idle:
                values = {
                    "status": SuggestionStatus.SUPERSEDED,
                    "decided_by": actor.name,
                    "decided_at": clock.now(),
                    "reason": f"Revision {one.entry.revision} says all of it." if one.entry else "",
                }
                await repository.decide(session, one.suggestion, values)
    except (Busy, PoolTimeout):
        _log.warning("Too busy to look for suggestions that a revision supersedes", exc_info=True)


async def _redundant(database: Database, executor: Executor, entry_id: int) -> list[Waiting]:
    async with database.read() as session:
        entry = await entries_repository.by_id(session, entry_id)
        pending = await repository.pending(session, entry_id, MAX_ABOUT_ENTRY)
        found = [Waiting(one, entry) for one in pending]
        standing = await with_standing(session, executor, found)
    return [one for one in standing if one.standing is Standing.REDUNDANT]


async def count_waiting(session: ReadSession, actor: Actor, entry: Entry | None = None) -> int:
    """Return how many suggestions wait: of all, or about one entry."""
    require(actor, Action.READ)
    return await repository.count(
        session, SuggestionStatus.PENDING, entry_id=entry.id if entry else None
    )


async def _suggest(
    session: WriteSession,
    actor: Actor,
    change: Change,
    held: tuple[Finding, ...],
    entry: Entry | None = None,
) -> Suggestion:
    require(actor, Action.SUGGEST)
    await _require_room(session, actor, entry)
    suggestion = Suggestion(
        entry_id=entry.id if entry else None,
        base=change.base,
        author=actor.name,
        author_key=actor.key,
        summary=change.summary,
        created_at=clock.now(),
        content=change.content.model_dump(mode="json"),
        **reasons(held),
    )
    session.add(suggestion)
    await session.flush()
    return suggestion


def reasons(held: tuple[Finding, ...]) -> dict[str, Any]:
    """Return the columns of a suggestion that say what was found in it."""
    return {
        "held": [one.reason() for one in held],
        "confidential": any(one.kind is Kind.SECRET for one in held),
    }


async def _require_room(session: WriteSession, actor: Actor, entry: Entry | None) -> None:
    """Do nothing where one more may wait: each costs whoever reviews, and whoever edits, time."""
    pending = SuggestionStatus.PENDING
    own = about = 0
    if actor.key:
        own = await repository.count(session, pending, author_key=actor.key)
    if own >= MAX_BY_AUTHOR:
        raise Conflict(
            f"{own} suggestions of yours wait for a review. Nothing was sent: wait until some are "
            "decided, or withdraw or edit one."
        )
    if entry:
        about = await repository.count(session, pending, entry_id=entry.id)
    if about >= MAX_ABOUT_ENTRY:
        raise Conflict(
            f"{MAX_ABOUT_ENTRY} suggestions about this entry wait for a review. Nothing was sent: "
            "try again when a maintainer has decided some of them."
        )


def checked(text: str, field: str = "summary") -> str:
    """Return a summary or reason on one line. Raises Invalid where it is not fit to be kept."""
    text = " ".join(text.split())
    if len(text) > MAX_SUMMARY:
        message = f"may have at most {MAX_SUMMARY} characters"
    elif CONTROL.search(text):
        message = "contains a control character; remove it"
    else:
        return text
    raise Invalid(f"The {field} {message}.", (FieldError(field, message),))
