"""Tables of servers, next to the ceilings."""

from collections.abc import Iterator, Sequence

from bench.ceilings import CEILINGS, FASTAPI
from bench.loop import PROBES, SEARCHING
from bench.processes import MB
from bench.run import Size
from bench.server import SEARCHLESS
from bench.tables import growth
from bench.tables.table import NONE, WITHOUT, Table, ms, ratio
from bench.throughput import KB, Throughput, without

FULL = 0.9
"""The share of a core from which on the clients were the limit."""

_CEILINGS = (*CEILINGS, SEARCHLESS)
_BESIDE = (*(f"÷ {name}" for name in CEILINGS), WITHOUT)

_Rows = list[list[str]]


def tables(sizes: Sequence[Size]) -> Iterator[Table]:
    """Yield those that have rows."""
    for clients in dict.fromkeys(one.clients for size in sizes for one in size.throughput):
        yield _throughput_table(sizes, clients)
    yield from growth.tables(sizes)
    every = (_latency_table, _loop_table, _probe_table, _start_table, _memory_table, _import_table)
    yield from (table for make in every if (table := make(sizes)).rows)


def _throughput_table(sizes: Sequence[Size], clients: int) -> Table:
    rows = [
        [_entries(size), one.work, *_throughput_cells(one, size.throughput)]
        for size in sizes
        for one in size.throughput
        if one.clients == clients
    ]
    header = ["entries", "asked", *_BESIDE]
    header += [f"CPU {FASTAPI} ÷", "CPU without ÷"]
    header += ["/s", "p50", "p99", "p99.9", "CPU µs", "failed"]
    note = (
        "answers a second next to those of Starlette and FastAPI with the same bytes ready, and to "
        "kb's own without the feature; CPU time an answer of FastAPI's, and of kb's own without, "
        "next to kb's; milliseconds; CPU microseconds an answer"
    )
    return Table(f"Throughput, clients: {clients}", note, header, rows)


def _throughput_cells(one: Throughput, every: Sequence[Throughput]) -> list[str]:
    kb, fastapi, plain = one.figures[KB], one.figures[FASTAPI], without(one, every)
    return [
        *(_ratio(one, name) for name in CEILINGS),
        ratio(kb.per_second, plain.per_second) if plain else NONE,
        ratio(fastapi.cpu, kb.cpu),
        ratio(plain.cpu, kb.cpu) if plain else NONE,
        f"{kb.per_second:,.0f}",
        ms(kb.p50),
        ms(kb.p99),
        ms(kb.p999),
        NONE if kb.cpu is None else f"{kb.cpu * 1000:.0f}",
        str(kb.failed),
    ]


def _ratio(one: Throughput, ceiling: str) -> str:
    """Return the ratio; where the clients were the limit of one side, it says at least or most."""
    kb, other = (one.figures[name].client >= FULL for name in (KB, ceiling))
    sign = {(True, False): "≥ ", (False, True): "≤ "}.get((kb, other), "")
    return f"{sign}{one.ratio(ceiling):.2f}"


def _latency_table(sizes: Sequence[Size]) -> Table:
    rows = []
    for size in sizes:
        for one in size.latency:
            kb, others = one.figures[KB], [one.figures.get(name) for name in _CEILINGS]
            cells = [ratio(kb.p50, other.p50) if other else NONE for other in others]
            cells += [ratio(kb.p99, other.p99) if other else NONE for other in others]
            cells += [ms(value) for value in (kb.p50, kb.p99, kb.p999)]
            rows.append([_entries(size), one.work, f"{one.rate:.0f}", *cells, str(kb.failed)])
    header = ["entries", "asked", "a second", *(f"p50 {one}" for one in _BESIDE)]
    header += [*(f"p99 {one}" for one in _BESIDE), "p50", "p99", "p99.9", "failed"]
    note = "milliseconds at a fixed rate, from when a request was due; next to the ceilings"
    return Table("Latency", note, header, rows)


def _loop_table(sizes: Sequence[Size]) -> Table:
    rows: _Rows = []
    for size in sizes:
        if size.loop:
            busy = ("beside searches", size.loop.busy, f"{size.loop.searches.per_second:.0f}")
            for name, phase, searches in (("idle", size.loop.idle, NONE), busy):
                lag = phase.lag
                late = [f"≤ {bound:g}" for bound in (lag.p50, lag.p99, lag.worst)]
                rows.append([_entries(size), name, *late, str(lag.beats), searches])
    header = ["entries", "", "p50", "p99", "worst", "beats", "searches /s"]
    note = f"milliseconds the heartbeat came late, while {SEARCHING} clients search flat out"
    return Table("The event loop", note, header, rows)


def _probe_table(sizes: Sequence[Size]) -> Table:
    rows: _Rows = []
    for size in sizes:
        if size.loop:
            idle, busy = size.loop.idle.probes, size.loop.busy.probes
            for path in idle:
                cells = [ratio(busy[path].p99, idle[path].p99)]
                cells += [ms(one[path].p50) for one in (idle, busy)]
                cells += [ms(one[path].p99) for one in (idle, busy)]
                rows.append([_entries(size), path[:30], *cells, str(busy[path].failed)])
    header = ["entries", "asked", "p99 ÷ idle", "p50 idle", "p50", "p99 idle", "p99", "failed"]
    urgent = all(size.loop.urgent for size in sizes if size.loop)
    by = "clients that wait for no processor" if urgent else "clients that may wait for a processor"
    note = f"asked {PROBES} times a second, by {by}, while {SEARCHING} others search flat out"
    return Table("Cheap requests beside searches", note, header, rows)


def _start_table(sizes: Sequence[Size]) -> Table:
    rows: _Rows = []
    for size in sizes:
        if found := {name: one.started for name, one in size.standing.items()}:
            ratios = [ratio(found[KB], found[name]) for name in _CEILINGS]
            rows.append([_entries(size), *ratios, *(f"{found[n]:.2f}" for n in (KB, *_CEILINGS))])
    note = "seconds from the command to the first 200 with the data there"
    return Table("Start", note, ["entries", *_BESIDE, KB, *_CEILINGS], rows)


def _memory_table(sizes: Sequence[Size]) -> Table:
    rows: _Rows = []
    for size in sizes:
        if found := size.standing:
            kb = found[KB]
            held = kb.memory
            resident = held.resident if held else None
            rows.append(
                [
                    _entries(size),
                    *(ratio(kb.peak, found[name].peak) for name in _CEILINGS),
                    ratio(kb.peak, kb.idle),
                    *(_mb(one) for one in (kb.peak, kb.idle, resident)),
                    *(_mb(found[name].peak) for name in _CEILINGS),
                    str(held.processes) if held else NONE,
                ]
            )
    header = ["entries", *_BESIDE, "÷ idle", KB, "idle", "RSS", *_CEILINGS, "processes"]
    note = (
        "MB of all processes at their peak, PSS, while everything is asked (of the ceilings, for "
        "the same bytes); idle, before anything is; RSS, which counts what they share each time"
    )
    return Table("Memory", note, header, rows)


def _mb(held: int | None) -> str:
    return f"{held / MB:.0f}" if held else NONE


def _import_table(sizes: Sequence[Size]) -> Table:
    rows: _Rows = []
    for size in sizes:
        if found := size.imported:
            took = found.seconds[KB]
            rows.append(
                [
                    _entries(size),
                    f"{found.entries:,}",
                    *(ratio(took, found.seconds[name]) for name in _CEILINGS),
                    f"{took:.1f}",
                    f"{found.entries / took:.0f}",
                    f"{found.waiting:,}",
                ]
            )
    header = ["entries", "imported", *_BESIDE, "s", "/s"]
    note = "how many times as long; one POST; the ceilings read the body and forget it"
    return Table("Import", note, [*header, "wait for the index"], rows)


def _entries(size: Size) -> str:
    return f"{size.making.entries:,}"
