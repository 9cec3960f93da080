"""The whole benchmark in small: everything is measured, said, and kept where asked to."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.ceilings import FASTAPI, STARLETTE
from bench.corpus import Corpus
from bench.engine import EXECUTOR, FTS5, HTTP, IN_PROCESS
from bench.queries import fresh
from bench.throughput import KB
from bench.works import reads, searches
from tests.servers import PATIENCE

ROOT = Path(__file__).parents[2]
ENTRIES, QUERIES, CLIENTS, SECONDS = 30, 8, 2, 0.05

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
        "save": folder,
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=5 * PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, folder


@pytest.fixture(scope="module")
def saved(run: tuple[str, Path]) -> dict[str, Any]:
    """The report for programs."""
    values: dict[str, Any] = json.loads((run[1] / "report.json").read_text(encoding="utf-8"))
    return values


def test_every_target_answers_every_query_first_and_again(saved: dict[str, Any]) -> None:
    engine = saved["sizes"][0]["engine"]
    served = [one for served in engine["served"] for one in served["searched"]]
    searches = engine["searched"] + served

    assert {(one["target"], one["clients"]) for one in searches} == {
        (FTS5, 1),
        (IN_PROCESS, 1),
        (FTS5, CLIENTS),
        *((target, clients) for target in (EXECUTOR, HTTP) for clients in (1, CLIENTS)),
    }
    assert len(searches) == 2 * 7
    for one in searches:
        figures = one["figures"]
        assert (figures["answers"], figures["failed"]) == (QUERIES, 0), one
        assert 0 < figures["p50"] <= figures["p99"]
        assert figures["per_second"] > 0


def test_making_changing_starting_and_memory_are_measured(saved: dict[str, Any]) -> None:
    (size,) = saved["sizes"]

    assert size["making"].pop("entries") == ENTRIES
    assert all(value > 0 for value in size["making"].values())
    assert all(value > 0 for value in size["engine"]["yardstick"].values())
    assert all(value > 0 for value in size["engine"]["updated"].values())
    for served in size["engine"]["served"]:
        assert served["started"] > 0
        if served["memory"]:
            assert served["memory"]["processes"] > 1
            assert 0 < served["memory"]["proportional"] <= served["memory"]["resident"]


def test_every_work_is_measured_next_to_both_ceilings(saved: dict[str, Any]) -> None:
    measured = saved["sizes"][0]["throughput"]
    corpus = Corpus()
    works = [*reads(corpus.records(ENTRIES)), *searches(fresh(corpus))]

    assert [one["work"] for one in measured] == [work.name for work in works]
    for one in measured:
        assert set(one["figures"]) == {KB, STARLETTE, FASTAPI}
        for figures in one["figures"].values():
            assert figures["failed"] == 0, one
            assert figures["answers"] > 0
            assert 0 < figures["p50"] <= figures["p99"] <= figures["p999"]


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
    assert written.count("\n## ") == 5
