"""Proposals: applied at once where the actor may edit, else kept as suggestions for a review."""

from kb import clock
from kb.accounts.policy import Action, Actor, may, require
from kb.db.database import ReadSession, WriteSession
from kb.entries import service as entries
from kb.entries.schemas import CONTROL, EntryContent
from kb.errors import FieldError, Invalid
from kb.executor import Executor
from kb.models import Entry, Revision, RevisionKind, Suggestion, SuggestionStatus
from kb.review import repository
from kb.review.suggestions import Waiting, with_standing
from kb.revisions import service as revisions
from kb.revisions.merge import Standing
from kb.revisions.service import Change

MAX_SUMMARY = 300


async def propose_entry(
    session: WriteSession, actor: Actor, content: EntryContent, summary: str = ""
) -> Entry | Suggestion:
    """Create an entry, or suggest it where the actor may only suggest."""
    summary = checked(summary) or "Created"
    if may(actor, Action.EDIT):
        return await revisions.create(
            session, Change(content, actor.name, summary, RevisionKind.CREATE)
        )
    return await _suggest(session, actor, content, summary, entry=None, base=None)


async def propose_revision(
    session: WriteSession,
    executor: Executor,
    actor: Actor,
    slug: str,
    *,
    base: int,
    content: EntryContent,
    summary: str = "",
) -> Revision | Suggestion:
    """Revise an entry, or suggest the revision where the actor may only suggest.

    A revision on a stale base becomes a merge where nothing touches.

    Raises:
        NotFound: there is no such entry.
        StaleBase: the entry has moved on since `base`, and what was changed touches this.
        Invalid: the base never existed, nothing would change, or the summary is too long.
    """
    entry = await entries.get(session, actor, slug)
    change = Change(content, actor.name, checked(summary), RevisionKind.EDIT, base)
    ready = await revisions.prepare(session, executor, entry, change)
    if may(actor, Action.EDIT):
        return await apply(session, executor, entry, ready)
    return await _suggest(session, actor, content, change.summary, entry=entry, base=base)


async def propose_restore(
    session: WriteSession, executor: Executor, actor: Actor, slug: str, number: int
) -> Revision:
    """Make an old revision's content the newest revision.

    Raises:
        NotFound: there is no such entry or revision.
        Invalid: it is what the current revision says already.
    """
    require(actor, Action.EDIT)
    entry = await entries.get(session, actor, slug)
    old = await revisions.get(session, actor, slug, number)
    change = Change(
        revisions.content_of(old),
        actor.name,
        f"Restored revision {number}",
        RevisionKind.RESTORE,
        base=entry.revision,
        restored=number,
    )
    return await apply(session, executor, entry, change)


async def apply(
    session: WriteSession, executor: Executor, entry: Entry, change: Change
) -> Revision:
    """Write the change into the entry's history; suggestions that it makes idle are superseded.

    Raises what `revisions.apply` raises.
    """
    revision = await revisions.apply(session, entry, change)
    found = [Waiting(one, entry) for one in await repository.pending(session, entry.id)]
    for one in await with_standing(session, executor, found):
        if one.standing is Standing.REDUNDANT:
            values = {
                "status": SuggestionStatus.SUPERSEDED,
                "decided_by": change.author,
                "decided_at": change.at,
                "reason": f"Revision {revision.number} says all of it.",
            }
            await repository.decide(session, one.suggestion, values)
    return revision


async def count_waiting(session: ReadSession, actor: Actor, entry: Entry | None = None) -> int:
    """Return how many suggestions wait: of all, or about one entry."""
    require(actor, Action.READ)
    return await repository.count_pending(session, entry.id if entry else None)


async def _suggest(
    session: WriteSession,
    actor: Actor,
    content: EntryContent,
    summary: str,
    *,
    entry: Entry | None,
    base: int | None,
) -> Suggestion:
    require(actor, Action.SUGGEST)
    suggestion = Suggestion(
        entry_id=entry.id if entry else None,
        base=base,
        author=actor.name,
        author_key=actor.key,
        summary=summary,
        created_at=clock.now(),
        content=content.model_dump(mode="json"),
    )
    session.add(suggestion)
    await session.flush()
    return suggestion


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
