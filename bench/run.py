"""The whole benchmark: each size made, and every part of it measured, one after the other."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

import uvloop

from bench import data, engine, loop, machine, server, standing
from bench.corpus import Corpus
from bench.data import Making, Yardstick
from bench.engine import Searched, Updated
from bench.fts5 import Fts5
from bench.latency import LONGER, Latency, latencies
from bench.loop import Loop
from bench.machine import Machine
from bench.queries import fresh, queries
from bench.server import Server
from bench.standing import Standing
from bench.throughput import KB, Say, Throughput, servers_on, throughputs
from bench.works import Work, reads, searches
from bench.writes import AT_HAND, Imported, imported, writes
from kb.settings import Settings

READS, SEARCHES, LATENCY, LOOP, START, ENGINE, WRITES, IMPORT = PARTS = (
    *("reads", "searches", "latency", "loop", "start", "engine", "writes", "import"),
)
"""What can be measured of a size, in the order in which it is."""

SPARE = 30 * AT_HAND
"""Entries to be created, behind those that are there."""

FEWER = 10
"""Beyond the first size, as small a part of the entries is sent at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure.

    `queries` is how many the engine is asked, `seconds` how long a round is, `imported` how many
    entries are sent at once, `starts` how often a server is started. Of the numbers of `clients`,
    the first alone asks at every size, the others at the first size.
    """

    sizes: Sequence[int]
    parts: Sequence[str]
    clients: Sequence[int]
    queries: int
    seconds: float
    imported: int
    starts: int


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine measured, next to the yardstick."""

    yardstick: Yardstick
    searched: list[Searched]
    updated: Updated


@dataclass(slots=True)
class Size:
    """All that was measured with so many entries."""

    making: Making
    throughput: list[Throughput] = field(default_factory=list)
    latency: list[Latency] = field(default_factory=list)
    loop: Loop | None = None
    standing: dict[str, Standing] = field(default_factory=dict)
    engine: Engine | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One run. `seconds` is how long it took, `queries` how many `engine` was asked."""

    at: datetime
    seconds: float
    machine: Machine
    corpus: str
    engine: str
    queries: int
    sizes: list[Size]


def run(plan: Plan, say: Say) -> Report:
    """Measure every size; `say` is told what is being done."""
    at, started, corpus = datetime.now(UTC), time.perf_counter(), Corpus()
    chosen = data.chosen_engine()
    host = machine.describe(chosen)
    asked = queries(plan.queries, corpus)
    measured = [_Measuring(number, plan, corpus, say).all(asked) for number in plan.sizes]
    seconds = time.perf_counter() - started
    return Report(at, seconds, host, corpus.name, chosen, len(asked), measured)


class _Measuring:
    """The measurements of one size."""

    def __init__(self, number: int, plan: Plan, corpus: Corpus, say: Say) -> None:
        self._number, self._plan, self._corpus, self._tell = number, plan, corpus, say
        self._first = number == plan.sizes[0]
        self._clients = plan.clients if self._first else plan.clients[:1]
        queries = fresh(corpus)
        self._reads, self._searches = reads(corpus.records(number)), searches(queries)

    def all(self, asked: Sequence[str]) -> Size:
        """Return what was found, where the engine is asked these queries."""
        parts = set(self._plan.parts)
        with data.temporary_settings() as settings:
            self._say("importing and indexing")
            size = Size(uvloop.run(data.make(settings, self._corpus, self._number)))
            secret = uvloop.run(data.token(settings, "bench"))
            copied = data.without_index(settings)
            if parts & {READS, SEARCHES, LATENCY, LOOP}:
                with servers_on(settings, copied) as servers:
                    self._read(servers, secret, size)
            if START in parts:
                self._say("starting")
                works = [*self._reads, *self._searches]
                size.standing = standing.measure(
                    settings, copied, works, self._plan.starts, self._plan.seconds
                )
            if ENGINE in parts:
                size.engine = self._engine(settings, asked)
            if parts & {WRITES, IMPORT}:
                with servers_on(settings, copied) as servers:
                    self._write(servers, settings, secret, size)
            return size

    def _say(self, doing: str) -> None:
        self._tell(f"{self._number:,} entries: {doing}")

    def _read(self, servers: Mapping[str, Server], secret: str, size: Size) -> None:
        plan = self._plan
        every = [*self._reads, *self._searches]
        for part, works in ((READS, self._reads), (SEARCHES, self._searches)):
            if part in plan.parts:
                size.throughput += self._throughputs(servers, works)
        if LATENCY in plan.parts:
            size.latency += latencies(servers, every, LONGER * plan.seconds, self._say)
        if LOOP in plan.parts:
            self._say("searching flat out beside cheap requests")
            page = f"/entries/{next(self._corpus.records(1)).slug}"
            long = LONGER * plan.seconds
            size.loop = loop.measure(servers[KB], secret, page, self._searches[0], long)

    def _write(
        self, servers: Mapping[str, Server], settings: Settings, secret: str, size: Size
    ) -> None:
        plan, number = self._plan, self._number
        some = plan.imported if self._first else max(plan.imported // FEWER, 1)
        slugs = [record.slug for record in self._corpus.records(number) if record.slug]
        new = islice(self._corpus.records(number + SPARE + some), number, None)
        if WRITES in plan.parts:
            works = writes(islice(new, SPARE), slugs, secret)
            size.throughput += self._throughputs(servers, works)
            if LATENCY in plan.parts:
                size.latency += latencies(servers, works, LONGER * plan.seconds, self._say)
        if IMPORT in plan.parts:
            self._say(f"importing {some:,} over HTTP")
            size.imported = imported(servers, settings, islice(new, some), secret)

    def _throughputs(
        self, servers: Mapping[str, Server], works: Sequence[Work]
    ) -> Iterator[Throughput]:
        return throughputs(servers, works, self._clients, self._plan.seconds, self._say)

    def _engine(self, settings: Settings, asked: Sequence[str]) -> Engine:
        clients = (1, *self._plan.clients[:1])
        with closing(Fts5(settings.data_dir.parent / "fts5.sqlite3")) as fts5:
            yardstick = data.build(fts5, self._corpus.records(self._number))
            self._say("searching in the engine")
            # Each has worker processes of its own, which are new and know nothing yet.
            searched = uvloop.run(engine.side_by_side(settings, fts5, asked))
            for some in clients:
                searched += uvloop.run(engine.concurrently(settings, fts5, asked, some))
            self._say("searching over HTTP, one query after the other")
            searched += server.serve(settings, asked, 1)
            self._say("changing them")
            return Engine(yardstick, searched, uvloop.run(engine.updates(settings, asked[0])))
