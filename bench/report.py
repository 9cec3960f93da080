"""From measurements to tables: on a terminal, in Markdown, and as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from bench.engine import EXECUTOR, FTS5, HTTP, IN_PROCESS
from bench.machine import Machine
from bench.search import Report, Size, every_search
from bench.timing import Figures

TARGETS = (FTS5, IN_PROCESS, EXECUTOR, HTTP)
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
    for clients in dict.fromkeys(one.clients for s in report.sizes for one in every_search(s)):
        yield _search_table(report.sizes, clients)
    yield _index_table(report.sizes)
    yield _server_table(report.sizes)


def introduction(report: Report) -> list[str]:
    """Return what stands above the tables, a line each."""
    host = report.machine
    versions = ", ".join(f"{name} {number}" for name, number in host.versions.items())
    return [
        f"Measured {report.at:%Y-%m-%d %H:%M} UTC in {report.seconds / 60:.1f} minutes.",
        f"{host.cores} cores of {host.processor}, {host.system}, {host.python}; {versions}.",
        f"Entries: {report.corpus}. Queries: {report.queries}, asked once and then once again.",
        _on_noise(host),
    ]


def show(report: Report, console: Console) -> None:
    """Print the report for somebody at a terminal."""
    for line in introduction(report):
        console.print(line, highlight=False)
    for table in tables(report):
        shown = RichTable(*table.header, title=table.title, caption=table.note, box=box.SIMPLE)
        for column in shown.columns:
            column.justify, column.no_wrap = "right", True
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)


def save(report: Report, folder: Path) -> None:
    """Write `search.md` and `search.json` into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "search.md").write_text(_markdown(report), encoding="utf-8")
    values = asdict(report) | {"at": report.at.isoformat()}
    text = json.dumps(values, indent=2, ensure_ascii=False)
    (folder / "search.json").write_text(text + "\n", encoding="utf-8")


def _markdown(report: Report) -> str:
    parts = ["# Search, measured", *introduction(report)]
    for table in tables(report):
        lines = [table.header, ["---:"] * len(table.header), *table.rows]
        rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        parts += [f"## {table.title}", table.note, rows]
    return "\n\n".join(parts) + "\n"


def _on_noise(host: Machine) -> str:
    if not host.busy:
        return "Nothing else kept the machine busy when it began."
    return (
        f"The machine was busy when it began (load {host.load:.1f}): believe the ratios and the "
        "CPU times, not the milliseconds."
    )


def _search_table(sizes: Sequence[Size], clients: int) -> Table:
    rows = [
        [f"{size.making.entries:,}", "again" if again else "first", target, *cells]
        for size in sizes
        for again in (False, True)
        for target, cells in _compared(size, clients, again=again)
    ]
    return Table(
        f"Search, {clients} client{'s' if clients > 1 else ''}",
        f"how many times as long as {FTS5} at p50; milliseconds; CPU milliseconds an answer",
        ["entries", "asked", "target", f"÷ {FTS5}", "p50", "p99", "/s", "CPU", "failed"],
        rows,
    )


def _compared(size: Size, clients: int, *, again: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield the cells of each target that was asked so."""
    wanted = (clients, again)
    asked = [one for one in every_search(size) if (one.clients, one.again) == wanted]
    found = {one.target: one.figures for one in asked}
    for target in TARGETS:
        if target in found:
            yield target, _cells(found[target], found[FTS5])


def _index_table(sizes: Sequence[Size]) -> Table:
    rows = [
        [
            f"{size.making.entries:,}",
            f"{size.making.built / size.making.fts5_built:.0f}",
            f"{size.making.index_bytes / size.making.fts5_bytes:.1f}",
            f"{size.making.imported:.1f}",
            f"{size.making.built:.1f}",
            f"{1000 * size.making.built / size.making.entries:.1f}",
            f"{size.making.index_bytes / _MB:.1f}",
            f"{size.updated.commit:.1f}",
            f"{size.updated.search:.1f}",
        ]
        for size in sizes
    ]
    header = ["entries", f"build ÷ {FTS5}", f"size ÷ {FTS5}", "import s", "build s", "ms an entry"]
    header += ["index MB", "update ms", "search ms"]
    note = "building from the database; committing one entry and the first search after it, at p50"
    return Table("Index", note, header, rows)


def _server_table(sizes: Sequence[Size]) -> Table:
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
        for size in sizes
        for one in size.served
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
