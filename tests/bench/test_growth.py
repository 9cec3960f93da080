"""How the report tells what grows with the number of entries."""

from bench.data import Making
from bench.latency import Latency
from bench.run import Size
from bench.tables import growth
from bench.throughput import KB, Throughput
from bench.timing import Figures


def figures(milliseconds: float, cpu: float | None) -> Figures:
    slow = 2 * milliseconds, 3 * milliseconds
    return Figures(10, 0, milliseconds, *slow, per_second=1.0, cpu=cpu, client=0.1)


def size(entries: int, milliseconds: float, cpu: float | None = 1.0) -> Size:
    found = {KB: figures(milliseconds, cpu)}
    works = [Throughput("entry JSON", clients, found, "") for clients in (8, 32)]
    rates = [Latency("/ page", 200.0, found)]
    return Size(Making(entries, 1.0, 1.0, 1), works, rates)


def test_each_size_stands_next_to_the_smallest() -> None:
    closed, fixed = growth.tables([size(5_000, 3.0, 2.0), size(500, 2.0), size(20_000, 8.0, None)])
    assert closed.header == [
        *("asked", "", "5,000: p50", "p99", "p99.9", "CPU"),
        *("20,000: p50", "p99", "p99.9", "CPU"),
    ]
    grown = ["1.50", "1.50", "1.50", "2.00", "4.00", "4.00", "4.00", "-"]
    assert closed.rows == [["entry JSON", f"clients: {number}", *grown] for number in (8, 32)]
    assert fixed.rows == [["/ page", "200 a second", *grown]]
    assert "with 500 entries" in closed.note


def test_of_one_size_nothing_grows() -> None:
    assert list(growth.tables([size(500, 2.0)])) == []
