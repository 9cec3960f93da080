"""As many entries as asked for, always the same ones: real first, then recombinations of them.

The first n of a longer list are the list of n, so that figures of several sizes compare. A
recombination takes each field from another real entry: lengths and empty fields are as frequent as
in real ones. Its words are too, so the vocabulary stops growing, and a word that one in a hundred
real entries has, one in a hundred of any number has: searches in many recombinations are rather
harder than in as many real entries.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path
from random import Random
from typing import Any

from kb.entries.records import EntryRecord
from kb.entries.schemas import EntryContent
from kb.entries.slugs import slug_from_title
from kb.resources import folder
from kb.transfer.reading import Located, Reader

SHARED = Path(__file__).parents[2] / "shared" / "corpus"
"""Entries and queries that others wrote, where somebody has put them beside the checkout."""

SEED = "kb"

_SOURCES = (
    ("title", "category", "severity", "language", "framework", "environment", "tags", "keywords"),
    ("problem", "error_messages"),
    ("solution",),
    ("why",),
    ("gotchas",),
    ("context", "applies_to", "references"),
)
"""Fields that a recombination takes from one entry, because apart they would contradict."""

_MIN_TITLE, _MAX_TITLE = 10, 200
_AT_A_TIME = 1000


@dataclass(frozen=True)
class Corpus:
    """Where entries and queries are taken from; without a shared corpus, the starter entries."""

    shared: Path = SHARED

    @property
    def name(self) -> str:
        """What the entries are made from, for people to read."""
        number = len(self._real)
        if self._files:
            return f"{number:,} real entries of the shared corpus, then recombinations of them"
        return (
            f"the {number} starter entries, then recombinations of them "
            f"(the shared corpus is not at {self.shared})"
        )

    def records(self, number: int) -> Iterator[EntryRecord]:
        """Yield `number` records, each with a slug of its own."""
        random = Random(SEED)  # noqa: S311 (has to be the same each time)
        real = random.sample(self._real, len(self._real))
        taken = {record.slug for record in real if record.slug}
        yield from real[:number]
        contents = [record.content for record in real]
        for _ in range(number - len(real)):
            content = _recombined(random, contents)
            slug = slug_from_title(content.title, taken)
            taken.add(slug)
            yield EntryRecord(slug=slug, content=content, submitted_by="bench")

    def queries(self) -> list[str]:
        """Return the queries people wrote for the corpus; none without it."""
        file = self.shared / "queries.jsonl"
        if not file.exists():
            return []
        lines = file.read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["q"] for line in lines if line.strip()]

    @cached_property
    def _files(self) -> list[Path]:
        return sorted(self.shared.glob("*.ndjson"))

    @cached_property
    def _real(self) -> list[EntryRecord]:
        """What can become an entry; a title of the shared corpus is too short for that."""
        return read_entries(self._files or [folder("entries")])


def read_entries(paths: Sequence[Path]) -> list[EntryRecord]:
    """Return the entries in these files and folders, but for those that no import would take."""
    reader = Reader(paths)
    items = chain.from_iterable(iter(partial(reader.take, _AT_A_TIME), []))
    records = [item.record for item in items if isinstance(item, Located)]
    return [record for record in records if isinstance(record, EntryRecord)]


def _recombined(random: Random, real: Sequence[EntryContent]) -> EntryContent:
    values: dict[str, Any] = {}
    for names in _SOURCES:
        source = random.choice(real)
        values |= {name: getattr(source, name) for name in names}
    values["title"] = _title(random, real)
    return EntryContent.model_validate(values)


def _title(random: Random, real: Sequence[EntryContent]) -> str:
    """Return the first half of one title and the second half of another."""
    title = ""
    while len(title) < _MIN_TITLE:
        first, second = (content.title.split() for content in random.sample(real, 2))
        words = [*first[: (len(first) + 1) // 2], *second[len(second) // 2 :]]
        title = " ".join(words)[:_MAX_TITLE].strip()
    return title


def first(number: int, corpus: Corpus) -> list[EntryContent]:
    """Return the contents of the first `number` records."""
    return [record.content for record in islice(corpus.records(number), number)]
