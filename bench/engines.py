"""`python -m bench.engines`: the embedded engines at several sizes, in turn, in one run.

Each builds an index of its own over the same entries, and is asked the same queries in a new
process, one after the other. Every measurement is made twice and the quicker one kept, because what
else a machine does only ever makes it slower.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, NamedTuple, TypeVar, TypeVarTuple, Unpack

import typer
from rich.console import Console
from rich.table import Table

from bench.cli import numbers
from bench.corpus import Corpus
from bench.engine import LIMIT, InPlace
from bench.processes import held_by
from bench.queries import queries
from bench.timing import percentile
from kb.entries.records import EntryRecord
from kb.entries.selection import MAX_FACET_VALUES
from kb.search.engine import Document, SearchRequest
from kb.search.engines import open_engine
from kb.search.query import parse
from kb.settings import EngineName

SIZES = "500,2000,5000,20000"
QUERIES = 300

ROUNDS = 2
"""How often each engine is asked everything, in turn; the quickest round counts."""

_AT_A_TIME = 100
_MB = 1_000_000
_OF_THE_ENTRY = [one.name for one in fields(Document) if one.name not in ("id", "revision")]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Asked(NamedTuple):
    """Milliseconds a query, asked for the first time and again, and the bytes it all took."""

    p50: float
    p99: float
    again_p50: float
    again_p99: float
    memory: int


class Built(NamedTuple):
    """Seconds to build an index of all entries, and its bytes."""

    seconds: float
    size: int


def main(
    sizes: Annotated[str, typer.Option(help="Numbers of entries.")] = SIZES,
    number: Annotated[int, typer.Option("--queries", min=1, help="Queries to ask.")] = QUERIES,
) -> None:
    """Measure every engine that is installed, next to the others."""
    asked = queries(number, Corpus())
    table = Table("entries", "engine", "build s", "index MB", "first p50", "p99")
    for column in ("again p50", "p99", "memory MB"):
        table.add_column(column)
    for size in numbers(sizes):
        for engine, (built, found) in _measured(size, asked).items():
            times = [f"{one:.2f}" for one in found[:4]]
            table.add_row(
                f"{size:,}",
                engine,
                f"{built.seconds:.0f}",
                f"{built.size / _MB:.1f}",
                *times,
                f"{found.memory / _MB:.0f}",
            )
            Console(stderr=True).print(size, engine, built, found, highlight=False)
    Console(width=110).print(table)


def _measured(size: int, asked: Sequence[str]) -> dict[EngineName, tuple[Built, Asked]]:
    engines = [one for one in EngineName if find_spec(one)]
    with TemporaryDirectory(prefix="kb-bench-") as name:
        roots = {one: Path(name) / one for one in engines}
        built = {one: _elsewhere(_build, one, root, size) for one, root in roots.items()}
        rounds = [
            {one: _elsewhere(_ask, one, root, asked) for one, root in roots.items()}
            for _ in range(ROUNDS)
        ]
    return {one: (built[one], Asked(*map(min, *(some[one] for some in rounds)))) for one in engines}


def _elsewhere(function: Callable[[Unpack[Ts]], T], *args: *Ts) -> T:
    """Return `function(*args)`, called in a process that has done nothing before."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *args).result()


def _build(name: EngineName, root: Path, size: int) -> Built:
    documents = [
        _document(number, record) for number, record in enumerate(Corpus().records(size), 1)
    ]

    async def batches() -> AsyncIterator[Sequence[Document]]:
        for start in range(0, size, _AT_A_TIME):
            yield documents[start : start + _AT_A_TIME]

    started = time.perf_counter()
    asyncio.run(_rebuilt(name, root, batches()))
    seconds = time.perf_counter() - started
    return Built(seconds, sum(one.stat().st_size for one in root.rglob("*") if one.is_file()))


async def _rebuilt(
    name: EngineName, root: Path, batches: AsyncIterator[Sequence[Document]]
) -> None:
    await open_engine(name, root, InPlace()).rebuild(batches)


def _document(number: int, record: EntryRecord) -> Document:
    values: dict[str, Any] = {
        name: getattr(record.content, name, record.submitted_by) for name in _OF_THE_ENTRY
    }
    values |= {name: tuple(one) for name, one in values.items() if isinstance(one, list)}
    return Document(id=number, revision=1, **values | {"author": record.submitted_by or "bench"})


def _ask(name: EngineName, root: Path, asked: Sequence[str]) -> Asked:
    before = held_by(os.getpid())
    first, again = asyncio.run(_times(name, root, asked))
    return Asked(
        percentile(first, 50),
        percentile(first, 99),
        percentile(again, 50),
        percentile(again, 99),
        held_by(os.getpid()) - before,
    )


async def _times(
    name: EngineName, root: Path, asked: Sequence[str]
) -> tuple[list[float], list[float]]:
    engine = open_engine(name, root, InPlace())
    # A mistake, so that the words to correct it by are read before the clock runs.
    await engine.search(SearchRequest(parse("aaaaaaaaaa")))
    rounds: tuple[list[float], list[float]] = ([], [])
    for times in rounds:
        for text in asked:
            started = time.perf_counter()
            request = SearchRequest(parse(text), limit=LIMIT, facet_values=MAX_FACET_VALUES)
            await engine.search(request)
            times.append((time.perf_counter() - started) * 1000)
    return rounds


if __name__ == "__main__":
    typer.run(main)
