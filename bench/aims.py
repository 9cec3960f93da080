"""The figures to reach, and what a run has found of each.

Wanted on two cores, of one server process and its workers. Answers a second and milliseconds hold
for such a machine alone; what is next to FastAPI, or to an idle server, for any.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.ceilings import FASTAPI
from bench.engine import HTTP
from bench.processes import MB
from bench.run import Report, Size
from bench.server import SEARCHLESS
from bench.standing import Standing
from bench.throughput import KB, without
from bench.timing import Figures
from kb.settings import EngineName

CLIENTS = 8
FEW, SOME, MANY = 500, 5_000, 20_000

Find = Callable[[Size], float | None]
"""Returns what was measured of a size; None where it was not."""

Beside = Callable[[Size, str], float | None]
"""Returns that next to what a ceiling did; `SEARCHLESS` is the same app without the feature."""


def _nothing(_size: Size, _ceiling: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Aim:
    """What is wanted with so many entries: at least, or at most, so much in that unit."""

    what: str
    entries: int
    wanted: float
    unit: str
    find: Find
    beside: Beside = _nothing
    at_least: bool = False

    def reached(self, got: float) -> bool:
        """Say whether that is enough."""
        return got >= self.wanted if self.at_least else got <= self.wanted


@dataclass(frozen=True, slots=True)
class Found:
    """What was got of an aim, and in which size."""

    aim: Aim
    got: float
    size: Size


def found(report: Report) -> tuple[list[Found], list[Aim]]:
    """Return what was got of each aim, and the aims that this run did not measure."""
    sizes = {size.making.entries: size for size in report.sizes}
    got: list[Found] = []
    missing: list[Aim] = []
    for aim in aims(report.engine):
        size = sizes.get(aim.entries)
        value = aim.find(size) if size else None
        if size and value is not None:
            got.append(Found(aim, value, size))
        else:
            missing.append(aim)
    return got, missing


def aims(engine: str) -> Iterator[Aim]:
    """Yield what is wanted where this engine searches; first what holds on any machine."""
    yield from _ratios()
    yield from _speeds()
    wanted = (3, 4) if engine == EngineName.TANTIVY else (14, 35)
    for entries, milliseconds in zip((SOME, MANY), wanted, strict=True):
        what = "search JSON, new, one client, p50"
        yield Aim(what, entries, milliseconds, "ms", _one_after_another)
    for entries, megabytes in ((FEW, 200), (MANY, 500)):
        peak = _standing(lambda one: one.peak / MB)
        yield Aim("memory of all processes at its peak", entries, megabytes, "MB", *peak)
    start = _standing(lambda one: one.started)
    yield Aim("from the command to the first 200", FEW, 2.0, "s", *start)
    yield Aim("heartbeat late at p99 beside searches", SOME, 10, "ms", _late)


def _ratios() -> Iterator[Aim]:
    for work, wanted in (("entry JSON", 0.5), ("entry page", 0.4), ("entry JSON, 304", 0.7)):
        _, beside = _work(work, lambda one: one.per_second)
        what = f"{work}, next to {FASTAPI}"
        yield Aim(what, FEW, wanted, "times", _next_to(FASTAPI, beside), beside, at_least=True)
    for number, kind in enumerate(("/healthz", "entry page")):
        what = f"{kind} at p99 beside searches, next to idle"
        yield Aim(what, SOME, 3, "times", _beside_searches(number))


def _speeds() -> Iterator[Aim]:
    for work, wanted in (
        ("entry JSON", 5_000),
        ("entry page", 4_000),
        ("list JSON", 2_500),
        ("/ page", 1_500),
        ("search JSON, new", 650),
        ("search JSON, repeated", 4_000),
        ("search page, new", 350),
    ):
        speed = _work(work, lambda one: one.per_second)
        yield Aim(work, FEW, wanted, "/s", *speed, at_least=True)
    slowest = _work("search JSON, new", lambda one: one.p99)
    yield Aim("search JSON, new, p99", FEW, 50, "ms", *slowest)


def _work(work: str, value: Callable[[Figures], float | None]) -> tuple[Find, Beside]:
    """Return how to find a figure of a work's throughput, and this next to a ceiling's."""

    def find(size: Size, ceiling: str = KB) -> float | None:
        same = (one for one in size.throughput if (one.work, one.clients) == (work, CLIENTS))
        if (one := next(same, None)) is None:
            return None
        plain = without(one, size.throughput) if ceiling == SEARCHLESS else one.figures[ceiling]
        return value(plain) if plain else None

    def beside(size: Size, ceiling: str) -> float | None:
        ours, other = find(size), find(size, ceiling)
        return ours / other if ours and other else None

    return find, beside


def _next_to(ceiling: str, beside: Beside) -> Find:
    return lambda size: beside(size, ceiling)


def _standing(value: Callable[[Standing], float]) -> tuple[Find, Beside]:
    """Return how to find what it takes to have a server, and this next to what a ceiling takes."""

    def find(size: Size) -> float | None:
        return value(size.standing[KB]) or None if size.standing else None

    def beside(size: Size, ceiling: str) -> float | None:
        other = value(size.standing[ceiling]) if size.standing else 0
        return value(size.standing[KB]) / other if other else None

    return find, beside


def _beside_searches(number: int) -> Find:
    """Return how to find p99 of a kind of cheap request beside searches, next to idle."""

    def find(size: Size) -> float | None:
        if size.loop is None:
            return None
        phases = (size.loop.busy, size.loop.idle)
        busy, idle = (list(phase.probes.values())[number].p99 for phase in phases)
        return busy / idle if busy and idle else None

    return find


def _one_after_another(size: Size) -> float | None:
    asked = size.engine.searched if size.engine else []
    first = (one.figures.p50 for one in asked if (one.target, one.again) == (HTTP, False))
    return next(first, None)


def _late(size: Size) -> float | None:
    return size.loop.busy.lag.p99 if size.loop else None
