"""The search language, rule by rule, and its two laws for every text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.query import (
    MAX_LENGTH,
    AnyOf,
    Filter,
    Not,
    Phrase,
    Prefix,
    Query,
    Word,
    parse,
)


def test_words_stand_in_the_order_written() -> None:
    assert parse("event  loop\tblocked").clauses == (Word("event"), Word("loop"), Word("blocked"))


def test_nothing_is_an_empty_query() -> None:
    assert parse("") == parse(" \n ") == Query()
    assert not parse("")


@pytest.mark.parametrize(
    "text",
    [
        "foo:bar",
        "https://example.com/a?b=c",
        r"C:\path",
        "12:30:01",
        "a::b",
        "tag:",
        'tag:"',
        '""',
        '"dangling',
        'mid"word',
        "--no-verify",
        "-f",
        "-9",
        "-",
        "--",
        "*",
        "foo*bar",
        "**",
        "error:0308010C:digital",
    ],
)
def test_what_is_not_understood_is_a_plain_word(text: str) -> None:
    assert parse(text).clauses == (Word(text),)
    assert parse(f"before {text} after").clauses == (Word("before"), Word(text), Word("after"))


def test_a_phrase_stands_between_quotation_marks() -> None:
    assert parse('fix "event loop" now').clauses == (
        Word("fix"),
        Phrase("event loop"),
        Word("now"),
    )


def test_punctuation_behind_a_phrase_is_not_part_of_it() -> None:
    assert parse('("a b", "c d".').clauses == (Word('("a'), Word('b",'), Phrase("c d"))
    assert parse('"a b", "c d".').clauses == (Phrase("a b"), Phrase("c d"))


def test_a_quotation_mark_within_a_word_does_not_end_a_phrase() -> None:
    assert parse('"a 5"x7 b"').clauses == (Phrase('a 5"x7 b'),)


def test_white_space_in_a_phrase_does_not_count() -> None:
    assert parse('"event \t loop "') == parse('"event loop"')


@pytest.mark.parametrize(
    ("text", "operand"),
    [
        ("-docker", Word("docker")),
        ("-dock*", Prefix("dock")),
        ('-"exact phrase"', Phrase("exact phrase")),
        ("-tag:x", Filter("tag", "x")),
        ('-tag:"two words"', Filter("tag", "two words")),
    ],
)
def test_a_hyphen_before_a_term_excludes_it(text: str, operand: Word) -> None:
    assert parse(f"compose {text}").clauses == (Word("compose"), Not(operand))


def test_a_hyphen_within_a_word_excludes_nothing() -> None:
    assert parse("well-known").clauses == (Word("well-known"),)


def test_or_joins_its_neighbours_and_chains() -> None:
    assert parse('a OR b* OR "c d" e').clauses == (
        AnyOf((Word("a"), Prefix("b"), Phrase("c d"))),
        Word("e"),
    )
    assert parse("tag:a OR tag:b").clauses == (AnyOf((Filter("tag", "a"), Filter("tag", "b"))),)


@pytest.mark.parametrize("text", ["OR", "OR b", "a OR", "a OR OR b", "a OR -bb", "-aa OR b"])
def test_an_or_without_two_operands_is_a_word(text: str) -> None:
    clauses = parse(text).clauses
    assert Word("OR") in clauses
    assert not any(isinstance(clause, AnyOf) for clause in clauses)


def test_a_small_or_is_a_word() -> None:
    assert parse("a or b").clauses == (Word("a"), Word("or"), Word("b"))


@pytest.mark.parametrize(
    "field", ["tag", "language", "framework", "category", "severity", "author", "error"]
)
def test_each_field_filters(field: str) -> None:
    assert parse(f"{field}:x").filters == (Filter(field, "x"),)
    assert parse(f'{field.upper()}:"two  words"').filters == (Filter(field, "two words"),)
    assert parse(f"-{field}:x").excluded_filters == (Filter(field, "x"),)
    assert parse(f"-{field}:x").filters == ()


def test_an_error_message_keeps_its_colons_only_in_quotation_marks() -> None:
    query = parse('error:"TypeError: x"')
    assert query.filters == (Filter("error", "TypeError: x"),)
    assert parse(str(query)) == query


TRACES = [
    'Traceback (most recent call last):\n  File "app.py", line 3, in <module>\n    x -= -y | "z"',
    "TypeError: Cannot read properties of undefined (reading 'map')",
    'fatal: pathspec "foo bar" did not match any files -oops',
    "at Object.<anonymous> (/srv/app.js:10:3) -depth OR never",
    "src/user.ts:42:17 - error TS2531: Object is possibly 'null'. -strict",
    "npm ERR! code ELIFECYCLE -nope",
    "services/mail.py:55:22 Do not use `print` -here",
    "main.go:7: undefined: x -y",
]


@pytest.mark.parametrize("text", TRACES)
def test_a_pasted_trace_is_words_and_excludes_nothing(text: str) -> None:
    query = parse(text)
    assert query.pasted
    assert query.clauses == tuple(Word(piece) for piece in text.split())


@pytest.mark.parametrize("text", TRACES)
def test_a_filter_still_filters_a_pasted_trace(text: str) -> None:
    query = parse(f'tag:python -language:go severity:"a b" {text}')
    assert query.filters == (Filter("tag", "python"), Filter("severity", "a b"))
    assert query.excluded_filters == (Filter("language", "go"),)
    assert not any(isinstance(clause, Phrase) for clause in query.clauses)


def test_error_with_a_colon_in_a_pasted_trace_is_no_filter() -> None:
    assert parse("Error: error:unsupported\n at x").filters == ()


def test_one_line_of_typed_words_is_not_pasted() -> None:
    assert not parse('docker "layer cache" -buildkit tag:ci').pasted


def test_only_the_first_ten_thousand_characters_are_read() -> None:
    assert parse("x" * MAX_LENGTH + "y").clauses == (Word("x" * MAX_LENGTH),)


ANYTHING = st.text(max_size=80)
SYNTAX = st.lists(
    st.sampled_from(
        [*'"-*: \n,.', "OR", " OR ", "tag:", "ERROR:", "foo", "b", "TypeError: ", "at x y:1 ", "é"]
    ),
    max_size=25,
).map("".join)


@given(ANYTHING | SYNTAX)
def test_no_text_is_an_error(text: str) -> None:
    parse(text)


@given(ANYTHING | SYNTAX | st.lists(SYNTAX, max_size=12).map(" ".join))
def test_a_printed_query_parses_to_itself(text: str) -> None:
    query = parse(text)
    assert parse(str(query)) == query


@given(SYNTAX)
def test_a_filter_excludes_or_filters_but_is_never_lost(text: str) -> None:
    query = parse(f"tag:kept {text}")
    assert Filter("tag", "kept") in query.filters or any(
        isinstance(clause, AnyOf) and clause.operands[0] == Filter("tag", "kept")
        for clause in query.clauses
    )
