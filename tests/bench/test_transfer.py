"""The benchmark of import and export, in small: every way is measured."""

import re

import pytest

from tests.bench.module import run_module

pytestmark = pytest.mark.chaos


def test_every_way_in_and_out_is_measured() -> None:
    done = run_module("bench.transfer", "--size", "5")

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
