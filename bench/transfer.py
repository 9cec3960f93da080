"""Import and export measured: how long they take, and what all processes hold meanwhile.

`python -m bench.transfer --size 100000`. A server takes the entries in over HTTP and gives them
out again, with histories; the commands do the same on folders of their own. The index is not
waited for: a server goes on building it behind the import, and the command is ended when it says
what it has taken in.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from bench import data
from bench.answers import stream
from bench.corpus import Corpus
from bench.processes import Held, held, watched
from bench.server import environment, run_kb, running
from kb.settings import Settings
from kb.transfer.exporting import write_ndjson

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Moved:
    """What one way took: seconds, and bytes (PSS) that were held at most and before.

    `own` is of the process that moves the entries, `all` of it and its workers, who index.
    """

    seconds: float
    peak: Held
    idle: Held


def over_http(settings: Settings, file: Path) -> Iterator[tuple[str, Moved]]:
    """Yield what a server needed for the import and for the export of the file's entries."""
    token = run_kb(settings, "token", "create", "bench", "--role", "maintainer").stdout.strip()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    with running(settings) as (address, group):
        time.sleep(2)  # it takes the starter entries into its index
        for name, method, path in (
            ("HTTP import", "POST", "/api/v1/import"),
            ("HTTP export", "GET", "/api/v1/export?history=true"),
        ):
            idle = held(group)
            started = time.perf_counter()
            with watched(group) as peak, file.open("rb") as lines:
                stream(address, method, path, lines if method == "POST" else None, headers)
                seconds = time.perf_counter() - started
            yield name, Moved(seconds, peak(), idle)


def by_command(settings: Settings, file: Path) -> Iterator[tuple[str, Moved]]:
    """Yield what the commands needed; before is what they need where there are no entries."""
    empty, out = file.with_name("empty.ndjson"), str(file.with_name("out.ndjson"))
    empty.touch()
    idle: dict[str, Held] = {}
    for taken, yields in ((empty, False), (file, True)):
        for name, arguments in (
            ("kb import", ["import", str(taken)]),
            ("kb export --history", ["export", "--history", out]),
        ):
            seconds, peak = _command(settings, *arguments)
            if yields:
                yield name, Moved(seconds, peak, idle[name])
            idle[name] = peak


def _command(settings: Settings, *arguments: str) -> tuple[float, Held]:
    """Return the seconds until a command says what it has done, and what it held at most."""
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 (ours)
        [sys.executable, "-m", "kb", *arguments],
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    with watched(process.pid) as peak:
        if process.stdout:
            process.stdout.readline()
        seconds = time.perf_counter() - started
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return seconds, peak()


def _memory(moved: Moved) -> str:
    peak, idle = (Held(*(round(part / _MB) for part in one)) for one in (moved.peak, moved.idle))
    return (
        f"{peak.own} MB at most, {idle.own} before; with workers {peak.all} MB, {idle.all} before"
    )


def main(size: Annotated[int, typer.Option(min=1, help="Number of entries.")] = 100_000) -> None:
    """Measure import and export."""
    corpus = Corpus()
    typer.echo(f"{size:,} entries: {corpus.name}")
    for measure in (over_http, by_command):
        with data.temporary_settings() as settings:
            file = settings.data_dir.parent / "entries.ndjson"
            with file.open("wb") as lines:
                for record in corpus.records(size):
                    write_ndjson(lines, [record])
            for name, moved in measure(settings, file):
                each = 1000 * moved.seconds / size
                typer.echo(
                    f"{name}: {moved.seconds:.1f} s, {each:.2f} ms an entry; {_memory(moved)}; "
                    f"{data.waiting(settings):,} wait for the index"
                )


if __name__ == "__main__":
    typer.run(main)
