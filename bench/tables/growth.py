"""How what an answer takes grows with the number of entries: each size next to the smallest."""

from collections.abc import Iterator, Mapping, Sequence

from bench.run import Size
from bench.tables.table import NONE, Table, ratio
from bench.throughput import KB
from bench.timing import Figures

_NOTE = "how many times as much as with {} entries: 1 is none the more for all the others"

_Work = tuple[str, str]
"""What was asked, and how many did so or how often."""


def tables(sizes: Sequence[Size]) -> Iterator[Table]:
    """Yield a table of closed loops and one of fixed rates, where there are several sizes."""
    if len(sizes) == 1:
        return
    ordered = sorted(sizes, key=lambda size: size.making.entries)
    for title, found in (
        ("Growth", [_in_closed_loops(size) for size in ordered]),
        ("Growth at a fixed rate", [_at_rates(size) for size in ordered]),
    ):
        table = _table(title, [size.making.entries for size in ordered], found)
        if table.rows:
            yield table


def _in_closed_loops(size: Size) -> dict[_Work, Figures]:
    asked = {(one.work, f"clients: {one.clients}"): one.figures[KB] for one in size.throughput}
    for one in size.engine.searched if size.engine else []:
        kind = "again" if one.again else "first"
        asked[f"search, {one.target}, {kind}", f"clients: {one.clients}"] = one.figures
    return asked


def _at_rates(size: Size) -> dict[_Work, Figures]:
    return {(one.work, f"{one.rate:.0f} a second"): one.figures[KB] for one in size.latency}


def _table(title: str, entries: Sequence[int], found: Sequence[Mapping[_Work, Figures]]) -> Table:
    least, *larger = found
    rows = [
        [*work, *(cell for one in larger for cell in _cells(one.get(work), figures))]
        for work, figures in least.items()
        if any(work in one for one in larger)
    ]
    header = ["asked", ""]
    for number in entries[1:]:
        header += [f"{number:,}: p50", "p99", "p99.9", "CPU"]
    return Table(title, _NOTE.format(f"{entries[0]:,}"), header, rows)


def _cells(one: Figures | None, least: Figures) -> list[str]:
    if one is None:
        return [NONE] * 4
    return [
        ratio(one.p50, least.p50),
        ratio(one.p99, least.p99),
        ratio(one.p999, least.p999),
        ratio(one.cpu, least.cpu),
    ]
