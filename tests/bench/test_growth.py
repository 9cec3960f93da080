"""How the report tells what grows with the number of entries."""

from bench.data import Making, Yardstick
from bench.engine import HTTP, Searched, Updated
from bench.latency import Latency
from bench.run import Engine, Size
from bench.standing import Standing
from bench.tables import growth
from bench.throughput import KB, Throughput
from bench.timing import Figures
from bench.writes import Imported


def figures(milliseconds: float, cpu: float | None) -> Figures:
    slow = 2 * milliseconds, 3 * milliseconds
    return Figures(10, 0, milliseconds, *slow, per_second=1.0, cpu=cpu, client=0.1)


def size(entries: int, milliseconds: float, cpu: float | None = 1.0) -> Size:
    found = {KB: figures(milliseconds, cpu)}
    works = [Throughput("entry JSON", clients, found, "") for clients in (8, 32)]
    rates = [Latency("/ page", 200.0, found)]
    return Size(Making(entries, 1.0, 1.0, 1), works, rates)


def test_each_size_stands_next_to_the_smallest() -> None:
    sizes = [size(5_000, 3.0, 2.0), size(500, 2.0), size(20_000, 8.0, None)]
    closed, fixed, _ = growth.tables(sizes)
    assert closed.header == [
        *("asked", "", "5,000: p50", "p99", "p99.9", "CPU", "power"),
        *("20,000: p50", "p99", "p99.9", "CPU", "power"),
    ]
    grown = ["1.50", "1.50", "1.50", "2.00", "0.3", "4.00", "4.00", "4.00", "-", "-"]
    assert closed.rows == [["entry JSON", f"clients: {number}", *grown] for number in (8, 32)]
    assert fixed.rows == [["/ page", "200 a second", *grown]]
    assert "with 500 entries" in closed.note


def test_what_asked_at_the_smallest_size_alone_is_left_out() -> None:
    large = size(5_000, 3.0)
    large.throughput = [one for one in large.throughput if one.clients == 8]
    closed, _, _ = growth.tables([size(500, 2.0), large])
    assert [row[:2] for row in closed.rows] == [["entry JSON", "clients: 8"]]


def test_searches_in_the_engine_grow_too() -> None:
    small, large = size(500, 2.0), size(5_000, 3.0)
    for one, milliseconds in ((small, 4.0), (large, 8.0)):
        searched = [Searched(HTTP, 1, again=False, figures=figures(milliseconds, 1.0))]
        one.engine = Engine(Yardstick(1.0, 1), searched, Updated(1.0, 1.0))
    closed, _, _ = growth.tables([small, large])
    assert closed.rows[-1] == [
        "search, HTTP, first",
        "clients: 1",
        "2.00",
        "2.00",
        "2.00",
        "1.00",
        "0.0",
    ]


def test_what_is_measured_once_grows_too_an_import_by_the_entry() -> None:
    small, large = size(500, 2.0), size(5_000, 3.0)
    for one, times, number in ((small, 1, 10_000), (large, 3, 1_000)):
        one.standing = {KB: Standing(1.0 * times, 100 * times, 200 * times, None)}
        one.imported = Imported(number, {KB: 4.0}, 0)
    *_, rest = growth.tables([small, large])
    assert rest.header == ["", "5,000"]
    # The index of ten times as many entries was built in the same time.
    assert rest.rows == [
        ["building the index, an entry", "0.10"],
        ["start", "3.00"],
        ["memory, idle", "3.00"],
        ["memory at its peak", "3.00"],
        ["import, an entry", "10.00"],
    ]


def test_of_one_size_nothing_grows() -> None:
    assert list(growth.tables([size(500, 2.0)])) == []
