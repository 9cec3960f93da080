"""A whole server, `kb serve` as people start it: how fast it is there, how fast it answers."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from bench import processes
from bench.engine import HTTP, LIMIT, PROCESSES, WARM_UP, Searched
from bench.processes import Memory
from bench.timing import SECONDS, Sample, figures_of
from kb.settings import Settings

STOPPING = 15.0
"""Seconds a server has to stop by itself."""

ASKING = 4 * SECONDS
"""Seconds after which clients that do not come back are given up."""


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
        _ask(address, [WARM_UP], 1)
        started = time.perf_counter() - begun
        _ask(address, [WARM_UP] * 2 * PROCESSES, PROCESSES)
        searched = []
        for again in (False, True):
            before = processes.cpu_seconds(group)
            sample = _ask(address, queries, clients)
            after = processes.cpu_seconds(group)
            sample.cpu = None if before is None or after is None else after - before
            searched.append(Searched(HTTP, clients, again, figures_of(sample)))
        return Served(clients, started, processes.memory(group), searched)


@contextmanager
def running(settings: Settings) -> Iterator[tuple[str, int]]:
    """Yield the address of a server and its process group."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "kb", "serve", "--port", "0"],
        env=outside | {"KB_DATA_DIR": str(settings.data_dir.absolute())},
        cwd=settings.data_dir.parent,
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


def _ask(address: str, queries: Sequence[str], clients: int) -> Sample:
    """Search for each of the queries, from a process of clients."""
    paths = [f"/api/v1/search?{urlencode({'q': query, 'limit': LIMIT})}" for query in queries]
    job = {"address": address, "paths": paths, "clients": clients}
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(job),
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
        timeout=ASKING,
        check=True,
    )
    return Sample(**json.loads(done.stdout))
