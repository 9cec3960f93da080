"""Import and export measured: how long they take, and what all processes hold meanwhile.

`python -m bench.transfer --size 100000`. A server takes the entries in over HTTP and gives them
out again, with histories; the commands do the same on folders of their own. The index is not
waited for: a server goes on building it behind the import, and the command is ended when it says
what it has taken in.
"""

import http.client
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, NamedTuple
from urllib.parse import urlsplit

import typer

from bench import data, processes
from bench.corpus import Corpus
from bench.server import running
from kb.settings import Settings
from kb.transfer.exporting import write_ndjson

CHUNK = 64 * 1024
EVERY = 0.25
"""Seconds between two looks at the memory: of 100,000 entries the shortest part takes ten."""

_MB = 1_000_000


class Held(NamedTuple):
    """Bytes of one process and of all of its group."""

    own: int = 0
    all: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """What one way took: seconds, and bytes (PSS) that were held at most and before.

    `own` is of the process that moves the entries, `all` of it and its workers, who index.
    """

    seconds: float
    peak: Held
    idle: Held


def held(group: int) -> Held:
    """Return what the group holds; its leader is the process that moves the entries."""
    memory = processes.memory(group)
    return Held(processes.held_by(group), memory.proportional if memory else 0)


@contextmanager
def watched(group: int) -> Iterator[Callable[[], Held]]:
    """Give a function that returns the most memory that the group has held so far."""
    peak, over = Held(), threading.Event()

    def watch() -> None:
        nonlocal peak
        while True:
            peak = Held(*map(max, peak, held(group)))
            if over.wait(EVERY):
                return

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield lambda: peak
    finally:
        over.set()
        watching.join()


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
                _ask(address, method, path, lines if method == "POST" else None, headers)
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
        env=_environment(settings),
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


def _ask(
    address: str, method: str, path: str, body: IO[bytes] | None, headers: dict[str, str]
) -> None:
    """Send a request and read all of the answer, a piece at a time."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port or 80)
    connection.request(method, path, body, headers, encode_chunked=body is not None)
    answer = connection.getresponse()
    last = b""
    while part := answer.read(CHUNK):
        last = part[-CHUNK:]
    connection.close()
    if answer.status != http.HTTPStatus.OK or b'"error"' in last.rpartition(b"\n{")[2]:
        raise RuntimeError(f"{path} was answered with {answer.status}: {last[-500:]!r}")


def run_kb(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of kb on these settings. Raises CalledProcessError."""
    return subprocess.run(  # noqa: S603 (ours)
        [sys.executable, "-m", "kb", *arguments],
        env=_environment(settings),
        capture_output=True,
        text=True,
        check=True,
    )


def _environment(settings: Settings) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    return outside | {"KB_DATA_DIR": str(settings.data_dir.absolute())}


def waiting(settings: Settings) -> int:
    """Return how many changes the index has not taken in yet."""
    with closing(sqlite3.connect(settings.database_path)) as database:
        number: int = database.execute("SELECT count(*) FROM outbox").fetchone()[0]
        return number


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
                    f"{waiting(settings):,} wait for the index"
                )


if __name__ == "__main__":
    typer.run(main)
