"""Processes of clients, and what they are told to do: `bench.load` over pipes."""

import json
import subprocess
import sys
from dataclasses import asdict
from functools import cache
from pathlib import Path

from bench import processes
from bench.load import Job
from bench.timing import Sample

ROOT = Path(__file__).parents[1]


class Clients:
    """One process of clients, which ends when its standard input does."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

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


@cache
def clients(number: int = 0) -> Clients:  # noqa: ARG001 (tells them apart)
    """Return the process of that number, of those that can ask at the same time."""
    return Clients()


def ask(job: Job) -> Sample:
    """Have the job asked; return what became of it."""
    clients().start(job)
    return clients().finish()


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
