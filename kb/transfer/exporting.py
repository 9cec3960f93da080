"""The knowledge base as records: everything needed to build it again as it is now.

Archived entries stay behind: their files would come back to life wherever they are imported.
"""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import BinaryIO

from kb.accounts.policy import Action, Actor, require
from kb.db.database import ReadSession
from kb.entries import repository as entries_repository
from kb.entries import service as entries
from kb.entries.files import format_entry_file
from kb.entries.records import EntryRecord, format_record

BATCH = 100
"""Entries in memory at a time."""


async def export_records(session: ReadSession, actor: Actor) -> AsyncIterator[list[EntryRecord]]:
    """Yield every entry's record, in order of creation, in batches."""
    require(actor, Action.READ)
    ids = await entries_repository.all_ids(session)
    for start in range(0, len(ids), BATCH):
        found = await entries_repository.by_ids(session, ids[start : start + BATCH])
        yield [entries.record_of(entry) for entry in sorted(found, key=lambda entry: entry.id)]
        session.expunge_all()


def write_entry_files(folder: Path, records: Sequence[EntryRecord]) -> None:
    """Write each record to the file named after its slug. Blocks: run it in a thread."""
    for record in records:
        text = format_entry_file(record)
        (folder / f"{record.slug}.md").write_text(text, encoding="utf-8", newline="\n")


def write_ndjson(file: BinaryIO, records: Sequence[EntryRecord]) -> None:
    """Write the records as lines of JSON. Blocks: run it in a thread."""
    file.write("".join(format_record(record) + "\n" for record in records).encode())
