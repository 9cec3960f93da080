import re
from collections.abc import Callable
from html import unescape
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.content.snippets import (
    MAX_SCANNED,
    Snippet,
    Span,
    beginning,
    mark,
    passage,
    plain,
    readable,
)


def words(*wanted: str) -> Callable[[str], list[Span]]:
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, wanted))})\b", re.IGNORECASE)
    return lambda text: [found.span() for found in pattern.finditer(text)]


def snippet(
    parts: list[tuple[str, str]], matches: Callable[[str], list[Span]], length: int = 240
) -> Snippet:
    read = list(readable(parts))
    fields, texts = [field for field, _ in read], [text for _, text in read]
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    spans = [
        (start + left, start + right)
        for start, text in zip(starts, texts, strict=False)
        for left, right in matches(text)
    ]
    return passage(fields, " ".join(texts), starts, spans, length)


def text_of(html: str) -> str:
    return unescape(re.sub("</?mark>", "", html))


def test_the_words_found_are_marked() -> None:
    parts = [("problem", "An endpoint that calls `requests` stalls the loop.")]
    assert snippet(parts, words("requests", "loop")) == Snippet(
        "problem",
        "An endpoint that calls <mark>requests</mark> stalls the <mark>loop</mark>.",
    )


def test_a_word_is_marked_wherever_the_passage_shows_it() -> None:
    text = "The loop of a loop, and events that wait for what is in the loop."
    assert snippet([("why", text)], words("loop", "events")).html.count("<mark>") == 4


def test_the_field_with_most_different_words_wins() -> None:
    parts = [
        ("problem", "The loop is a loop in a loop."),
        ("solution", "Keep requests out of the loop."),
    ]
    assert snippet(parts, words("loop", "requests")).field == "solution"


def test_the_rarer_word_wins() -> None:
    filler = "and so on " * 40
    text = f"The loop. {filler} The loop again. {filler} The greenlet. {filler}"
    assert "<mark>greenlet</mark>" in snippet([("why", text)], words("loop", "greenlet")).html


def test_the_first_field_wins_a_tie_and_shows_its_beginning_without_a_match() -> None:
    parts = [("problem", "A loop " + "x " * 300), ("why", "A loop")]
    assert snippet(parts, words("loop")).field == "problem"
    nothing = snippet(parts, words("absent"))
    assert nothing.field == "problem"
    assert nothing.html.startswith("A loop x x")
    assert nothing.html.endswith("x …")


def test_an_empty_field_is_passed_over() -> None:
    assert snippet([("problem", ""), ("why", "so")], words("a")) == Snippet("why", "so")
    assert snippet([], words("a")) == Snippet("", "")


def test_a_passage_is_cut_between_words_and_says_so() -> None:
    text = "before " * 100 + "needle" + " behind" * 100
    html = snippet([("problem", text)], words("needle"), length=60).html
    assert re.fullmatch(r"… (before )+<mark>needle</mark>( behind)+ …", html)
    assert len(text_of(html)) <= 60 + len("… " + " …")


def test_a_word_longer_than_the_passage_is_cut() -> None:
    html = snippet([("problem", "a " + "x" * 500)], lambda text: [(2, 502)], length=40).html
    assert html == f"… <mark>{'x' * 40}</mark> …"


def test_a_match_that_the_end_cuts_is_not_marked() -> None:
    html = snippet([("problem", "io))))))loop")], words("loop", "io"), 10).html
    assert html == "<mark>io</mark>))))))lo …"


def test_html_is_escaped_inside_and_outside_of_marks() -> None:
    parts = [("problem", "a <script> & <b>b</b>")]
    html = snippet(parts, lambda text: [(2, 10)]).html
    assert html == "a <mark>&lt;script&gt;</mark> &amp; &lt;b&gt;b&lt;/b&gt;"


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("## Use\n\n- one\n- *two*", "Use one *two*"),
        ("> quoted\n> > twice", "quoted twice"),
        ("see [the docs](https://example.com) and ![a plot](p.png)", "see the docs and a plot"),
        ("call `f(x)` **now**", "call f(x) now"),
        (
            "so:\n\n```python\n# `a` **b**\nx[1](y) ** 2\n```\n\nand `c`",
            "so: # `a` **b** x[1](y) ** 2 and c",
        ),
        ("~~~\nopen [a](b)", "open [a](b)"),
        ("f(**a, **b) and x**2 + y**2", "f(**a, **b) and x**2 + y**2"),
        ("-1 and #tag", "-1 and #tag"),
        (
            "As a table:\n\n| a | `b` |\n|---|:-:|\n| one | **two** |\n\nend",
            "As a table: a b one two end",
        ),
        ("a | b\n--|--\nx || y", "a | b x || y"),
        ("ps | grep -- --all", "ps | grep -- --all"),
    ],
)
def test_markdown_signs_leave_and_code_stays(markdown: str, expected: str) -> None:
    assert plain(markdown) == expected


def test_marks_that_touch_or_overlap_become_one() -> None:
    assert mark("readFile", [(4, 8), (0, 4)]) == "<mark>readFile</mark>"
    assert mark("abcdef", [(0, 3), (1, 2), (2, 4), (5, 6)]) == ("<mark>abcd</mark>e<mark>f</mark>")


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(st.text(min_size=2, max_size=30))
    start = st.integers(0, len(text) - 1)
    span = start.flatmap(lambda at: st.tuples(st.just(at), st.integers(at + 1, len(text))))
    return text, draw(st.lists(span))


@given(marked())
def test_marking_changes_no_character(given: tuple[str, list[Span]]) -> None:
    text, spans = given
    html = mark(text, spans)
    assert text_of(html) == text
    assert html.count("<mark>") == html.count("</mark>")


FRAGMENTS = st.sampled_from(
    ["loop", "io ", "```", "\n", "[", "](", ")", "**", "> ", "<b>", " ", "x" * 30]
)


@given(st.lists(FRAGMENTS, max_size=60).map("".join), st.integers(10, 80))
def test_a_snippet_is_a_passage_of_the_plain_text(text: str, length: int) -> None:
    html = snippet([("problem", text)], words("loop", "io"), length).html
    passage = text_of(html).removeprefix("… ").removesuffix(" …")
    assert passage in plain(text)
    assert len(passage) <= length
    for marked in re.findall("<mark>(.*?)</mark>", html):
        assert marked.lower() in ("loop", "io")
    if words("loop", "io")(plain(text)):
        assert "<mark>" in html


@pytest.mark.parametrize(
    "sign",
    ["[", "![", "`", "**a", "> ", "#", "[a](", "~~~\n", "- ", "[](", "|", "|-", "|\n", "-|-"],
)
def test_markdown_signs_without_end_are_read(sign: str) -> None:
    assert isinstance(plain(sign * (MAX_SCANNED // len(sign))), str)


def test_a_beginning_is_plain_and_cut_between_words() -> None:
    assert beginning("**Use** a `<b>` for this\n\n- and that", 20) == "Use a &lt;b&gt; for this …"
    assert beginning("") == ""
