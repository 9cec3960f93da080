"""A whole server, `kb serve` as people start it: how fast it is there, how fast it answers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from bench import processes
from bench.clients import measured
from bench.engine import HTTP, LIMIT, Searched
from bench.load import Job, Request
from bench.timing import figures_of
from kb.search import warming
from kb.settings import Settings

SEARCHLESS = "without search"
"""What the same app is called that has no search engine."""

STOPPING = 15.0
"""Seconds a server has to stop by itself."""

ENGINE = "KB_SEARCH_ENGINE"
"""The setting that is taken over from outside: what is to be measured."""

NO_LIMITS = {
    "KB_SEARCHES_PER_MINUTE": "0",
    "KB_WRITES_PER_HOUR": "0",
    "KB_SIGN_INS_PER_HOUR": "0",
}
"""What is set of every server: what is measured is how fast it answers, and not how it refuses."""


class Server(NamedTuple):
    """The address of a server, and its process group."""

    address: str
    group: int


def serve(settings: Settings, queries: Sequence[str], clients: int) -> list[Searched]:
    """Start a server, have the queries asked over HTTP twice, stop it."""
    with running(settings) as (address, group):
        until_settled(group)
        job = Job(address, _searches(queries), clients, once=True)
        return [
            Searched(HTTP, clients, again, figures_of(measured(group, job)))
            for again in (False, True)
        ]


@contextmanager
def running(settings: Settings) -> Iterator[Server]:
    """Yield the address of a server and its process group."""
    serve = [sys.executable, "-m", "kb", "serve", "--port", "0"]
    with started(serve, environment(settings), settings.data_dir.parent) as found:
        yield found


@contextmanager
def running_searchless(settings: Settings) -> Iterator[Server]:
    """Yield the address and the process group of the same server without its search engine."""
    with _running_file(settings, "searchless.py") as found:
        yield found


@contextmanager
def running_variant(settings: Settings, name: str) -> Iterator[Server]:
    """Yield the address and the process group of a variant of the server (`bench.variants`)."""
    with _running_file(settings, "variants.py", name) as found:
        yield found


@contextmanager
def _running_file(settings: Settings, file: str, *arguments: str) -> Iterator[Server]:
    # No module of this folder may stand for another one of its name: -P.
    serve = [sys.executable, "-P", str(Path(__file__).with_name(file)), *arguments]
    with started(serve, environment(settings), settings.data_dir.parent) as found:
        yield found


@contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str] | None, folder: Path
) -> Iterator[Server]:
    """Yield the address that a server says first, and its process group; stop it at the end."""
    process = subprocess.Popen(  # noqa: S603 (ours)
        command,
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if "http://" not in line:
            raise RuntimeError(f"The server did not start; it said {line!r}.")
        yield Server(line.split()[-1], process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=STOPPING)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def run_kb(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the settings' data to its end. Raises CalledProcessError."""
    return subprocess.run(  # noqa: S603 (ours)
        [sys.executable, "-m", "kb", *arguments],
        env=environment(settings),
        cwd=settings.data_dir.parent,
        capture_output=True,
        text=True,
        check=True,
    )


def environment(settings: Settings) -> dict[str, str]:
    """Return an environment in which nothing is set but data and engine, and no limit."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    folder = str(settings.data_dir.absolute())
    engine = {ENGINE: str(settings.search_engine)}
    return outside | NO_LIMITS | engine | {"KB_DATA_DIR": folder}


def until_settled(group: int) -> None:
    """Return once a new server has done what it does before anybody searches."""
    time.sleep(2 * warming.AFTER)
    processes.until_at_rest(group)


def _searches(queries: Sequence[str]) -> list[Request]:
    return [
        Request(f"/api/v1/search?{urlencode({'q': query, 'limit': LIMIT})}") for query in queries
    ]
