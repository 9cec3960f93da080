import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.entries.schemas import MAX_ITEMS, MAX_PROSE, MAX_TEXT, EntryContent
from kb.revisions.diff import PROSE
from kb.revisions.merge import (
    SEQUENCES,
    SETS,
    FieldConflict,
    Merge,
    Settled,
    Touching,
    as_text,
    merge,
)
from tests.factories import make_content as content


def merged(field: str, base: Any, theirs: Any, yours: Any) -> Any:
    """Return the field merged without a conflict, the same whoever is who."""
    sides = (content(**{field: side}) for side in (base, theirs, yours))
    was, others, mine = sides
    found, other_way = merge(was, others, mine), merge(was, mine, others)
    assert found.conflicts == other_way.conflicts == ()
    assert found.content == other_way.content
    return getattr(found.content, field)


def conflict(field: str, base: Any, theirs: Any, yours: Any) -> FieldConflict:
    """Return the one conflict that there is."""
    sides = (content(**{field: side}) for side in (base, theirs, yours))
    [found] = merge(*sides).conflicts
    assert found.field == field
    return found


def test_every_list_is_a_set_or_a_sequence() -> None:
    lists = {name for name, value in content().model_dump().items() if isinstance(value, list)}
    assert lists == SETS | SEQUENCES


def test_different_fields_merge() -> None:
    base = content()
    found = merge(base, content(why="Theirs."), content(tags=["asyncio", "mine"], severity="tip"))
    assert found == Merge(content(why="Theirs.", tags=["asyncio", "mine"], severity="tip"), ())


def test_the_same_change_twice_is_one_change() -> None:
    assert merged("why", None, "Same.", "Same.") == "Same."
    assert merged("problem", "a\n\nb", "a\n\nB", "a\n\nB") == "a\n\nB"


@pytest.mark.parametrize("field", ["title", "severity", "language", "applies_to"])
def test_a_value_is_taken_whole(field: str) -> None:
    values = (
        ["minor", "major", "tip"] if field == "severity" else [f"{x}-0123456789" for x in "bty"]
    )
    found = conflict(field, *values)
    assert (found.base, found.theirs, found.yours) == tuple(values)
    assert found.parts == (Touching(*values),)


def test_items_of_a_set_are_added_and_removed_by_both() -> None:
    assert merged("tags", ["a", "b", "c"], ["a", "c", "x"], ["b", "c", "y"]) == ["c", "x", "y"]
    assert merged("error_messages", ["E1"], ["E1", "E2"], ["E0", "E1"]) == ["E1", "E0", "E2"]
    assert merged("tags", ["a"], ["a", "n"], ["n", "a"]) == ["a", "n"]


def test_a_set_keeps_the_order_of_whoever_changed_it() -> None:
    assert merged("tags", ["a", "b", "c"], ["c", "b", "a"], ["a", "b", "c", "y"]) == [*"cbay"]


def test_together_over_the_limit_is_a_conflict() -> None:
    base = [f"tag-{n}" for n in range(18)]
    found = conflict("tags", base, [*base, "t1", "t2"], [*base, "y1"])
    assert found.with_yours == found.yours == [*base, "y1"]
    assert found.with_theirs == found.theirs
    both = MAX_PROSE // 2
    long = conflict("problem", "a\n\nb", "t" * both + "\n\nb", "a\n\n" + "y" * both)
    assert long.with_yours == long.yours


def test_an_entry_that_together_is_too_long_is_a_choice_of_what_was_changed() -> None:
    theirs = {"problem": "t" * MAX_PROSE, "why": "t" * (MAX_TEXT - MAX_PROSE - 1_000)}
    yours = {"solution": "y" * MAX_PROSE}
    found = merge(content(), content(**theirs), content(**yours))
    assert [one.field for one in found.conflicts] == ["solution"]
    assert found.content == content(**theirs).model_copy(update=yours)


def test_nothing_left_in_a_field_that_needs_something_is_a_conflict() -> None:
    assert conflict("tags", ["a", "b"], ["a"], ["b"]).with_yours == ["b"]
    assert conflict("problem", "a\n\nb", "a", "b").with_theirs == "a"


def test_gotchas_added_by_both_are_kept() -> None:
    assert merged("gotchas", ["a"], ["a", "t"], ["a", "y"]) == ["a", "t", "y"]
    assert merged("gotchas", [], ["t", "same"], ["same"]) == ["same", "t"]
    assert merged("gotchas", ["a", "b"], ["t", "a", "b"], ["a", "y", "b"]) == ["t", "a", "y", "b"]


def test_a_gotcha_added_beside_a_changed_one_does_not_touch_it() -> None:
    assert merged("gotchas", ["a"], ["A"], ["a", "y"]) == ["A", "y"]
    assert merged("gotchas", ["a", "b"], ["a", "b", "t"], ["a"]) == ["a", "t"]


def test_a_gotcha_changed_by_both_is_a_conflict() -> None:
    found = conflict("gotchas", ["a", "b", "c"], ["a", "t", "c"], ["a", "y", "c", "new"])
    assert found.parts == (Settled("a"), Touching("b", "t", "y"), Settled("c\n\nnew"))
    assert found.with_theirs == ["a", "t", "c", "new"]
    assert found.with_yours == ["a", "y", "c", "new"]


def test_different_paragraphs_merge() -> None:
    base = "First.\n\n```python\nwait()\n\n\ngo()\n```\n\nLast."
    theirs = base.replace("First.", "The first.")
    yours = base.replace("go()", "go(1)")
    assert merged("problem", base, theirs, yours) == base.replace("First", "The first").replace(
        "go()", "go(1)"
    )


def test_a_paragraph_added_beside_a_changed_one_does_not_touch_it() -> None:
    assert merged("why", "One.\n\nTwo.", "One.\n\n2.", "One.\n\nTwo.\n\n3.") == "One.\n\n2.\n\n3."
    assert merged("why", "One.", "Zero.\n\nOne.", "1.") == "Zero.\n\n1."


def test_lines_of_one_paragraph_merge_where_a_line_stands_between() -> None:
    assert merged("problem", "a\nb\nc", "A\nb\nc", "a\nb\nC") == "A\nb\nC"
    found = conflict("problem", "a\nb\nc", "A\nb\nc", "a\nB\nc")
    assert found.parts == (Touching("a\nb", "A\nb", "a\nB"), Settled("c"))


def test_what_merges_around_a_conflict_is_merged() -> None:
    found = conflict("problem", "a\n\nb\n\nc", "A\n\nt\n\nc", "a\n\ny\n\nC")
    assert found.parts == (Settled("A\n"), Touching("b", "t", "y"), Settled("\nC"))
    assert found.with_theirs == "A\n\nt\n\nC"
    assert found.with_yours == "A\n\ny\n\nC"


def test_paragraphs_that_both_add_at_one_place_touch() -> None:
    found = conflict("why", None, "Theirs.", "Mine.")
    assert (found.base, found.parts) == (None, (Touching("", "Theirs.", "Mine."),))
    conflict("problem", "a", "a\n\nt", "a\n\ny")


def test_deleting_what_the_other_changed_is_a_conflict() -> None:
    found = conflict("solution", "a\n\nb\n\nc", "a\n\nB\n\nc", None)
    assert (found.with_theirs, found.with_yours) == ("a\n\nB\n\nc", None)


# Few words, so that the sides agree here and there; base and sides are made from one another.
LINE = st.sampled_from(["a", "b c", "d", "", "}", "x = y(z)"])
ITEM = st.sampled_from(["a", "b", "c", "d", "e"])


@st.composite
def _edited(draw: st.DrawFn, base: list[str], item: st.SearchStrategy[str]) -> list[str]:
    """Return the items with a few of them deleted, replaced, and others put in."""
    items = list(base)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(items)))
        items[at : at + draw(st.integers(0, 2))] = draw(st.lists(item, max_size=2))
    return items


@st.composite
def threes(draw: st.DrawFn) -> tuple[EntryContent, EntryContent, EntryContent]:
    """Return a state of an entry and two changes of it."""
    lines, tags = draw(st.lists(LINE, max_size=10)), draw(st.lists(ITEM, max_size=4))
    gotchas, title = draw(st.lists(ITEM, max_size=5)), st.sampled_from(["The title", "A title"])

    def side(*, changed: bool) -> EntryContent:
        text = draw(_edited(lines, LINE)) if changed else lines
        return content(
            title=draw(title) + " of it",
            problem="\n".join(["p", *text]),
            why="\n".join(draw(_edited(lines, LINE)) if changed else lines),
            tags=[*(draw(_edited(tags, ITEM)) if changed else tags), "z"],
            gotchas=draw(_edited(gotchas, ITEM)) if changed else gotchas,
        )

    return side(changed=False), side(changed=True), side(changed=True)


@given(threes())
def test_merging_with_an_unchanged_side_gives_the_other(
    three: tuple[EntryContent, EntryContent, EntryContent],
) -> None:
    base, other, _ = three
    assert merge(base, base, other) == Merge(other, ())
    assert merge(base, other, base) == Merge(other, ())
    assert merge(base, other, other) == Merge(other, ())


@given(threes())
def test_what_merges_merges_to_the_same_from_both_sides(
    three: tuple[EntryContent, EntryContent, EntryContent],
) -> None:
    base, theirs, yours = three
    found, other_way = merge(base, theirs, yours), merge(base, yours, theirs)
    assert [one.field for one in found.conflicts] == [one.field for one in other_way.conflicts]
    conflicting = {one.field for one in found.conflicts}
    for name in EntryContent.model_fields:
        if name not in conflicting:
            assert getattr(found.content, name) == getattr(other_way.content, name)
    for one, reverse in zip(found.conflicts, other_way.conflicts, strict=True):
        assert (one.with_theirs, one.with_yours) == (reverse.with_yours, reverse.with_theirs)


def pieces(value: object) -> Counter[str]:
    """Return the lines or items of a field, blank ones left out."""
    texts = value if isinstance(value, list) else str(value or "").split("\n")
    return Counter(text for text in texts if text.strip())


@given(threes())
def test_no_typed_text_vanishes(three: tuple[EntryContent, EntryContent, EntryContent]) -> None:
    base, theirs, yours = three
    found = merge(base, theirs, yours)
    conflicts = {one.field: one for one in found.conflicts}
    for name in EntryContent.model_fields:
        for side, typed in (("theirs", theirs), ("yours", yours)):
            added = pieces(getattr(typed, name)) - pieces(getattr(base, name))
            if name in conflicts:
                kept = getattr(conflicts[name], f"with_{side}")
            else:
                kept = getattr(found.content, name)
            assert set(added) <= set(pieces(kept))


@given(threes())
def test_what_is_merged_is_valid_and_a_conflict_has_all_three(
    three: tuple[EntryContent, EntryContent, EntryContent],
) -> None:
    base, theirs, yours = three
    found = merge(base, theirs, yours)
    assert EntryContent.model_validate(found.content.model_dump()) == found.content
    for one in found.conflicts:
        sides = [getattr(side, one.field) for side in three]
        assert [one.base, one.theirs, one.yours] == sides
        assert len({as_text(side) for side in sides}) == 3
        assert any(isinstance(part, Touching) for part in one.parts)
        if one.field in PROSE:
            text = "\n".join(p.text if isinstance(p, Settled) else p.yours for p in one.parts)
            assert pieces(text) == pieces(one.with_yours)


@pytest.mark.parametrize("alphabet", ["ab", "".join(map(chr, range(200, 400)))])
def test_the_largest_unrelated_fields_are_merged(alphabet: str) -> None:
    rng = random.Random(1)

    def unrelated() -> str:
        return "".join(
            rng.choice(alphabet) + rng.choice("\n \n") for _ in range(MAX_PROSE // 2 - 1)
        )

    found = conflict("problem", *(unrelated() + "." for _ in range(3)))
    assert any(isinstance(part, Touching) for part in found.parts)


def test_the_longest_lists_are_merged() -> None:
    base = [f"gotcha {n}" for n in range(MAX_ITEMS)]
    assert merged("gotchas", base, ["t", *base[1:]], [*base[:-1], "y"]) == ["t", *base[1:-1], "y"]
