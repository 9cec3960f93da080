"""From an entry to what every embedded engine keeps of it: terms, weighed, and where they stand."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import NamedTuple

from kb.search.analysis import FUNCTION_WORDS, Token, fold, symbols, tokens
from kb.search.engine import Document
from kb.search.meaning import model, passages

SCHEMA_VERSION = 4
"""Raise it with every change to what is indexed or how text is analysed: an index of another
version is rebuilt."""

TITLE, NAMED, PROBLEM, PROSE, CODE = 4.0, 3.0, 2.0, 1.0, 0.5
"""How much a word weighs by where it stands; `NAMED` is tags, keywords and error messages."""

GAP = 100
"""Positions left free between two parts, so that no phrase reaches across."""

_WORD = re.compile(r"[^\s(\[{\"'`]+")
_FENCED = re.compile(r"^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)


def version() -> str:
    """Return what an index has to be made by to be of use here."""
    return f"{SCHEMA_VERSION} {model.NAME}" if model.installed() else str(SCHEMA_VERSION)


class Record(NamedTuple):
    """What is stored of an entry: what it is called, filtered and counted by."""

    id: int
    revision: int
    title: str
    names: tuple[str, ...]
    tag: tuple[str, ...]
    category: tuple[str, ...]
    severity: tuple[str, ...]
    language: tuple[str, ...]
    framework: tuple[str, ...]
    author: tuple[str, ...]


@dataclass(slots=True)
class Occurrences:
    """Where a term stands in an entry, and the sum of the weights of these places."""

    weight: float = 0.0
    positions: list[int] = field(default_factory=list)


class Terms(dict[str, Occurrences]):
    """The terms of a field of an entry."""

    def add(self, term: str, position: int, weight: float) -> None:
        """Count one more occurrence of `term`."""
        found = self.setdefault(term, Occurrences())
        found.positions.append(position)
        found.weight += weight


class Indexed(NamedTuple):
    """What an index holds of an entry.

    `text` ranks, `pairs` are neighbours in title and errors, `words` are not stemmed and for
    prefixes, `places` and `errors` are for phrases; `meaning` are vectors: of the entry as a whole,
    then of its first sentences.
    """

    record: Record
    meaning: bytes
    text: Terms
    pairs: Terms
    words: Terms
    places: Terms
    errors: Terms


def indexed(documents: Sequence[Document]) -> Iterator[Indexed]:
    """Yield what an index holds of each document.

    Raises TypeError or ValueError where one holds values of other types than it says: engines
    find out only half way through writing.
    """
    for document, meaning in zip(documents, _meanings(documents), strict=True):
        yield _indexed(document, meaning)


def _indexed(document: Document, meaning: bytes) -> Indexed:
    text, pairs, words, places, errors = Terms(), Terms(), Terms(), Terms(), Terms()
    parts = list(_parts(document))
    for part, weight in parts:
        for symbol in symbols(part):
            text.add(symbol, 0, weight)
    for token, position, weight in _placed(parts):
        text.add(token.term, position, weight)
        words.add(token.word, position, weight)
        if token.part:
            places.add(token.term, position, weight)
    for token, position, weight in _placed((error, 1.0) for error in document.error_messages):
        if token.part:
            errors.add(token.term, position, weight)
    for head in (document.title, *document.error_messages):
        for pair in neighbours(tokens(head)):
            pairs.add(pair, 0, 1.0)
    return Indexed(_record(document), meaning, text, pairs, words, places, errors)


def neighbours(found: Iterable[Token]) -> Iterator[str]:
    """Yield each two words that stand side by side and say something, as one term."""
    for left, right in pairwise(token for token in found if token.part):
        if not (left.word in FUNCTION_WORDS and right.word in FUNCTION_WORDS):
            yield f"{left.term} {right.term}"


def beginnings(title: str) -> list[str]:
    """Return the words of a title, folded, at whose beginnings somebody may begin to type it."""
    return _WORD.findall(fold(title))


def _parts(document: Document) -> Iterator[tuple[str, float]]:
    """Yield the texts of an entry with their weights."""
    yield document.title, TITLE
    for named in (*document.tags, *document.keywords, *document.error_messages):
        yield named, NAMED
    yield from _prose(document.problem, PROBLEM)
    for text in (document.solution, document.why, *document.gotchas, document.context):
        yield from _prose(text or "", PROSE)
    for about in (document.language, document.framework, document.category):
        yield about or "", PROSE


def _prose(markdown: str, weight: float) -> Iterator[tuple[str, float]]:
    """Yield what stands around fenced code, and the code for less."""
    end = 0
    for fence in _FENCED.finditer(markdown):
        yield markdown[end : fence.start()], weight
        yield fence[0], CODE
        end = fence.end()
    yield markdown[end:], weight


def _placed(parts: Iterable[tuple[str, float]]) -> Iterator[tuple[Token, int, float]]:
    """Yield each token of the parts, its position with gaps between parts, its weight."""
    start = 0
    for text, weight in parts:
        position = start
        for token in tokens(text):
            position = start + token.position
            yield token, position, weight
        start = position + GAP


def _meanings(documents: Sequence[Document]) -> list[bytes]:
    """Return of each the vector of the whole and those of its first sentences, or nothing."""
    if not model.installed():
        return [b""] * len(documents)
    meant = [_meant(document) for document in documents]
    known = model.vectors(chain.from_iterable(chain(*texts) for texts in meant))
    return [
        model.mean([known[account] for account in accounts])
        + b"".join(known[sentence] for sentence in sentences)
        for accounts, sentences in meant
    ]


def _meant(document: Document) -> tuple[Sequence[str], Sequence[str]]:
    """Return the accounts of an entry, and its first sentences."""
    problem, solution, why = map(_plain, (document.problem, document.solution, document.why))
    keywords = ", ".join(document.keywords)
    first = map(passages.first_sentence, (problem, solution, why))
    return (
        passages.accounts(document.title, keywords, problem, solution),
        [sentence for sentence in first if sentence],
    )


def _plain(markdown: str | None) -> str:
    """Return the prose without fenced code, on one line."""
    prose = " ".join(text for text, weight in _prose(markdown or "", PROSE) if weight > CODE)
    return " ".join(prose.split())


def _names(document: Document) -> tuple[str, ...]:
    """Return the identifiers in what the entry is known by, spelt as they are there."""
    heads = (document.title, *document.tags, *document.keywords, *document.error_messages)
    found = (
        head[token.start : token.end] for head in heads for token in tokens(head) if not token.part
    )
    return tuple(dict.fromkeys(found))


def _record(document: Document) -> Record:
    def lower(*values: str | None) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value.lower() for value in values if value))

    return Record(
        int(document.id),
        int(document.revision),
        str(document.title),
        _names(document),
        lower(*document.tags),
        lower(document.category),
        lower(document.severity),
        lower(document.language),
        lower(document.framework),
        lower(document.author),
    )
