"""Whether the event loop stays free: its heartbeat and cheap requests while others search flat out.

The heartbeat is the server's own (`kb.monitoring.heartbeat`), read from `/metrics` before and
after. Beside it `/healthz`, which does nothing, and an entry's page are asked for at a fixed rate,
first while nothing else goes on and then beside the searches.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf

from prometheus_client.parser import text_string_to_metric_families

from bench import processes
from bench.answers import answers_of
from bench.clients import clients, probes
from bench.load import Job, Request
from bench.server import Server
from bench.timing import Figures, figures_of
from bench.works import Work

SEARCHING = 32
"""Clients that search flat out."""

PROBES = 100
"""Requests a second of each kind that are timed."""

_CONNECTIONS = 16
_BATCHES = 10
_SETTLING = 0.5
_BUCKETS = "event_loop_lag_seconds_bucket"

Buckets = dict[float, float]
"""How many beats were at most so many seconds late."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How late the heartbeat was: the upper bounds, in milliseconds, of what it is known to."""

    beats: int
    p50: float
    p99: float
    worst: float


@dataclass(frozen=True, slots=True)
class Phase:
    """What was measured meanwhile: the heartbeat, and each kind of probe."""

    lag: Lag
    probes: dict[str, Figures]


@dataclass(frozen=True, slots=True)
class Loop:
    """The loop with nothing else to do, and beside the searches.

    `urgent` says that who asked for the probes waited for no processor.
    """

    idle: Phase
    busy: Phase
    searches: Figures
    urgent: bool


def measure(server: Server, token: str, page: str, search: Work, seconds: float) -> Loop:
    """Return how free the loop is; each kind of probe is asked for so many seconds."""
    address, group = server
    paths = ["/healthz", page]
    answers_of(address, map(Request, paths))  # what only the first of them costs, is no idle time
    processes.until_at_rest(group)
    idle = _phase(address, token, paths, seconds)
    queries = [one for _ in range(_BATCHES) for one in search.batch(address)]
    lasting = len(paths) * seconds + 2 * _SETTLING
    clients(1).start(Job(address, queries, SEARCHING, lasting, once=True))
    time.sleep(_SETTLING)
    busy = _phase(address, token, paths, seconds)
    return Loop(idle, busy, figures_of(clients(1).finish()), probes().urgent)


def _phase(address: str, token: str, paths: Sequence[str], seconds: float) -> Phase:
    before = _buckets(address, token)
    found = {}
    for path in paths:
        job = Job(address, [Request(path)], _CONNECTIONS, seconds, rate=PROBES)
        found[path] = figures_of(probes().ask(job))
    after = _buckets(address, token)
    return Phase(lag_of({bound: after[bound] - before[bound] for bound in after}), found)


def _buckets(address: str, token: str) -> Buckets:
    headers = {"authorization": f"Bearer {token}"}
    (answer,) = answers_of(address, [Request("/metrics", headers=headers)])
    families = text_string_to_metric_families(answer.text)
    samples = [sample for one in families for sample in one.samples if sample.name == _BUCKETS]
    return {float(sample.labels["le"]): sample.value for sample in samples}


def lag_of(beats: Buckets) -> Lag:
    """Return what the beats, counted cumulatively, amount to."""
    every = int(beats[inf])

    def bound(number: int) -> float:
        return 1000 * min(le for le, count in beats.items() if count >= number)

    return Lag(every, bound(ceil(every / 2)), bound(ceil(every * 0.99)), bound(every))
