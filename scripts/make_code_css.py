#!/usr/bin/env python3
"""Write static/code.css: the colours of highlighted code, for light and for dark pages.

Run it after an upgrade of Pygments or a change of the styles below.
"""

import re
from pathlib import Path

from pygments.formatters.html import HtmlFormatter

LIGHT, DARK = "default", "github-dark"
"""Styles whose every colour has a contrast of at least 4.5:1 on its background (WCAG 1.4.3)."""

TARGET = Path(__file__).resolve().parents[1] / "static" / "code.css"

LAYOUT = """\
/* Made by scripts/make_code_css.py: change that, not this. */
figure.code { margin: 1rem 0; }
figure.code figcaption { font: 0.8rem/1.5 ui-monospace, monospace; }
figure.code pre { margin: 0; padding: 0.75rem 1rem; overflow-x: auto; }
.highlight { color: #000; }
.invisible { border: 1px solid; border-radius: 2px; font-size: 0.8em; }
"""


def stylesheet() -> str:
    """Return the text of static/code.css."""
    return LAYOUT + _scheme("light", LIGHT) + _scheme("dark", DARK)


def _scheme(name: str, style: str) -> str:
    formatter = HtmlFormatter(style=style)
    rules = formatter.get_background_style_defs(".highlight")
    rules += formatter.get_token_style_defs(".highlight")
    # White space has no ink to see. What a lexer takes for an error is none in a quoted fragment
    # or a newer syntax, and red boxes would say otherwise.
    kept = (rule for rule in rules if not re.match(r"\.highlight \.(w|err|hll) ", rule))
    lines = (f"  {re.sub(r' */[*].*[*]/', '', rule)}\n" for rule in kept)
    return f"@media (prefers-color-scheme: {name}) {{\n{''.join(lines)}}}\n"


if __name__ == "__main__":
    TARGET.write_text(stylesheet(), encoding="utf-8")
