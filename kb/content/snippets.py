"""Search results: the passage of an entry that shows best why it was found, its words marked."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
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
_TABLE_RULE = re.compile(r"^[ \t]*+\|?(?:[ \t]*+:?-++:?[ \t]*+\|)++[ :\t-]*+$", re.MULTILINE)
_TABLE_ROW = re.compile(r"^[ \t]*+\|[^\n]*+", re.MULTILINE)
_STRONG = re.compile(r"(?<![\w*])\*\*(?=[^\s*])([^*\n]{1,500})(?<=\S)\*\*(?![\w*])")

_MORE = 1e-9
"""By how much a score has to be more: sums of the same in another order may differ by less."""


class Snippet(NamedTuple):
    """A passage: the field it stands in, and its text as escaped HTML with `<mark>`."""

    field: str
    html: str


def readable(parts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield each field and its Markdown as plain text, as far as they are looked at."""
    left = MAX_SCANNED
    for field, markdown in parts:
        if text := plain(markdown[:left]):
            yield field, text
        left = max(left - len(markdown), 0)


def passage(
    fields: Sequence[str],
    text: str,
    starts: Sequence[int],
    spans: Sequence[Span],
    length: int = 240,
) -> Snippet:
    """Return the passage of at most `length` characters with the most, and rarest, words matched.

    `text` is that of the `fields`, joined by blanks; each begins at one of `starts`, and one more
    would at the last of them. `spans` are the matches, as `merged` gives them. The most telling
    field comes first: it wins a tie, and shows its beginning where nothing matches.
    """
    if not fields:
        return Snippet("", "")
    window = spans[_best(text, starts, spans, length)]
    number = bisect_right(starts, window[0][0]) - 1 if window else 0
    start, end = starts[number], starts[number + 1] - 1
    inside = [(left - start, right - start) for left, right in spans if start <= left < end]
    chosen = [(left - start, right - start) for left, right in window]
    return Snippet(fields[number], _excerpt(text[start:end], inside, chosen, length))


def beginning(markdown: str, length: int = 240) -> str:
    """Return the first `length` characters of a Markdown text, as escaped HTML."""
    return _excerpt(plain(markdown[:MAX_SCANNED]), [], [], length)


def mark(text: str, spans: Iterable[Span]) -> str:
    """Return `text` as escaped HTML, what the `spans` cover within `<mark>`."""
    return _marked(text, merged(spans))


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that touch as one."""
    together: list[Span] = []
    for span in sorted(spans):
        if together and span[0] <= together[-1][1]:
            if span[1] > together[-1][1]:
                together[-1] = (together[-1][0], span[1])
        else:
            together.append(span)
    return together


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


def _best(text: str, starts: Sequence[int], spans: Sequence[Span], length: int) -> slice:
    """Slide a window of `length` over the matches, from field to field; return the best.

    A word counts once, by how rare it is.
    """
    words = [text[start:end].casefold() for start, end in spans]
    weights = _weights(words)
    inside = dict.fromkeys(words, 0)
    most = sum(weights.values()) - _MORE  # a window with all words: none is better
    best, window = 0.0, slice(0)
    score, first, field = 0.0, 0, 0
    for last, (word, (start, end)) in enumerate(zip(words, spans, strict=True)):
        while start >= starts[field + 1]:
            field += 1
        if not inside[word]:
            score += weights[word]
        inside[word] += 1
        behind = max(starts[field], end - length)
        while first < last and spans[first][0] < behind:
            left = words[first]
            inside[left] -= 1
            if not inside[left]:
                score -= weights[left]
            first += 1
        if score > best + _MORE:
            best, window = score, slice(first, last + 1)
            if best >= most:
                break
    return window


def _weights(words: Iterable[str]) -> dict[str, float]:
    """Return what each word adds: any further one more than all rarity can."""
    counts: dict[str, int] = {}
    for word in words:  # a Counter takes longer for so few
        counts[word] = counts.get(word, 0) + 1
    return {word: 1 + 1 / (1000 * count) for word, count in counts.items()}


def _excerpt(text: str, spans: Sequence[Span], window: Sequence[Span], length: int) -> str:
    """Return what of `text` is around the matches in `window`, all `spans` there marked."""
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
