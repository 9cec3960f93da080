"""What was wanted and what was got, beside the ratios of the same run."""

from bench.aims import Aim, Found, found
from bench.ceilings import CEILINGS
from bench.run import Report
from bench.server import SEARCHLESS
from bench.tables.table import NONE, WITHOUT, Table

_NOTE = (
    "8 clients, if nothing else is said; kb next to the ceilings of this run; what is wanted as so "
    "many times holds on any machine, the rest on two cores"
)
_UNITS = {
    "times": "{:.2f} times",
    "/s": "{:,.0f}/s",
    "ms": "{:.1f} ms",
    "MB": "{:.0f} MB",
    "s": "{:.2f} s",
}
_BESIDE = (*CEILINGS, SEARCHLESS)


def table(report: Report) -> Table:
    """Return a row for each aim that was measured; the note names the others."""
    got, missing = found(report)
    note = _NOTE
    if missing:
        note += "; not measured in this run: " + "; ".join(map(_named, missing))
    header = ["entries", "", *(f"÷ {name}" for name in CEILINGS), WITHOUT, "wanted", "got"]
    return Table("Wanted and got", note, [*header, "reached"], [_cells(one) for one in got])


def _cells(one: Found) -> list[str]:
    aim = one.aim
    ratios = [aim.beside(one.size, name) for name in _BESIDE]
    return [
        f"{aim.entries:,}",
        aim.what,
        *(NONE if ratio is None else f"{ratio:.2f}" for ratio in ratios),
        _wanted(aim),
        _UNITS[aim.unit].format(one.got),
        "yes" if aim.reached(one.got) else "MISSED",
    ]


def _named(aim: Aim) -> str:
    return f"{aim.what} with {aim.entries:,} entries ({_wanted(aim)})"


def _wanted(aim: Aim) -> str:
    return f"{'≥' if aim.at_least else '≤'} {_UNITS[aim.unit].format(aim.wanted)}"
