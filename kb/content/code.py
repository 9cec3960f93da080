"""Code as HTML: highlighted with CSS classes, its language named, hidden characters shown."""

import math
import re
import time
import unicodedata
from html import escape

from pygments import format as formatted
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_all_lexers, get_lexer_by_name

MAX_HIGHLIGHTED = 20_000
"""Characters of one block beyond which it is shown plain."""

UNNAMED = "text"
"""What a block is called whose language nobody named."""

_MAX_NAME = 40
# Looked up here first, because Pygments searches the installed plugins for every unknown name.
_LANGUAGES = frozenset(
    alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases
)
_FORMATTER = HtmlFormatter(nowrap=True)

# What reorders or hides text: soft hyphen, joiners, fillers, zero-width characters, tags, and the
# bidirectional controls of UAX 9. In code they make it read as what it is not (CVE-2021-42574).
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# In prose, joiners belong to words of some languages, and to pictures; these belong to none.
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def show_invisible(html: str) -> str:
    """Return `html` with each hidden character of its text replaced by its visible code point.

    Its name is the `title`. The attributes of `html` must hold no such character.
    """
    return _INVISIBLE.sub(_shown, html)


def show_reordering(html: str) -> str:
    """Return `html` as `show_invisible` does, for prose: only what reorders text is replaced."""
    return _REORDERING.sub(_shown, html)


def _shown(found: re.Match[str]) -> str:
    name = unicodedata.name(found[0], "unnamed").lower()
    return f'<span class="invisible" title="{name}">U+{ord(found[0]):04X}</span>'


def inline_code(code: str) -> str:
    """Return `code` as HTML for the middle of a sentence."""
    return f"<code>{show_invisible(escape(code))}</code>"


def code_block(code: str, language: str = "", until: float = math.inf) -> str:
    """Return `code` as an HTML figure, highlighted if Pygments knows the `language`.

    Highlighting gives up when this thread's CPU time, `time.thread_time()`, is past `until`: some
    lexers take seconds for a few thousand characters chosen badly.
    """
    name = language.lower()[:_MAX_NAME]
    caption = show_invisible(escape(name or UNNAMED))
    label = escape(f"Code: {_INVISIBLE.sub('', name) or UNNAMED}")
    body = show_invisible(_highlighted(code, name, until))
    # Long lines scroll inside, which the keyboard can only do where the focus can go.
    return (
        f'<figure class="code"><figcaption>{caption}</figcaption><div class="highlight">'
        f'<pre tabindex="0" role="group" aria-label="{label}"><code>{body}</code></pre>'
        "</div></figure>\n"
    )


def _highlighted(code: str, language: str, until: float) -> str:
    if language not in _LANGUAGES or len(code) > MAX_HIGHLIGHTED:
        return escape(code)
    tokens = []
    for token in get_lexer_by_name(language, stripnl=False).get_tokens(code):
        if time.thread_time() > until:
            return escape(code)
        tokens.append(token)
    # A lexer may lose or rewrite what it does not understand; code is shown as it was written.
    if "".join(text for _, text in tokens) != code:
        return escape(code)
    return str(formatted(tokens, _FORMATTER))
