"""kb next to its variants, in small."""

from contextlib import ExitStack

import pytest

from bench.variants import VARIANTS
from tests.bench.module import run_module

SOME = (
    "one BaseHTTPMiddleware",
    "compressed each time",
    "a rollback journal",
    "lists of the ORM's objects",
    "two server processes",
)
"""One of each kind: they are changed in places that differ."""


@pytest.mark.parametrize("name", VARIANTS)
def test_what_a_variant_changes_is_there(name: str) -> None:
    with ExitStack() as stack:
        for one in VARIANTS[name].patches():
            stack.enter_context(one)


@pytest.mark.chaos
def test_variants_are_measured_next_to_kb() -> None:
    done = run_module(
        "bench.means", "--entries", "5", "--seconds", "0.02", "--only", ",".join(SOME)
    )

    assert done.returncode == 0, done.stderr
    first, _, header, _, *rows = done.stdout.splitlines()
    assert first.startswith("5 entries: ")
    columns = len(header.split(" | "))
    cells = [row.strip("| ").split(" | ") for row in rows]
    assert [tuple(one[:2]) for one in cells] == [
        (name, work) for name in SOME for work in VARIANTS[name].works
    ]
    for row in cells:
        assert len(row) == columns
        assert "0" not in row[2:], "nothing was answered"


@pytest.mark.chaos
def test_a_variant_that_there_is_not_is_refused() -> None:
    done = run_module("bench.means", "--only", "h12")

    assert done.returncode == 2
    assert "one reader" in done.stderr
