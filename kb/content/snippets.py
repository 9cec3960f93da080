"""Search results: the passage of an entry that shows best why it was found, its words marked."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import chain
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
_TABLE_RULE = re.compile(r"^[ \t]*+\|?(?:[ \t]*+:?-++:?[ \t]*+\|)++[ :\t-]*+$", re.MULTILINE)
_TABLE_ROW = re.compile(r"^[ \t]*+\|[^\n]*+", re.MULTILINE)
_STRONG = re.compile(r"(?<![\w*])\*\*(?=[^\s*])([^*\n]{1,500})(?<=\S)\*\*(?![\w*])")

_MORE = 1e-9
"""By how much a score has to be more: sums of the same in another order may differ by less."""


class Snippet(NamedTuple):
    """A passage: the field it stands in, and its text as escaped HTML with `<mark>`."""

    field: str
    html: str


class _Found(NamedTuple):
    field: str
    text: str
    spans: list[Span]
    """All matches of the field."""
    words: list[str]
    """What stands there, in one case."""


class _Passage(NamedTuple):
    found: _Found
    window: list[Span]
    """The matches that it was chosen for."""
    score: float


def readable(parts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield each field and its Markdown as plain text, as far as they are looked at."""
    left = MAX_SCANNED
    for field, markdown in parts:
        if text := plain(markdown[:left]):
            yield field, text
        left = max(left - len(markdown), 0)


def passage(parts: Sequence[tuple[str, str, Iterable[Span]]], length: int = 240) -> Snippet:
    """Return the passage of at most `length` characters with the most, and rarest, words matched.

    `parts` are fields, their plain texts and the matches there; the most telling first: it wins a
    tie, and shows its beginning where nothing matches.
    """
    if not parts:
        return Snippet("", "")
    found = [_found(*part) for part in parts if part[2]] or [_found(*parts[0])]
    counts = Counter(chain.from_iterable(one.words for one in found))
    weights = {word: _weight(count) for word, count in counts.items()}
    best = _Passage(found[0], [], 0.0)
    for one in found:
        # Most texts have nothing that the best passage so far has not.
        if sum(map(weights.__getitem__, set(one.words))) > best.score + _MORE:
            other = _best(one, weights, length)
            best = other if other.score > best.score + _MORE else best
    return Snippet(best.found.field, _excerpt(best, length))


def beginning(markdown: str, length: int = 240) -> str:
    """Return the first `length` characters of a Markdown text, as escaped HTML."""
    return passage([(field, text, ()) for field, text in readable([("", markdown)])], length).html


def mark(text: str, spans: Iterable[Span]) -> str:
    """Return `text` as escaped HTML, what the `spans` cover within `<mark>`."""
    return _marked(text, _merged(spans))


def plain(text: str) -> str:
    """Return Markdown as one line of text, without most of its signs; code keeps its own."""
    pieces, position = [], 0
    for fence in _FENCED.finditer(text) if "```" in text or "~~~" in text else ():
        pieces += [_prose(text[position : fence.start()]), fence[2]]
        position = fence.end()
    return " ".join("".join([*pieces, _prose(text[position:])]).split())


def _prose(text: str) -> str:
    text = _MARKER.sub("", text)
    if "|" in text:
        text = _TABLE_ROW.sub(lambda row: row[0].replace("|", " "), _TABLE_RULE.sub("", text))
    # Looking for a sign first takes a tenth of the time, and most texts have none.
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "**" in text:
        text = _STRONG.sub(r"\1", text)
    return text.replace("`", "")


def _marked(text: str, spans: Iterable[Span]) -> str:
    pieces, position = list[str](), 0
    for start, end in spans:
        pieces += (escape(text[position:start]), "<mark>", escape(text[start:end]), "</mark>")
        position = end
    return "".join([*pieces, escape(text[position:])])


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that touch as one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span[0] <= merged[-1][1]:
            if span[1] > merged[-1][1]:
                merged[-1] = (merged[-1][0], span[1])
        else:
            merged.append(span)
    return merged


def _found(field: str, text: str, matches: Iterable[Span]) -> _Found:
    spans = _merged(matches)
    return _Found(field, text, spans, [text[start:end].casefold() for start, end in spans])


def _best(found: _Found, weights: Mapping[str, float], length: int) -> _Passage:
    """Slide a window of `length` over the matches; a word counts once, by how rare it is."""
    _, _, spans, words = found
    best, window = 0.0, slice(0)
    inside = dict.fromkeys(words, 0)
    score, first = 0.0, 0
    for last, (word, (_, end)) in enumerate(zip(words, spans, strict=True)):
        if not inside[word]:
            score += weights[word]
        inside[word] += 1
        while first < last and end - spans[first][0] > length:
            left = words[first]
            inside[left] -= 1
            if not inside[left]:
                score -= weights[left]
            first += 1
        if score > best + _MORE:
            best, window = score, slice(first, last + 1)
    return _Passage(found, spans[window], best)


def _weight(count: int) -> float:
    """Return what a word adds: any further one more than all rarity can."""
    return 1 + 1 / (1000 * count)


def _excerpt(passage: _Passage, length: int) -> str:
    (_, text, spans, _), window, _ = passage
    first, last = (window[0][0], window[-1][1]) if window else (0, 0)
    start = max(min(first - (length - (last - first)) // 2, len(text) - length), 0)
    start = min(start, first)
    end = min(start + length, len(text))
    start = _word_start(text, start, first)
    end = _word_end(text, end, min(last, end))
    whole = (one for one in spans if start <= one[0] and (one[1] <= end or one in window))
    shifted = [(left - start, right - start) for left, right in whole]
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return f"{before}{_marked(text[start:end], shifted)}{after}"


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
