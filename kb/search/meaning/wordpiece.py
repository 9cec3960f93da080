"""Text to the numbers a BERT model reads: words, cut into the longest pieces it knows.

Pure, but that it reads its own data once. As BERT's own tokenizer for uncased text does it
(Devlin and others, 2018; github.com/google-research/bert, tokenization.py).
"""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

LONGEST_WORD = 100
"""Characters of a word beyond which it is not cut but unknown."""

_FILE = Path(__file__).with_name("vocabulary.txt")
_BEGIN, _END, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
# Letters and digits together, every sign and every Chinese character by itself.
_IDEOGRAPH = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_IDEOGRAPH}]|[^\W_{_IDEOGRAPH}]+|[^\w\s]|_")


def encoded(text: str, most: int) -> list[int]:
    """Return the numbers of the first pieces of `text`, `most` with those that begin and end it."""
    numbers = _numbers()
    pieces: list[int] = [numbers[_BEGIN]]
    for word in _WORD.finditer(_plain(text)):
        pieces += _pieces(word[0])
        if len(pieces) >= most:
            break
    return [*pieces[: most - 1], numbers[_END]]


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(char for char in decomposed if unicodedata.category(char) != "Mn")


@lru_cache(maxsize=20_000)
def _pieces(word: str) -> tuple[int, ...]:
    numbers = _numbers()
    unknown = (numbers[_UNKNOWN],)
    if len(word) > LONGEST_WORD:
        return unknown
    found: list[int] = []
    start = 0
    while start < len(word):
        inner = "##" if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if inner + word[start:end] in numbers), None)
        if end is None:
            return unknown
        found.append(numbers[inner + word[start:end]])
        start = end
    return tuple(found)


@cache
def _numbers() -> dict[str, int]:
    pieces = _FILE.read_text("utf-8").splitlines()
    return {piece: number for number, piece in enumerate(pieces)}
