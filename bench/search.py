"""The search benchmark: each size made, searched, served and changed, one after the other."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import uvloop

from bench import data, engine, machine, server
from bench.corpus import Corpus
from bench.data import Making
from bench.engine import Searched, Updated
from bench.fts5 import Fts5
from bench.machine import Machine
from bench.queries import queries
from bench.server import Served

Say = Callable[[str], None]

CLIENTS = (1, 32)


@dataclass(frozen=True, slots=True)
class Size:
    """All that was measured with so many entries."""

    making: Making
    searched: list[Searched]
    served: list[Served]
    updated: Updated


@dataclass(frozen=True, slots=True)
class Report:
    """One run. `seconds` is how long it took, `queries` how many there were."""

    at: datetime
    seconds: float
    machine: Machine
    corpus: str
    queries: int
    sizes: list[Size]


def run(sizes: Sequence[int], number: int, clients: Sequence[int], say: Say) -> Report:
    """Measure every size with `number` queries; `say` is told what is being done."""
    at, started, corpus, host = datetime.now(UTC), time.perf_counter(), Corpus(), machine.describe()
    asked = queries(number, corpus)
    measured = [_measure(size, corpus, asked, clients, say) for size in sizes]
    seconds = time.perf_counter() - started
    return Report(at, seconds, host, corpus.name, len(asked), measured)


def _measure(
    number: int, corpus: Corpus, asked: Sequence[str], clients: Sequence[int], say: Say
) -> Size:
    with (
        data.temporary_settings() as settings,
        closing(Fts5(settings.data_dir.parent / "fts5.sqlite3")) as fts5,
    ):
        say(f"{number:,} entries: importing and indexing")
        making = uvloop.run(data.make(settings, corpus, number, fts5))
        say(f"{number:,} entries: searching in the engine")
        # Each in a loop of its own: then its worker processes are new and know nothing yet.
        searched = uvloop.run(engine.side_by_side(settings, fts5, asked))
        for some in clients:
            searched += uvloop.run(engine.concurrently(settings, fts5, asked, some))
        served = []
        for some in clients:
            say(f"{number:,} entries: searching over HTTP, clients: {some}")
            served.append(server.serve(settings, asked, some))
        say(f"{number:,} entries: changing them")
        updated = uvloop.run(engine.updates(settings, asked[0]))
        return Size(making, searched, served, updated)


def every_search(size: Size) -> Iterator[Searched]:
    """Yield what was searched in the engine and over HTTP."""
    yield from size.searched
    for one in size.served:
        yield from one.searched
