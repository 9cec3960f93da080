"""`python -m bench.evaluate`: how good the results are, on the judged queries of the shared corpus.

The corpus is imported into a data folder of its own and asked over HTTP by the corpus's own
evaluate.py, with each engine that is installed; the same script scores SQLite's FTS5 (Porter stems,
any of the words) on the same entries. Both halves of the queries stand beside the whole: settings
are chosen on the even one.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import server
from bench.corpus import SHARED, read_entries
from bench.data import OwnSettings
from bench.fts5 import Fts5
from bench.server import running
from kb.settings import EngineName, Settings

MEASURES = ("nDCG@10", "success@1", "success@5")
HALVES: dict[str, Callable[[int], bool]] = {
    "all": lambda _: True,
    "even": lambda number: number % 2 == 0,
    "odd": lambda number: number % 2 == 1,
}

Query = dict[str, Any]
Scores = dict[str, dict[str, float]]
"""Measures by kind of query."""


def main() -> int:
    """Evaluate and print; return the exit status."""
    if not (SHARED / "queries.jsonl").exists():
        print(f"There are no judged queries: {SHARED} is missing.", file=sys.stderr)  # noqa: T201
        return 1
    lines = (SHARED / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    queries: list[Query] = [json.loads(line) for line in lines]
    with TemporaryDirectory() as folder:
        parts = _halves(queries, Path(folder))
        data = Path(folder) / "data"
        _kb(OwnSettings(data_dir=data), "import", *map(str, sorted(SHARED.glob("*.ndjson"))))
        installed = [engine for engine in EngineName if find_spec(engine)]
        systems = {str(engine): _of_the_server(parts, data, engine) for engine in installed}
        systems["FTS5"] = _of_fts5(queries, parts, Path(folder))
    _show(queries, systems)
    return 0


def _halves(queries: Sequence[Query], folder: Path) -> dict[str, Path]:
    """Write the queries, and each half of them by the number in their id, to files."""
    parts = {}
    for name, belongs in HALVES.items():
        chosen = [one for one in queries if belongs(int(one["id"].lstrip("d")))]
        parts[name] = folder / f"{name}.jsonl"
        parts[name].write_text("".join(f"{json.dumps(one)}\n" for one in chosen))
    return parts


def _of_the_server(parts: dict[str, Path], data: Path, engine: EngineName) -> dict[str, Scores]:
    settings = OwnSettings(data_dir=data, search_engine=engine)
    _kb(settings, "reindex")
    with running(settings) as (address, _):
        return {name: _evaluated(file, "--base", address) for name, file in parts.items()}


def _kb(settings: Settings, *arguments: str) -> None:
    """Run a command, its output beside our own; an entry it rejects is no failure of ours."""
    command = [sys.executable, "-m", "kb", *arguments]
    environment, folder = server.environment(settings), settings.data_dir.parent
    subprocess.run(command, env=environment, cwd=folder, stdout=sys.stderr, check=False)  # noqa: S603 (ours)


def _of_fts5(queries: Sequence[Query], parts: dict[str, Path], folder: Path) -> dict[str, Scores]:
    records = read_entries(sorted(SHARED.glob("*.ndjson")))
    index = Fts5(folder / "fts5.sqlite3")
    index.build(records)
    found = {
        query["id"]: [records[row - 1].slug for row, _ in index.search(query["q"])]
        for query in queries
    }
    index.close()
    run = folder / "run.jsonl"
    lines = (json.dumps({"id": name, "slugs": slugs}) for name, slugs in found.items())
    run.write_text("\n".join(lines))
    return {name: _evaluated(file, "--run", str(run)) for name, file in parts.items()}


def _evaluated(queries: Path, *source: str) -> Scores:
    """Return what the corpus's own script makes of a source; its last line is JSON."""
    command = [sys.executable, str(SHARED / "evaluate.py"), str(queries), *source]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 (ours)
    scores: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if scores.pop("failed"):
        raise RuntimeError("Some queries were not answered.")
    return scores


def _show(queries: Sequence[Query], systems: dict[str, dict[str, Scores]]) -> None:
    table = Table("kind", "n", "measure", title=f"{len(queries)} judged queries")
    for system in systems:
        for half in HALVES:
            table.add_column(f"{system} {half}", justify="right")
    for kind, scores in systems["FTS5"]["all"].items():
        for measure in MEASURES:
            values = [
                f"{systems[system][half].get(kind, {}).get(measure, float('nan')):.3f}"
                for system in systems
                for half in HALVES
            ]
            first = measure == MEASURES[0]
            table.add_row(
                kind if first else "",
                str(scores["n"]) if first else "",
                measure,
                *values,
                end_section=measure == MEASURES[-1],
            )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


if __name__ == "__main__":
    sys.exit(main())
