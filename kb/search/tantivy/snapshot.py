"""One committed state of an index, opened for searching; a process keeps it for all threads."""

import json
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from tantivy import Index, Query

from kb.search import folders
from kb.search.correction import Vocabulary
from kb.search.engine import IndexUnavailable
from kb.search.folders import DAMAGED
from kb.search.tantivy.schema import SCHEMA, version

_KNOWN_FREQUENCIES = 20_000
_OPEN_INDEXES = 4

# What Rust calls an error it has no name for; pyo3 gives it a class that cannot be imported.
_PANIC = "PanicException"


@contextmanager
def panics_told() -> Iterator[None]:
    """Turn a panic, which tantivy is in over files that it never wrote, into IndexUnavailable."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        raise IndexUnavailable(DAMAGED) from error


@contextmanager
def damage_told() -> Iterator[None]:
    """Turn what tantivy raises over files that it cannot read into IndexUnavailable."""
    try:
        with panics_told():
            yield
    except (OSError, ValueError) as error:
        raise IndexUnavailable(DAMAGED) from error


def current(root: Path) -> Path:
    """Return the current folder under `root`. Raises IndexUnavailable where there is none."""
    return folders.current(root, version())


def opened(folder: Path) -> Index:
    """Return the index in `folder`. Raises IndexUnavailable where it cannot be read."""
    with damage_told():
        index = Index.open(str(folder))
        # Not to have a thread of tantivy's own look for commits twice a second.
        index.config_reader("manual")
        return index


class _Commit(NamedTuple):
    """What names a commit, and whether entries that were deleted are still in its files."""

    generation: str
    has_deleted: bool


def generation(root: Path) -> str:
    """Return what names the state that was committed last. Raises IndexUnavailable."""
    folder = current(root)
    return _commit(folder, _written(folder)).generation


def _written(folder: Path) -> bytes:
    """Return what tantivy has written of the last commit in `folder`."""
    try:
        return (folder / "meta.json").read_bytes()
    except OSError as error:
        raise IndexUnavailable(DAMAGED) from error


def _commit(folder: Path, written: bytes) -> _Commit:
    try:
        commit = json.loads(written)
        has_deleted = any(segment["deletes"] for segment in commit["segments"])
        return _Commit(f"{folder.name}.{commit['opstamp']}", has_deleted)
    except (ValueError, TypeError, KeyError) as error:
        raise IndexUnavailable(DAMAGED) from error


class Snapshot:
    """What a search reads."""

    def __init__(self, index: Index, commit: _Commit) -> None:
        """Take the state that `index` has loaded."""
        self.generation, self._has_deleted = commit
        self.searcher = index.searcher()
        self.total: int = self.searcher.num_docs
        self._frequencies: dict[tuple[str, str], int] = {}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of all entries, not stemmed; those of entries deleted a while ago too."""
        return Vocabulary(dict(self.searcher.terms_with_prefix("words", "")))

    def frequency(self, field: str, term: str) -> int:
        """Return how many entries have `term`."""
        known = self._frequencies.get((field, term))
        if known is None:
            known = int(self.searcher.doc_freq(field, term))
            if known and self._has_deleted:
                # What is deleted counts for tantivy until segments are merged; here it must not.
                known = self.count(Query.term_query(SCHEMA, field, term, "basic"))
            if len(self._frequencies) >= _KNOWN_FREQUENCIES:
                self._frequencies.clear()
            self._frequencies[field, term] = known
        return known

    def count(self, query: Query) -> int:
        """Return how many entries `query` finds."""
        number: int = self.searcher.search(query, limit=1).count
        return number

    def prefixed(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return the terms that start with `prefix` and the entries of each, most first."""
        every = Query.all_query()
        found = self.searcher.terms_with_prefix(field, prefix, every, limit)
        return [(term, number) for term, number in found if number]


class _Open(NamedTuple):
    """The state of a commit, of which `written` stands in `folder`."""

    folder: Path
    written: bytes
    index: Index
    state: Snapshot


_open: OrderedDict[Path, _Open] = OrderedDict()
_lock = Lock()


def snapshot(root: Path) -> Snapshot:
    """Return the current state of the index under `root`, from this process's open ones.

    Raises IndexUnavailable where there is none that can be read.
    """
    folder = current(root)
    # Read first: a commit in between makes a state look old, never new.
    written = _written(folder)
    with _lock:
        known = _open.pop(root, None)
        if known is None or (known.folder, known.written) != (folder, written):
            known = _loaded(folder, written, known)
        _open[root] = known
        if len(_open) > _OPEN_INDEXES:
            _open.popitem(last=False)
        return known.state


def _loaded(folder: Path, written: bytes, before: _Open | None) -> _Open:
    commit = _commit(folder, written)
    with damage_told():
        index = before.index if before and before.folder == folder else opened(folder)
        index.reload()
        return _Open(folder, written, index, Snapshot(index, commit))
