"""How what an answer takes grows with the number of entries: each size next to the smallest."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat
from math import log

from bench.run import Size
from bench.tables.table import NONE, Table, ratio
from bench.throughput import KB
from bench.timing import Figures

_NOTE = (
    "how many times as much as with {} entries: 1 is none the more for all the others; and as "
    "which power of their number the CPU time grows: 0 not at all, 1 in proportion"
)

_Work = tuple[str, str]
"""What was asked, and how many did so or how often."""


def tables(sizes: Sequence[Size]) -> Iterator[Table]:
    """Yield tables of closed loops, fixed rates and the rest, where there are several sizes."""
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
    yield _rest_table(ordered)


def _rest_table(sizes: Sequence[Size]) -> Table:
    """Return the table of what is measured once."""
    least, *larger = map(_measured_once, sizes)
    rows = [
        [what, *(ratio(one.get(what), value) for one in larger)] for what, value in least.items()
    ]
    entries = [f"{size.making.entries:,}" for size in sizes]
    note = f"how many times as much as with {entries[0]} entries"
    return Table("Growth of the rest", note, ["", *entries[1:]], rows)


def _measured_once(size: Size) -> dict[str, float]:
    found = {"building the index, an entry": size.making.built / size.making.entries}
    if size.standing:
        kb = size.standing[KB]
        found |= {"start": kb.started, "memory, idle": kb.idle, "memory at its peak": kb.peak}
    if one := size.imported:
        found["import, an entry"] = one.seconds[KB] / one.entries
    return found


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
    times = [number / entries[0] for number in entries[1:]]
    rows = []
    for work, figures in least.items():
        found_of = [one.get(work) for one in larger]
        if any(found_of):
            cells = map(_cells, found_of, repeat(figures), times)
            rows.append([*work, *chain.from_iterable(cells)])
    header = ["asked", ""]
    for number in entries[1:]:
        header += [f"{number:,}: p50", "p99", "p99.9", "CPU", "power"]
    return Table(title, _NOTE.format(f"{entries[0]:,}"), header, rows)


def _cells(one: Figures | None, least: Figures, more: float) -> list[str]:
    """Return what one is next to the least, with so many times as many entries."""
    if one is None:
        return [NONE] * 5
    return [
        ratio(one.p50, least.p50),
        ratio(one.p99, least.p99),
        ratio(one.p999, least.p999),
        ratio(one.cpu, least.cpu),
        _power(one.cpu, least.cpu, more),
    ]


def _power(one: float | None, least: float | None, more: float) -> str:
    if not one or not least or more == 1:
        return NONE
    return f"{round(log(one / least) / log(more), 1) + 0.0:.1f}"  # no -0.0
