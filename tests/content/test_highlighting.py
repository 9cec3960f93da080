import re
import runpy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.content.code import MAX_HIGHLIGHTED, code_block

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "make_code_css.py"))


def text_of(html: str) -> str:
    code = html.partition("<code>")[2].partition("</code>")[0]
    code = re.sub("<[^>]*>", "", code)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'")):
        code = code.replace(entity, character)
    return code.replace("&#39;", "'").replace("&amp;", "&")


def test_no_style_is_written_inline() -> None:
    html = code_block("def f(x: int) -> str:\n    return f'{x!r}'\n", "python")
    assert "style=" not in html
    assert '<span class="k">def</span>' in html


@pytest.mark.parametrize("language", ["python", "console", "html", "yaml", "php", "diff", "rst"])
@given(code=st.text(alphabet="ab 1=<>&'\"$#\n\t{}()-", max_size=60))
def test_highlighting_changes_no_character(language: str, code: str) -> None:
    assert text_of(code_block(code, language)) == code


def test_long_code_is_shown_plain() -> None:
    assert "<span" in code_block("x = 1\n" * (MAX_HIGHLIGHTED // 6), "python")
    assert "<span" not in code_block("x = 1\n" * MAX_HIGHLIGHTED, "python")


def test_a_long_language_name_is_cut() -> None:
    assert f"<figcaption>{'x' * 40}</figcaption>" in code_block("", "X" * 1000)


def test_the_stylesheet_is_the_one_the_script_makes() -> None:
    assert (ROOT / "static" / "code.css").read_text(encoding="utf-8") == SCRIPT["stylesheet"]()


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    digits = "".join(d * 2 for d in colour) if len(colour) == 3 else colour
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_of_code_has_enough_contrast(scheme: str) -> None:
    css = SCRIPT["stylesheet"]()
    block = css.partition(f"scheme: {scheme}) {{")[2].partition("\n}")[0]
    base = re.search(r"\.highlight \{ background: #(\w+)", block)
    assert base
    rules = re.findall(r"\.highlight \.(\w+) \{([^}]*)\}", block)
    assert len(rules) > 50
    for name, rule in rules:
        ink = re.search(r"(?<![-\w])color: #(\w+)", rule)
        ground = re.search(r"background-color: #(\w+)", rule)
        if ink:
            assert contrast(ink[1], ground[1] if ground else base[1]) >= 4.5, name
