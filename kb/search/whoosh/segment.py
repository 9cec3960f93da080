"""What is read of a segment once: it never changes, but that documents of it are deleted."""

from sys import intern
from typing import Any

from kb.search.engine import FACETS
from kb.search.terms import Record

RANKED = ("text", "pairs")
"""The fields that score, each by its own length."""

VALUES = (*FACETS, "author")
"""What many records have the same of."""

Stored = tuple[Record, tuple[int, ...], bytes]


def stored_of(leaf: Any) -> dict[int, Stored]:
    """Read what is stored of each document of a segment, and the length of its text."""
    found = {}
    alike: dict[tuple[str, ...], tuple[str, ...]] = {}
    for number in leaf.all_doc_ids():
        stored = leaf.stored_fields(number)
        lengths = tuple(leaf.doc_field_length(number, field) or 0 for field in RANKED)
        found[number] = _shared(Record(*stored["record"]), alike), lengths, stored["meaning"]
    return found


def _shared(record: Record, alike: dict[tuple[str, ...], tuple[str, ...]]) -> Record:
    """Return the same, values that many have as one object: less to keep, quicker to count."""
    shared: dict[str, Any] = {}
    for name in VALUES:
        values: tuple[str, ...] = getattr(record, name)
        shared[name] = alike.setdefault(values, tuple(map(intern, values)))
    return record._replace(**shared)


def words_of(leaf: Any) -> dict[str, int]:
    """Return how many documents of a segment have each of its words."""
    return {term.decode(): leaf.doc_frequency("words", term) for term in leaf.lexicon("words")}
