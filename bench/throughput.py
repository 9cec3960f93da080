"""How many requests a server answers a second, next to two ceilings, work by work.

Rounds go to kb and to the ceilings in turn, so that what disturbs one disturbs the others; of each
the best round counts, and the least CPU time.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

from bench import ceilings
from bench.ceilings import CEILINGS, FASTAPI, STARLETTE
from bench.load import Job, Request
from bench.server import measured, running
from bench.timing import Figures, Sample, figures_of
from bench.works import NEW, Work
from kb.settings import Settings

KB = "kb"
ROUNDS = 3
READY = 50
"""Different answers that a ceiling has at most."""

Say = Callable[[str], None]

Server = tuple[str, int]
"""An address and a process group."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """What each server did for so many clients at a time."""

    work: str
    clients: int
    figures: dict[str, Figures]

    def ratio(self, ceiling: str) -> float:
        """Return which part of what the ceiling answered a second kb did."""
        return self.figures[KB].per_second / self.figures[ceiling].per_second


@contextmanager
def beside_ceilings(kb: Server) -> Iterator[dict[str, Server]]:
    """Yield kb and the ceilings, which are there meanwhile."""
    with ceilings.running(STARLETTE) as starlette, ceilings.running(FASTAPI) as fastapi:
        yield {KB: kb, STARLETTE: starlette, FASTAPI: fastapi}


def measure(servers: dict[str, Server], work: Work, clients: int, seconds: float) -> Throughput:
    """Return how many requests of this kind each of the servers answers, in rounds of `seconds`."""
    status, some = _prepared(servers, work)
    rounds: dict[str, list[Sample]] = {name: [] for name in servers}
    for number in range(ROUNDS + 1):
        for name, (address, group) in servers.items():
            new = work.new and name == KB
            asked = _requests(work, NEW) if new else some
            job = Job(address, asked, clients, seconds, once=new, status=status)
            sample = measured(group, job)
            if number:  # the one before is for warming up
                rounds[name].append(sample)
    figures = {name: best_of(samples) for name, samples in rounds.items()}
    return Throughput(work.name, clients, figures)


def _prepared(servers: dict[str, Server], work: Work) -> tuple[int, list[Request]]:
    """Hand the ceilings what kb answers to some requests; return those, and the answers' status."""
    address, _ = servers[KB]
    some = _requests(work, READY)
    answers = ceilings.answers_of(address, some)
    if work.known:
        tags = [answer.headers["etag"] for answer in answers]
        some = [
            replace(one, headers=one.headers | {"if-none-match": tag})
            for one, tag in zip(some, tags, strict=True)
        ]
        answers = ceilings.answers_of(address, some)
    for ceiling in CEILINGS:
        ceilings.hand_over(servers[ceiling][0], answers)
    (status,) = {answer.status for answer in answers}
    return status, some


def _requests(work: Work, number: int) -> list[Request]:
    return [Request(path, headers=work.headers) for path in islice(work.paths, number)]


def best_of(samples: Sequence[Sample]) -> Figures:
    """Return the figures of all rounds together, but the speed and the CPU time of the best."""
    every = [figures_of(sample) for sample in samples]
    together = Sample([one for sample in samples for one in sample.latencies])
    return replace(
        figures_of(together),
        failed=sum(one.failed for one in every),
        per_second=max(one.per_second for one in every),
        cpu=min((one.cpu for one in every if one.cpu is not None), default=None),
        client=max(one.client for one in every),
    )


def of(
    settings: Settings, works: Sequence[Work], clients: Sequence[int], seconds: float, say: Say
) -> Iterator[Throughput]:
    """Start a server on the data, and yield what it did for each work and number of clients."""
    with running(settings) as kb, beside_ceilings(kb) as servers:
        for work in works:
            for some in clients:
                say(f"{work.name}, clients: {some}")
                yield measure(servers, work, some, seconds)
