"""The one place where work leaves the event loop: threads for I/O, processes for CPU.

Processes are anyio's workers, each fed over its own pipes: half the cost a call of
concurrent.futures' pool, killable one by one, and gone by themselves when the server is killed,
because their standard input ends (docs/decisions/0002-worker-processes.md).
"""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TypeVar, TypeVarTuple, Unpack, cast

import anyio
from anyio import BrokenWorkerProcess, to_process, to_thread
from anyio.lowlevel import checkpoint

from kb.errors import Busy
from kb.garbage import look_through_the_oldest_rarely

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

DEFAULT_SECONDS = 10.0
"""How long a piece of CPU work may take before its process is killed."""

START_SECONDS = 60.0
"""How long a process may take to start. On a busy machine that takes longer than any work."""

LEFT_IDLE = 240.0
"""Seconds for which a process is sure to be there though it has nothing to do: after 300, anyio
ends it."""

NICENESS = 10
"""By how much the processes stand back where processors are few: the event loop is not to wait for
them, and gives them the next work the sooner. More would starve them beside others' programs."""

MAX_WAITING = 200
"""Calls that may wait for a process before further ones are refused."""


# Executors have limits of their own. Another limiter would let everything else of the event loop go
# first, while the process has nothing to do.
_UNLIMITED = cast("anyio.CapacityLimiter", nullcontext())


@dataclass(frozen=True, slots=True)
class Load:
    """How many worker processes are at work, and how many calls wait for one."""

    busy: int
    waiting: int


class Executor:
    """Runs blocking functions elsewhere and awaits their results."""

    def __init__(self, processes: int = 2, threads: int = 8) -> None:
        """Bound the worker processes (0: CPU work runs in threads) and the threads."""
        self.processes = processes
        self._inline = processes == 0
        self._processes = anyio.CapacityLimiter(max(processes, 1))
        self._threads = anyio.CapacityLimiter(threads)
        self._started = 0
        self._all_at_work = float("-inf")

    def load(self) -> Load:
        """Return what the processes have to do now."""
        now = self._processes.statistics()
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
        replaced and the call made once more.
        """
        if self.load().waiting >= MAX_WAITING:
            raise Busy("The server has too much to do. Try again in a moment.")
        if self._inline:
            return await to_thread.run_sync(function, *args, limiter=self._processes)
        try:
            return await self._in_process(function, *args, seconds=seconds)
        except BrokenWorkerProcess:
            return await self._in_process(function, *args, seconds=seconds)

    async def _in_process(
        self, function: Callable[[Unpack[Ts]], T], *args: *Ts, seconds: float
    ) -> T:
        # The wait for a free process must not count towards the work's own time.
        async with _without_yielding(self._processes):
            try:
                await self._start(function)
                with _within(seconds, "This"):
                    result = await _run(function, *args)
            except BaseException:
                self._started = 0  # the process may be gone
                raise
        # Who waits for the process gives it work now, and not after all that is done with this.
        await checkpoint()
        return result

    async def _start(self, function: Callable[..., object]) -> None:
        """Have a process for each call at work, and this one's function imported there."""
        at_work, now = self._processes.borrowed_tokens, anyio.current_time()
        if at_work > self._started or now - self._all_at_work > LEFT_IDLE:
            with _within(START_SECONDS, "To start a process for this"):
                await _run(_begin, function)
            self._started = at_work
        if at_work >= self._started:
            self._all_at_work = now


@asynccontextmanager
async def _without_yielding(limiter: anyio.CapacityLimiter) -> AsyncIterator[None]:
    """Hold a token of the limiter, which alone lets all else go first even where one is free."""
    try:
        limiter.acquire_nowait()
    except anyio.WouldBlock:
        await limiter.acquire()
    try:
        yield
    finally:
        limiter.release()


@contextmanager
def _within(seconds: float, what: str) -> Iterator[None]:
    """Stop what is awaited inside after so many seconds, and raise Busy."""
    try:
        with anyio.fail_after(seconds):
            yield
    except TimeoutError as error:
        raise Busy(f"{what} took over {seconds:g} seconds and was stopped.") from error


def _begin(_function: Callable[..., object]) -> None:
    """Make a new process ready, once what the function needs has been imported."""
    look_through_the_oldest_rarely()
    _stand_back()


def _stand_back() -> None:
    """Have this process leave the processors to the one that it works for."""
    if not hasattr(os, "setpriority"):  # on Windows
        return
    behind = os.getpriority(os.PRIO_PROCESS, os.getppid()) + NICENESS
    if os.getpriority(os.PRIO_PROCESS, 0) < behind:
        os.setpriority(os.PRIO_PROCESS, 0, behind)


async def _run(function: Callable[[Unpack[Ts]], T], *args: *Ts) -> T:
    return await to_process.run_sync(function, *args, cancellable=True, limiter=_UNLIMITED)
