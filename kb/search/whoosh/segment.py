"""What is read of a segment once: it never changes, but that documents of it are deleted."""

from typing import Any

from kb.search.terms import Record

RANKED = ("text", "pairs")
"""The fields that score, each by its own length."""

Stored = tuple[Record, tuple[int, ...], bytes]


def stored_of(leaf: Any) -> dict[int, Stored]:
    """Read what is stored of each document of a segment, and the length of its text."""
    found = {}
    for number in leaf.all_doc_ids():
        stored = leaf.stored_fields(number)
        lengths = tuple(leaf.doc_field_length(number, field) or 0 for field in RANKED)
        found[number] = Record(*stored["record"]), lengths, stored["meaning"]
    return found


def words_of(leaf: Any) -> dict[str, int]:
    """Return how many documents of a segment have each of its words."""
    return {term.decode(): leaf.doc_frequency("words", term) for term in leaf.lexicon("words")}
