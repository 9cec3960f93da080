"""Changes to an index; run in a worker process, by one process at a time."""

from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from tantivy import Document as Stored
from tantivy import Index

from kb.errors import Busy
from kb.search.batches import coalesced, spooled
from kb.search.engine import Document
from kb.search.tantivy.schema import SCHEMA, stored
from kb.search.tantivy.snapshot import current, opened, panics_told

_HEAP_BYTES = 32_000_000
_BUILD_BYTES = 128_000_000
"""Postings that wait in memory, of a batch and of all entries; more become a segment of their own.
20,000 entries are one, which is searched in two thirds of the time that three take."""


def create(folder: Path) -> None:
    """Make a new, empty index in `folder`."""
    Index(SCHEMA, path=str(folder), reuse=False)


def apply(root: Path, upserts: Sequence[Document], deletes: Sequence[int]) -> None:
    """Commit the upserts and deletes, all or nothing; the last of several upserts counts.

    Raises IndexUnavailable where the index cannot be read, Busy where another process writes,
    TypeError or ValueError where a document holds what it should not.
    """
    wanted, replaced = coalesced(upserts, deletes)
    # Before the writer is opened, so that a value it cannot take is no damage to the index.
    added = list(stored(wanted))
    _write(current(root), added, replaced, _HEAP_BYTES)


def build(folder: Path, file: Path) -> None:
    """Index every document that is spooled in `file` into the new index in `folder`."""
    _write(folder, chain.from_iterable(map(stored, spooled(file))), set(), _BUILD_BYTES)


def _write(folder: Path, added: Iterable[Stored], replaced: set[int], heap_bytes: int) -> None:
    index = opened(folder)
    try:
        # One thread: several would make several segments of a batch.
        writer = index.writer(heap_bytes, 1)
    except ValueError as error:
        # That of a server that was killed may still be at its last batch.
        raise Busy("Another process is writing to the search index.") from error
    # Any other error is told as it is: a full disk is no damage, and to build anew would not help.
    with panics_told():
        # A commit that was killed has left files by names that this one would choose as well.
        writer.garbage_collect_files()
        for number in replaced:
            writer.delete_documents_by_term("id", number)
        for one in added:
            writer.add_document(one)
        writer.commit()
        writer.wait_merging_threads()
