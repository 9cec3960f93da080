"""What tests have worker processes do. Each imports this, and so it imports next to nothing."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any


def pid(seconds: float = 0.0) -> int:
    """Return the process that works, after so long."""
    time.sleep(seconds)
    return os.getpid()


def sleep(seconds: float) -> None:
    """Return after so long."""
    time.sleep(seconds)


def slowly(value: int, seconds: float) -> int:
    """Return the value after so long."""
    time.sleep(seconds)
    return value


def note(folder: str, number: int) -> int:
    """Leave a file of its own each time; return the process."""
    file, _ = tempfile.mkstemp(dir=folder)
    os.write(file, str(number).encode())
    return os.getpid()


def until(marker: str) -> None:
    """Return when there is such a file."""
    while not os.path.exists(marker):  # noqa: PTH110
        time.sleep(0.01)


def stay(started: str, marker: str) -> None:
    """Make the one file, and return when there is the other."""
    with open(started, "x"):  # noqa: PTH123
        pass
    until(marker)


def die_once(marker: str) -> str:
    """Kill the process that is the first to come here."""
    if not os.path.exists(marker):  # noqa: PTH110
        os.mkdir(marker)  # noqa: PTH102
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


class UnfitError(Exception):
    """Cannot be sent."""

    def __reduce__(self) -> Any:
        raise TypeError("Not to be sent.")


def unfit() -> object:
    """Return what cannot be sent."""
    return threading.Lock()


def raise_unfit() -> None:
    """Raise what cannot be sent."""
    raise UnfitError


IMPORTING = 1.2
"""Seconds that the module of `ImportedSlowly` takes: more than what is called has got."""


@cache
def _import() -> Callable[[], int]:
    time.sleep(IMPORTING)
    return pid


class ImportedSlowly:
    """Stands for a function whose module takes long to import, once in a process."""

    def __reduce__(self) -> Any:
        return _import, ()

    def __call__(self) -> int:
        raise NotImplementedError


class NeverImported(ImportedSlowly):
    """Stands for a function whose module cannot be read."""

    def __reduce__(self) -> Any:
        return sleep, (60,)
