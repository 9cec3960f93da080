"""Where a list of entries goes on: cursors by the value sorted by, then by id (pure).

Unlike an offset, such a position stays right while entries are added before it.
"""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime

from kb import cursors
from kb.cursors import Int64, Position
from kb.entries.schemas import EntrySummary
from kb.entries.selection import Sort
from kb.errors import FieldError, Invalid


class _ByTime(Position):
    sort: Sort
    value: AwareDatetime
    id: Int64


class _ByNumber(Position):
    sort: Sort
    value: Int64
    id: Int64


def cursor_at(entry: EntrySummary, sort: Sort) -> str:
    """Return the cursor of what comes after the entry."""
    value = getattr(entry, sort.field)
    kind = _ByTime if isinstance(value, datetime) else _ByNumber
    return cursors.encode(kind(sort=sort, value=value, id=entry.id))


def position_at(cursor: str, sort: Sort) -> tuple[Any, int]:
    """Return the sort value and the id after which the list goes on.

    Raises:
        Invalid: it is no cursor, or one of another order.
    """
    by_number = sort in {Sort.VOTES, Sort.VIEWS}
    kind: type[_ByNumber | _ByTime] = _ByNumber if by_number else _ByTime
    position = cursors.decode(cursor, kind)
    if position.sort != sort:
        message = f"belongs to a list sorted by {position.sort}"
        raise Invalid(f"The cursor {message}.", (FieldError("cursor", message),))
    return position.value, position.id
