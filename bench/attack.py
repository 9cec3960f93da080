"""A scripted attack: texts made to cost much, sent to every door of a server that takes them.

`python -m bench.attack`. Each answer is measured in CPU time of the server and all its workers,
which others on the machine disturb least, and compared with that of an ordinary entry at the same
door in the same run. One request at a time; what works behind the answers is waited for in between.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

import typer
from httpx2 import Client, Response

from bench import data, processes
from bench.bombs import QUERIES, texts
from bench.data import waiting
from bench.server import run_kb, running
from kb.entries.schemas import MAX_PROSE, MAX_TEXT
from kb.search.query import MAX_LENGTH
from kb.settings import Settings

API = "/api/v1/entries"
PATIENCE = 60.0
TICK = 0.01
"""Seconds of CPU time below which the system tells nothing."""
ORDINARY = "an ordinary entry"
PLAIN = "`time.sleep` holds the event loop.\n\nUse `asyncio.sleep`, and *await* it. " * 8
SHOWN = 3
"""The worst texts that are shown of each door."""
AROUND = 400
"""Characters that an entry has beside its long texts, at most."""


class Took(NamedTuple):
    """What an answer took, in seconds of CPU time and of everybody's, and its status."""

    cpu: float
    seconds: float
    status: int


@dataclass(slots=True)
class Attacked:
    """A server under attack, and what its answers took, by door and text."""

    client: Client
    settings: Settings
    group: int
    found: dict[str, dict[str, Took]] = field(default_factory=dict)

    def ask(self, text: str, door: str, method: str, path: str, **sent: Any) -> Response:
        """Send a request and keep what its answer took."""
        self.rest()
        before, started = self._cpu(), time.perf_counter()
        answer = self.client.request(method, path, **sent)
        took = time.perf_counter() - started
        found = Took(self._cpu() - before, took, answer.status_code)
        self.found.setdefault(door, {})[text] = found
        return answer

    def rest(self) -> None:
        """Wait until the server has nothing more to do."""
        until = time.monotonic() + PATIENCE
        before = -1.0
        while time.monotonic() < until and (waiting(self.settings) or before != self._cpu()):
            before = self._cpu()
            time.sleep(0.05)

    def _cpu(self) -> float:
        return processes.cpu_seconds(self.group) or 0.0


def entry_of(text: str) -> dict[str, Any]:
    """Return the JSON of an entry that says nothing but the text, in two fields."""
    whole = {"problem": text, "solution": text}
    return {"title": "A text that costs much", "tags": ["attack"]} | whole


def attack(server: Attacked, name: str, text: str) -> None:
    """Send a text through every door that takes what people write."""
    entry = entry_of(text)
    more = {"tags": "attack", "category": "gotcha", "severity": "minor", "action": "glance"}
    server.ask(name, "preview", "POST", "/entries", data=entry | more)
    kind = {"content-type": "application/x-ndjson"}
    server.ask(name, "import", "POST", "/api/v1/import", content=json.dumps(entry), headers=kind)
    made = server.ask(name, "create", "POST", API, json=entry).json()
    if "slug" not in made:
        server.ask(name, "suggestion", "GET", f"/review/{made['id']}")
        return
    slug = made["slug"]
    server.ask(name, "page", "GET", f"/entries/{slug}")
    server.ask(name, "file", "GET", f"/entries/{slug}.md")
    change = {"base": 1, "problem": "\n".join(reversed(f"x{text[:-2]}".split("\n")))}
    server.ask(name, "revise", "POST", f"{API}/{slug}/revisions", json=change)
    server.ask(name, "comparison", "GET", f"/entries/{slug}/compare/1...2")
    stale = {"base": 1, "problem": f"{text[:-2].replace('a', 'b')}!"}
    server.ask(name, "merge", "POST", f"{API}/{slug}/revisions", json=stale)
    server.ask(name, "related", "GET", f"/entries/{slug}/related")
    server.ask(name, "results", "GET", "/api/v1/search", params={"q": "a text that costs much"})


def search(server: Attacked) -> None:
    """Send every query that costs much to every door that searches."""
    doors = {"search": "/api/v1/search", "completion": "/api/v1/suggest", "list": "/"}
    for door, path in doors.items():
        server.ask(ORDINARY, door, "GET", path, params={"q": "event loop blocked"})
        for seed in QUERIES:
            query = (seed * MAX_LENGTH)[:MAX_LENGTH]
            server.ask(repr(seed[:10]), door, "GET", path, params={"q": query})


def report(found: Mapping[str, Mapping[str, Took]]) -> Iterator[str]:
    """Yield the lines of a table: of each door the ordinary entry, and the worst texts."""
    yield f"{'door':12} {'text':20} {'CPU ms':>8} {'ms':>8} {'times':>6} status"
    for door, answers in found.items():
        ordinary = max(answers[ORDINARY].cpu, TICK) if ORDINARY in answers else TICK
        worst = sorted(answers, key=lambda name: -answers[name].cpu)[:SHOWN]
        for name in dict.fromkeys([ORDINARY, *worst]):
            if name in answers:
                cpu, took, status = answers[name]
                times = f"{cpu / ordinary:.0f}"
                figures = f"{1000 * cpu:8.0f} {1000 * took:8.0f} {times:>6} {status}"
                yield f"{door:12} {name:20} {figures}"


def main(
    size: Annotated[
        int, typer.Option(min=1, max=MAX_PROSE, help="Characters of a text.")
    ] = MAX_TEXT // 2 - AROUND,
) -> None:
    """Attack a server, and print the worst answers of each door."""
    with data.temporary_settings() as settings:
        token = run_kb(settings, "token", "create", "attack", "--role", "maintainer").stdout
        headers = {"authorization": f"Bearer {token.strip()}"}
        with (
            running(settings) as (address, group),
            Client(base_url=address, headers=headers, timeout=PATIENCE) as client,
        ):
            server = Attacked(client, settings, group)
            for _ in range(2):  # the first finds nothing warm
                attack(server, ORDINARY, PLAIN)
            search(server)
            for name, text in texts(size).items():
                attack(server, name, text)
            for line in report(server.found):
                typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
