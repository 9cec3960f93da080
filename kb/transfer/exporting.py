"""The knowledge base as records: everything needed to build its entries again."""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any, BinaryIO

from sqlalchemy import Row

from kb.accounts.policy import Action, Actor, require
from kb.archive import service as archive
from kb.db.database import Database
from kb.entries import bulk
from kb.entries import service as entries
from kb.entries.records import EntryRecord, format_record
from kb.revisions import repository as revisions_repository
from kb.transfer.history import Record, RevisionRecord, format_revision, record_of

BATCH = 100
"""Records in memory at a time."""


def export_records(
    database: Database, actor: Actor, *, history: bool = False
) -> AsyncIterator[list[Record]]:
    """Yield every entry's record, in order of creation, in batches; archived ones say they are.

    With `history`, the records of an entry's revisions stand before its own, the oldest first.
    Each batch is what the last commit before it says; no connection is kept between them.

    Raises:
        NotSignedIn, NotAllowed: the actor may not read here.
    """
    require(actor, Action.READ)
    return _records(database, history=history)


async def _records(database: Database, *, history: bool) -> AsyncIterator[list[Record]]:
    last = 0
    while True:
        async with database.read() as session:
            rows = await bulk.after(session, last, BATCH)
            marks = await archive.marks(session, [row.id for row in rows]) if rows else {}
        if not rows:
            return
        last = rows[-1].id
        records = [entries.record_of(row, marks.get(row.id)) for row in rows]
        if history:
            async for batch in _with_histories(database, rows, records):
                yield batch
        else:
            yield list[Record](records)


async def _with_histories(
    database: Database, rows: Sequence[Row[Any]], records: Sequence[EntryRecord]
) -> AsyncIterator[list[Record]]:
    waiting = deque(zip(rows, records, strict=True))
    ids, place = [row.id for row in rows], (0, 0)
    while True:
        async with database.read() as session:
            page = await revisions_repository.page(session, ids, place, BATCH)
        batch: list[Record] = []
        for revision in page:
            while waiting[0][0].id < revision.entry_id:
                batch.append(waiting.popleft()[1])
            entry = waiting[0][0]
            if revision.number <= entry.revision:  # and not committed since the entry was read
                batch.append(record_of(revision, entry.slug))
        if len(page) < BATCH:
            yield batch + [record for _, record in waiting]
            return
        yield batch
        place = (page[-1].entry_id, page[-1].number)


def write_ndjson(file: BinaryIO, records: Sequence[Record]) -> None:
    """Write the records as lines of JSON. Blocks: run it in a thread."""
    file.write(to_ndjson(records))


def to_ndjson(records: Sequence[Record]) -> bytes:
    """Return the records as lines of JSON."""
    return "".join(_line(record) + "\n" for record in records).encode()


def _line(record: Record) -> str:
    if isinstance(record, RevisionRecord):
        return format_revision(record)
    return format_record(record)
