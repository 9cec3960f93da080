"""What is searched for: the queries people wrote, and others drawn from the entries themselves."""

import re
from collections.abc import Iterator
from random import Random

from bench.corpus import SEED, Corpus, first
from kb.entries.schemas import EntryContent

DRAWN_FROM = 500
"""Queries are drawn from the first so many entries, which every size that is measured has."""

MAX_WORDS = 6

_CONSONANTS = "bcdfghjklmnpqrstvwxz"
_LONG = 12

_WORD = re.compile(r"[^\W\d_]{4,}")


def queries(number: int, corpus: Corpus) -> list[str]:
    """Return `number` different queries, or as many as there are: always the same ones."""
    random = Random(SEED)  # noqa: S311 (has to be the same each time)
    written = corpus.queries()
    entries = first(DRAWN_FROM, corpus)
    drawn = [query for entry in entries for query in _about(random, entry)]
    random.shuffle(drawn)
    some = list(dict.fromkeys([*written, *drawn]))[: max(number, len(written))]
    return random.sample(some, min(number, len(some)))


def fresh(corpus: Corpus) -> Iterator[str]:
    """Yield queries without end, none of them twice: a few words of an entry, always the same."""
    random = Random(SEED)  # noqa: S311 (has to be the same each time)
    texts = [_words(f"{one.title} {one.problem}") for one in first(DRAWN_FROM, corpus)]
    told: set[str] = set()
    while True:
        words = random.choice(texts)
        query = " ".join(random.sample(words, min(len(words), random.randint(2, MAX_WORDS))))
        if query not in told:
            told.add(query)
            yield query


def unknown() -> Iterator[str]:
    """Yield queries without end that no entry has a word of, or one like it; always the same."""
    random = Random(SEED)  # noqa: S311 (has to be the same each time)
    while True:
        yield " ".join("".join(random.choices(_CONSONANTS, k=_LONG)) for _ in range(2))


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(text)))


def _about(random: Random, entry: EntryContent) -> Iterator[str]:
    """Yield what somebody could type who is after the entry."""
    words = _words(entry.problem)
    some = random.sample(words, min(len(words), random.randint(2, MAX_WORDS)))
    yield entry.title
    yield " ".join(some)
    yield f"tag:{random.choice(entry.tags)} {' '.join(some[:2])}"
    if entry.error_messages:
        line = random.randint(1, 999)
        yield f"src/app/service.py:{line}: {random.choice(entry.error_messages)[:300]}"
