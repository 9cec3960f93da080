"""Proposals: applied at once where the actor may edit, else kept as suggestions for a review."""

from dataclasses import dataclass

from kb import clock
from kb.accounts.policy import Action, Actor, may, require
from kb.db.database import ReadSession, WriteSession
from kb.entries import repository as entries_repository
from kb.entries import service as entries
from kb.entries.schemas import CONTROL, EntryContent
from kb.errors import Conflict, FieldError, Invalid, NotFound
from kb.models import Entry, Revision, RevisionKind, Suggestion, SuggestionStatus
from kb.review import repository
from kb.revisions import service as revisions
from kb.revisions.service import Change

MAX_SUMMARY = 300


@dataclass(frozen=True, slots=True)
class Waiting:
    """A suggestion and the entry it is about, if that exists yet."""

    suggestion: Suggestion
    entry: Entry | None

    @property
    def content(self) -> EntryContent:
        """What is suggested."""
        return EntryContent.stored(self.suggestion.content)


async def propose_entry(
    session: WriteSession, actor: Actor, content: EntryContent, summary: str = ""
) -> Entry | Suggestion:
    """Create an entry, or suggest it where the actor may only suggest."""
    summary = _checked(summary) or "Created"
    if may(actor, Action.EDIT):
        return await revisions.create(
            session, Change(content, actor.name, summary, RevisionKind.CREATE)
        )
    return await _suggest(session, actor, content, summary, entry=None, base=None)


async def propose_revision(
    session: WriteSession,
    actor: Actor,
    slug: str,
    *,
    base: int,
    content: EntryContent,
    summary: str = "",
) -> Revision | Suggestion:
    """Revise an entry, or suggest the revision where the actor may only suggest.

    Raises:
        NotFound: there is no such entry.
        StaleBase: the entry has moved on since `base`.
        Invalid: the base never existed, nothing would change, or the summary is too long.
    """
    entry = await entries.get(session, actor, slug)
    change = Change(content, actor.name, _checked(summary), RevisionKind.EDIT, base)
    if may(actor, Action.EDIT):
        return await revisions.apply(session, entry, change)
    await revisions.check(session, entry, base, content)
    return await _suggest(session, actor, content, change.summary, entry=entry, base=base)


async def propose_restore(session: WriteSession, actor: Actor, slug: str, number: int) -> Revision:
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
    return await revisions.apply(session, entry, change)


async def waiting(session: ReadSession, actor: Actor) -> list[Waiting]:
    """Return the suggestions that wait for a review, the oldest first."""
    require(actor, Action.READ)
    suggestions = await repository.pending(session)
    ids = {one.entry_id for one in suggestions if one.entry_id is not None}
    about = await entries_repository.even_archived(session, list(ids))
    found = {entry.id: entry for entry in about}
    return [Waiting(one, found.get(one.entry_id or 0)) for one in suggestions]


async def count_waiting(session: ReadSession, actor: Actor, entry: Entry | None = None) -> int:
    """Return how many suggestions wait: of all, or about one entry."""
    require(actor, Action.READ)
    return await repository.count_pending(session, entry.id if entry else None)


async def get(session: ReadSession, actor: Actor, suggestion_id: int) -> Waiting:
    """Return one suggestion, decided or not. Raises NotFound."""
    require(actor, Action.READ)
    suggestion = await repository.get(session, suggestion_id)
    if suggestion is None:
        raise NotFound(f"There is no suggestion {suggestion_id}.")
    if suggestion.entry_id is None:
        return Waiting(suggestion, None)
    return Waiting(suggestion, await entries_repository.by_id(session, suggestion.entry_id))


async def accept(session: WriteSession, actor: Actor, suggestion_id: int) -> Entry:
    """Apply a suggestion, in its author's name; return the entry as it is then.

    Raises:
        Conflict: it was decided already.
        StaleBase: the entry has moved on since the suggestion was made.
    """
    require(actor, Action.REVIEW)
    found = await get(session, actor, suggestion_id)
    suggestion, entry = found.suggestion, found.entry
    _require_pending(suggestion)
    kind = RevisionKind.EDIT if entry else RevisionKind.CREATE
    change = Change(found.content, suggestion.author, suggestion.summary, kind, suggestion.base)
    if entry:
        await revisions.apply(session, entry, change)
    else:
        entry = await revisions.create(session, change)
    await _decide(session, actor, suggestion, SuggestionStatus.ACCEPTED, entry_id=entry.id)
    return entry


async def reject(
    session: WriteSession, actor: Actor, suggestion_id: int, reason: str = ""
) -> Suggestion:
    """Decide against a suggestion. Raises Conflict where it was decided already."""
    require(actor, Action.REVIEW)
    suggestion = (await get(session, actor, suggestion_id)).suggestion
    _require_pending(suggestion)
    reason = _checked(reason, "reason")
    await _decide(session, actor, suggestion, SuggestionStatus.REJECTED, reason=reason or None)
    return suggestion


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
        summary=summary,
        created_at=clock.now(),
        content=content.model_dump(mode="json"),
    )
    session.add(suggestion)
    await session.flush()
    return suggestion


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
        _require_pending(suggestion)
    await session.refresh(suggestion)


def _require_pending(suggestion: Suggestion) -> None:
    if suggestion.status != SuggestionStatus.PENDING:
        raise Conflict(f"{suggestion.decided_by} has {suggestion.status} this suggestion already.")


def _checked(text: str, field: str = "summary") -> str:
    """Return a summary or reason on one line. Raises Invalid where it is not fit to be kept."""
    text = " ".join(text.split())
    if len(text) > MAX_SUMMARY:
        message = f"may have at most {MAX_SUMMARY} characters"
    elif CONTROL.search(text):
        message = "contains a control character; remove it"
    else:
        return text
    raise Invalid(f"The {field} {message}.", (FieldError(field, message),))
