import json
import re
import unicodedata
from html import escape, unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.content.code import code_block
from kb.content.markdown import MAX_STEPS, RenderedEntry, render, render_entry
from kb.entries.schemas import MAX_PROSE, EntryContent

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "hivebrain.ndjson"


def test_prose_becomes_html() -> None:
    html = render("Use *one* **client**.\n\n- a\n- b ~~c~~\n\n> quoted  \n> twice\n\n***")
    assert html == (
        "<p>Use <em>one</em> <strong>client</strong>.</p>\n"
        "<ul>\n<li>a</li>\n<li>b <s>c</s></li>\n</ul>\n"
        "<blockquote>\n<p>quoted<br>\ntwice</p>\n</blockquote>\n<hr>\n"
    )


def test_a_fence_is_highlighted_under_its_language() -> None:
    assert render("```python\nx = 1\n```") == (
        '<figure class="code"><figcaption>python</figcaption><div class="highlight">'
        '<pre tabindex="0" role="group" aria-label="Code: python"><code>'
        '<span class="n">x</span> <span class="o">=</span> <span class="mi">1</span>\n'
        "</code></pre></div></figure>\n"
    )


def test_the_language_is_the_first_word_of_the_info_string() -> None:
    assert "<figcaption>py</figcaption>" in render('```Py title="app.py"\nx\n```')


@pytest.mark.parametrize("language", ["", "no-such-language", "text"])
def test_code_of_no_known_language_is_plain(language: str) -> None:
    assert "<code>if a &lt; b:\n</code></pre>" in render(f"```{language}\nif a < b:\n```")


def test_indented_code_looks_like_a_fence_without_language() -> None:
    assert render("    x = 1\n") == render("```\nx = 1\n```")


def test_the_highest_heading_of_a_field_comes_below_its_section() -> None:
    html = render("# One\n\n## Two\n\nThree\n-----\n\n##### Five\n\n###### Six")
    assert html == ("<h3>One</h3>\n<h4>Two</h4>\n<h4>Three</h4>\n<h6>Five</h6>\n<h6>Six</h6>\n")


def test_deep_headings_are_raised_so_that_the_outline_has_no_hole() -> None:
    assert render("#### A\n\n##### B") == "<h3>A</h3>\n<h4>B</h4>\n"


def test_an_image_becomes_a_link_with_its_alternative_text() -> None:
    html = render('![a *plot* of `x`](https://example.com/p.png "Plot")')
    assert '<a href="https://example.com/p.png" title="Plot"' in html
    assert ">a plot of x</a>" in html
    assert "<img" not in html


def test_an_image_without_alternative_text_shows_its_address() -> None:
    assert ">/p.png</a>" in render("![](/p.png)")


def test_an_image_within_a_link_leaves_its_text() -> None:
    html = render("[see ![plot](p.png) here](/there) ![b](b.png)")
    assert html.count("<a ") == 2
    assert ">see plot here</a>" in html


def test_relative_and_mail_addresses_stay_links() -> None:
    html = render("[a](other-entry) [b](/tags?q=a:b) [c](#x) <me@example.com>")
    for address in ("other-entry", "/tags?q=a:b", "#x", "mailto:me@example.com"):
        assert f'href="{address}"' in html


def test_a_table_scrolls_in_a_box_and_keeps_its_alignment_without_style() -> None:
    html = render("| a | b |\n|:-:|--:|\n| 1 | 2 |")
    assert html.startswith('<div class="table">\n<table>')
    assert html.endswith("</table>\n</div>\n")
    assert '<th align="center">a</th>' in html
    assert '<td align="right">2</td>' in html
    assert "style" not in html


def test_what_reorders_prose_is_shown_and_what_joins_letters_stays() -> None:
    html = render(
        'Say *\u202eno\u202c*, \u0645\u06cc\u200c\u062e. [a](/x "\u202ey") ![\u2066z](/i)'
    )
    assert html.count('title="right-to-left override">U+202E</span>no') == 1
    assert "\u0645\u06cc\u200c\u062e" in html
    assert "U+2066</span>z</a>" in html
    assert 'title="\u202ey"' in html


def test_hidden_characters_show_in_code_and_stay_in_prose() -> None:
    html = render("a\u200db `x\u202ey`\n\n```python\ns = '\u2066'\n# \ufeff\n```")
    assert "a\u200db" in html
    assert (
        '<code>x<span class="invisible" title="right-to-left override">U+202E</span>y</code>'
        in html
    )
    assert 'title="left-to-right isolate">U+2066</span>' in html
    assert 'title="zero width no-break space">U+FEFF</span>' in html
    assert not set(html) & {"\u202e", "\u2066", "\ufeff"}


HIDING = st.sampled_from(
    "\u00ad\u061c\u200b\u200e\u200f\u202a\u202e\u2066\u2069\u2060\ufeff\u3164\U000e0041"
)


@given(st.lists(st.text("ab <&'\"`\n", max_size=5) | HIDING, max_size=20).map("".join))
def test_no_hidden_character_of_code_is_lost_or_left_hidden(code: str) -> None:
    html = code_block(code, "python")
    shown = re.sub(
        '<span class="invisible" title="[^"]*">U[+]([0-9A-F]+)</span>',
        lambda found: chr(int(found[1], 16)),
        html,
    )
    body = re.search("<code>(.*)</code>", shown, re.DOTALL)
    assert body
    assert unescape(re.sub("<[^>]*>", "", body[1])) == code
    assert all(one not in html for one in code if unicodedata.category(one) == "Cf")


@pytest.mark.parametrize("opening", ["> ", "- ", "1. ", "> - "])
def test_what_nests_too_deep_is_shown_as_written(opening: str) -> None:
    text = opening * 60 + "the point"
    html = render(text)
    assert "the point" in html
    assert text.replace(">", "&gt;").strip() in html


def test_ten_levels_of_quotes_are_laid_out() -> None:
    html = render("> " * 10 + "the point")
    assert html.count("<blockquote>") == 10


HUGE = {
    "brackets": "[" * MAX_PROSE,
    "quotes": ">" * MAX_PROSE,
    "lazy quotes": ">" * 50 + "a\n" + "a\n" * 5_000,
    "emphasis": "*a _b " * (MAX_PROSE // 6),
    "backticks": "".join("`" * n + "a" for n in range(1, 440)),
    "wide table": "|".join("a" * 1000) + "\n" + "|".join("-" * 1000) + "\n" + "|a\n" * 10_000,
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE.keys())
def test_huge_input_renders_and_loses_no_text(text: str) -> None:
    html = render(text)
    for character in "a[>":
        shown = html.count(character.replace(">", "&gt;"))
        assert shown >= text.count(character)


def test_slow_highlighting_is_given_up_and_the_code_shown_plain() -> None:
    code = "a\n" * 9_000
    html = render(f"```csharp\n{code}```\n\n```csharp\nint x;\n```")
    assert f"<code>{code}</code></pre>" in html
    assert "<code>int x;\n</code></pre>" in html


def test_the_time_for_highlighting_is_each_entrys_own() -> None:
    render("```csharp\n" + "a\n" * 9_000 + "```")
    assert "<span" in render("```csharp\nint x;\n```")


def entry(problem: str, *gotchas: str) -> EntryContent:
    return EntryContent(title="A title of an entry", tags=["a"], problem=problem, gotchas=gotchas)


def test_slow_highlighting_is_given_up_for_the_rest_of_the_entry() -> None:
    slow = "```csharp\n" + "a\n" * 9_000 + "```"
    rendered = render_entry(entry(slow, "```csharp\nint x;\n```", "*x*"))
    assert "<code>int x;\n</code></pre>" in rendered.gotchas[0]
    assert rendered.gotchas[1] == "<p><em>x</em></p>\n"


COSTLY = {
    "paragraphs": "a *b*\n\n" * 10_000,
    "lines": "a\n" * 30_000,
    "stars": "a" + "*" * 60_000,
    "images": "![" * 20_000,
    "cells": "|" * 5 + "\n" + "|-" * 4 + "|\n" + "|||||\n" * 10_000,
    "tight items": "- a\n" * 15_000,
}


@pytest.mark.parametrize("text", COSTLY.values(), ids=COSTLY)
def test_markdown_of_too_many_steps_is_shown_as_written(text: str) -> None:
    costly = f"{text}\n\n**the** end"
    assert escape(costly) in render(costly)
    assert "<strong>the</strong>" in render(costly[-3_000:])


def test_the_steps_are_those_of_the_whole_entry() -> None:
    part = "a *b*\n\n" * 1_200
    rendered = render_entry(entry(part, *[part] * 9, "**the** end"))
    assert "<em>b</em>" in rendered.problem
    assert "<em>b</em>" in rendered.gotchas[0]
    assert escape(part.rstrip()) in rendered.gotchas[8]
    assert "**the** end" in rendered.gotchas[-1]


@pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not here")
def test_no_real_entry_comes_near_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in sorted(lines, key=len)[-20:]]
    shown = [render(one["problem"]) for one in entries]
    monkeypatch.setattr("kb.content.markdown.MAX_STEPS", MAX_STEPS // 20)
    assert [render(one["problem"]) for one in entries] == shown


def test_an_entry_renders_field_by_field() -> None:
    content = EntryContent(
        title="A title of an entry",
        tags=["a"],
        problem="*p*",
        solution="# s",
        gotchas=["one", "`two`"],
    )
    assert render_entry(content) == RenderedEntry(
        problem="<p><em>p</em></p>\n",
        solution="<h3>s</h3>\n",
        why=None,
        context=None,
        gotchas=("<p>one</p>\n", "<p><code>two</code></p>\n"),
    )


@pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not here")
def test_real_entries_are_laid_out_and_highlighted() -> None:
    highlighted = 0
    for line in CORPUS.read_text(encoding="utf-8").splitlines()[:100]:
        entry = json.loads(line)
        html = render(entry["solution"] or "-")
        highlighted += '<span class="' in html
    assert highlighted > 50
