"""One committed state of an index, opened for searching.

What every search needs is read once and kept: who is filtered by what, how long each text is, the
postings of the terms asked for. Documents are known by Whoosh's numbers in here, from 0 without
holes except for those deleted.
"""

from array import array
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice, takewhile
from pathlib import Path
from threading import local
from typing import Any, NamedTuple, TypeVar
from weakref import finalize

from kb.search.analysis import fold
from kb.search.correction import Vocabulary
from kb.search.engine import FACETS, IndexUnavailable
from kb.search.folders import DAMAGED
from kb.search.terms import Record, beginnings
from kb.search.weights import K1, B, rarity
from kb.search.whoosh import store
from kb.search.whoosh.segment import RANKED, Stored, stored_of, words_of

T = TypeVar("T")

_CACHED_TERMS = 4_000
_OPEN_INDEXES = 4


class Postings(NamedTuple):
    """Where a term occurs and what it adds to the score of each; `rarity` is its weight."""

    documents: Sequence[int]
    scores: Sequence[float]
    rarity: float

    def scaled(self, weight: float) -> "Postings":
        """Return the same, counting for `weight` as much."""
        scores = array("f", (weight * score for score in self.scores))
        return Postings(self.documents, scores, weight * self.rarity)


class Snapshot:
    """What a search reads. Not for use by two threads at once: Whoosh's readers are not."""

    def __init__(self, folder: Path, before: "Snapshot | None" = None) -> None:
        """Open the last commit in `folder`; what `before` has read of it is not read again.

        Raises IndexUnavailable where the index is damaged.
        """
        index = store.opened(folder)
        self.folder = folder
        try:
            # Read first: a commit in between makes this state look old, never new.
            self._commit = index.latest_generation()
            self._contents = store.contents_file(folder, self._commit)
            self._next_contents = store.contents_file(folder, self._commit + 1)
            self._reader = index.reader()
            # A thread that ends drops its snapshots without closing them.
            self.close = finalize(self, self._reader.close)
            self._load(before.segments if before else {})
            self.words: dict[str, dict[str, int]] = before.words if before else {}
        except Exception as error:
            raise IndexUnavailable(DAMAGED) from error

    def _load(self, known: dict[str, dict[int, Stored]]) -> None:
        leaves = self._reader.leaf_readers() if self._reader.doc_count_all() else ()
        self._leaves: list[tuple[Any, int]] = list(leaves)
        self.segments: dict[str, dict[int, Stored]] = {}
        self.records: dict[int, Record] = {}
        self.meanings: dict[int, bytes] = {}
        lengths = {field: array("f", bytes(4 * self._reader.doc_count_all())) for field in RANKED}
        for leaf, base in self._leaves:
            name = leaf.segment().segment_id()
            # A segment never changes, but that documents of it are deleted.
            entries = self.segments[name] = known.get(name) or stored_of(leaf)
            for number in leaf.all_doc_ids():
                record, of_fields, meaning = entries[number]
                self.records[base + number] = record
                self.meanings[base + number] = meaning
                for field, length in zip(RANKED, of_fields, strict=True):
                    lengths[field][base + number] = length
        self._norms = {field: self._norms_of(lengths[field]) for field in RANKED}
        self._postings: OrderedDict[tuple[str, str], Postings] = OrderedDict()
        self._frequencies: dict[tuple[str, str], int] = {}

    def _norms_of(self, lengths: "array[float]") -> "array[float]":
        average = sum(lengths) / max(len(self.records), 1) or 1.0
        return array("f", (K1 * (1 - B + B * length / average) for length in lengths))

    @property
    def generation(self) -> str:
        """What names this state."""
        return store.generation_name(self.folder, self._commit)

    def is_current(self) -> bool:
        """Return whether nothing was committed since.

        Asked of two files, without a look through the folder: a commit writes the next table of
        contents and then removes all before.
        """
        return self._contents.exists() and not self._next_contents.exists()

    @cached_property
    def with_value(self) -> dict[str, dict[str, set[int]]]:
        """The documents with each value of each field that filters, by field and value."""
        found: dict[str, dict[str, set[int]]] = {}
        for name in (*FACETS, "author"):
            by_value = found[name] = defaultdict(set)
            for number, record in self.records.items():
                for value in getattr(record, name):
                    by_value[value].add(number)
        return found

    @cached_property
    def everything(self) -> frozenset[int]:
        """All documents."""
        return frozenset(self.records)

    @cached_property
    def columns(self) -> dict[str, list[tuple[str, ...]]]:
        """The values of each facet by the document's number, to be counted without a loop."""
        size = max(self.records, default=-1) + 1
        found: dict[str, list[tuple[str, ...]]] = {name: [()] * size for name in FACETS}
        for number, record in self.records.items():
            for name, column in found.items():
                column[number] = getattr(record, name)
        return found

    @cached_property
    def titles(self) -> dict[int, str]:
        """The title of each document, folded, with a space before each of its words."""
        return {
            number: " " + " ".join(beginnings(record.title))
            for number, record in self.records.items()
        }

    @cached_property
    def tags(self) -> dict[str, Counter[str]]:
        """How often each tag is used, by the tag."""
        counts = ((tag, len(having)) for tag, having in self.with_value["tag"].items())
        return {tag: Counter({tag: count}) for tag, count in counts}

    @cached_property
    def names(self) -> dict[str, Counter[str]]:
        """How often each identifier is spelt how, by the identifier folded."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for record in self.records.values():
            for name in record.names:
                found[fold(name)][name] += 1
        return found

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of all entries, not stemmed; those of entries deleted a while ago too."""
        segments = {leaf.segment().segment_id(): leaf for leaf, _ in self._leaves}
        self.words = {
            name: self.words.get(name) or words_of(leaf) for name, leaf in segments.items()
        }
        together: Counter[str] = Counter()
        for words in self.words.values():
            together.update(words)
        return Vocabulary(together)

    def frequency(self, field: str, term: str) -> int:
        """Return how many documents have `term`; those deleted a while ago may count."""
        key = field, term
        if key not in self._frequencies:
            if len(self._frequencies) >= _CACHED_TERMS:
                self._frequencies.clear()
            self._frequencies[key] = sum(leaf.doc_frequency(*key) for leaf, _ in self._leaves)
        return self._frequencies[key]

    def postings(self, field: str, term: str) -> Postings | None:
        """Return where `term` occurs, None where it does not."""
        return self.kept((field, term), lambda: self.together(field, [term]))

    def kept(self, key: tuple[str, str], make: Callable[[], Postings | None]) -> Postings | None:
        """Return the postings kept under `key`; made, where there are none."""
        if key in self._postings:
            self._postings.move_to_end(key)
            return self._postings[key]
        found = make()
        if found:  # of what does not occur there is no end
            self._postings[key] = found
            if len(self._postings) > _CACHED_TERMS:
                self._postings.popitem(last=False)
        return found

    def prefixed(self, prefix: str, limit: int) -> list[str]:
        """Return the first `limit` words, not stemmed, that start with `prefix`."""
        found: set[str] = set()
        for leaf, _ in self._leaves:
            words = (
                term.decode()
                for field, term in leaf.terms_from("words", prefix)
                if field == "words"
            )
            found.update(islice(takewhile(lambda word: word.startswith(prefix), words), limit))
        return sorted(found)[:limit]

    def places(self, field: str, term: str, documents: set[int]) -> dict[int, set[int]]:
        """Return the positions of `term` in those of `documents` that have it."""
        found = {}
        for number, positions in self._occurrences(field, term, _positions):
            if number in documents:
                found[number] = set(positions)
        return found

    def together(self, field: str, terms: Iterable[str]) -> Postings | None:
        """Return the postings of `terms` as if they were one term, scored by BM25."""
        weights: dict[int, float] = defaultdict(float)
        for term in terms:
            for number, weight in self._occurrences(field, term, _weight):
                weights[number] += weight
        if not weights:
            return None
        norms = self._norms.get(field) or self._norms["text"]
        rare = rarity(len(self.records), len(weights))
        scale = rare * (K1 + 1)
        return Postings(
            array("I", weights),
            array("f", (scale * w / (w + norms[number]) for number, w in weights.items())),
            rare,
        )

    def _occurrences(
        self, field: str, term: str, read: Callable[[Any], T]
    ) -> Iterator[tuple[int, T]]:
        """Yield each document that has `term`, and what `read` says of it there."""
        try:
            for leaf, base in self._leaves:
                if (field, term) in leaf:
                    matcher = leaf.postings(field, term)
                    while matcher.is_active():
                        yield base + matcher.id(), read(matcher)
                        matcher.next()
        except Exception as error:
            raise IndexUnavailable(DAMAGED) from error


def _weight(matcher: Any) -> float:
    return float(matcher.weight())


def _positions(matcher: Any) -> list[int]:
    return list(matcher.value_as("positions"))


_open = local()


def snapshot(root: Path) -> Snapshot:
    """Return the current state of the index under `root`, from this thread's open ones.

    Raises IndexUnavailable where there is none that can be read.
    """
    if not hasattr(_open, "snapshots"):
        _open.snapshots = OrderedDict()
    snapshots: OrderedDict[Path, Snapshot] = _open.snapshots
    folder = store.current(root)
    known = snapshots.pop(root, None)
    if known is None or known.folder != folder or not known.is_current():
        before, known = known, Snapshot(folder, known)
        if before is not None:
            before.close()
    snapshots[root] = known
    if len(snapshots) > _OPEN_INDEXES:
        snapshots.popitem(last=False)[1].close()
    return known
