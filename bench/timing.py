"""Load in a closed loop, and what became of it: each client asks anew once it is answered."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from kb.errors import KbError

SECONDS = 30.0
"""How long one measurement may take; what has not been asked by then is left out."""

Ask = Callable[[str], Coroutine[Any, Any, object]]


@dataclass(slots=True)
class Sample:
    """Latencies of the answers in milliseconds, the refusals, and how long it all took.

    `cpu` is how many seconds the processors worked for it, None where that is not known; `client`
    how many they worked for those who asked.
    """

    latencies: list[float] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0
    cpu: float | None = None
    client: float = 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What a sample amounts to: latencies, and CPU time an answer, in milliseconds.

    `client` is the share of a core that those who asked used: near 1, they were the limit.
    """

    answers: int
    failed: int
    p50: float | None
    p99: float | None
    p999: float | None
    per_second: float
    cpu: float | None
    client: float


def figures_of(sample: Sample) -> Figures:
    """Return the sample's figures."""
    latencies, answers = sample.latencies, len(sample.latencies)
    return Figures(
        answers=answers,
        failed=sample.failed,
        p50=percentile(latencies, 50) if latencies else None,
        p99=percentile(latencies, 99) if latencies else None,
        p999=percentile(latencies, 99.9) if latencies else None,
        per_second=answers / sample.seconds if sample.seconds else 0.0,
        cpu=1000 * sample.cpu / answers if sample.cpu is not None and answers else None,
        client=sample.client / sample.seconds if sample.seconds else 0.0,
    )


def percentile(values: Iterable[float], percent: float) -> float:
    """Return the smallest value that `percent` of them do not exceed (the nearest rank)."""
    ordered = sorted(values)
    return ordered[max(ceil(percent / 100 * len(ordered)), 1) - 1]


async def closed_loop(asks: Sequence[Ask], queries: Iterable[str]) -> Sample:
    """Have each of the queries asked once by one of the clients, `asks`, within `SECONDS`."""
    sample = Sample()
    started = time.perf_counter()
    waiting = _until(started + SECONDS, queries)

    async def client(ask: Ask) -> None:
        for query in waiting:
            await timed(ask, query, sample)

    async with asyncio.TaskGroup() as group:
        for ask in asks:
            group.create_task(client(ask))
    sample.seconds = time.perf_counter() - started
    return sample


async def timed(ask: Ask, query: str, sample: Sample) -> None:
    """Ask once and note what became of it."""
    started = time.perf_counter()
    try:
        await ask(query)
    except KbError:
        sample.failed += 1
    else:
        sample.latencies.append((time.perf_counter() - started) * 1000)


def _until(end: float, queries: Iterable[str]) -> Iterator[str]:
    for query in queries:
        if time.perf_counter() >= end:
            return
        yield query
