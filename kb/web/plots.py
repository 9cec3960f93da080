"""Plots as SVG for the middle of a page (pure).

Written by hand because a page of ours may hold no style attribute, style element or script, which
pygal and matplotlib both write into their SVG; colours are classes of the stylesheet, so that dark
pages have dark plots. Each plot is named and described; its table stands beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH = 360
"""Units; as wide as a phone, so that text is never smaller than it is written."""

_LABEL = 104
_VALUE = 44
_ROW = 24
_HEIGHT = 150
_FOOT = 18
_LONGEST_LABEL = 15
_LONGEST_SENTENCE = 52


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of one kind, one for each label; `look` is the class that colours them."""

    look: str
    values: Sequence[int]


def bars(name: str, title: str, about: str, labels: Sequence[str], series: list[Series]) -> Markup:
    """Return a row of stacked bars for each label, with its sum."""
    sums = [sum(one.values[row] for one in series) for row in range(len(labels))]
    scale = (WIDTH - _LABEL - _VALUE) / max([1, *sums])
    parts = []
    for row, (label, total) in enumerate(zip(labels, sums, strict=True)):
        top, x = row * _ROW, float(_LABEL)
        parts.append(_text(_LABEL - 8, top + 16, _short(label, _LONGEST_LABEL), "end"))
        for one in series:
            width = one.values[row] * scale
            parts.append(_bar(one.look, x, top + 4, width, _ROW - 8))
            x += width
        parts.append(_text(x + 6, top + 16, f"{total:,}", "start"))
    return _svg(name, title, about, len(labels) * _ROW, parts)


def ranked(
    name: str, title: str, about: str, labels: Sequence[str], values: Sequence[int]
) -> Markup:
    """Return a bar below each label, which may be a sentence, with its value."""
    scale = (WIDTH - _VALUE) / max([1, *values])
    parts = []
    for row, (label, value) in enumerate(zip(labels, values, strict=True)):
        top, width = row * 2 * _ROW, value * scale
        parts.append(_text(0, top + 16, _short(label, _LONGEST_SENTENCE), "start"))
        parts.append(_bar("plain", 0, top + 22, width, _ROW - 10))
        parts.append(_text(width + 6, top + 33, f"{value:,}", "start"))
    return _svg(name, title, about, len(labels) * 2 * _ROW, parts)


def columns(
    name: str, title: str, about: str, labels: Sequence[str], series: list[Series]
) -> Markup:
    """Return a stack of columns for each label, of which the first and the last are written."""
    highest = max([1, *(sum(one.values[at] for one in series) for at in range(len(labels)))])
    step, scale = WIDTH / len(labels), (_HEIGHT - _FOOT) / highest
    parts = [_text(0, 12, f"{highest:,}", "start")]
    for at in range(len(labels)):
        bottom = float(_HEIGHT)
        for one in series:
            height = one.values[at] * scale
            bottom -= height
            parts.append(_bar(one.look, at * step + 1, bottom, step - 2, height))
    return _svg(name, title, about, _HEIGHT + _FOOT, [*parts, *_ends(labels)])


def line(
    name: str, title: str, about: str, labels: Sequence[str], points: Sequence[tuple[float, int]]
) -> Markup:
    """Return a line that steps up at each point: how far along, from 0 to 1, and up to what."""
    highest = max([1, *(value for _, value in points)])
    path = [f"M0 {_HEIGHT}"]
    for along, value in points:
        path.append(f"H{along * WIDTH:.1f}V{_HEIGHT - value * (_HEIGHT - _FOOT) / highest:.1f}")
    path.append(f"H{WIDTH}")
    drawn = Markup('<path class="plot-line" fill="none" d="{}"/>').format("".join(path))
    parts = [_text(0, 12, f"{highest:,}", "start"), drawn]
    return _svg(name, title, about, _HEIGHT + _FOOT, [*parts, *_ends(labels)])


def _ends(labels: Sequence[str]) -> list[Markup]:
    base = Markup('<path class="plot-base" fill="none" d="M0 {0}H{1}"/>').format(_HEIGHT, WIDTH)
    return [
        base,
        _text(0, _HEIGHT + 14, labels[0], "start"),
        _text(WIDTH, _HEIGHT + 14, labels[-1], "end"),
    ]


def _bar(look: str, x: float, y: float, width: float, height: float) -> Markup:
    if not width or not height:
        return Markup()
    rect = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')
    return rect.format(look, x, y, width, height)


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    element = Markup('<text x="{:.1f}" y="{:.1f}" font-size="12" text-anchor="{}">{}</text>')
    return element.format(x, y, anchor, text)


def _short(label: str, longest: int) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1]}…"


def _svg(name: str, title: str, about: str, height: int, parts: Iterable[Markup]) -> Markup:
    frame = Markup(
        '<svg class="plot" viewBox="0 0 {0} {1}" role="img" aria-labelledby="{2}-title {2}-about">'
        '<title id="{2}-title">{3}</title><desc id="{2}-about">{4}</desc>{5}</svg>'
    )
    return frame.format(WIDTH, height, name, title, about, Markup().join(parts))
