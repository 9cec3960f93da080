"""What each means is good for that makes kb fast: the same server next to a variant of it.

`python -m bench.means --only "h11,one reader"`. Both are asked the same in turn, on copies of the
same data; of each the best round counts, and the least CPU time of all of its processes.
"""

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from typing import Annotated

import typer

from bench import data
from bench.answers import answers_of
from bench.clients import measured
from bench.corpus import Corpus
from bench.load import Job
from bench.processes import until_at_rest
from bench.queries import fresh
from bench.run import SPARE
from bench.server import Server, running, running_variant, until_settled
from bench.tables.table import NONE, line, ratio
from bench.throughput import KB, READY, in_turn, usual_status
from bench.timing import Figures, Sample
from bench.variants import VARIANTS
from bench.works import Work, reads, searches
from bench.writes import writes
from kb.settings import Settings

CLIENTS = 8

_HEADER = ("variant", "asked", "kb /s", "CPU µs", "variant /s", "CPU µs", "/s ÷ kb's", "CPU ÷ kb's")


@contextmanager
def _servers(settings: Settings, name: str) -> Iterator[dict[str, Server]]:
    """Yield kb and the variant, each on a copy of the data."""
    copies = [data.copied(settings, KB), data.copied(settings, "variant")]
    with running(copies[0]) as kb, running_variant(copies[1], name) as variant:
        until_settled(kb.group)
        until_at_rest(variant.group)
        yield {KB: kb, name: variant}
    for copy in copies:
        shutil.rmtree(copy.data_dir)


def _compared(servers: Mapping[str, Server], work: Work, seconds: float) -> dict[str, Figures]:
    """Return what each of the servers did; what it does once all is answered counts, too."""
    usual = {name: _warmed(server, work) for name, server in servers.items()}

    def ask(_name: str, server: Server) -> Sample:
        some = work.batch(server.address)
        job = Job(server.address, some, CLIENTS, seconds, once=work.once, status=usual[KB])
        return measured(server.group, job, to_the_end=True)

    return in_turn(servers, ask)


def _warmed(server: Server, work: Work) -> int:
    """Ask some of it once, so that what can be kept is; return the status of the answers."""
    return usual_status(answers_of(server.address, work.batch(server.address)[:READY]))


def _works(corpus: Corpus, entries: int, token: str) -> dict[str, Work]:
    slugs = [record.slug for record in corpus.records(entries) if record.slug]
    new = islice(corpus.records(entries + SPARE), entries, None)
    every = chain(
        reads(corpus.records(entries)), searches(fresh(corpus)), writes(new, slugs, token)
    )
    return {work.name: work for work in every}


def _row(name: str, work: str, kb: Figures, variant: Figures) -> str:
    cells = [name, work]
    for one in (kb, variant):
        cells += [f"{one.per_second:,.0f}", f"{1000 * one.cpu:,.0f}" if one.cpu else NONE]
    cells += [ratio(variant.per_second, kb.per_second), ratio(variant.cpu, kb.cpu)]
    if failed := kb.failed + variant.failed:
        cells[1] += f" ({failed} failed)"
    return line(cells)


def main(
    only: Annotated[str, typer.Option(help="Variants, with commas between.")] = ",".join(VARIANTS),
    entries: Annotated[int, typer.Option(min=1, help="Number of entries.")] = 500,
    seconds: Annotated[float, typer.Option(min=0.01, help="How long a round is.")] = 1.0,
) -> None:
    """Measure variants of the server next to it."""
    names = only.split(",")
    if not set(names) <= set(VARIANTS):
        raise typer.BadParameter(f"must be some of: {', '.join(VARIANTS)}", param_hint="--only")
    corpus = Corpus()
    typer.echo(f"{entries:,} entries: {corpus.name}; {CLIENTS} clients\n")
    typer.echo(line(_HEADER) + "\n" + line(["---"] * len(_HEADER)))
    with data.temporary_settings() as settings:
        asyncio.run(data.make(settings, corpus, entries))
        token = asyncio.run(data.token(settings, "bench"))
        for name in names:
            works = _works(corpus, entries, token)
            with _servers(settings, name) as servers:
                for work in VARIANTS[name].works:
                    found = _compared(servers, works[work], seconds)
                    typer.echo(_row(name, work, found[KB], found[name]))


if __name__ == "__main__":
    typer.run(main)
