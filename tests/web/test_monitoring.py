"""What programs ask that watch over a server."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from prometheus_client.parser import text_string_to_metric_families

from kb.db.database import Database
from kb.runtime import Runtime, open_runtime
from kb.settings import Settings
from tests.conftest import client_of, token_for
from tests.factories import create_entry
from tests.servers import PATIENCE, Server, kb, wait_for


@pytest.fixture
async def watcher(app: FastAPI, runtime: Runtime) -> AsyncIterator[AsyncClient]:
    """A program that may do no more than a member."""
    token = await token_for(runtime, "prometheus")
    async with client_of(app, authorization=f"Bearer {token}") as program:
        yield program


def read(text: str) -> dict[str, dict[frozenset[tuple[str, str]], float]]:
    """Return the values by name and labels, but for the label that all have."""
    found: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = frozenset((sample.labels | {"process": ""}).items()) - {("process", "")}
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


async def measured(watcher: AsyncClient, name: str, **labels: str) -> float:
    """Return one value as it is now; 0 where it is not there."""
    answer = await watcher.get("/metrics")
    assert answer.status_code == 200
    return read(answer.text).get(name, {}).get(frozenset(labels.items()), 0.0)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_no_answer_is_kept_by_anybody(watcher: AsyncClient, path: str) -> None:
    answer = await watcher.get(path)

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


async def test_a_server_whose_database_does_not_answer_is_alive_and_not_ready(
    app: FastAPI, runtime: Runtime, tmp_path: Path
) -> None:
    (tmp_path / "kb.sqlite3").mkdir()
    gone = await asyncio.to_thread(Database, tmp_path / "kb.sqlite3")
    app.state.runtime = replace(runtime, database=gone)
    async with client_of(app) as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    assert ready.status_code == 503
    assert ready.json() == {
        "status": "not ready",
        "database": "does not answer",
        "index": "answers",
    }
    await gone.dispose()


async def test_a_server_whose_database_was_taken_away_is_not_ready(
    client: AsyncClient, runtime: Runtime, tmp_path: Path
) -> None:
    there = await client.get("/readyz")
    await asyncio.to_thread(runtime.database.path.rename, tmp_path / "elsewhere")
    ready = await client.get("/readyz")
    assert (there.status_code, ready.status_code) == (200, 503)
    assert ready.json()["database"] == "does not answer"


async def test_a_server_that_has_nothing_to_work_with_is_alive(app: FastAPI) -> None:
    app.state.runtime = None
    async with client_of(app) as client:
        assert (await client.get("/healthz")).status_code == 200


async def test_a_server_that_still_builds_its_index_is_ready(app: FastAPI, tmp_path: Path) -> None:
    async with open_runtime(Settings(data_dir=tmp_path / "new")) as runtime:
        app.state.runtime = runtime
        async with client_of(app) as client:
            answer = await client.get("/readyz")
            await runtime.indexer.rebuild()
            later = await client.get("/readyz")

    assert (answer.status_code, answer.json()["index"]) == (200, "is being built")
    assert (later.status_code, later.json()["index"]) == (200, "answers")


async def test_requests_are_counted_by_route_and_status(
    watcher: AsyncClient, client: AsyncClient, maintainer: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    entry = f"/api/v1/entries/{slug}"
    for path in (entry, entry, "/api/v1/entries/none", "/entries/none", "/.git"):
        await client.get(path)
    await client.get("/static/app.css")
    await client.request("BREW", "/")

    counted = read((await watcher.get("/metrics")).text)["kb_http_request_duration_seconds_count"]
    found = {
        (labels["method"], labels["route"], labels["status"]): number
        for labels, number in ((dict(labels), number) for labels, number in counted.items())
    }
    assert found == {
        ("POST", "/api/v1/entries", "201"): 1,
        ("GET", "/api/v1/entries/{slug}", "200"): 2,
        ("GET", "/api/v1/entries/{slug}", "404"): 1,
        ("GET", "/entries/{slug}", "404"): 1,
        ("GET", "other", "404"): 1,
        ("GET", "/static", "200"): 1,
        ("other", "/", "405"): 1,
    }


async def test_searches_and_refusals_are_counted(
    app: FastAPI, runtime: Runtime, watcher: AsyncClient
) -> None:
    for query in ("loop", "sleep"):
        await watcher.get("/api/v1/search", params={"q": query})
    assert await measured(watcher, "kb_searches_total", answered_by="index") == 2
    assert await measured(watcher, "kb_searches_total", answered_by="database") == 0

    async with client_of(app, authorization="Bearer kb_wrong") as guesser:
        for _ in range(runtime.settings.sign_ins_per_hour + 2):
            await guesser.get("/api/v1/stats")
    assert await measured(watcher, "kb_limit_refusals_total", kind="wrong API tokens") == 2


async def test_what_the_index_lacks_and_what_workers_do_is_told(watcher: AsyncClient) -> None:
    assert await measured(watcher, "kb_index_usable") == 1
    assert await measured(watcher, "kb_workers_busy") >= 0
    assert await measured(watcher, "process_resident_memory_bytes") > 0
    # The index takes in what waits within moments.
    assert await measured(watcher, "kb_index_waiting_entries") >= 0


def beating(text: str) -> set[str]:
    """Return the processes whose hearts have beaten."""
    samples = [sample for one in text_string_to_metric_families(text) for sample in one.samples]
    beats = [one for one in samples if one.name == "event_loop_lag_seconds_count" and one.value]
    return {one.labels["process"] for one in beats}


async def test_the_docs_name_what_is_measured_and_nothing_else(watcher: AsyncClient) -> None:
    document = Path(__file__).parents[2] / "docs" / "operating.md"
    named = re.findall(
        r"^\| `([a-z_]+)` \| (histogram|counter|gauge) \|", document.read_text(), re.MULTILINE
    )
    await watcher.get("/")

    families = text_string_to_metric_families((await watcher.get("/metrics")).text)
    found = [(one.name, one.type) for one in families if not one.name.startswith("process_")]
    assert sorted(found) == sorted(named)


@pytest.mark.chaos
def test_every_process_of_a_server_answers_for_itself_and_its_heart_beats(tmp_path: Path) -> None:
    data = tmp_path / "data"
    found: set[str] = set()
    with Server(data, "--workers", "2") as server:
        token = kb(data, "token", "create", "prometheus").stdout.strip()

        def both() -> bool:
            headers = {"authorization": f"Bearer {token}"}
            answer = httpx2.get(f"{server.base}/metrics", headers=headers, timeout=PATIENCE)
            processes = beating(answer.text)
            assert len(processes) <= 1
            found.update(processes)
            return len(found) == 2

        assert wait_for(both)
