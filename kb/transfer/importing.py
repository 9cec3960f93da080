"""Records into the knowledge base, by slug: created, updated, unchanged, or rejected."""

import hashlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy.exc import OperationalError

from kb.accounts.policy import Action, Actor, require
from kb.archive import service as archive
from kb.db.database import Database, ReadSession, WriteSession
from kb.entries import repository as entries_repository
from kb.entries import service as entries
from kb.entries.records import EntryRecord
from kb.entries.schemas import EntryContent
from kb.entries.slugs import slug_beginning
from kb.errors import Archived
from kb.executor import Executor
from kb.models import Entry, RevisionKind
from kb.revisions import service as revisions
from kb.revisions.service import Change
from kb.transfer.reading import Item, Located, Reader, Reject

BATCH = 100
"""Records a write transaction takes in: other writers wait for no more than that."""

SUMMARY = "Imported"

_log = logging.getLogger(__name__)


class Status(StrEnum):
    """What became of a record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record; `reject` says where it stood and why it was refused."""

    status: Status
    reject: Reject | None = None


async def import_records(
    database: Database, executor: Executor, actor: Actor, reader: Reader
) -> AsyncIterator[list[Outcome]]:
    """Take in what the reader reads; yield what became of each batch once it is committed.

    Raises:
        OperationalError: the database refuses to be written. The batches yielded are in it.
    """
    require(actor, Action.EDIT)
    while items := await executor.io(reader.take, BATCH):
        async with database.write() as session:
            outcomes = [await _take_in(session, actor, item) for item in items]
        yield outcomes


async def rehearse(
    database: Database, executor: Executor, actor: Actor, reader: Reader
) -> AsyncIterator[list[Outcome]]:
    """Yield what `import_records` would, writing nothing, so that no other writer has to wait."""
    require(actor, Action.EDIT)
    seen: dict[str, bytes] = {}
    while items := await executor.io(reader.take, BATCH):
        async with database.read() as session:
            yield [await _foresee(session, seen, item) for item in items]


async def _take_in(session: WriteSession, actor: Actor, item: Item) -> Outcome:
    if isinstance(item, Reject):
        return Outcome(Status.REJECTED, item)
    try:
        async with session.begin_nested():
            return Outcome(await _apply(session, actor, item.record))
    except Archived as error:
        return Outcome(Status.REJECTED, Reject(item.file, item.line, error.detail))
    except OperationalError:
        raise  # the database itself is in trouble: the other records would fare no better
    except Exception as error:  # noqa: BLE001 (logged and told; its savepoint is rolled back)
        _log.exception("A record could not be imported")
        return Outcome(Status.REJECTED, _unexpected(item, error))


async def _apply(session: WriteSession, actor: Actor, record: EntryRecord) -> Status:
    """Create or revise the record's entry, unless that would change nothing."""
    entry = await _entry_of(session, record)
    if entry and entries.content_of(entry) == record.content:
        return Status.UNCHANGED
    change = Change(
        content=record.content,
        author=record.submitted_by or actor.name,
        summary=SUMMARY,
        kind=RevisionKind.IMPORT,
    )
    if entry:
        await revisions.apply(session, entry, replace(change, base=entry.revision))
        return Status.UPDATED
    # What the record holds came about when it was last updated; its entry may be older.
    at = record.updated_at or record.created_at or change.at
    created_at = record.created_at or at
    await revisions.create(session, replace(change, at=at), slug=record.slug, created_at=created_at)
    return Status.CREATED


async def _foresee(session: ReadSession, seen: dict[str, bytes], item: Item) -> Outcome:
    """Return what would become of an item, after those whose contents were `seen` by name."""
    if isinstance(item, Reject):
        return Outcome(Status.REJECTED, item)
    entry = await _entry_of(session, item.record)
    name = entry.slug if entry else item.record.slug or item.record.content.title
    if name not in seen and entry:
        seen[name] = _digest(entries.content_of(entry))
    before, after = seen.get(name), _digest(item.record.content)
    if before == after:
        return Outcome(Status.UNCHANGED)
    try:
        if entry:
            await archive.require_live(session, entry)
    except Archived as error:
        return Outcome(Status.REJECTED, Reject(item.file, item.line, error.detail))
    seen[name] = after
    return Outcome(Status.UPDATED if before else Status.CREATED)


async def _entry_of(session: ReadSession, record: EntryRecord) -> Entry | None:
    """Return the entry that the record is about: by its slug, or by its title if it has none."""
    if record.slug:
        return await entries_repository.by_slug(session, record.slug)
    title = record.content.title
    return await entries_repository.by_title(session, title, slug_beginning(title))


def _digest(content: EntryContent) -> bytes:
    return hashlib.sha256(content.model_dump_json().encode()).digest()


def _unexpected(item: Located, error: Exception) -> Reject:
    reason = f"an unexpected {type(error).__name__}, which has been logged: {error}"
    return Reject(item.file, item.line, reason)
