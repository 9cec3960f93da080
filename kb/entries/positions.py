"""Where a list of entries goes on: cursors by the value sorted by, then by id (pure).

Unlike an offset, such a position stays right while entries are added before it. A list by the last
update keeps the order in which it began, as of the revision that was the newest then: an entry
that is revised meanwhile is met where it stood (docs/decisions/0008-cursors.md).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime

from kb import cursors
from kb.cursors import Int64, Position
from kb.entries.selection import Sort
from kb.errors import FieldError, Invalid


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """A place in a list: the value sorted by, and the id that tells equal ones apart.

    `as_of` is the row of the newest revision when a list by update began.
    """

    value: Any
    id: int
    as_of: int | None = None


class _ByTime(Position):
    sort: Sort
    value: AwareDatetime
    id: Int64


class _ByUpdate(_ByTime):
    as_of: Int64


class _ByNumber(Position):
    sort: Sort
    value: Int64
    id: Int64


def cursor_at(place: Place, sort: Sort) -> str:
    """Return the cursor of what comes after the place."""
    if place.as_of is not None:
        return cursors.encode(
            _ByUpdate(sort=sort, value=place.value, id=place.id, as_of=place.as_of)
        )
    kind = _ByTime if isinstance(place.value, datetime) else _ByNumber
    return cursors.encode(kind(sort=sort, value=place.value, id=place.id))


def place_at(cursor: str, sort: Sort) -> Place:
    """Return the place after which the list goes on.

    Raises:
        Invalid: it is no cursor, or one of another order.
    """
    kinds: dict[Sort, type[_ByTime | _ByNumber]] = {
        Sort.UPDATED: _ByUpdate,
        Sort.VOTES: _ByNumber,
        Sort.VIEWS: _ByNumber,
    }
    position = cursors.decode(cursor, kinds.get(sort, _ByTime))
    if position.sort != sort:
        message = f"belongs to a list sorted by {position.sort}"
        raise Invalid(f"The cursor {message}.", (FieldError("cursor", message),))
    as_of = position.as_of if isinstance(position, _ByUpdate) else None
    return Place(position.value, position.id, as_of)
