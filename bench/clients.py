"""Processes of clients, and what they are told to do: `bench.load` over pipes."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path

from bench import processes
from bench.load import Job
from bench.timing import Sample

ROOT = Path(__file__).parents[1]


class Clients:
    """One process of clients, which ends when its standard input does.

    Where it is `urgent`, it is given a processor as soon as it has something to do, if the system
    lets us: what it measures is then the server's time and not its own wait. It has to do little.
    """

    def __init__(self, *, urgent: bool = False) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.urgent = urgent and _let_go_first(self._process.pid)

    def start(self, job: Job) -> None:
        """Have the job asked from now on."""
        if self._process.stdin:
            self._process.stdin.write(json.dumps(asdict(job)) + "\n")
            self._process.stdin.flush()

    def finish(self) -> Sample:
        """Wait for the end of the job, and return what became of it."""
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError("The clients failed; what with is said above.")
        return Sample(**json.loads(line))

    def ask(self, job: Job) -> Sample:
        """Have the job asked; return what became of it."""
        self.start(job)
        return self.finish()


def _let_go_first(process: int) -> bool:
    """Put the process before all others that are not of the system; say whether that was allowed.

    Processes of other sessions are not put off by `nice` (sched(7), autogroups).
    """
    if hasattr(os, "sched_setscheduler"):
        with suppress(PermissionError):
            os.sched_setscheduler(process, os.SCHED_RR, os.sched_param(1))
            return True
    return False


@cache
def clients(number: int = 0) -> Clients:  # noqa: ARG001 (tells them apart)
    """Return the process of that number, of those that can ask at the same time."""
    return Clients()


@cache
def probes() -> Clients:
    """Return the process of clients that time a server beside others that load it."""
    return Clients(urgent=True)


def ask(job: Job) -> Sample:
    """Have the job asked; return what became of it."""
    return clients().ask(job)


def measured(group: int, job: Job, *, to_the_end: bool = False) -> Sample:
    """Have the job asked; the sample says how long the processes of the group worked for it.

    Where `to_the_end`, what they do once all is answered counts too: an index follows.
    """
    before = processes.cpu_seconds(group)
    sample = ask(job)
    if to_the_end:
        processes.until_at_rest(group)
    after = processes.cpu_seconds(group)
    sample.cpu = None if before is None or after is None else after - before
    return sample
