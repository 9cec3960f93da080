"""Where a search goes on: after the entries that were shown (pure).

A ranking moves with every change of the index, so no place in it means the same a moment later.
What was shown does: the next page is the best of the rest, whatever has moved meanwhile
(docs/decisions/0008-cursors.md).
"""

from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import Annotated

from pydantic import Field

from kb import cursors
from kb.cursors import Int64, Position

MAX_SHOWN = 10_000
"""Entries after which a walk through a search ends: its cursors would become too long to send."""


class _AfterShown(Position):
    steps: Annotated[list[Int64], Field(max_length=MAX_SHOWN)]
    """From each id to the next higher one, beginning at 0: small numbers, which pack well."""


def cursor_after(shown: Iterable[int]) -> str | None:
    """Return the cursor of what comes after the entries of these ids; None after too many."""
    ids = sorted(shown)
    if len(ids) > MAX_SHOWN:
        return None
    return cursors.encode(_AfterShown(steps=[b - a for a, b in pairwise([0, *ids])]))


def shown_at(cursor: str) -> frozenset[int]:
    """Return the ids of the entries that were shown. Raises Invalid where it is no such cursor."""
    return frozenset(accumulate(cursors.decode(cursor, _AfterShown).steps))
