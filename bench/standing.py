"""What it takes to have a server: the time until it answers, and the memory of its processes."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench import ceilings, processes
from bench.ceilings import FASTAPI
from bench.clients import ask, measured
from bench.load import Job, Request
from bench.processes import Memory, watched
from bench.server import running
from bench.timing import percentile
from bench.works import Work
from kb.settings import Settings

CLIENTS = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """Medians of the seconds from the command to the first 200; memory in bytes (PSS).

    `peak` is the most that all processes held at a time while everything was asked of them, and
    `memory` what they hold after.
    """

    started: float
    fastapi_started: float
    idle: int
    peak: int
    memory: Memory | None


def measure(settings: Settings, works: Sequence[Work], starts: int, seconds: float) -> Standing:
    """Start so many servers on the data, and have every work asked of the last."""
    fastapi = [_start_of_ceiling() for _ in range(starts)]
    started = [_start(settings) for _ in range(starts - 1)]
    begun = time.perf_counter()
    with running(settings) as (address, group):
        ask(Job(address, [Request("/")], 1, once=True))
        started.append(time.perf_counter() - begun)
        idle = processes.memory(group)
        with watched(group) as peak:
            for work in works:
                batch = work.batch(address)
                measured(group, Job(address, batch, CLIENTS, seconds, once=work.once))
            most, after = peak().all, processes.memory(group)
    return Standing(
        percentile(started, 50),
        percentile(fastapi, 50),
        idle.proportional if idle else 0,
        most,
        after,
    )


def _start(settings: Settings) -> float:
    begun = time.perf_counter()
    with running(settings) as (address, _):
        ask(Job(address, [Request("/")], 1, once=True))
        return time.perf_counter() - begun


def _start_of_ceiling() -> float:
    begun = time.perf_counter()
    with ceilings.running(FASTAPI) as (address, _):
        ask(Job(address, [Request("/")], 1, once=True))
        return time.perf_counter() - begun
