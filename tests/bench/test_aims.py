"""What a report says of the figures to reach."""

from datetime import UTC, datetime

import pytest

from bench.aims import aims
from bench.ceilings import FASTAPI, STARLETTE
from bench.data import Making
from bench.loop import Lag, Loop, Phase
from bench.machine import Machine
from bench.run import Report, Size
from bench.server import SEARCHLESS
from bench.standing import Standing
from bench.tables import tables
from bench.tables.table import Table
from bench.throughput import KB, Throughput
from bench.timing import Figures
from kb.settings import EngineName


def figures(per_second: float, p99: float = 40.0) -> Figures:
    return Figures(10, 0, p99 / 2, p99, p99, per_second, cpu=1.0, client=0.1)


def asked(work: str, kb: float, *, without: str = "", searchless: float = 0.0) -> Throughput:
    found = {KB: figures(kb), STARLETTE: figures(20_000), FASTAPI: figures(10_000)}
    if searchless:
        found[SEARCHLESS] = figures(searchless)
    return Throughput(work, 8, found, without)


def table(size: Size, engine: EngineName = EngineName.WHOOSH) -> Table:
    host = Machine("Linux", "a processor", 2, 8_000_000_000, 0.0, "CPython", {})
    report = Report(datetime.now(UTC), 1.0, host, "entries", engine, 1, [size])
    return next(iter(tables(report)))


@pytest.fixture
def size() -> Size:
    """All of a size that hardly anything was measured of."""
    return Size(Making(500, 1.0, 1.0, 1))


def test_each_aim_stands_beside_what_was_got_and_the_ratios_of_the_run(size: Size) -> None:
    size.throughput = [
        asked("entry JSON", 6_000, without="entry JSON, made anew"),
        asked("entry JSON, made anew", 600),
        asked("search JSON, new", 400, searchless=1_600),
    ]
    shown = table(size)
    ratios = ["0.30", "0.60", "10.00"]
    assert shown.title == "Wanted and got"
    assert [list(row[1:]) for row in shown.rows] == [
        ["entry JSON, next to fastapi", *ratios, "≥ 0.50 times", "0.60 times", "yes"],
        ["entry JSON", *ratios, "≥ 5,000/s", "6,000/s", "yes"],
        ["search JSON, new", "0.02", "0.04", "0.25", "≥ 650/s", "400/s", "MISSED"],
        ["search JSON, new, p99", "1.00", "1.00", "1.00", "≤ 50.0 ms", "40.0 ms", "yes"],
    ]


def test_memory_and_start_stand_beside_those_of_the_ceilings(size: Size) -> None:
    size.standing = {
        KB: Standing(3.0, 100_000_000, 240_000_000, None),
        SEARCHLESS: Standing(1.5, 90_000_000, 120_000_000, None),
        STARLETTE: Standing(0.5, 30_000_000, 30_000_000, None),
        FASTAPI: Standing(0.6, 40_000_000, 40_000_000, None),
    }
    memory, start = table(size).rows
    assert list(memory[2:]) == ["8.00", "6.00", "2.00", "≤ 200 MB", "240 MB", "MISSED"]
    assert list(start[2:]) == ["6.00", "5.00", "2.00", "≤ 2.00 s", "3.00 s", "MISSED"]


def test_beside_searches_the_loop_and_cheap_requests_are_judged(size: Size) -> None:
    def phase(late: float, p99: float) -> Phase:
        probes = {"/healthz": figures(100, p99), "/entries/a": figures(100, 2 * p99)}
        return Phase(Lag(100, 1.0, late, late), probes)

    size.making = Making(5_000, 1.0, 1.0, 1)
    size.loop = Loop(phase(1.0, 1.0), phase(7.5, 4.0), figures(200), urgent=True)
    assert [list(row[-3:]) for row in table(size).rows] == [
        ["≤ 3.00 times", "4.00 times", "MISSED"],
        ["≤ 3.00 times", "4.00 times", "MISSED"],
        ["≤ 10.0 ms", "7.5 ms", "yes"],
    ]


def test_what_a_run_did_not_measure_is_named_below(size: Size) -> None:
    size.throughput = [asked("/ page", 2_000)]
    note = table(size).note
    assert "search page, new with 500 entries (≥ 350/s)" in note
    assert "/ page with" not in note


def test_of_what_nothing_is_wanted_nothing_is_said(size: Size) -> None:
    size.making = Making(30, 1.0, 1.0, 1)
    size.throughput = [asked("/ page", 2_000)]
    assert table(size).title != "Wanted and got"


def test_more_is_wanted_of_the_quicker_engine() -> None:
    def alone(engine: EngineName) -> list[float]:
        return [one.wanted for one in aims(engine) if "one client" in one.what]

    assert alone(EngineName.WHOOSH) == [14, 35]
    assert alone(EngineName.TANTIVY) == [3, 4]
