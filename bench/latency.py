"""How long answers take at a fixed rate of requests, next to those of the ceilings.

An open loop: requests are due at fixed moments, and timed from those. Where a server falls behind,
every later request waits too, as its callers would.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.ceilings import CEILINGS
from bench.clients import measured
from bench.load import Job
from bench.server import SEARCHLESS, Server
from bench.throughput import KB, Say, prepared
from bench.timing import Figures, figures_of
from bench.works import Work

CONNECTIONS = 64
"""As many requests may be under way at a time; later ones wait, and that counts."""

LONGER = 8
"""How many times as long as a round of throughput this takes: rare delays have to come up."""

SHORTER = 0.5
"""The part of that for which a ceiling is asked: its rarest delays are nobody's concern."""


@dataclass(frozen=True, slots=True)
class Latency:
    """What was measured at so many requests a second."""

    work: str
    rate: float
    figures: dict[str, Figures]


def latencies(
    servers: Mapping[str, Server], works: Sequence[Work], seconds: float, say: Say
) -> Iterator[Latency]:
    """Yield the latencies of the works that have a rate."""
    for work in works:
        if work.rate:
            say(f"{work.name}, {work.rate:.0f} a second")
            yield _latency(servers, work, seconds)


def _latency(servers: Mapping[str, Server], work: Work, seconds: float) -> Latency:
    some, status = prepared(servers, work)
    figures = {}
    for name in (KB, *CEILINGS, *([SEARCHLESS] if work.indexed else [])):
        address, group = servers[name]
        once = work.once and name not in CEILINGS
        requests = work.batch(address) if once else some
        lasting = seconds if name == KB else SHORTER * seconds
        job = Job(address, requests, CONNECTIONS, lasting, once, work.rate, status)
        figures[name] = figures_of(measured(group, job))
    return Latency(work.name, work.rate, figures)
