"""One committed state of an index, opened for searching by any number of threads."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock

from tantivy import Index, Query

from kb.search import folders
from kb.search.correction import Vocabulary
from kb.search.engine import IndexUnavailable
from kb.search.folders import DAMAGED
from kb.search.tantivy.schema import SCHEMA, version

_KNOWN_FREQUENCIES = 20_000

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


def generation(root: Path) -> str:
    """Return what names the state that was committed last. Raises IndexUnavailable."""
    return _generation(current(root))


def _generation(folder: Path) -> str:
    try:
        commit = json.loads((folder / "meta.json").read_bytes())["opstamp"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise IndexUnavailable(DAMAGED) from error
    return f"{folder.name}.{commit}"


class Snapshot:
    """What a search reads."""

    def __init__(self, index: Index, generation: str) -> None:
        """Take the state that `index` has loaded."""
        self.generation = generation
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
            # What is deleted counts for tantivy until segments are merged; here it must not.
            one = Query.term_query(SCHEMA, field, term, "basic")
            known = self.count(one) if self.searcher.doc_freq(field, term) else 0
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


class Snapshots:
    """The last committed state of the index under a root, opened once for all threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = Lock()
        self._open: tuple[Path, Index, Snapshot] | None = None

    def current(self) -> Snapshot:
        """Return the current state. Raises IndexUnavailable where there is none to read."""
        folder = current(self._root)
        # Read first: a commit in between makes a state look old, never new.
        generation = _generation(folder)
        known = self._open
        if known and known[2].generation == generation:
            return known[2]
        with self._lock, damage_told():
            index = known[1] if known and known[0] == folder else opened(folder)
            index.reload()
            found = Snapshot(index, generation)
            self._open = folder, index, found
            return found
