"""What changes entries: works as those of reading, and an import of many."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from bench import data
from bench.answers import Answer, answers_of, stream
from bench.ceilings import CEILINGS, hand_over
from bench.load import Request
from bench.server import SEARCHLESS, Server
from bench.throughput import KB
from bench.works import API, PROGRAM, Batch, Work
from kb.entries.records import EntryRecord
from kb.settings import Settings
from kb.transfer.exporting import write_ndjson

AT_HAND = 200
"""Requests for a measurement."""

IMPORTED = 10_000


def writes(records: Iterable[EntryRecord], slugs: Sequence[str], token: str) -> list[Work]:
    """Return the creation of these entries, and revisions of those of the slugs."""
    headers = PROGRAM | {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return [
        Work("create", _created(iter(records), headers), once=True, indexed=True, rate=20),
        Work(
            "revise",
            _revised(cycle(slugs), min(AT_HAND, len(slugs)), headers),
            once=True,
            indexed=True,
            rate=20,
        ),
    ]


def _created(records: Iterator[EntryRecord], headers: dict[str, str]) -> Batch:
    def batch(_address: str) -> list[Request]:
        bodies = [one.content.model_dump_json() for one in islice(records, AT_HAND)]
        return [Request(f"{API}/entries", "POST", headers, body) for body in bodies]

    return batch


def _revised(slugs: Iterator[str], number: int, headers: dict[str, str]) -> Batch:
    def batch(address: str) -> list[Request]:
        some = list(islice(slugs, number))
        known = answers_of(address, [Request(f"{API}/entries/{s}", headers=PROGRAM) for s in some])
        tags = [answer.headers["etag"] for answer in known]
        return [
            Request(
                f"{API}/entries/{slug}/revisions",
                "POST",
                headers | {"if-match": tag},
                json.dumps({"context": f"Measured after {tag}.", "summary": "measured"}),
            )
            for slug, tag in zip(some, tags, strict=True)
        ]

    return batch


@dataclass(frozen=True, slots=True)
class Imported:
    """How many seconds each server took to take in so many entries in one request.

    The ceilings read and forget them; `waiting` is how many changes kb's index had yet to take in
    when the answer was there.
    """

    entries: int
    seconds: dict[str, float]
    waiting: int


def imported(
    servers: Mapping[str, Server], settings: Settings, records: Iterable[EntryRecord], token: str
) -> Imported:
    """Import the records over HTTP."""
    file = settings.data_dir.parent / "import.ndjson"
    number = 0
    with file.open("wb") as lines:
        for record in records:
            write_ndjson(lines, [record])
            number += 1
    headers = {"authorization": f"Bearer {token}", "content-type": "application/x-ndjson"}
    for ceiling in CEILINGS:
        hand_over(servers[ceiling].address, [Answer(200, {}, "")])
    seconds = {}
    for name in (*CEILINGS, SEARCHLESS, KB):  # kb last: its index is busy afterwards
        started = time.perf_counter()
        with file.open("rb") as lines:
            stream(servers[name].address, "POST", f"{API}/import", lines, headers)
        seconds[name] = time.perf_counter() - started
    return Imported(number, seconds, data.waiting(settings))
