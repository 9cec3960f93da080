"""What the processes of a group hold and have worked, as Linux tells (proc(5)).

On other systems there is nothing to be read, and nothing is found.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_USER, _SYSTEM = 11, 12
"""Where the ticks of CPU time stand, counted from the state."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the processes of a server hold, in bytes, after it was searched.

    `resident` counts what processes share once for each of them, `proportional` once.
    """

    processes: int
    resident: int
    proportional: int


def memory(group: int) -> Memory | None:
    """Return what the processes of a group hold; None where the system does not say."""
    found = [
        (_resident(process), held_by(int(process.name))) for process, _ in list(_members(group))
    ]
    living = [held for held in found if all(held)]
    if not living:
        return None
    resident, proportional = map(sum, zip(*living, strict=True))
    return Memory(len(living), resident, proportional)


def held_by(process: int) -> int:
    """Return the bytes (PSS) of one process; 0 where it is gone, or the system does not say."""
    return _bytes(_PROC / str(process) / "smaps_rollup", "Pss")


def _resident(process: Path) -> int:
    return _bytes(process / "status", "VmRSS")


def cpu_seconds(group: int) -> float | None:
    """Return how long the living processes of a group have worked; None as for `memory`."""
    found = [int(stat[_USER]) + int(stat[_SYSTEM]) for _, stat in _members(group)]
    return sum(found) / os.sysconf("SC_CLK_TCK") if found else None


def _members(group: int) -> Iterator[tuple[Path, list[str]]]:
    """Yield the folder of each process of the group, and its `stat` from the state on."""
    for file in _PROC.glob("[0-9]*/stat"):
        try:
            # The name before may hold anything, blanks and brackets too.
            stat = file.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(stat[2]) == group:
            yield file.parent, stat


def _bytes(file: Path, name: str) -> int:
    try:
        lines = file.read_text().splitlines()
    except OSError:  # it has ended meanwhile
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
