"""The numbers as plots, each with its table."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from kb.dependencies import Kb, Read
from kb.entries.schemas import Severity
from kb.statistics.schemas import Growth, LanguageCount, SearchDay, StaleEntry, Statistics
from kb.statistics.service import SEARCHED
from kb.web.frame import InFrame
from kb.web.plots import Series, bars, columns, line, ranked

router = APIRouter()

LANGUAGES = 12
"""Languages with bars of their own; the others have one together."""


@dataclass(frozen=True, slots=True)
class ByLanguage:
    """A language's entries, by severity."""

    language: str
    counts: dict[Severity, int]

    @property
    def total(self) -> int:
        """All entries of the language."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class SearchesOfDay:
    """Searches of a day through all doors."""

    day: date
    found: int
    missed: int


@router.api_route("/stats", methods=["GET", "HEAD"])
async def statistics(frame: InFrame, kb: Kb, session: Read) -> Response:
    """Answer with what is here, what is read and what is searched for."""
    numbers = await kb.statistics.numbers(session, frame.visitor)
    languages = by_language(numbers.languages)
    days = by_day(numbers.searches, numbers.as_of.date())
    return frame.page(
        "statistics/index.html",
        numbers=numbers,
        languages=languages,
        days=days,
        searched=sum(day.found + day.missed for day in days),
        missed=sum(day.missed for day in days),
        plots=_plots(numbers, languages, days),
    )


def by_language(counts: Sequence[LanguageCount]) -> list[ByLanguage]:
    """Return the languages, the most frequent first, and then the rest and none, as rows."""
    sums: Counter[str | None] = Counter()
    for one in counts:
        sums[one.language] += one.count
    named = sorted((name for name in sums if name), key=lambda name: (-sums[name], name))
    shown = set(named[:LANGUAGES])
    rows = [ByLanguage(name, dict.fromkeys(Severity, 0)) for name in named[:LANGUAGES]]
    rest = [ByLanguage(name, dict.fromkeys(Severity, 0)) for name in ("others", "none")]
    known = {row.language: row for row in rows}
    for one in counts:
        others = rest[0] if one.language else rest[1]
        row = known[one.language] if one.language and one.language in shown else others
        row.counts[one.severity] += one.count
    return rows + [row for row in rest if row.total]


def by_day(searches: Sequence[SearchDay], today: date) -> list[SearchesOfDay]:
    """Return the searches of each day up to today, also of those without any."""
    found: Counter[date] = Counter()
    missed: Counter[date] = Counter()
    for one in searches:
        found[one.day] += one.found
        missed[one.day] += one.missed
    days = [today - timedelta(days=back) for back in range(SEARCHED.days, -1, -1)]
    return [SearchesOfDay(day, found[day], missed[day]) for day in days]


def _plots(
    numbers: Statistics, languages: list[ByLanguage], days: list[SearchesOfDay]
) -> dict[str, Markup]:
    """Return each plot there is something for, by its name."""
    plots = {}
    if languages:
        plots["languages"] = _languages(languages)
        plots["categories"] = bars(
            "categories",
            "Entries by category",
            "A bar for each category.",
            [each.category for each in numbers.categories],
            [Series("plain", [each.count for each in numbers.categories])],
        )
        plots["growth"] = _growth(numbers.growth, numbers.as_of.date())
        plots["stalest"] = _stalest(numbers.stalest, numbers.as_of.date())
    if any(day.found or day.missed for day in days):
        plots["searches"] = _searches(days)
    if numbers.most_read:
        plots["read"] = ranked(
            "read",
            "Most read entries",
            "A bar for the views of each.",
            [each.title for each in numbers.most_read],
            [each.views for each in numbers.most_read],
        )
    return plots


def _languages(languages: list[ByLanguage]) -> Markup:
    return bars(
        "languages",
        "Entries by language and severity",
        "A bar for each language, stacked by severity, the worst first.",
        [row.language for row in languages],
        [Series(severity, [row.counts[severity] for row in languages]) for severity in Severity],
    )


def _growth(growth: list[Growth], today: date) -> Markup:
    first = growth[0].since
    span = max(1, (max(today, growth[-1].since) - first).days)
    return line(
        "growth",
        "Entries over time",
        f"From {growth[0].total:,} to {growth[-1].total:,} entries since {first:%-d %b %Y}.",
        [f"{first:%-d %b %Y}", f"{today:%-d %b %Y}"],
        [((point.since - first).days / span, point.total) for point in growth],
    )


def _searches(days: list[SearchesOfDay]) -> Markup:
    return columns(
        "searches",
        "Searches per day",
        "A column for each day: searches that found something, and on top those that did not.",
        [f"{each.day:%-d %b}" for each in days],
        [
            Series("found", [each.found for each in days]),
            Series("missed", [each.missed for each in days]),
        ],
    )


def _stalest(stalest: list[StaleEntry], today: date) -> Markup:
    return ranked(
        "stalest",
        "Entries looked after the longest ago",
        "A bar for the days since each was revised or found true.",
        [each.title for each in stalest],
        [max(0, (today - each.confirmed_at.date()).days) for each in stalest],
    )
