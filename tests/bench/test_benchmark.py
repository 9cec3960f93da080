"""The whole benchmark in small: everything is measured, said, and kept where asked to."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.ceilings import FASTAPI, STARLETTE
from bench.corpus import Corpus
from bench.engine import EXECUTOR, FTS5, HTTP, IN_PROCESS
from bench.queries import fresh
from bench.server import SEARCHLESS
from bench.throughput import KB
from bench.works import NO_ENTRY, reads, searches
from bench.writes import writes
from tests.bench.module import run_module

ENTRIES, QUERIES, CLIENTS, SECONDS, IMPORTED = 30, 8, 2, 0.02, 20

SERVERS = {KB, SEARCHLESS, STARLETTE, FASTAPI}

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What a run prints, and the folder it saves to."""
    folder = tmp_path_factory.mktemp("bench") / "results"
    options = {
        "sizes": ENTRIES,
        "queries": QUERIES,
        "clients": CLIENTS,
        "seconds": SECONDS,
        "imported": IMPORTED,
        "starts": 1,
        "save": folder,
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    done = run_module("bench", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout, folder


@pytest.fixture(scope="module")
def saved(run: tuple[str, Path]) -> dict[str, Any]:
    """The report for programs."""
    values: dict[str, Any] = json.loads((run[1] / "report.json").read_text(encoding="utf-8"))
    return values


@pytest.fixture
def size(saved: dict[str, Any]) -> dict[str, Any]:
    """What was measured with so many entries."""
    (one,) = saved["sizes"]
    assert one["making"]["entries"] == ENTRIES
    assert all(value > 0 for value in one["making"].values())
    values: dict[str, Any] = one
    return values


def answered(figures: dict[str, Any]) -> bool:
    """Say whether there were answers, all of them good, and how long they took."""
    assert figures["failed"] == 0, figures
    assert 0 < figures["p50"] <= figures["p99"] <= figures["p999"]
    return bool(figures["answers"] and figures["per_second"])


def test_every_target_answers_every_query_first_and_again(size: dict[str, Any]) -> None:
    searches = size["engine"]["searched"]

    assert {(one["target"], one["clients"]) for one in searches} == {
        (FTS5, 1),
        (IN_PROCESS, 1),
        (FTS5, CLIENTS),
        (EXECUTOR, 1),
        (EXECUTOR, CLIENTS),
        (HTTP, 1),
    }
    assert len(searches) == 2 * 6
    for one in searches:
        assert answered(one["figures"])
        assert one["figures"]["answers"] == QUERIES
    assert all(value > 0 for value in size["engine"]["yardstick"].values())
    assert all(value > 0 for value in size["engine"]["updated"].values())


def test_every_work_is_measured_next_to_the_ceilings(size: dict[str, Any]) -> None:
    corpus = Corpus()
    works = [*reads(corpus.records(ENTRIES)), *searches(fresh(corpus)), *writes([], ["a"], "")]
    measured = {one["work"]: one for one in size["throughput"]}

    assert list(measured) == [work.name for work in works]
    for work in works:
        figures = measured[work.name]["figures"]
        own = {SEARCHLESS} if work.indexed else set()
        assert set(figures) == {KB, STARLETTE, FASTAPI} | own
        assert work.indexed or work.name == NO_ENTRY or work.without in measured
        assert all(answered(one) for one in figures.values())


def test_latencies_are_measured_at_fixed_rates(size: dict[str, Any]) -> None:
    measured = {one["work"] for one in size["latency"]}
    assert {"entry JSON, 304", "list JSON, by tag", "search JSON, new", "revise"} <= measured
    for one in size["latency"]:
        assert one["rate"] > 0
        assert all(answered(figures) for figures in one["figures"].values())


def test_the_loop_is_watched_idle_and_beside_searches(size: dict[str, Any]) -> None:
    assert answered(size["loop"]["searches"])
    for phase in (size["loop"]["idle"], size["loop"]["busy"]):
        assert "/healthz" in phase["probes"]
        assert all(answered(figures) for figures in phase["probes"].values())
        assert phase["lag"]["beats"] > 0
        assert 0 < phase["lag"]["p50"] <= phase["lag"]["p99"] <= phase["lag"]["worst"]


def test_starting_memory_and_an_import_are_measured(size: dict[str, Any]) -> None:
    assert set(size["standing"]) == SERVERS
    for standing in size["standing"].values():
        assert standing["started"] > 0
        if standing["memory"]:
            assert 0 < standing["idle"] <= standing["peak"]
    if size["standing"][KB]["memory"]:
        assert size["standing"][KB]["memory"]["processes"] > 1
        assert size["standing"][STARLETTE]["memory"]["processes"] == 1
    assert size["imported"]["entries"] == IMPORTED
    assert set(size["imported"]["seconds"]) == SERVERS
    assert min(size["imported"]["seconds"].values()) > 0


def test_the_report_says_what_it_was_measured_on(run: tuple[str, Path], saved: Any) -> None:
    printed, folder = run
    written = (folder / "report.md").read_text(encoding="utf-8")

    for text in (" ".join(printed.split()), written):
        assert saved["machine"]["python"] in text
        assert saved["machine"]["versions"]["whoosh-reloaded"] in text
        assert saved["corpus"] in text
        assert f"÷ {FTS5}" in text
        assert f"÷ {FASTAPI}" in text
    assert saved["machine"]["cores"] >= 1
    assert written.count("\n## ") == 10
