"""How many requests a server answers a second, next to the ceilings, work by work.

Rounds go to kb and to the ceilings in turn, so that what disturbs one disturbs the others; of each
the best round counts, and the least CPU time. What asks the search engine or feeds it is asked of
the same app without one too.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bench import ceilings
from bench.answers import Answer, answers_of
from bench.ceilings import CEILINGS, FASTAPI, STARLETTE
from bench.clients import measured
from bench.load import Job, Request
from bench.server import SEARCHLESS, Server, running, running_searchless, until_settled
from bench.timing import Figures, Sample, figures_of
from bench.works import Work
from kb.settings import Settings

KB = "kb"
ROUNDS = 3
READY = 50
"""Different answers that a ceiling has at most."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Throughput:
    """What each server did for so many clients at a time."""

    work: str
    clients: int
    figures: dict[str, Figures]
    without: str
    """The work that is the same without what makes this one fast, or what it adds."""

    def ratio(self, ceiling: str) -> float:
        """Return which part of what the ceiling answered a second kb did."""
        return self.figures[KB].per_second / self.figures[ceiling].per_second


def without(one: Throughput, every: Sequence[Throughput]) -> Figures | None:
    """Return the figures of the same app without the feature, from among every work's."""
    plain = one.without, one.clients
    same = (each.figures[KB] for each in every if (each.work, each.clients) == plain)
    return one.figures.get(SEARCHLESS) or next(same, None)


@contextmanager
def servers_on(settings: Settings, copied: Settings) -> Iterator[dict[str, Server]]:
    """Yield kb, itself without a search engine on a copy of the data, and the other ceilings."""
    with (
        running(settings) as kb,
        running_searchless(copied) as searchless,
        ceilings.running(STARLETTE) as starlette,
        ceilings.running(FASTAPI) as fastapi,
    ):
        until_settled(kb.group)
        yield {KB: kb, SEARCHLESS: searchless, STARLETTE: starlette, FASTAPI: fastapi}


def measure(servers: Mapping[str, Server], work: Work, clients: int, seconds: float) -> Throughput:
    """Return how many requests of this kind each of the servers answers, in rounds of `seconds`."""
    some, status = prepared(servers, work)
    asked = {name: one for name, one in servers.items() if work.indexed or name != SEARCHLESS}

    def ask(name: str, server: Server) -> Sample:
        ours = name not in CEILINGS
        once = ours and work.once
        requests = work.batch(server.address) if once else some
        job = Job(server.address, requests, clients, seconds, once=once, status=status)
        changed = ours and some[0].method == "POST"
        return measured(server.group, job, to_the_end=changed)

    return Throughput(work.name, clients, in_turn(asked, ask), work.without)


def in_turn(
    servers: Mapping[str, Server], ask: Callable[[str, Server], Sample]
) -> dict[str, Figures]:
    """Return the best of what came of asking each of the servers, round after round."""
    rounds: dict[str, list[Sample]] = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, server in servers.items():
            rounds[name].append(ask(name, server))
    return {name: best_of(samples) for name, samples in rounds.items()}


def prepared(servers: Mapping[str, Server], work: Work) -> tuple[list[Request], int]:
    """Hand the ceilings what kb answers to some requests; return those, and the answers' status."""
    address = servers[KB].address
    some = work.batch(address)[:READY]
    answers = answers_of(address, some)
    status = usual_status(answers)
    for ceiling in CEILINGS:
        usual = [answer for answer in answers if answer.status == status]
        ceilings.hand_over(servers[ceiling].address, usual)
    return some, status


def usual_status(answers: Iterable[Answer]) -> int:
    """Return the status that most have: of what is created, some may be held for a look."""
    ((status, _),) = Counter(answer.status for answer in answers).most_common(1)
    return status


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


def throughputs(
    servers: Mapping[str, Server],
    works: Sequence[Work],
    clients: Sequence[int],
    seconds: float,
    say: Say,
) -> Iterator[Throughput]:
    """Yield what the servers did for each work and number of clients."""
    for work in works:
        for some in clients:
            say(f"{work.name}, clients: {some}")
            yield measure(servers, work, some, seconds)
