"""The benchmark of import and export, in small: every way is measured."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import PATIENCE

pytestmark = pytest.mark.chaos

ROOT = Path(__file__).parents[2]


def test_every_way_in_and_out_is_measured() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.transfer", "--size", "5"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=5 * PATIENCE,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    first, *measured = done.stdout.splitlines()
    assert first.startswith("5 entries: ")
    assert [line.partition(":")[0] for line in measured] == [
        "HTTP import",
        "HTTP export",
        "kb import",
        "kb export --history",
    ]
    assert all(
        re.search(r": [\d.]+ s, [\d.]+ ms an entry; \d+ MB at most", one) for one in measured
    )
