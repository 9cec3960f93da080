"""Text to tokens: one analyser for index, queries and highlighting.

Pure: imports nothing of the house. Words are stemmed; an identifier stands in the index by its
parts and whole, spelt in one way, so that `noExAssign`, `no-ex-assign` and `no_ex_assign` meet.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from whoosh.lang.porter2 import stem as porter2

MAX_TERM_LENGTH = 64
"""Characters of the longest term; a longer run is a hash or encoded data, and left out."""

FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a about after all also am an and any are as at be because been before being but by can
        could did do does doing dont for from get had has have having he her here his how i if in
        into is isnt it its just like make me more my no not of off on one only or other our out
        over own she should so some such than that the their them then there these they this those
        to too under until up use used using very want was we were what when where which while who
        why will with without would you your""",
    )
)
"""What says nothing about the subject in prose. Indexed all the same: phrases need it."""


class Token(NamedTuple):
    """A term and where its text stands: characters `start:end`, the `position`-th word.

    `word` is the term before stemming. A compound such as `run_in_executor` gives its parts at
    consecutive positions and itself, as one term, at the position of its first part, spanning
    them all; only the parts have `part` set.
    """

    term: str
    start: int
    end: int
    position: int
    word: str
    part: bool


# What joins words to one name: `asyncio.run`, `std::move`, `no-undef`. A mark before the first
# word belongs to some names: `--amend`, `-f`, `.env`, `@types`, `$state`, `__init__`.
_WORD = r"\w[\w\u0300-\u036f]*(?:['\u2019](?:[dmst]|ll|re|ve)\b)?"
_COMPOUND = re.compile(
    r"(?P<mark>(?<![\w.)\]}+-])(?:--?|\.|@|\$|__)(?=[^\W_]))?"
    rf"(?P<body>{_WORD}(?:(?:\.|-|::|->){_WORD})*)"
    r"(?P<plus>(?<=\b\w)(?:\+\+|#)(?!\w))?"
)
_HYPHENATED = re.compile(rf"{_WORD}(?:-{_WORD})*")
_PART = re.compile(
    r"[A-Z]+(?=[A-Z][a-z])"
    r"|[A-Z]?(?:(?![\d_A-Z])[\w\u0300-\u036f'\u2019])+\d*"
    r"|[A-Z]+\d*"
    r"|\d+"
)
_SIGN = r"[!#$%&*+.:<=>?@^|~-]"
_SYMBOL = re.compile(rf"(?<!{_SIGN}){_SIGN}{{2,4}}(?!{_SIGN})")
_POSSESSIVE = re.compile(r"['\u2019]s?$|['\u2019]")
_STEMMABLE = re.compile(r"[a-z]{3,}")


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of `text`, compound by compound."""
    position = 0
    for compound in _COMPOUND.finditer(text):
        start = compound.start()
        found, width = _analysed(
            compound[0], compound.start("body") - start, compound["mark"], bool(compound["plus"])
        )
        for term, begin, end, at, word, part in found:
            yield Token(term, start + begin, start + end, position + at, word, part)
        position += width


@lru_cache(maxsize=4096)
def _analysed(
    text: str,
    body: int,
    mark: str | None,
    plus: bool,  # noqa: FBT001 (a cache's keys)
) -> tuple[tuple[Token, ...], int]:
    """Return the tokens of a compound, as if it stood alone, and how many positions it takes.

    Kept, because texts repeat their words.
    """
    every = list(_compound(text, body, mark, plus=plus))
    fitting = tuple(token for token in every if 0 < len(token.word) <= MAX_TERM_LENGTH)
    return fitting, max((token.position + 1 for token in every), default=0)


def _compound(text: str, body: int, mark: str | None, *, plus: bool) -> Iterator[Token]:
    """Yield the parts of a compound, each of its words that has several, and all of it."""
    if plus:
        yield _token(text, 0, len(text), 0, part=True)
        return
    position = words = 0
    whole: list[str] = []
    for word in _HYPHENATED.finditer(text, body):
        begin, words = len(whole), words + 1
        for part in _PART.finditer(text, word.start(), word.end()):
            yield _token(part[0], part.start(), part.end(), position, part=True)
            whole.append(part[0])
            position += 1
        if len(whole) > begin + 1:
            yield _token("".join(whole[begin:]), word.start(), word.end(), begin, part=False)
    if words > 1:
        yield _token("".join(whole), 0, len(text), 0, part=False)
    if mark and whole:
        yield _token(mark + "".join(whole), 0, len(text), 0, part=False)


def symbols(text: str) -> list[str]:
    """Return the marks of two to four signs in `text`, such as `??`, `===` and `#!`."""
    return _SYMBOL.findall(text)


def _token(text: str, start: int, end: int, position: int, *, part: bool) -> Token:
    word, term = _terms(text)
    return Token(term, start, end, position, word, part)


def forget() -> None:
    """Let go of the words that are kept: after many texts, few of them come again."""
    _analysed.cache_clear()
    _terms.cache_clear()


@lru_cache(maxsize=50_000)
def _terms(text: str) -> tuple[str, str]:
    """Return `text` folded, and that stemmed where it is a word of letters."""
    word = fold(_POSSESSIVE.sub("", text))
    return word, stem(word)


def stem(word: str) -> str:
    """Return the term of a folded word: its Porter2 stem where it is a word of letters."""
    return str(porter2(word)) if _STEMMABLE.fullmatch(word) else word


def fold(text: str) -> str:
    """Return `text` without case and accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


# What differs from one machine, run or version to the next: addresses, paths, places in files,
# identifiers of things, times, versions, quantities.
_VARYING = re.compile(
    r"\w+://[^'\"<>)]+"
    r"|(?<![\w@])(?:~|\.{1,2}|[A-Za-z]:)?(?:[/\\][\w.@+~-]+){2,}(?::\d+)*"
    r"|(?:[\w.@+~-]+[/\\])+[\w.@+~-]+\.\w{1,6}\b(?::\d+)*"
    r"|[\w-]+\.\w{1,6}(?::\d+)+"
    r"|\b0[xX][0-9a-fA-F]+\b"
    r"|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    r"|\b(?=[a-f]*\d)[0-9a-f]{7,40}\b"
    r"|\b\d{4}-\d\d-\d\d(?:T[\d:.,]+(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\bv?\d+(?:\.\d+)+"
    r"|(?<![\w-])\d+(?::\d+)+"
    r"|(?<![\w.-])\d+(?:ms|s|m|k|kb|mb|gb|%)?(?![\w-])"
)
# Pieces of bounded length keep the search linear in the length of the text.
_PIECE = re.compile(r"\S{1,200}")


def without_varying(text: str) -> str:
    """Return a pasted error without what varies from one occurrence to the next."""
    return _PIECE.sub(lambda piece: _VARYING.sub(" ", piece[0]), text)
