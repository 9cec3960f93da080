"""Changes to an index; run in a worker process, by one process at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

from whoosh.index import LockError

from kb.errors import Busy
from kb.search.batches import coalesced, spooled
from kb.search.engine import Document, IndexUnavailable
from kb.search.folders import DAMAGED
from kb.search.whoosh import store
from kb.search.whoosh.merging import merge_some
from kb.search.whoosh.schema import fields_of
from kb.search.whoosh.snapshot import snapshot

_LOCK_SECONDS = 5.0
_POOL_MB = 16
"""Postings, as Whoosh counts them, that wait in memory to be sorted; more go to a file."""


def apply(root: Path, upserts: Sequence[Document], deletes: Sequence[int]) -> None:
    """Commit the upserts and deletes, all or nothing; the last of several upserts counts.

    Raises IndexUnavailable where the index cannot be read, Busy where another process writes,
    TypeError or ValueError where a document holds what it should not.
    """
    # Whoosh keeps both of two documents added with one id in a batch, and the document of an id
    # added and then deleted: so each id comes once, and is deleted before it is added.
    wanted, replaced = coalesced(upserts, deletes)
    # Before the writer is opened: a value it cannot take leaves it unusable.
    added = list(fields_of(wanted))
    snapshot(root)
    _write(store.current(root), added, replaced)


def build(folder: Path, file: Path) -> None:
    """Index every document that is spooled in `file` into the new index in `folder`."""
    _write(folder, chain.from_iterable(map(fields_of, spooled(file))), set())


def _write(folder: Path, added: Any, replaced: set[int]) -> None:
    try:
        # compound=True, the default, has every reader copy all postings into memory.
        writer = store.opened(folder).writer(
            compound=False, timeout=_LOCK_SECONDS, limitmb=_POOL_MB
        )
    except LockError as error:
        raise Busy("Another process is writing to the search index.") from error
    try:
        with _damage_told():
            for number in replaced:
                writer.delete_by_term("id", str(number))
        for fields in added:
            writer.add_document(**fields)
        with _damage_told():
            writer.commit(mergetype=merge_some)
    except BaseException:
        # A commit that failed has closed some of its files already.
        with suppress(Exception):
            writer.cancel()
        raise


@contextmanager
def _damage_told() -> Iterator[None]:
    """Turn what Whoosh raises over files that it cannot read into IndexUnavailable.

    What the system refuses is told as it is: a full disk is no damage, and to build anew would not
    help.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise IndexUnavailable(DAMAGED) from error
    except (OSError, MemoryError):
        raise
    except Exception as error:
        raise IndexUnavailable(DAMAGED) from error
