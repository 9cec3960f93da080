"""The whole benchmark in small: everything is measured, said, and kept where asked to."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import processes
from bench.engine import EXECUTOR, FTS5, HTTP, IN_PROCESS

ROOT = Path(__file__).parents[2]
ENTRIES, QUERIES, CLIENTS = 30, 8, 2


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What a run prints, and the folder it saves to."""
    folder = tmp_path_factory.mktemp("bench") / "results"
    options = {"sizes": ENTRIES, "queries": QUERIES, "clients": CLIENTS, "save": folder}
    arguments = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, folder


@pytest.fixture(scope="module")
def saved(run: tuple[str, Path]) -> dict[str, Any]:
    """The report for programs."""
    values: dict[str, Any] = json.loads((run[1] / "search.json").read_text(encoding="utf-8"))
    return values


def test_every_target_answers_every_query_first_and_again(saved: dict[str, Any]) -> None:
    (size,) = saved["sizes"]
    searches = size["searched"] + [one for served in size["served"] for one in served["searched"]]

    assert {(one["target"], one["clients"]) for one in searches} == {
        (FTS5, 1),
        (IN_PROCESS, 1),
        (FTS5, CLIENTS),
        (EXECUTOR, CLIENTS),
        (HTTP, CLIENTS),
    }
    assert len(searches) == 2 * 5
    for one in searches:
        figures = one["figures"]
        assert (figures["answers"], figures["failed"]) == (QUERIES, 0), one
        assert 0 < figures["p50"] <= figures["p99"]
        assert figures["per_second"] > 0


def test_making_changing_starting_and_memory_are_measured(saved: dict[str, Any]) -> None:
    (size,) = saved["sizes"]

    assert size["making"].pop("entries") == ENTRIES
    assert all(value > 0 for value in size["making"].values())
    assert all(value > 0 for value in size["updated"].values())
    (served,) = size["served"]
    assert served["started"] > 0
    if served["memory"]:
        assert served["memory"]["processes"] > 1
        assert 0 < served["memory"]["proportional"] <= served["memory"]["resident"]


def test_the_report_says_what_it_was_measured_on(run: tuple[str, Path], saved: Any) -> None:
    printed, folder = run
    written = (folder / "search.md").read_text(encoding="utf-8")

    for text in (" ".join(printed.split()), written):
        assert saved["machine"]["python"] in text
        assert saved["machine"]["versions"]["whoosh-reloaded"] in text
        assert saved["corpus"] in text
        assert f"÷ {FTS5}" in text
    assert saved["machine"]["cores"] >= 1
    assert written.count("\n## ") == 4


def test_processes_that_are_gone_hold_and_do_nothing() -> None:
    assert processes.memory(2**30) is None
    assert processes.cpu_seconds(2**30) is None


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
def test_processes_that_live_hold_memory() -> None:
    memory = processes.memory(os.getpgrp())

    assert memory
    assert 0 < memory.proportional <= memory.resident
