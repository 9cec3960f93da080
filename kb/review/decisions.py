"""What becomes of a suggestion: its author edits or withdraws it, a reviewer accepts or rejects."""

from collections.abc import Mapping
from dataclasses import dataclass

from kb import clock
from kb.accounts import audit
from kb.accounts.audit import Event
from kb.accounts.policy import Action, Actor, Thing, may, require
from kb.db.database import Database, ReadSession, WriteSession
from kb.entries.schemas import EntryContent
from kb.entries.validation import validate_content
from kb.errors import Conflict
from kb.executor import Executor
from kb.models import Entry, RevisionKind, Suggestion, SuggestionStatus
from kb.review import repository, suggestions
from kb.review import service as review
from kb.review.service import checked
from kb.review.suggestions import Waiting
from kb.revisions import service as revisions
from kb.revisions.service import Change, StaleBase
from kb.screening.remarks import require_fit
from kb.screening.screen import screen

_RECORDED = {
    SuggestionStatus.ACCEPTED: Event.SUGGESTION_ACCEPTED,
    SuggestionStatus.REJECTED: Event.SUGGESTION_REJECTED,
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a suggestion is to say, or what to accept in its place.

    `base` is the revision that it was written on top of; None for a new entry. `version` is that
    of the suggestion in whose place it was written, where somebody may have edited it since.
    """

    content: EntryContent
    summary: str = ""
    base: int | None = None
    version: int | None = None


class EditedMeanwhile(Conflict):
    """One's own suggestion has been edited since, in another window; it is at `version` now."""

    def __init__(self, version: int) -> None:
        super().__init__(
            "You have edited this suggestion in another window since you opened it here. Look at "
            "what it says now; what you save here next takes its place."
        )
        self.version = version


async def accept(
    database: Database,
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

    async def attempt() -> Entry:
        async with database.read() as reading:
            found = await _pending(reading, actor, suggestion_id)
            suggestion = found.suggestion
            _require_version(suggestion, version)
            draft = changed or Draft(found.content, suggestion.summary, suggestion.base)
            _require_version(suggestion, draft.version)
            change = await _acceptance(reading, executor, found, draft)
        async with database.write() as session:
            return await _accept(
                session, actor, suggestion, change, with_changes=changed is not None
            )

    async with database.read() as reading:
        about = (await _pending(reading, actor, suggestion_id)).suggestion.entry_id
    entry = await review.in_turn(database, about, attempt)
    await review.supersede(database, executor, actor, entry.id)
    return entry


async def _acceptance(
    session: ReadSession, executor: Executor, found: Waiting, draft: Draft
) -> Change:
    """Return the change that accepting a suggestion as the draft has it makes."""
    author, summary = found.suggestion.author, checked(draft.summary)
    if found.entry is None:
        return Change(draft.content, author, summary, RevisionKind.CREATE)
    change = Change(draft.content, author, summary, RevisionKind.EDIT, draft.base)
    return await revisions.prepare(session, executor, found.entry, change)


async def _accept(
    session: WriteSession, actor: Actor, prepared: Suggestion, change: Change, *, with_changes: bool
) -> Entry:
    found = await suggestions.get(session, actor, prepared.id)
    suggestion, entry = found.suggestion, found.entry
    require_pending(suggestion)
    _require_version(suggestion, prepared.version)
    if entry:
        await revisions.apply(session, entry, change)
    else:
        entry = await revisions.create(session, change)
    await _decide(
        session,
        actor,
        suggestion,
        SuggestionStatus.ACCEPTED,
        entry_id=entry.id,
        revision=entry.revision,
        with_changes=with_changes,
        confidential=False,
    )
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

    `base` is the revision that the entry was at when the changes were chosen, if there are any.

    Raises:
        Conflict: the entry has moved on since.
        StaleBase: it touches what was changed in the entry, in fields that `changes` leaves open.
        Invalid: together they are no entry.
    """
    require(actor, Action.REVIEW)
    found = await suggestions.get(session, actor, suggestion_id)
    suggestion, entry, version = found.suggestion, found.entry, found.suggestion.version
    summary = suggestion.summary if summary is None else summary
    if not changes:
        return Draft(found.content, summary, suggestion.base, version)
    rebased = await suggestions.rebased(session, executor, found)
    if entry is None or rebased is None:
        content = validate_content({**found.content.model_dump(), **changes})
        return Draft(content, summary, version=version)
    if base != entry.revision:
        raise Conflict(f"The entry is at revision {entry.revision} by now. Nothing was decided.")
    if any(one.field not in changes for one in rebased.conflicts):
        raise StaleBase(entry, suggestion.base or 0, found.content, rebased)
    content = validate_content({**rebased.content.model_dump(), **changes})
    return Draft(content, summary, base, version)


async def reject(
    database: Database, executor: Executor, actor: Actor, suggestion_id: int, reason: str = ""
) -> Suggestion:
    """Decide against a suggestion.

    Raises:
        Invalid: the reason is too long, or holds what must not stand unseen.
        Conflict: it was decided already.
    """
    require(actor, Action.REVIEW)
    reason = checked(reason, "reason")
    await require_fit(executor, reason=reason)
    async with database.write() as session:
        suggestion = (await suggestions.get(session, actor, suggestion_id)).suggestion
        require_pending(suggestion)
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
    database: Database, executor: Executor, actor: Actor, suggestion_id: int, draft: Draft
) -> Suggestion:
    """Let one's own suggestion say something else.

    Raises:
        NotSignedIn, NotAllowed: it is somebody else's.
        Conflict: it was decided already.
        EditedMeanwhile: it is no longer at the draft's version.
        StaleBase: what was changed in the entry touches it.
        Invalid: it would change nothing.
    """
    summary = checked(draft.summary)
    async with database.read() as reading:
        found = await suggestions.get(reading, actor, suggestion_id)
        require_author(actor, found.suggestion)
        found = await _pending(reading, actor, suggestion_id)
        if draft.version not in (None, found.suggestion.version):
            raise EditedMeanwhile(found.suggestion.version)
        before = None
        if found.entry:
            before = await revisions.content_at(reading, found.entry, draft.base or 0)
            change = Change(draft.content, actor.name, summary, RevisionKind.EDIT, draft.base)
            await revisions.prepare(reading, executor, found.entry, change)
    values = review.reasons(await executor.cpu(screen, draft.content, summary, before)) | {
        "content": draft.content.model_dump(mode="json"),
        "summary": summary,
        "base": draft.base if found.entry else None,
        "version": found.suggestion.version + 1,
    }
    async with database.write() as session:
        changed = await repository.decide(session, found.suggestion, values)
        suggestion = (await suggestions.get(session, actor, suggestion_id)).suggestion
        if not changed:
            require_pending(suggestion)
            raise EditedMeanwhile(suggestion.version)
    return suggestion


async def _pending(session: ReadSession, actor: Actor, suggestion_id: int) -> Waiting:
    """Return a suggestion that waits, and its entry. Raises NotFound, or Conflict."""
    found = await suggestions.get(session, actor, suggestion_id)
    # Each read sees the last commit, so the entry may be what accepting this has made of it.
    await session.refresh(found.suggestion)
    require_pending(found.suggestion)
    return found


def is_author(actor: Actor, suggestion: Suggestion) -> bool:
    """Say whether it is the actor's own."""
    return may(actor, Action.AMEND, Thing(owner=suggestion.author_key))


def require_author(actor: Actor, suggestion: Suggestion) -> None:
    """Do nothing where it is the actor's own. Raises NotSignedIn or NotAllowed."""
    require(actor, Action.AMEND, Thing(owner=suggestion.author_key))


async def _decide(
    session: WriteSession,
    actor: Actor,
    suggestion: Suggestion,
    status: SuggestionStatus,
    **more: str | int | None,
) -> None:
    values = {"status": status, "decided_by": actor.name, "decided_at": clock.now()} | more
    if not await repository.decide(session, suggestion, values):
        await session.refresh(suggestion)
        require_pending(suggestion)
    await session.refresh(suggestion)
    if status in _RECORDED:
        audit.record(session, _RECORDED[status], actor.name, str(suggestion.id))


def require_pending(suggestion: Suggestion) -> None:
    """Do nothing where it waits. Raises Conflict."""
    if suggestion.status == SuggestionStatus.SUPERSEDED:
        raise Conflict(f"This suggestion is superseded: {suggestion.reason}")
    if suggestion.status != SuggestionStatus.PENDING:
        raise Conflict(f"{suggestion.decided_by} has {suggestion.status} this suggestion already.")


def _require_version(suggestion: Suggestion, version: int | None) -> None:
    if version is not None and version != suggestion.version:
        raise Conflict("Its author has edited this suggestion. Nothing was decided; look again.")
