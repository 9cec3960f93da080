"""The whole benchmark: each size made, and every part of it measured, one after the other."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

import uvloop

from bench import data, engine, machine, server, throughput
from bench.corpus import Corpus
from bench.data import Making, Yardstick
from bench.engine import Searched, Updated
from bench.fts5 import Fts5
from bench.machine import Machine
from bench.queries import fresh, queries
from bench.server import Served
from bench.throughput import Say, Throughput
from bench.works import reads, searches
from kb.entries.records import EntryRecord
from kb.settings import Settings

READS, SEARCHES, ENGINE = PARTS = "reads", "searches", "engine"
"""What can be measured of a size, in the order in which it is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure: `queries` is how many the engine is asked, `seconds` how long a round is."""

    sizes: Sequence[int]
    parts: Sequence[str]
    clients: Sequence[int]
    queries: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine measured, next to the yardstick."""

    yardstick: Yardstick
    searched: list[Searched]
    served: list[Served]
    updated: Updated


@dataclass(slots=True)
class Size:
    """All that was measured with so many entries."""

    making: Making
    throughput: list[Throughput] = field(default_factory=list)
    engine: Engine | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One run. `seconds` is how long it took, `queries` how many there were."""

    at: datetime
    seconds: float
    machine: Machine
    corpus: str
    queries: int
    sizes: list[Size]


def run(plan: Plan, say: Say) -> Report:
    """Measure every size; `say` is told what is being done."""
    at, started, corpus, host = datetime.now(UTC), time.perf_counter(), Corpus(), machine.describe()
    asked = queries(plan.queries, corpus)
    measured = [_measure(number, plan, corpus, asked, say) for number in plan.sizes]
    seconds = time.perf_counter() - started
    return Report(at, seconds, host, corpus.name, len(asked), measured)


def _measure(number: int, plan: Plan, corpus: Corpus, asked: Sequence[str], say: Say) -> Size:
    saying: Say = lambda doing: say(f"{number:,} entries: {doing}")  # noqa: E731
    with data.temporary_settings() as settings:
        saying("importing and indexing")
        size = Size(uvloop.run(data.make(settings, corpus, number)))
        works = []
        if READS in plan.parts:
            works += reads(corpus.records(number))
        if SEARCHES in plan.parts:
            works += searches(fresh(corpus))
        if works:
            size.throughput += throughput.of(settings, works, plan.clients, plan.seconds, saying)
        if ENGINE in plan.parts:
            size.engine = _engine(settings, corpus.records(number), plan.clients, asked, saying)
        return size


def _engine(
    settings: Settings,
    records: Iterable[EntryRecord],
    clients: Sequence[int],
    asked: Sequence[str],
    say: Say,
) -> Engine:
    with closing(Fts5(settings.data_dir.parent / "fts5.sqlite3")) as fts5:
        yardstick = data.build(fts5, records)
        say("searching in the engine")
        # Each in a loop of its own: then its worker processes are new and know nothing yet.
        searched = uvloop.run(engine.side_by_side(settings, fts5, asked))
        for some in (1, *clients):
            searched += uvloop.run(engine.concurrently(settings, fts5, asked, some))
        served = []
        for some in (1, *clients):
            say(f"searching over HTTP, clients: {some}")
            served.append(server.serve(settings, asked, some))
        say("changing them")
        updated = uvloop.run(engine.updates(settings, asked[0]))
        return Engine(yardstick, searched, served, updated)


def every_search(engine: Engine) -> Iterator[Searched]:
    """Yield what was searched in the engine and over HTTP."""
    yield from engine.searched
    for one in engine.served:
        yield from one.searched
