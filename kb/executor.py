"""The one place where work leaves the event loop: threads for I/O, processes for CPU.

The processes are `kb.workers`: killable one by one, and gone by themselves when the server is
killed (docs/decisions/0002-worker-processes.md).
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar, TypeVarTuple, Unpack, cast

import anyio
from anyio import to_thread

from kb.errors import Busy
from kb.workers.pool import Pool
from kb.workers.worker import BRIEF

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

DEFAULT_SECONDS = BRIEF
"""How long a piece of CPU work may take before its process is killed."""

MAX_WAITING = 200
"""Calls that may wait for a process before further ones are refused."""


@dataclass(frozen=True, slots=True)
class Load:
    """How many worker processes are at work, and how many calls wait for one."""

    busy: int
    waiting: int


class Executor:
    """Runs blocking functions elsewhere and awaits their results."""

    def __init__(
        self,
        processes: int = 2,
        threads: int = 8,
        *,
        processors: int | None = None,
        modules: Sequence[str] = (),
    ) -> None:
        """Bound the worker processes and the threads; name what the processes import at first.

        One of the `processors` (default: those of this process) is left to the event loop. With 0
        processes, and where the system cannot fork (Windows), CPU work runs in a thread.
        """
        self.processes = processes if hasattr(os, "fork") else 0
        self.at_once = min(self.processes, max((processors or _processors()) - 1, 1))
        """How many of the processes are at quick work at a time."""
        self._pool = Pool(self.processes, self.at_once, modules)
        self._inline = anyio.CapacityLimiter(1)
        self._threads = anyio.CapacityLimiter(threads)

    async def __aenter__(self) -> Self:
        """Return itself; processes and threads start when they are needed."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes."""
        await self._pool.aclose()

    def load(self) -> Load:
        """Return what there is to do now."""
        if self.processes:
            return Load(self._pool.busy, self._pool.waiting)
        now = self._inline.statistics()
        return Load(now.borrowed_tokens, now.tasks_waiting)

    async def io(self, function: Callable[[Unpack[Ts]], T], *args: *Ts) -> T:
        """Return `function(*args)`, run in a thread."""
        return await to_thread.run_sync(function, *args, limiter=self._threads)

    async def cpu(
        self,
        function: Callable[[Unpack[Ts]], T],
        *args: *Ts,
        seconds: float = DEFAULT_SECONDS,
    ) -> T:
        """Return `function(*args)`, run in a worker process; both must pickle.

        Raises Busy where too many calls wait already, or where the work takes over `seconds`,
        without the start of its process, which is then killed. A process that dies of itself is
        replaced and the call made once more, and one that waited behind slow work may be begun by
        two processes: what it does must bear to be done again.
        """
        if self.load().waiting >= MAX_WAITING:
            raise Busy("The server has too much to do. Try again in a moment.")
        if not self.processes:
            return await to_thread.run_sync(function, *args, limiter=self._inline)
        return cast("T", await self._pool.call(function, args, seconds))


def _processors() -> int:
    """Return how many this process may use, where the system says it (not macOS), or all."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
