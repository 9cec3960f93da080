"""Tables of the engine, next to FTS5."""

from collections.abc import Iterator, Sequence

from bench.engine import EXECUTOR, FTS5, HTTP, IN_PROCESS
from bench.processes import MB
from bench.run import Engine, Size
from bench.tables.table import NONE, Table, ms
from bench.timing import Figures

TARGETS = (FTS5, IN_PROCESS, EXECUTOR, HTTP)

_Measured = tuple[Size, Engine]


def tables(sizes: Sequence[Size]) -> Iterator[Table]:
    """Yield those of the sizes whose engine was measured."""
    engines = [(size, size.engine) for size in sizes if size.engine]
    for clients in dict.fromkeys(one.clients for _, each in engines for one in each.searched):
        yield _search_table(engines, clients)
    if engines:
        yield _index_table(engines)


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
        [
            *("entries", "asked", "target", f"÷ {FTS5}", "p50", "p99", "p99.9"),
            *("/s", "CPU", "failed"),
        ],
        rows,
    )


def _compared(engine: Engine, clients: int, *, again: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield the cells of each target that was asked so."""
    wanted = (clients, again)
    asked = [one for one in engine.searched if (one.clients, one.again) == wanted]
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
            f"{size.making.index_bytes / MB:.1f}",
            f"{engine.updated.commit:.1f}",
            f"{engine.updated.search:.1f}",
        ]
        for size, engine in engines
    ]
    header = ["entries", f"build ÷ {FTS5}", f"size ÷ {FTS5}", "import s", "build s", "ms an entry"]
    header += ["index MB", "update ms", "search ms"]
    note = "building from the database; committing one entry and the first search after it, at p50"
    return Table("Index", note, header, rows)


def _cells(found: Figures, yardstick: Figures) -> list[str]:
    ratio = f"{found.p50 / yardstick.p50:.1f}" if found.p50 and yardstick.p50 else NONE
    return [
        ratio,
        ms(found.p50),
        ms(found.p99),
        ms(found.p999),
        f"{found.per_second:.0f}",
        ms(found.cpu),
        str(found.failed),
    ]
