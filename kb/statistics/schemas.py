"""The numbers, as the doors show them (pure)."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from kb.entries.schemas import Category, Severity

BY_MONTH = 92
"""Days of growth from which on it is told by months."""


class _Numbers(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class Door(StrEnum):
    """Where a search came in."""

    PAGE = "page"
    API = "api"


class CategoryCount(_Numbers):
    """Entries of a category."""

    category: Category
    count: int


class LanguageCount(_Numbers):
    """Entries about a language, or about none, of one severity."""

    language: str | None
    severity: Severity
    count: int


class Growth(_Numbers):
    """Entries that were made on a day, or in the month that begins with it, and all until then."""

    since: date
    added: int
    total: int


class SearchDay(_Numbers):
    """Searches of a day (UTC) through one door, with and without results."""

    day: date
    door: Door
    found: int
    missed: int


class ReadEntry(_Numbers):
    """An entry that is read often."""

    slug: str
    title: str
    views: int


class StaleEntry(_Numbers):
    """An entry that nobody has looked after for long."""

    slug: str
    title: str
    confirmed_at: Annotated[datetime, Field(description="last revised, or found true")]


class OpenEntry(_Numbers):
    """An entry without a solution."""

    slug: str
    title: str
    votes: int


class Wanted(_Numbers):
    """Words that were searched for and not found."""

    words: str
    times: int
    last_asked: date


class Statistics(_Numbers):
    """What is here, what is read and what is searched for; archived entries do not count."""

    as_of: datetime
    entries: int
    unsolved: int
    archived: int
    categories: list[CategoryCount]
    languages: list[LanguageCount]
    growth: list[Growth]
    searches: Annotated[list[SearchDay], Field(description="of the last 30 days")]
    most_read: list[ReadEntry]
    stalest: list[StaleEntry]
    most_wanted_solutions: list[OpenEntry]
    wanted: Annotated[
        list[Wanted] | None,
        Field(description="searched for and not found, the most frequent; only for maintainers"),
    ]


def growth(added: Sequence[tuple[date, int]]) -> list[Growth]:
    """Return the growth for how many entries were made on which days, in the order of time.

    By day where all is within about three months, else by month; what has no new entries is left
    out.
    """
    if added and (added[-1][0] - added[0][0]).days > BY_MONTH:
        months: dict[date, int] = {}
        for day, number in added:
            month = day.replace(day=1)
            months[month] = months.get(month, 0) + number
        added = list(months.items())
    points, total = [], 0
    for since, number in added:
        total += number
        points.append(Growth(since=since, added=number, total=total))
    return points
