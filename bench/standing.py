"""What it takes to have a server: the time until it answers, and the memory of its processes.

Each server is alone meanwhile: PSS shares what several map, libraries too, among all of them.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial

from bench import ceilings, processes
from bench.answers import Answer, answers_of
from bench.ceilings import CEILINGS
from bench.clients import ask
from bench.load import Job, Request
from bench.processes import Memory, watched
from bench.server import SEARCHLESS, Server, running, running_searchless
from bench.throughput import KB, READY
from bench.timing import percentile
from bench.works import Work
from kb.settings import Settings

CLIENTS = 8

BRIEFLY = 0.2
"""The part of a round for which a ceiling is asked: what it needs, it needs at once."""

Open = Callable[[], AbstractContextManager[Server]]


@dataclass(frozen=True, slots=True)
class Standing:
    """The median of the seconds from the command to the first 200; memory in bytes (PSS).

    `peak` is the most that all processes held at a time while everything was asked of them, and
    `memory` what they hold after.
    """

    started: float
    idle: int
    peak: int
    memory: Memory | None


def measure(
    settings: Settings, copied: Settings, works: Sequence[Work], starts: int, seconds: float
) -> dict[str, Standing]:
    """Start so many servers of each kind, and have every work asked of the last of them."""
    answers: list[list[Answer]] = []

    def everything(address: str) -> None:
        for work in works:
            ask(Job(address, work.batch(address), CLIENTS, seconds, once=work.once))

    def the_same(address: str) -> None:
        for some in answers:
            ceilings.hand_over(address, some)
            ask(Job(address, [Request("/")], CLIENTS, BRIEFLY * seconds))

    def and_keep(address: str) -> None:
        answers.extend(answers_of(address, work.batch(address)[:READY]) for work in works)

    found = {KB: _standing(partial(running, settings), starts, everything, and_keep)}
    found[SEARCHLESS] = _standing(partial(running_searchless, copied), starts, everything)
    for name in CEILINGS:
        found[name] = _standing(partial(ceilings.running, name), starts, the_same)
    return found


def _standing(
    opened: Open,
    starts: int,
    ask_everything: Callable[[str], None],
    then: Callable[[str], None] = lambda _address: None,
) -> Standing:
    """Start servers; of the last, measure what it needs for everything, `then` do more with it."""
    started = []
    for _ in range(starts - 1):
        with _started(opened) as (_, seconds):
            started.append(seconds)
    with _started(opened) as ((address, group), seconds):
        started.append(seconds)
        with watched(group) as peak:
            idle = peak().all
            ask_everything(address)
            most, after = peak().all, processes.memory(group)
        then(address)
    return Standing(percentile(started, 50), idle, most, after)


@contextmanager
def _started(opened: Open) -> Iterator[tuple[Server, float]]:
    """Yield a server, and the seconds until it answered."""
    begun = time.perf_counter()
    with opened() as server:
        ask(Job(server.address, [Request("/")], 1, once=True))
        yield server, time.perf_counter() - begun
