"""Cursors round-trip, and nothing else is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import cursors
from kb.cursors import Int64, Position
from kb.errors import Invalid


class _Place(Position):
    name: str
    id: Int64


class _Other(Position):
    offset: int


@given(st.text(), st.integers(-(2**63), 2**63 - 1))
def test_a_cursor_decodes_to_the_position_it_was_made_of(name: str, number: int) -> None:
    place = _Place(name=name, id=number)
    assert cursors.decode(cursors.encode(place), _Place) == place


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        cursors.decode(text, _Place)


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(Invalid):
        cursors.decode(cursors.encode(_Other(offset=20)), _Place)


def test_a_number_no_database_holds_is_refused() -> None:
    forged = cursors.encode(_Place.model_construct(name="x", id=2**63))
    with pytest.raises(Invalid):
        cursors.decode(forged, _Place)
