"""What somebody may be about to type; run in a worker process."""

from collections import defaultdict
from pathlib import Path

from tantivy import Occur, Query

from kb.search.analysis import fold
from kb.search.engine import MAX_OF_A_KIND, Completion
from kb.search.tantivy.queries import all_of, worth
from kb.search.tantivy.schema import BEGINNING, SCHEMA, SPELT
from kb.search.tantivy.snapshot import Snapshot, damage_told, snapshot

_LOOKED_AT = 100
"""Identifiers and titles, of those that would do, that are put in order."""


def complete(root: Path, text: str, limit: int) -> tuple[Completion, ...]:
    """Return at most `limit` completions of `text` from the index under `root`.

    A tag or an identifier begins with `text`; a title has it at the beginning of a word, or all
    of its words as beginnings of words.
    """
    state, typed = snapshot(root), " ".join(fold(text).split())
    if not typed:
        return ()
    with damage_told():
        tags = [Completion("tag", tag) for tag, _ in state.prefixed("tag", typed, MAX_OF_A_KIND)]
        return (*tags, *_identifiers(state, typed), *_titles(state, typed, limit))[:limit]


def _identifiers(state: Snapshot, typed: str) -> list[Completion]:
    """Return the identifiers most used that begin as typed, each in its most usual spelling."""
    spellings: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for found, number in state.prefixed("names", typed, _LOOKED_AT):
        name, _, spelling = found.partition(SPELT)
        spellings[name].append((spelling, number))
    used = {name: -sum(number for _, number in some) for name, some in spellings.items()}
    best = sorted(spellings, key=lambda name: (used[name], name))[:MAX_OF_A_KIND]
    return [Completion("identifier", max(spellings[name], key=_number)[0]) for name in best]


def _number(one: tuple[str, int]) -> int:
    return one[1]


def _titles(state: Snapshot, typed: str, limit: int) -> list[Completion]:
    """Return the titles that have what was typed: from their beginning, in them, word by word."""
    words = typed.split()
    query = Query.boolean_query(
        [
            (Occur.Must, worth(0, all_of([_beginning(word) for word in words]))),
            (Occur.Should, worth(1, _in_order(words))),
            (Occur.Should, worth(1, _in_order([BEGINNING, *words]))),
        ]
    )
    hits = state.searcher.search(query, limit=max(limit, _LOOKED_AT), count=False).hits
    ids = state.searcher.fast_field_values("id", [address for _, address in hits])
    ordered = sorted(zip(hits, ids, strict=True), key=lambda one: (-one[0][0], one[1]))
    return [
        Completion("title", state.searcher.doc(address)["title"][0], number)
        for (_, address), number in ordered[:limit]
    ]


def _beginning(word: str) -> Query:
    return Query.fuzzy_term_query(SCHEMA, "beginnings", word, distance=0, prefix=True)


def _in_order(words: list[str]) -> Query:
    if len(words) == 1:
        return _beginning(words[0])
    return Query.phrase_prefix_query(SCHEMA, "beginnings", words)
