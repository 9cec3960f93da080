"""Slugs say what titles say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kb.entries.records import EntryRecord
from kb.entries.schemas import SLUG_PATTERN
from kb.entries.slugs import slug_from_title
from tests.factories import make_content


@given(st.text(max_size=300), st.sets(st.text(alphabet="a-1", max_size=4)))
def test_every_title_gives_a_valid_slug_that_is_free(title: str, taken: set[str]) -> None:
    slug = slug_from_title(title, taken)
    assert re.fullmatch(SLUG_PATTERN, slug)
    assert slug not in taken


def test_no_entry_hides_behind_another_page() -> None:
    assert slug_from_title("New ......", set()) == "new-2"
    with pytest.raises(ValidationError, match="another page"):
        EntryRecord(slug="new", content=make_content())


def test_taken_slugs_are_numbered() -> None:
    assert slug_from_title("Don't block the loop!", set()) == "don-t-block-the-loop"
    taken = {"don-t-block-the-loop", "don-t-block-the-loop-2"}
    assert slug_from_title("Don't block the loop!", taken) == "don-t-block-the-loop-3"


def test_a_numbered_slug_stays_within_the_limit() -> None:
    title = "x" * 200
    first = slug_from_title(title, set())
    second = slug_from_title(title, {first})
    assert len(first) <= 100
    assert len(second) <= 100
    assert second.endswith("-2")
