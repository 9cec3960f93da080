"""Archiving entries and bringing them back."""

from collections.abc import Sequence

from kb import clock
from kb.accounts import audit
from kb.accounts.audit import Event
from kb.accounts.policy import Action, Actor, require
from kb.archive import repository
from kb.archive.schemas import NewArchival
from kb.db.database import Database, ReadSession, WriteSession
from kb.entries import repository as entries_repository
from kb.entries import service as entries
from kb.entries.files import format_entry_file
from kb.entries.records import ArchivedMark
from kb.errors import Archived, Conflict
from kb.executor import Executor
from kb.models import Archival, Entry
from kb.screening.remarks import require_fit


async def archival_of(session: ReadSession, entry: Entry) -> Archival | None:
    """Return why and by whom the entry is archived; None where it is not."""
    return await repository.in_force(session, entry.id)


async def file_of(session: ReadSession, entry: Entry) -> str:
    """Return the entry's file, as an export would write it; that of an archived one says so."""
    archival = await archival_of(session, entry)
    return format_entry_file(entries.record_of(entry, mark_of(archival) if archival else None))


def mark_of(archival: Archival) -> ArchivedMark:
    """Return what an export says about an archived entry."""
    return ArchivedMark.model_construct(
        reason=archival.reason,
        archived_by=archival.archived_by,
        archived_at=archival.archived_at,
    )


async def marks(session: ReadSession, entry_ids: Sequence[int]) -> dict[int, ArchivedMark]:
    """Return, by id, why, by whom and when those of the entries that are archived were."""
    found = await repository.all_in_force(session, entry_ids)
    return {archival.entry_id: mark_of(archival) for archival in found}


def refusal(mark: ArchivedMark) -> Archived:
    """Return the error for somebody who would change an archived entry."""
    return Archived(
        f"{mark.archived_by} has archived this entry: “{mark.reason}” "
        "Nothing was changed; a maintainer can restore the entry."
    )


async def require_live(session: ReadSession, entry: Entry) -> None:
    """Do nothing where the entry is not archived.

    Raises:
        Archived: it is; nothing about it changes until it is restored.
    """
    archival = await archival_of(session, entry)
    if archival is not None:
        raise refusal(mark_of(archival))


async def archive(
    database: Database, executor: Executor, actor: Actor, slug: str, new: NewArchival
) -> Archival:
    """Take the entry out of lists, counts and search; its page and its history stay.

    Raises:
        Invalid: the reason holds what must not stand unseen.
        NotFound: there is no such entry.
        Archived: it is archived already.
    """
    require(actor, Action.ARCHIVE)
    await require_fit(executor, reason=new.reason)
    async with database.write() as session:
        entry = await entries.get(session, actor, slug)
        await require_live(session, entry)
        archival = Archival(
            entry_id=entry.id, reason=new.reason, archived_by=actor.name, archived_at=clock.now()
        )
        session.add(archival)
        audit.record(session, Event.ENTRY_ARCHIVED, actor.name, entry.slug, reason=new.reason)
        await entries_repository.note_change(session, entry)
    return archival


async def restore(session: WriteSession, actor: Actor, slug: str) -> Entry:
    """Bring an archived entry back to where it was.

    Raises:
        NotFound: there is no such entry.
        Conflict: it is not archived.
    """
    require(actor, Action.ARCHIVE)
    entry = await entries.get(session, actor, slug)
    archival = await archival_of(session, entry)
    if archival is None:
        raise Conflict("This entry is not archived. Nothing was changed.")
    await repository.end(session, archival, actor.name, clock.now())
    audit.record(session, Event.ENTRY_RESTORED, actor.name, entry.slug)
    await entries_repository.note_change(session, entry)
    return entry
