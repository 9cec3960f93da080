"""What was measured as tables: ratios first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.ceilings import FASTAPI, STARLETTE
from bench.engine import EXECUTOR, FTS5, HTTP, IN_PROCESS
from bench.run import Engine, Report, Size, every_search
from bench.throughput import KB, Throughput
from bench.timing import Figures

TARGETS = (FTS5, IN_PROCESS, EXECUTOR, HTTP)
FULL = 0.9
"""The share of a core from which on the clients were the limit."""

_Measured = tuple[Size, Engine]

_MB = 1_000_000
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, what is to be known to read it, and cells."""

    title: str
    note: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables(report: Report) -> Iterator[Table]:
    """Yield the report's tables."""
    for clients in dict.fromkeys(one.clients for s in report.sizes for one in s.throughput):
        yield _throughput_table(report.sizes, clients)
    engines = [(size, size.engine) for size in report.sizes if size.engine]
    for clients in dict.fromkeys(one.clients for _, e in engines for one in every_search(e)):
        yield _search_table(engines, clients)
    if engines:
        yield _index_table(engines)
        yield _server_table(engines)


def _throughput_table(sizes: Sequence[Size], clients: int) -> Table:
    rows = [
        [f"{size.making.entries:,}", one.work, *_throughput_cells(one)]
        for size in sizes
        for one in size.throughput
        if one.clients == clients
    ]
    header = ["entries", "asked", f"÷ {FASTAPI}", f"÷ {STARLETTE}", "CPU ratio", "/s"]
    header += ["p50", "p99", "p99.9", "CPU µs", "failed"]
    note = (
        "answers a second next to those of FastAPI and Starlette with the same bytes ready; "
        "FastAPI's CPU time an answer next to ours; milliseconds; CPU microseconds an answer"
    )
    return Table(f"Throughput, clients: {clients}", note, header, rows)


def _throughput_cells(one: Throughput) -> list[str]:
    kb, fastapi = one.figures[KB], one.figures[FASTAPI]
    return [
        _ratio(one, FASTAPI),
        _ratio(one, STARLETTE),
        f"{fastapi.cpu / kb.cpu:.2f}" if fastapi.cpu and kb.cpu else _NONE,
        f"{kb.per_second:,.0f}",
        _ms(kb.p50),
        _ms(kb.p99),
        _ms(kb.p999),
        _NONE if kb.cpu is None else f"{kb.cpu * 1000:.0f}",
        str(kb.failed),
    ]


def _ratio(one: Throughput, ceiling: str) -> str:
    """Return the ratio; where the clients were the limit of one side, it says at least or most."""
    kb, other = (one.figures[name].client >= FULL for name in (KB, ceiling))
    sign = {(True, False): "≥ ", (False, True): "≤ "}.get((kb, other), "")
    return f"{sign}{one.ratio(ceiling):.2f}"


def _search_table(engines: Sequence[_Measured], clients: int) -> Table:
    rows = [
        [f"{size.making.entries:,}", "again" if again else "first", target, *cells]
        for size, engine in engines
        for again in (False, True)
        for target, cells in _compared(engine, clients, again=again)
    ]
    return Table(
        f"Search, {clients} client{'s' if clients > 1 else ''}",
        f"how many times as long as {FTS5} at p50; milliseconds; CPU milliseconds an answer",
        ["entries", "asked", "target", f"÷ {FTS5}", "p50", "p99", "/s", "CPU", "failed"],
        rows,
    )


def _compared(engine: Engine, clients: int, *, again: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield the cells of each target that was asked so."""
    wanted = (clients, again)
    asked = [one for one in every_search(engine) if (one.clients, one.again) == wanted]
    found = {one.target: one.figures for one in asked}
    for target in TARGETS:
        if target in found:
            yield target, _cells(found[target], found[FTS5])


def _index_table(engines: Sequence[_Measured]) -> Table:
    rows = [
        [
            f"{size.making.entries:,}",
            f"{size.making.built / engine.yardstick.built:.0f}",
            f"{size.making.index_bytes / engine.yardstick.bytes:.1f}",
            f"{size.making.imported:.1f}",
            f"{size.making.built:.1f}",
            f"{1000 * size.making.built / size.making.entries:.1f}",
            f"{size.making.index_bytes / _MB:.1f}",
            f"{engine.updated.commit:.1f}",
            f"{engine.updated.search:.1f}",
        ]
        for size, engine in engines
    ]
    header = ["entries", f"build ÷ {FTS5}", f"size ÷ {FTS5}", "import s", "build s", "ms an entry"]
    header += ["index MB", "update ms", "search ms"]
    note = "building from the database; committing one entry and the first search after it, at p50"
    return Table("Index", note, header, rows)


def _server_table(engines: Sequence[_Measured]) -> Table:
    rows = [
        [
            f"{size.making.entries:,}",
            str(one.clients),
            f"{one.started:.1f}",
            *(
                [
                    f"{one.memory.proportional / _MB:.0f}",
                    f"{one.memory.resident / _MB:.0f}",
                    str(one.memory.processes),
                ]
                if one.memory
                else [_NONE] * 3
            ),
        ]
        for size, engine in engines
        for one in engine.served
    ]
    header = ["entries", "clients", "start to first 200 s", "PSS MB", "RSS MB", "processes"]
    return Table("Server", "memory of all processes after the searches", header, rows)


def _cells(found: Figures, yardstick: Figures) -> list[str]:
    ratio = f"{found.p50 / yardstick.p50:.1f}" if found.p50 and yardstick.p50 else _NONE
    return [
        ratio,
        _ms(found.p50),
        _ms(found.p99),
        f"{found.per_second:.0f}",
        _ms(found.cpu),
        str(found.failed),
    ]


def _ms(value: float | None) -> str:
    return _NONE if value is None else f"{value:.2f}"
