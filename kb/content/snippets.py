"""Search results: the passage of an entry that shows best why it was found, its words marked."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

Span = tuple[int, int]
"""Start and end of a match within a text."""

MAX_SCANNED = 20_000
"""Characters of an entry that are looked at: a page of results has to be ready in milliseconds."""

_FENCED = re.compile(
    r"^ {0,3}(`{3,}+|~{3,}+)[^\n]*+\n(.*?)(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
# Repetitions are bounded, and none crosses its own opening, so that no input costs quadratic time.
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\n]{0,500}\)")
_MARKER = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|(?:>[ \t]?){1,20}|[-*+][ \t]+(?=\S))", re.MULTILINE)
_STRONG = re.compile(r"(?<![\w*])\*\*(?=[^\s*])([^*\n]{1,500})(?<=\S)\*\*(?![\w*])")


class Snippet(NamedTuple):
    """A passage: the field it stands in, and its text as escaped HTML with `<mark>`."""

    field: str
    html: str


@dataclass(frozen=True, slots=True)
class _Passage:
    field: str
    text: str
    spans: list[Span]
    """All matches of the field."""
    window: list[Span]
    """Those that the passage was chosen for."""
    score: float = 0.0


def snippet(
    parts: Sequence[tuple[str, str]],
    matches: Callable[[str], Iterable[Span]],
    length: int = 240,
) -> Snippet:
    """Return the passage of at most `length` characters with the most, and rarest, words matched.

    `parts` are fields and their Markdown, the most telling first: it wins a tie, and shows its
    beginning where nothing matches. `matches` finds the words in a plain text.
    """
    texts, left = list[tuple[str, str]](), MAX_SCANNED
    for field, text in parts:
        texts.append((field, plain(text[:left])))
        left = max(left - len(text), 0)
    found = [(field, text, _merged(matches(text), len(text))) for field, text in texts]
    counts = Counter(_word(text, span) for _, text, spans in found for span in spans)
    passages = [_best(field, text, spans, counts, length) for field, text, spans in found if text]
    if not passages:
        return Snippet("", "")
    best = max(passages, key=lambda passage: passage.score)
    return Snippet(best.field, _excerpt(best, length))


def mark(text: str, spans: Iterable[Span]) -> str:
    """Return `text` as escaped HTML, what the `spans` cover within `<mark>`."""
    pieces, position = [], 0
    for start, end in _merged(spans, len(text)):
        pieces += [escape(text[position:start]), f"<mark>{escape(text[start:end])}</mark>"]
        position = end
    return "".join([*pieces, escape(text[position:])])


def plain(text: str) -> str:
    """Return Markdown as one line of text, without most of its signs; code keeps its own."""
    pieces, position = [], 0
    for fence in _FENCED.finditer(text) if "```" in text or "~~~" in text else ():
        pieces += [_prose(text[position : fence.start()]), fence[2]]
        position = fence.end()
    return " ".join("".join([*pieces, _prose(text[position:])]).split())


def _prose(text: str) -> str:
    text = _MARKER.sub("", text)
    # Looking for a sign first takes a tenth of the time, and most texts have none.
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "**" in text:
        text = _STRONG.sub(r"\1", text)
    return text.replace("`", "")


def _merged(spans: Iterable[Span], length: int) -> list[Span]:
    """Return the spans in order, within the text, those that touch as one."""
    merged: list[Span] = []
    for start, end in sorted((max(start, 0), min(end, length)) for start, end in spans):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _word(text: str, span: Span) -> str:
    return text[slice(*span)].casefold()


def _best(field: str, text: str, spans: list[Span], counts: Counter[str], length: int) -> _Passage:
    """Slide a window of `length` over the matches; a word counts once, by how rare it is."""
    best = _Passage(field, text, spans, [])
    inside: Counter[str] = Counter()
    score, first = 0.0, 0
    for last, span in enumerate(spans):
        word = _word(text, span)
        score += 0.0 if inside[word] else _weight(counts[word])
        inside[word] += 1
        while first < last and span[1] - spans[first][0] > length:
            left = _word(text, spans[first])
            inside[left] -= 1
            score -= 0.0 if inside[left] else _weight(counts[left])
            first += 1
        if score > best.score + 1e-9:
            best = _Passage(field, text, spans, spans[first : last + 1], score)
    return best


def _weight(count: int) -> float:
    """Return what a word adds: any further one more than all rarity can."""
    return 1 + 1 / (1000 * count)


def _excerpt(passage: _Passage, length: int) -> str:
    text, window = passage.text, passage.window
    first, last = (window[0][0], window[-1][1]) if window else (0, 0)
    start = max(min(first - (length - (last - first)) // 2, len(text) - length), 0)
    start = min(start, first)
    end = min(start + length, len(text))
    start = _word_start(text, start, first)
    end = _word_end(text, end, min(last, end))
    whole = (one for one in passage.spans if start <= one[0] and (one[1] <= end or one in window))
    shifted = [(left - start, right - start) for left, right in whole]
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return f"{before}{mark(text[start:end], shifted)}{after}"


def _word_start(text: str, start: int, limit: int) -> int:
    """Return where the first whole word at or after `start` begins, at the latest `limit`."""
    if start == 0 or text[start - 1] == " ":
        return start
    space = text.find(" ", start, limit)
    return start if space < 0 else space + 1


def _word_end(text: str, end: int, limit: int) -> int:
    """Return where the last whole word at or before `end` stops, at the earliest `limit`."""
    if end == len(text) or text[end] == " ":
        return end
    space = text.rfind(" ", limit, end)
    return end if space < 0 else space
