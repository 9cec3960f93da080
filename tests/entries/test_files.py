import json
import string
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.entries.files import format_entry_file, parse_entry_file
from kb.entries.records import BadRecord, EntryRecord, format_record, parse_record
from kb.entries.schemas import Category, EntryContent, Severity
from kb.entries.sections import SECTIONS

FILE = """\
+++
title = "Sessions opened twice deadlock"
category = "debug"
severity = "major"
tags = ["sqlite", "asyncio"]
+++

## Problem

It hangs.

## Gotchas

- One line
- Two

  paragraphs
"""


def parse(text: str) -> EntryRecord:
    return parse_entry_file(text, slug="a-slug")


# What has a meaning in the file format, and what other tools take for a line's end.
nasty = st.sampled_from(
    [f"{escapes}## {name}" for escapes in ("", "\\", "\\\\") for name in (*SECTIONS, "Notes")]
    + ["## Problem  ", "##\tWhy", " ## Why", "- ## Why", "+++", "+++ ", "```", "```python", "~~~~"]
    + ["- item", "  two", "    four", "\ttab", "", " ", "\\", '"""', "'", "'''", "#", "key = 1"]
    + ["a\u2028b", "a\x85b", "\ufeffa", "\u00a0", "last\\", "🐍"]
)
line = nasty | st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20)
prose = st.lists(line, min_size=1, max_size=6).map("\n".join)
some_prose = prose.filter(str.strip)
optional = st.none() | some_prose
phrase = line.filter(str.strip)
word = phrase.filter(lambda text: len(text.lower()) <= 50)
instant = st.none() | st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001
    max_value=datetime(9998, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
)
contents = st.builds(
    EntryContent,
    title=phrase.map(lambda text: f"{text} is a title".strip()),
    category=st.sampled_from(Category),
    severity=st.sampled_from(Severity),
    language=st.none() | word,
    framework=st.none() | word,
    environment=st.lists(word, max_size=3),
    tags=st.lists(
        st.text(string.ascii_lowercase + string.digits + ".+#-", min_size=1, max_size=50),
        min_size=1,
        max_size=4,
    ),
    keywords=st.lists(phrase, max_size=3),
    error_messages=st.lists(some_prose, max_size=3),
    problem=some_prose,
    solution=optional,
    why=optional,
    gotchas=st.lists(some_prose, max_size=4),
    context=optional,
    applies_to=st.none() | phrase,
    references=st.lists(st.just("https://example.org/a?b=c#d"), max_size=1),
)
records = st.builds(
    EntryRecord,
    slug=st.none() | st.from_regex(r"[a-z0-9-]{1,100}", fullmatch=True),
    content=contents,
    submitted_by=st.none() | phrase,
    created_at=instant,
    updated_at=instant,
)


@settings(max_examples=100)
@given(records)
def test_writing_and_reading_a_file_changes_nothing(record: EntryRecord) -> None:
    text = format_entry_file(record)

    again = parse_entry_file(text, slug=record.slug)

    assert again == record
    assert format_entry_file(again) == text


@settings(max_examples=100)
@given(records)
def test_writing_and_reading_a_json_line_changes_nothing(record: EntryRecord) -> None:
    text = format_record(record)

    assert "\n" not in text
    assert parse_record(json.loads(text)) == record


@settings(max_examples=100)
@given(prose)
def test_any_other_text_is_refused_or_read(text: str) -> None:
    details = []
    for attempt in (text, FILE + text, FILE.replace("It hangs.", text), f"+++\n{text}\n+++\n"):
        try:
            parse(attempt)
        except BadRecord as error:
            details.append(error.detail)
    assert all(details)


def test_a_file_is_read_field_by_field() -> None:
    record = parse(FILE)

    assert record.slug == "a-slug"
    assert record.content.category is Category.DEBUG
    assert record.content.tags == ["sqlite", "asyncio"]
    assert record.content.problem == "It hangs."
    assert record.content.gotchas == ["One line", "Two\n\nparagraphs"]
    assert record.created_at is None


def test_the_front_matter_slug_goes_before_the_file_name() -> None:
    assert parse(FILE.replace("+++", '+++\nslug = "other"', 1)).slug == "other"


def test_windows_newlines_and_a_byte_order_mark_make_no_difference() -> None:
    assert parse("\ufeff" + FILE.replace("\n", "\r\n")) == parse(FILE)


def test_a_file_is_written_in_one_order_without_empty_fields() -> None:
    record = EntryRecord(
        slug="not-written",
        content=EntryContent(
            title="A title long enough",
            tags=["a", "b"],
            keywords=["k" * 60, "l" * 60],
            error_messages=["two\nlines"],
            problem="Before\n\n## Why\n\nafter\n\n```sh\n## a comment\n```",
            gotchas=["One", "Two\n\n    code"],
        ),
        submitted_by="ada",
        created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )

    assert format_entry_file(record) == (
        "+++\n"
        'title = "A title long enough"\n'
        'category = "gotcha"\n'
        'severity = "moderate"\n'
        'tags = ["a", "b"]\n'
        f'keywords = [\n    "{"k" * 60}",\n    "{"l" * 60}",\n]\n'
        'error_messages = [\n    """\ntwo\nlines""",\n]\n'
        'submitted_by = "ada"\n'
        "created_at = 2026-01-02T03:04:05Z\n"
        "+++\n"
        "\n## Problem\n\nBefore\n\n\\## Why\n\nafter\n\n```sh\n## a comment\n```\n"
        "\n## Gotchas\n\n- One\n- Two\n\n      code\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("+++\ntitle", "title", 1, "starts with a line +++"),
        ("]\n+++", "]", 1, "not closed"),
        ('"debug"', "debug", 3, "not valid TOML: Invalid value"),
        ('"debug"', '"trick"', 3, "category must be gotcha, pattern"),
        ("severity", "votes", 4, "unknown front-matter key 'votes'"),
        ('["sqlite', '["sqlite 3', 5, "tags.0 may hold only"),
        ("## Problem", "Hello\n\n## Problem", 8, "text before the first section"),
        ("## Problem", "## Problems", 8, "unknown section 'Problems'"),
        ("## Gotchas", "## Gotcha", 12, "unknown section 'Gotcha'"),
        ("## Gotchas", "## Problem", 12, "section Problem stands here again"),
        ("## Problem\n\nIt hangs.\n", "", None, "problem is required"),
        ("It hangs.", "", 8, "problem must not be empty"),
        ("- Two", "* Two", 15, "a gotcha starts with '- '"),
        ("- Two", "-  \n- Two", 15, "gotchas.1 must not be empty"),
        ('"major"', '"major"\nslug = "No"', 5, "slug may hold only a-z"),
        ('"major"', '"major"\ncreated_at = 2026-01-01T00:00:00', 5, "created_at"),
        ('"major"', '"major"\ncreated_at = 5', 5, "created_at must be an RFC 3339 date"),
        ('"major"', '"major"\ncreated_at = 0001-01-01T00:00:00+14:00', 5, "out of range"),
        ('"major"', '"major"\nslug = ' + "[" * 5000, None, "not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    old: str, new: str, line: int | None, reason: str
) -> None:
    assert old in FILE

    with pytest.raises(BadRecord) as caught:
        parse(FILE.replace(old, new, 1))

    assert reason in caught.value.detail
    if line is not None:
        assert caught.value.line == line


def test_a_heading_within_a_code_fence_is_left_alone() -> None:
    record = parse(FILE.replace("It hangs.", "```sh\n## step one\n```"))

    assert record.content.problem == "```sh\n## step one\n```"


DOTTED = {
    "bare": ".".join("a" * 101) + " = 1",
    "quoted": ".".join(['"a"', "'a'"] * 60) + " = 1",
    "header": f"[{' . '.join('a' * 101)}]",
    "inline": f"a = {{ {'.'.join('a' * 101)} = 1 }}",
}


@pytest.mark.parametrize("key", DOTTED.values(), ids=DOTTED)
def test_a_key_of_very_many_parts_is_refused_with_its_line(key: str) -> None:
    with pytest.raises(BadRecord, match="a key of over 10 parts") as caught:
        parse(f"+++\ntitle = '''a\nb'''\n{key}\n+++\n\n## Problem\n\nx\n")
    assert caught.value.line == 4


@pytest.mark.parametrize("quotes", ['"', '"""', "'", "'''"])
def test_a_text_of_very_many_parts_is_read(quotes: str) -> None:
    text = "1.3.6" * 100
    front = (
        f"title = 'A title of an entry'\ntags = ['a']\nerror_messages = [{quotes}{text}{quotes}]"
    )
    record = parse(f"+++\n{front} # {text} don't\n+++\n\n## Problem\n\nx\n")
    assert record.content.error_messages == [text]
