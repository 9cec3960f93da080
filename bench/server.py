"""A whole server, `kb serve` as people start it: how fast it is there, how fast it answers."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from bench import processes
from bench.engine import HTTP, LIMIT, PROCESSES, WARM_UP, Searched
from bench.load import Job, Request
from bench.processes import Memory
from bench.timing import Sample, figures_of
from kb.settings import Settings

STOPPING = 15.0
"""Seconds a server has to stop by itself."""

ROOT = Path(__file__).parents[1]

NO_LIMITS = {
    "KB_SEARCHES_PER_MINUTE": "0",
    "KB_WRITES_PER_HOUR": "0",
    "KB_SIGN_INS_PER_HOUR": "0",
}
"""What is set of every server: what is measured is how fast it answers, and not how it refuses."""


@dataclass(frozen=True, slots=True)
class Served:
    """What one server did for so many clients at a time; `started` is in seconds."""

    clients: int
    started: float
    memory: Memory | None
    searched: list[Searched]


def serve(settings: Settings, queries: Sequence[str], clients: int) -> Served:
    """Start a server, have the queries asked over HTTP twice, stop it."""
    begun = time.perf_counter()
    with running(settings) as (address, group):
        ask(Job(address, _searches([WARM_UP]), 1, once=True))
        started = time.perf_counter() - begun
        ask(Job(address, _searches([WARM_UP] * 2 * PROCESSES), PROCESSES, once=True))
        job = Job(address, _searches(queries), clients, once=True)
        searched = [
            Searched(HTTP, clients, again, figures_of(measured(group, job)))
            for again in (False, True)
        ]
        return Served(clients, started, processes.memory(group), searched)


@contextmanager
def running(settings: Settings, **more: str) -> Iterator[tuple[str, int]]:
    """Yield the address of a server and its process group; `more` is what else is set."""
    data = {"KB_DATA_DIR": str(settings.data_dir.absolute())}
    command = [sys.executable, "-m", "kb", "serve", "--port", "0"]
    with started(command, NO_LIMITS | data | more, settings.data_dir.parent) as found:
        yield found


@contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator[tuple[str, int]]:
    """Yield the address that a server says first, and its process group; stop it at the end."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    process = subprocess.Popen(  # noqa: S603 (ours)
        command,
        env={**outside, **environment},
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if "http://" not in line:
            raise RuntimeError(f"The server did not start; it said {line!r}.")
        yield line.split()[-1], process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=STOPPING)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def ask(job: Job) -> Sample:
    """Have the job asked by the process of clients; return what became of it."""
    clients = _clients()
    if clients.stdin is None or clients.stdout is None:
        raise RuntimeError("The clients have no pipes.")
    clients.stdin.write(json.dumps(asdict(job)) + "\n")
    clients.stdin.flush()
    if not (line := clients.stdout.readline()):
        raise RuntimeError(f"The clients failed at {job.requests[0].path}; see above.")
    return Sample(**json.loads(line))


@cache
def _clients() -> subprocess.Popen[str]:
    """Return the one process of clients, which ends when its standard input does."""
    return subprocess.Popen(
        [sys.executable, "-m", "bench.load"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def measured(group: int, job: Job) -> Sample:
    """Have the job asked; the sample says how long the processes of the group worked for it."""
    before = processes.cpu_seconds(group)
    sample = ask(job)
    after = processes.cpu_seconds(group)
    sample.cpu = None if before is None or after is None else after - before
    return sample


def _searches(queries: Sequence[str]) -> list[Request]:
    return [
        Request(f"/api/v1/search?{urlencode({'q': query, 'limit': LIMIT})}") for query in queries
    ]
