"""What becomes of a suggestion: its author edits or withdraws it, a reviewer accepts or rejects."""

from collections.abc import Mapping
from dataclasses import dataclass

from kb import clock
from kb.accounts.policy import Action, Actor, Role, require
from kb.db.database import ReadSession, WriteSession
from kb.entries.schemas import EntryContent
from kb.entries.validation import validate_content
from kb.errors import Conflict, NotAllowed, NotSignedIn
from kb.executor import Executor
from kb.models import Entry, RevisionKind, Suggestion, SuggestionStatus
from kb.review import repository, suggestions
from kb.review import service as review
from kb.review.service import checked
from kb.revisions import service as revisions
from kb.revisions.service import Change, StaleBase


@dataclass(frozen=True, slots=True)
class Draft:
    """What a suggestion is to say, or what to accept in its place.

    `base` is the revision that it was written on top of; None for a new entry.
    """

    content: EntryContent
    summary: str = ""
    base: int | None = None


async def accept(
    session: WriteSession,
    executor: Executor,
    actor: Actor,
    suggestion_id: int,
    *,
    version: int | None = None,
    changed: Draft | None = None,
) -> Entry:
    """Apply a suggestion, or what the reviewer made of it, in its author's name.

    `version` is the suggestion's version that the reviewer has seen. Returns the entry as it is
    then.

    Raises:
        Conflict: it was decided already, or its author has edited it meanwhile.
        StaleBase: what was changed in the entry touches it.
        Invalid: it would change nothing.
    """
    require(actor, Action.REVIEW)
    found = await suggestions.get(session, actor, suggestion_id)
    suggestion, entry = found.suggestion, found.entry
    require_pending(suggestion)
    _require_version(suggestion, version)
    draft = changed or Draft(found.content, suggestion.summary, suggestion.base)
    kind = RevisionKind.EDIT if entry else RevisionKind.CREATE
    change = Change(draft.content, suggestion.author, checked(draft.summary), kind, draft.base)
    if entry:
        change = await revisions.prepare(session, executor, entry, change)
    # Decided before it is applied: of the suggestions that then say nothing new, it is none.
    await _decide(session, actor, suggestion, SuggestionStatus.ACCEPTED, with_changes=bool(changed))
    if entry:
        await review.apply(session, executor, entry, change)
    else:
        entry = await revisions.create(session, change)
    suggestion.entry_id, suggestion.revision = entry.id, entry.revision
    session.add(suggestion)
    await session.flush()
    return entry


async def resolve(
    session: ReadSession,
    executor: Executor,
    actor: Actor,
    suggestion_id: int,
    *,
    base: int | None,
    changes: Mapping[str, object],
    summary: str | None = None,
) -> Draft:
    """Return what a suggestion says on top of the entry, with `changes` in place of its own fields.

    `base` is the revision that the entry was at when the changes were chosen.

    Raises:
        Conflict: the entry has moved on since.
        StaleBase: it touches what was changed in the entry, in fields that `changes` leaves open.
        Invalid: together they are no entry.
    """
    require(actor, Action.REVIEW)
    found = await suggestions.get(session, actor, suggestion_id)
    suggestion, entry = found.suggestion, found.entry
    summary = suggestion.summary if summary is None else summary
    rebased = await suggestions.rebased(session, executor, found)
    if entry is None or rebased is None:
        return Draft(validate_content({**found.content.model_dump(), **changes}), summary)
    if base != entry.revision:
        raise Conflict(f"The entry is at revision {entry.revision} by now. Nothing was decided.")
    if any(one.field not in changes for one in rebased.conflicts):
        raise StaleBase(entry, suggestion.base or 0, found.content, rebased)
    return Draft(validate_content({**rebased.content.model_dump(), **changes}), summary, base)


async def reject(
    session: WriteSession, actor: Actor, suggestion_id: int, reason: str = ""
) -> Suggestion:
    """Decide against a suggestion. Raises Conflict where it was decided already."""
    require(actor, Action.REVIEW)
    suggestion = (await suggestions.get(session, actor, suggestion_id)).suggestion
    require_pending(suggestion)
    reason = checked(reason, "reason")
    await _decide(session, actor, suggestion, SuggestionStatus.REJECTED, reason=reason or None)
    return suggestion


async def withdraw(session: WriteSession, actor: Actor, suggestion_id: int) -> Suggestion:
    """Take one's own suggestion back.

    Raises:
        NotSignedIn, NotAllowed: it is somebody else's.
        Conflict: it was decided already.
    """
    suggestion = (await suggestions.get(session, actor, suggestion_id)).suggestion
    require_author(actor, suggestion)
    require_pending(suggestion)
    await _decide(session, actor, suggestion, SuggestionStatus.WITHDRAWN)
    return suggestion


async def edit(
    session: WriteSession, executor: Executor, actor: Actor, suggestion_id: int, draft: Draft
) -> Suggestion:
    """Let one's own suggestion say something else.

    Raises:
        NotSignedIn, NotAllowed: it is somebody else's.
        Conflict: it was decided already.
        StaleBase: what was changed in the entry touches it.
        Invalid: it would change nothing.
    """
    found = await suggestions.get(session, actor, suggestion_id)
    suggestion, entry = found.suggestion, found.entry
    require_author(actor, suggestion)
    require_pending(suggestion)
    summary = checked(draft.summary)
    if entry:
        change = Change(draft.content, actor.name, summary, RevisionKind.EDIT, draft.base)
        await revisions.prepare(session, executor, entry, change)
    values = {
        "content": draft.content.model_dump(mode="json"),
        "summary": summary,
        "base": draft.base if entry else None,
        "version": suggestion.version + 1,
    }
    if not await repository.decide(session, suggestion, values):
        await session.refresh(suggestion)
        require_pending(suggestion)
    await session.refresh(suggestion)
    return suggestion


def is_author(actor: Actor, suggestion: Suggestion) -> bool:
    """Say whether it is the actor's own."""
    return actor.key is not None and actor.key == suggestion.author_key


def require_author(actor: Actor, suggestion: Suggestion) -> None:
    """Do nothing where it is the actor's own. Raises NotSignedIn or NotAllowed."""
    if is_author(actor, suggestion):
        return
    if actor.role is Role.ANONYMOUS:
        raise NotSignedIn(
            "This is somebody else's suggestion. If it is yours, use the browser in which you made "
            "it, or sign in."
        )
    raise NotAllowed("This is somebody else's suggestion.")


async def _decide(
    session: WriteSession,
    actor: Actor,
    suggestion: Suggestion,
    status: SuggestionStatus,
    **more: str | bool | None,
) -> None:
    values = {"status": status, "decided_by": actor.name, "decided_at": clock.now()} | more
    if not await repository.decide(session, suggestion, values):
        await session.refresh(suggestion)
        require_pending(suggestion)
    await session.refresh(suggestion)


def require_pending(suggestion: Suggestion) -> None:
    """Do nothing where it waits. Raises Conflict."""
    if suggestion.status == SuggestionStatus.SUPERSEDED:
        raise Conflict(f"This suggestion is superseded: {suggestion.reason}")
    if suggestion.status != SuggestionStatus.PENDING:
        raise Conflict(f"{suggestion.decided_by} has {suggestion.status} this suggestion already.")


def _require_version(suggestion: Suggestion, version: int | None) -> None:
    if version is not None and version != suggestion.version:
        raise Conflict("Its author has edited this suggestion. Nothing was decided; look again.")
