"""What the processes of a group hold and have worked, as Linux tells (proc(5)).

On other systems there is nothing to be read, and nothing is found.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

MB = 1_000_000

EVERY = 0.25
"""Seconds between two looks at the memory that is watched."""

AT_REST = 0.1
"""The share of a core that processes use at most who have nothing to do."""

RESTLESS = 20.0
"""Seconds after which processes are no longer waited for."""

_PROC = Path("/proc")
_TICKS = slice(11, 15)
"""Where the ticks of CPU time stand, counted from the state: those of the children that have ended
too, of which the server has one while its workers start."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the processes of a server hold, in bytes, after it was searched.

    `resident` counts what processes share once for each of them, `proportional` once.
    """

    processes: int
    resident: int
    proportional: int


class Held(NamedTuple):
    """Bytes of one process and of all of its group."""

    own: int = 0
    all: int = 0


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


def held(group: int) -> Held:
    """Return what the group holds; its leader is the process that moves the entries."""
    found = memory(group)
    return Held(held_by(group), found.proportional if found else 0)


@contextmanager
def watched(group: int) -> Iterator[Callable[[], Held]]:
    """Give a function that returns the most memory that the group has held so far, from now on."""
    peak, over = held(group), threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(EVERY):
            peak = Held(*map(max, peak, held(group)))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield lambda: peak
    finally:
        over.set()
        watching.join()


def cpu_seconds(group: int) -> float | None:
    """Return how long the processes of a group have worked so far; None as for `memory`."""
    found = [sum(map(int, stat[_TICKS])) for _, stat in _members(group)]
    return sum(found) / os.sysconf("SC_CLK_TCK") if found else None


def until_at_rest(group: int) -> None:
    """Return once the processes of a group have nothing to do, or go on and on."""
    worked = cpu_seconds(group)
    for _ in range(round(RESTLESS / EVERY)):
        if worked is None:
            return
        time.sleep(EVERY)
        before, worked = worked, cpu_seconds(group)
        if worked is not None and worked - before <= AT_REST * EVERY:
            return


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
