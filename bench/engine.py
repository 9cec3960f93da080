"""The search engine measured: in the process that asks, behind the executor, after updates."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, TypeVarTuple, Unpack

import anyio

from bench.fts5 import Fts5
from bench.timing import (
    SECONDS,
    Ask,
    Figures,
    Sample,
    closed_loop,
    figures_of,
    percentile,
    timed,
)
from kb.entries import repository as entries_repository
from kb.executor import DEFAULT_SECONDS, Executor
from kb.runtime import open_runtime
from kb.search.documents import document_of
from kb.search.engine import SearchEngine, SearchRequest
from kb.search.engines import open_engine
from kb.search.query import parse
from kb.settings import Settings

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

FTS5, IN_PROCESS, EXECUTOR, HTTP = "FTS5", "in process", "executor", "HTTP"
"""What answers: the yardstick, the engine called directly, as the server calls it, the server."""

UPDATES = 20
PROCESSES = 2
"""Worker processes, as many as a server has."""

LIMIT = 20
WARM_UP = "warm up"


@dataclass(frozen=True, slots=True)
class Searched:
    """How fast `target` answered `clients` at a time, for the first time or `again`."""

    target: str
    clients: int
    again: bool
    figures: Figures


@dataclass(frozen=True, slots=True)
class Updated:
    """Medians in milliseconds: committing a change of one entry, the first search after it."""

    commit: float
    search: float


class InPlace(Executor):
    """Does all work where it is asked for: what is measured is the engine, not the way to it."""

    async def io(self, function: Callable[[Unpack[Ts]], T], *args: *Ts) -> T:
        """Return `function(*args)`."""
        return function(*args)

    async def cpu(
        self,
        function: Callable[[Unpack[Ts]], T],
        *args: *Ts,
        seconds: float = DEFAULT_SECONDS,  # noqa: ARG002 (the executor's signature)
    ) -> T:
        """Return `function(*args)`."""
        return function(*args)


async def side_by_side(settings: Settings, fts5: Fts5, queries: Sequence[str]) -> list[Searched]:
    """Ask the engine and FTS5 in this process, in turn: what disturbs one disturbs the other."""
    engine = open_engine(settings.search_engine, settings.index_dir, InPlace())
    asks = {IN_PROCESS: _asking(engine), FTS5: _asking_directly(fts5)}
    for ask in asks.values():
        await ask(WARM_UP)
    found = []
    for again in (False, True):
        samples = await _in_turn(asks, queries)
        found += [Searched(name, 1, again, figures_of(one)) for name, one in samples.items()]
    return found


async def _in_turn(asks: Mapping[str, Ask], queries: Sequence[str]) -> dict[str, Sample]:
    samples = {target: Sample(cpu=0.0) for target in asks}
    end = time.perf_counter() + SECONDS
    for query in queries:
        if time.perf_counter() > end:
            break
        for target, ask in asks.items():
            sample, worked = samples[target], time.process_time()
            await timed(ask, query, sample)
            sample.cpu = (sample.cpu or 0.0) + time.process_time() - worked
    for sample in samples.values():
        sample.seconds = sum(sample.latencies) / 1000
    return samples


async def concurrently(
    settings: Settings, fts5: Fts5, queries: Sequence[str], clients: int
) -> list[Searched]:
    """Ask through the executor; FTS5 as well, in threads, where several ask at a time."""
    async with Executor(PROCESSES) as executor:
        ask = _asking(open_engine(settings.search_engine, settings.index_dir, executor))
        async with anyio.create_task_group() as group:
            for _ in range(PROCESSES):
                group.start_soon(ask, WARM_UP)
        found = await twice(EXECUTOR, ask, queries, clients)
        if clients > 1:
            found += await twice(FTS5, _asking_in_threads(fts5, executor), queries, clients)
        return found


async def twice(target: str, ask: Ask, queries: Sequence[str], clients: int) -> list[Searched]:
    """Ask every query for the first time, then all of them again."""
    asks = [ask] * clients
    return [
        Searched(target, clients, again, figures_of(await closed_loop(asks, queries)))
        for again in (False, True)
    ]


async def updates(settings: Settings, query: str) -> Updated:
    """Commit one entry after the other, and search after each."""
    commits, searches = [], []
    async with open_runtime(settings, processes=PROCESSES) as runtime:
        async with runtime.database.read() as session:
            ids = await entries_repository.all_ids(session)
            entries = await entries_repository.by_ids(session, ids[:UPDATES])
        engine = open_engine(settings.search_engine, settings.index_dir, runtime.executor)
        ask = _asking(engine)
        await ask(query)
        for entry in entries:
            started = time.perf_counter()
            await engine.apply([document_of(entry)], [])
            committed = time.perf_counter()
            await ask(query)
            commits.append((committed - started) * 1000)
            searches.append((time.perf_counter() - committed) * 1000)
    return Updated(percentile(commits, 50), percentile(searches, 50))


def _asking(engine: SearchEngine) -> Ask:
    async def ask(query: str) -> object:
        return await engine.search(SearchRequest(parse(query), limit=LIMIT))

    return ask


def _asking_directly(fts5: Fts5) -> Ask:
    async def ask(query: str) -> object:
        return fts5.search(query)

    return ask


def _asking_in_threads(fts5: Fts5, executor: Executor) -> Ask:
    async def ask(query: str) -> object:
        return await executor.io(fts5.search, query)

    return ask
