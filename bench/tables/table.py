"""A table, and how its cells are written."""

from collections.abc import Sequence
from dataclasses import dataclass

NONE = "-"
WITHOUT = "÷ without"
"""The column next to the same app without the feature."""


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, what is to be known to read it, and cells."""

    title: str
    note: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def line(cells: Sequence[str]) -> str:
    """Return cells as a line of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def ms(value: float | None) -> str:
    """Return milliseconds as they are written."""
    return NONE if value is None else f"{value:.2f}"


def ratio(one: float | None, other: float | None) -> str:
    """Return how many times the other the one is."""
    return f"{one / other:.2f}" if one and other else NONE
