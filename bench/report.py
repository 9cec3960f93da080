"""From measurements to tables: on a terminal, in Markdown, and as JSON for programs."""

import json
from dataclasses import asdict
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from bench.machine import Machine
from bench.run import Report
from bench.tables import tables
from bench.tables.table import line

GB = 1_000_000_000


def introduction(report: Report) -> list[str]:
    """Return what stands above the tables, a line each."""
    host = report.machine
    versions = ", ".join(f"{name} {number}" for name, number in host.versions.items())
    return [
        f"Measured {report.at:%Y-%m-%d %H:%M} UTC in {report.seconds / 60:.1f} minutes.",
        f"{host.cores} cores of {host.processor}, {host.memory / GB:.0f} GB, {host.system}.",
        f"{host.python}; {versions}.",
        f"Entries: {report.corpus}.",
        f"Search engine: {report.engine}; {report.queries} queries where it is asked by itself.",
        "The limits on searches, changes and attempts to sign in were set to none.",
        _on_noise(host),
    ]


def show(report: Report, console: Console) -> None:
    """Print the report for somebody at a terminal."""
    for sentence in introduction(report):
        console.print(sentence, highlight=False)
    for table in tables(report):
        shown = RichTable(*table.header, title=table.title, caption=table.note, box=box.SIMPLE)
        for column in shown.columns:
            column.justify, column.no_wrap = "right", True
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)


def save(report: Report, folder: Path) -> None:
    """Write `report.md` and `report.json` into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(_markdown(report), encoding="utf-8")
    values = asdict(report) | {"at": report.at.isoformat()}
    text = json.dumps(values, indent=2, ensure_ascii=False)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")


def _markdown(report: Report) -> str:
    parts = ["# kb, measured", *introduction(report)]
    for table in tables(report):
        lines = [table.header, ["---:"] * len(table.header), *table.rows]
        rows = "\n".join(map(line, lines))
        parts += [f"## {table.title}", table.note, rows]
    return "\n\n".join(parts) + "\n"


def _on_noise(host: Machine) -> str:
    if not host.busy:
        return "Nothing else kept the machine busy when it began."
    return (
        f"The machine was busy when it began (load {host.load:.1f}): believe the ratios and the "
        "CPU times, not the milliseconds."
    )
