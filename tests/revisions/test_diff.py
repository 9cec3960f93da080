import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.entries.schemas import MAX_PROSE, EntryContent
from kb.revisions.diff import MAX_LINES, MAX_MARKED, PROSE, DiffLine, FieldDiff, compare


def content(**fields: Any) -> EntryContent:
    defaults: dict[str, Any] = {"title": "A title of an entry", "tags": ["a"], "problem": "p"}
    return EntryContent(**{**defaults, **fields})


def only(a: EntryContent, b: EntryContent) -> FieldDiff:
    [field] = compare(a, b)
    return field


def shown(field: FieldDiff) -> list[str]:
    """Write each line with its sign and its changed words in brackets."""
    signs = {"equal": " ", "delete": "-", "insert": "+"}
    return [signs[line.op] + "".join(map(bracketed, line.segments)) for line in field.lines]


def bracketed(segment: Any) -> str:
    return f"[{segment.text}]" if segment.changed else segment.text


def prose(old: str, new: str) -> list[str]:
    return shown(only(content(problem=old), content(problem=new)))


def test_only_the_changed_fields_come_in_the_order_of_the_schema() -> None:
    a = content(why="w", severity="minor", gotchas=["g"])
    b = content(why="v", severity="major", gotchas=["g"], language="python")
    assert [(field.field, field.kind) for field in compare(a, b)] == [
        ("severity", "scalar"),
        ("language", "scalar"),
        ("why", "prose"),
    ]


def test_every_markdown_field_outside_a_list_is_prose() -> None:
    assert set(EntryContent.model_fields) >= PROSE
    lists = {"environment", "tags", "keywords", "error_messages", "gotchas", "references"}
    scalars = {"title", "category", "severity", "language", "framework", "applies_to"}
    assert set(EntryContent.model_fields) == PROSE | lists | scalars


def test_a_value_is_replaced_whole_and_a_title_by_words() -> None:
    a = content(severity="minor", title="Do not block the loop")
    b = content(severity="major", title="Never block the loop")
    title, severity = compare(a, b)
    assert shown(severity) == ["-[minor]", "+[major]"]
    assert shown(title) == ["-[Do not] block the loop", "+[Never] block the loop"]


def test_a_field_that_appears_or_goes_has_one_side_only() -> None:
    assert shown(only(content(), content(why="a\nb"))) == ["+[a]", "+[b]"]
    assert shown(only(content(language="python"), content())) == ["-[python]"]


def test_changed_words_are_marked_inside_changed_lines() -> None:
    old = "Call the sync client.\n\nIt blocks."
    new = "Call the async client here.\n\nIt blocks."
    assert prose(old, new) == [
        "-Call the [sync] client.",
        "+Call the [async] client[ here].",
        " ",
        " It blocks.",
    ]


def test_a_new_paragraph_before_a_changed_one_does_not_steal_its_pair() -> None:
    old = "first\nthe lazy dog sleeps here"
    new = "first\nsomething else was written\nthe very lazy dog sleeps here"
    assert prose(old, new) == [
        " first",
        "+[something else was written]",
        "-the lazy dog sleeps here",
        "+the [very ]lazy dog sleeps here",
    ]


def test_lines_with_little_in_common_are_replaced_whole() -> None:
    assert prose("one two three four five", "six seven three eight nine") == [
        "-[one two three four five]",
        "+[six seven three eight nine]",
    ]


def test_the_space_between_two_changed_words_is_part_of_the_change() -> None:
    assert prose("keep all these words but one two", "keep all these words but six ten") == [
        "-keep all these words but [one two]",
        "+keep all these words but [six ten]",
    ]


def test_lines_are_numbered_on_their_own_side() -> None:
    field = only(content(problem="a\nb\nc"), content(problem="x\na\nc"))
    assert [(line.op, line.old_number, line.new_number) for line in field.lines] == [
        ("insert", None, 1),
        ("equal", 1, 2),
        ("delete", 2, None),
        ("equal", 3, 3),
    ]


def test_items_of_a_list_are_added_removed_and_kept() -> None:
    field = only(content(tags=["a", "b", "c"]), content(tags=["a", "c", "d"]))
    assert field.kind == "list"
    assert shown(field) == [" a", "-[b]", " c", "+[d]"]


def test_an_item_that_changes_its_place_is_moved() -> None:
    field = only(content(tags=["a", "b", "c"]), content(tags=["b", "c", "a"]))
    assert shown(field) == ["-a", " b", " c", "+a"]
    assert [line.moved for line in field.lines] == [True, False, False, True]


def test_a_moved_item_is_not_taken_for_an_older_version_of_another() -> None:
    a = content(gotchas=["use one client", "b", "c"])
    b = content(gotchas=["use one session", "b", "c", "use one client"])
    assert shown(only(a, b)) == [
        "-use one client",
        "+[use one session]",
        " b",
        " c",
        "+use one client",
    ]


def test_an_item_that_is_edited_shows_its_words() -> None:
    a = content(gotchas=["use one client", "close\nthe client after use"])
    b = content(gotchas=["use one client", "close\nthe client before use"])
    assert shown(only(a, b)) == [
        " use one client",
        "-close\nthe client [after] use",
        "+close\nthe client [before] use",
    ]


def test_long_unchanged_runs_fold_around_the_change() -> None:
    lines = [f"line {n}" for n in range(20)]
    changed = [*lines[:10], "new", *lines[10:]]
    field = only(content(problem="\n".join(lines)), content(problem="\n".join(changed)))
    runs = field.runs()
    assert [(run.folded, len(run.lines)) for run in runs] == [(True, 7), (False, 7), (True, 7)]
    assert tuple(line for run in runs for line in run.lines) == field.lines
    assert all(line.op == "equal" for run in runs if run.folded for line in run.lines)


def test_rows_hold_what_became_what_side_by_side() -> None:
    old = "same\nold line that changes\ngone for good"
    new = "same\nold line that changed\nquite another thing\nand one more"
    [run] = only(content(problem=old), content(problem=new)).runs()
    sides = [(old and old.text, new and new.text) for old, new in run.rows()]
    assert sides == [
        ("same", "same"),
        ("old line that changes", "old line that changed"),
        ("gone for good", "quite another thing"),
        (None, "and one more"),
    ]


# Few words, so that lines repeat and come back; the schema strips what is at the ends.
LINES = st.lists(st.sampled_from(["a", "b c", "b  c d", "", "\tx", "x = y(z)", "ä ö"]), max_size=12)
TEXT = LINES.map("\n".join) | st.text(alphabet="ab \n\t.,", max_size=40)
OPTIONAL = st.none() | TEXT
ITEMS = st.lists(st.sampled_from(["a", "b", "c", "d e f", "d e g"]), max_size=6)
CONTENTS = st.builds(
    lambda problem, why, gotchas, tags, language: content(
        problem="p" + problem, why=why, gotchas=gotchas, tags=tags, language=language
    ),
    TEXT,
    OPTIONAL,
    ITEMS,
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3),
    st.none() | st.sampled_from(["python", "go"]),
)


def side(lines: tuple[DiffLine, ...], without: str) -> list[str]:
    return [line.text for line in lines if line.op != without]


def as_value(field: FieldDiff, texts: list[str]) -> object:
    if field.kind == "list":
        return texts
    return "\n".join(texts) if texts else None


@given(CONTENTS, CONTENTS)
def test_each_side_can_be_read_off_the_difference(a: EntryContent, b: EntryContent) -> None:
    fields = {field.field: field for field in compare(a, b)}
    for name in EntryContent.model_fields:
        old, new = getattr(a, name), getattr(b, name)
        assert (name in fields) == (old != new)
        if name in fields:
            assert as_value(fields[name], side(fields[name].lines, "insert")) == old
            assert as_value(fields[name], side(fields[name].lines, "delete")) == new


@given(CONTENTS, CONTENTS)
def test_the_unchanged_words_of_a_line_are_the_same_on_both_sides(
    a: EntryContent, b: EntryContent
) -> None:
    for field in compare(a, b):
        kept = {"delete": "", "insert": ""}
        for line in field.lines:
            if line.op != "equal" and not line.moved:
                kept[line.op] += "".join(s.text for s in line.segments if not s.changed)
        assert kept["delete"] == kept["insert"]


@given(CONTENTS)
def test_nothing_differs_from_itself(a: EntryContent) -> None:
    assert compare(a, a.model_copy(deep=True)) == []


def unrelated(seed: int, alphabet: str, ends: str) -> str:
    """Return as much text as a field holds."""
    rng = random.Random(seed)
    pairs = (rng.choice(alphabet) + rng.choice(ends) for _ in range(MAX_PROSE // 2))
    return "".join(pairs)[:-1] + "."


@pytest.mark.parametrize(
    ("alphabet", "ends"),
    [("ab", "\n"), ("".join(map(chr, range(200, 400))), "\n"), ("ab", " "), ("abcdefgh", "xyz \n")],
)
def test_the_largest_unrelated_fields_are_compared(alphabet: str, ends: str) -> None:
    old, new = unrelated(1, alphabet, ends), unrelated(2, alphabet, ends)
    field = only(content(problem=old), content(problem=new))
    assert 0 < len(field.lines) <= MAX_LINES
    assert len(field.lines) + field.omitted >= new.count("\n") + 1
    old_lines, new_lines = old.split("\n"), new.split("\n")
    for line in field.lines:
        if line.old_number:
            assert line.text == old_lines[line.old_number - 1]
        if line.new_number:
            assert line.text == new_lines[line.new_number - 1]


def test_a_change_far_down_a_long_text_is_shown() -> None:
    lines = [str(number) for number in range(10_000)]
    field = only(
        content(problem="\n".join(lines)), content(problem="\n".join([*lines[:-1], "changed"]))
    )
    assert shown(field) == [" 9996", " 9997", " 9998", "-[9999]", "+[changed]"]
    assert field.omitted == 9_996


def test_a_line_of_very_many_words_is_shown_as_changed_in_all() -> None:
    old = "word " * (MAX_MARKED + 1)
    [deleted, inserted] = only(content(problem=old + "x"), content(problem=old + "y")).lines
    assert [segment.changed for segment in (*deleted.segments, *inserted.segments)] == [True, True]
