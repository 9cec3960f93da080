"""Markdown to safe HTML: CommonMark with GFM tables and strikethrough; raw HTML is text."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from kb.content.code import code_block, inline_code, show_reordering
from kb.content.sanitizer import URL_SCHEMES, sanitize
from kb.entries.schemas import EntryContent

MAX_NESTING = 20
"""Levels of quotes and lists: time grows with them (100,000 times `[`: 1.1 s here, 5 s at 100)."""

MAX_STEPS = 30_000
"""Steps that the Markdown of one entry may take, each 4 to 9 microseconds here.

The longest entry of a corpus of 2,000 takes 743, and 100,000 characters like it 10,000. Counted,
and not timed, so that a text looks the same however busy the computer is.
"""

HIGHLIGHTING_SECONDS = 0.3
"""CPU time that the code of one entry may take; 100,000 characters of Python take 0.2 s here."""

TOP_HEADING = 3
"""The level of a field's highest heading: the page's title is h1, its sections are h2."""


@dataclass(frozen=True, slots=True)
class RenderedEntry:
    """The prose of an entry as safe HTML."""

    problem: str
    solution: str | None
    why: str | None
    context: str | None
    gotchas: tuple[str, ...]


class _TooCostlyError(Exception):
    """The Markdown takes more steps than the entry has left."""


class _Effort:
    """What the fields of one entry may cost together."""

    def __init__(self) -> None:
        self.steps = MAX_STEPS
        self.until = time.thread_time() + HIGHLIGHTING_SECONDS

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise _TooCostlyError


def render(text: str) -> str:
    """Return the Markdown `text` as safe HTML.

    What nests too deep or takes over MAX_STEPS is shown as it was written.
    """
    return _render(text, _Effort())


def render_entry(content: EntryContent) -> RenderedEntry:
    """Return the safe HTML of all prose of an entry.

    Once the fields take over MAX_STEPS together, that one and those below it are shown as written.
    """
    effort = _Effort()
    return RenderedEntry(
        problem=_render(content.problem, effort),
        solution=_render_optional(content.solution, effort),
        why=_render_optional(content.why, effort),
        context=_render_optional(content.context, effort),
        gotchas=tuple(_render(item, effort) for item in content.gotchas),
    )


def _render_optional(text: str | None, effort: _Effort) -> str | None:
    return None if text is None else _render(text, effort)


def _render(text: str, effort: _Effort) -> str:
    try:
        effort.spend(1)
        tokens = _PARSER.parse(text, {"effort": effort})
    except _TooCostlyError:
        return sanitize(code_block(text))
    # markdown-it leaves out what stands deeper than its limit.
    if any(token.level >= MAX_NESTING - 1 for token in tokens):
        return sanitize(code_block(text))
    return sanitize(_RENDERER.render(tokens, _PARSER.options, {}))


# Steps are the places where a rule is looked for, and the tokens of which some rules make many at
# once: cells of tables, marks of emphasis.
def _count_block(state: StateBlock, _first: int, _end: int, _silent: bool) -> bool:  # noqa: FBT001 (markdown-it calls it so)
    state.env["effort"].spend(1)
    return False


def _count_inline(state: StateInline, _silent: bool) -> bool:  # noqa: FBT001 (markdown-it calls it so)
    state.env["effort"].spend(1)
    return False


def _count_tokens(state: StateCore | StateInline) -> None:
    state.env["effort"].spend(len(state.tokens))


class _Renderer(RendererHTML):
    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return show_reordering(super().text(tokens, idx, options, env))


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 (markdown-it's name)
        # RFC 3986, 4.2: no relative address has a colon before its first slash.
        scheme, colon, _ = re.split("[/?#]", url, maxsplit=1)[0].partition(":")
        return not colon or scheme.lower() in URL_SCHEMES


def _demote_headings(state: StateCore) -> None:
    """Shift the headings so that the highest becomes h3; those that would pass h6 stay h6."""
    headings = [token for token in state.tokens if token.tag in _HEADINGS]
    shift = TOP_HEADING - min((int(token.tag[1]) for token in headings), default=TOP_HEADING)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) + shift, 6)}"


def _render_code(state: StateCore) -> None:
    until = state.env["effort"].until
    for token in state.tokens:
        if token.type in ("fence", "code_block"):
            language, *_ = token.info.split() or [""]
            token.type, token.content = "html_block", code_block(token.content, language, until)
        for child in token.children or ():
            if child.type == "code_inline":
                child.type, child.content = "html_inline", inline_code(child.content)


def _lay_out_tables(state: StateCore) -> None:
    """Put each table into a box that can scroll, its cells aligned as GFM specifies it.

    The alignment is an attribute because the CSP forbids markdown-it's inline style.
    """
    tokens: list[Token] = []
    for token in state.tokens:
        if style := token.attrs.pop("style", None):
            token.attrs["align"] = str(style).removeprefix("text-align:")
        if token.type == "table_open":
            tokens.append(Token("box_open", "div", 1, attrs={"class": "table"}, block=True))
        tokens.append(token)
        if token.type == "table_close":
            tokens.append(Token("box_close", "div", -1, block=True))
    state.tokens = tokens


def _link_images(state: StateCore) -> None:
    """Turn images into links: the CSP keeps a page from loading them from other hosts."""
    for token in state.tokens:
        if token.children:
            token.children = list(_without_images(token.children))


def _without_images(tokens: Sequence[Token]) -> Iterator[Token]:
    inside_link = False
    for token in tokens:
        if token.type in ("link_open", "link_close"):
            inside_link = token.type == "link_open"
        if token.type != "image":
            yield token
            continue
        address = str(token.attrs.pop("src"))
        del token.attrs["alt"]
        alt = _RENDERER.renderInlineAsText(token.children, _PARSER.options, {})
        text = Token("text", "", 0, content=alt or address)
        link = Token("link_open", "a", 1, attrs={"href": address, **token.attrs})
        yield from [text] if inside_link else [link, text, Token("link_close", "a", -1)]


_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_RENDERER = _Renderer()
_PARSER = _Parser("commonmark", {"html": False, "maxNesting": MAX_NESTING})
_PARSER.enable(["table", "strikethrough"])
_PARSER.block.ruler.before("table", "count", _count_block)
_PARSER.inline.ruler.before("text", "count", _count_inline)
_PARSER.inline.ruler2.before("balance_pairs", "count", _count_tokens)
_PARSER.core.ruler.after("block", "count", _count_tokens)
for _rule in (_demote_headings, _link_images, _render_code, _lay_out_tables):
    _PARSER.core.ruler.push(_rule.__name__, _rule)
