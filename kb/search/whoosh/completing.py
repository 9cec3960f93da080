"""What somebody may be about to type; run in a worker process."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from kb.search.analysis import fold
from kb.search.engine import MAX_OF_A_KIND, Completion
from kb.search.whoosh.snapshot import Snapshot, snapshot


def complete(root: Path, text: str, limit: int) -> tuple[Completion, ...]:
    """Return at most `limit` completions of `text` from the index under `root`.

    A tag or an identifier begins with `text`; a title has it at the beginning of a word, or all
    of its words as beginnings of words.
    """
    state, typed = snapshot(root), " ".join(fold(text).split())
    if not typed:
        return ()
    short = [
        *(Completion("tag", tag) for tag in _most_used(state.tags, typed)),
        *(Completion("identifier", name) for name in _most_used(state.names, typed)),
    ]
    titles = islice(_titles(state, typed), limit)
    return (*short, *titles)[:limit]


def _most_used(names: dict[str, Counter[str]], typed: str) -> list[str]:
    """Return the names that begin as typed, in their most usual spelling."""
    found = {
        spellings.most_common(1)[0][0]: (-spellings.total(), name)
        for name, spellings in names.items()
        if name.startswith(typed)
    }
    return sorted(found, key=found.__getitem__)[:MAX_OF_A_KIND]


def _titles(state: Snapshot, typed: str) -> Iterator[Completion]:
    """Yield the titles that have what was typed: from their beginning, in them, word by word."""
    beginnings = [f" {word}" for word in typed.split()]
    found: dict[int, list[int]] = {0: [], 1: [], 2: []}
    for number, title in state.titles.items():
        place = title.find(beginnings[0])
        if place < 0:
            continue
        if title.startswith(typed, 1):
            found[0].append(number)
        elif f" {typed}" in title:
            found[1].append(number)
        elif all(beginning in title for beginning in beginnings):
            found[2].append(number)
    for number in (*found[0], *found[1], *found[2]):
        record = state.records[number]
        yield Completion("title", record.title, record.id)
