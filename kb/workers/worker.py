"""The server's end of a worker process: what was sent to it, and how long it may take."""

import asyncio
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from kb.errors import Busy
from kb.workers.frames import HELLO, START, TAKEN_BACK, Frames, frame

START_SECONDS = 60.0
"""How long a process may take to be there, and then to import a function. On a busy machine that
takes longer than any work."""

BRIEF = 10.0
"""Seconds: what may take longer gets a worker of its own, with nobody waiting behind it."""

SLOW = 0.05
"""Seconds that a call may take before those that wait are given to another worker."""

AHEAD = 2
"""Calls that a worker has at most: the one it works on, and the next."""


@dataclass(eq=False, slots=True)
class Call:
    """Something to be done: how long it may take, and who waits for the answer."""

    number: int
    function: Callable[..., object]
    args: tuple[object, ...]
    seconds: float
    answer: asyncio.Future[Any]
    message: bytes = field(init=False)
    repeated: bool = False
    """Whether a worker has died of it, or while it was at it."""

    def __post_init__(self) -> None:
        """Pickle it. Raises what the arguments raise that cannot be."""
        self.message = pickle.dumps((self.function, self.args), pickle.HIGHEST_PROTOCOL)

    @property
    def brief(self) -> bool:
        """Whether others may wait behind it."""
        return self.seconds <= BRIEF

    def fail(self, error: Exception) -> None:
        """Have the error raised, if somebody waits still."""
        if not self.answer.done():
            self.answer.set_exception(error)

    def finish(self, answer: bytes) -> None:
        """Give what the process has answered."""
        if self.answer.done():
            return
        try:
            well, value = pickle.loads(answer)  # noqa: S301 (our own process made it)
        except Exception as error:  # noqa: BLE001 (raised again where it was called)
            well, value = False, error
        if well:
            self.answer.set_result(value)
        else:
            self.answer.set_exception(value)


class Pool(Protocol):
    """Whom a worker tells of what happens."""

    def dispatch(self) -> None:
        """A worker can be given another call."""

    def held_up(self, worker: "Worker") -> None:
        """What it is at is slow: what waits is to be done by another."""

    def lost(self, worker: "Worker") -> None:
        """It is gone, and `calls` holds what it has not answered."""

    def stop(self, worker: "Worker", error: Exception) -> None:
        """It is to be ended, whatever it does; that is to fail."""


class Worker(asyncio.Protocol):
    """One process. `calls` holds what was sent to it and not answered, in that order.

    `brief_calls` counts the brief ones that it was given.
    """

    def __init__(self, pool: Pool) -> None:
        self.calls: deque[Call] = deque()
        self.brief_calls = 0
        self.gone = asyncio.get_running_loop().create_future()
        self._pool = pool
        self._process = 0
        self._started = False
        self._slow = False
        self._frames = Frames()
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport

    @property
    def ready(self) -> bool:
        """Whether the process is there: what forks it may have to start first."""
        return bool(self._process)

    @property
    def quick(self) -> bool:
        """Whether it is at work that is brief and has not turned out to be slow."""
        return bool(self.calls) and self.calls[0].brief and not self._slow

    def takes(self, call: Call) -> bool:
        """Whether the call may wait behind the one that it works on."""
        return self._started and self.quick and len(self.calls) < AHEAD and call.brief

    def give(self, call: Call) -> None:
        """Send the call: it is worked on when those before it are done."""
        self.calls.append(call)
        self.brief_calls += call.brief
        message = frame(call.number, call.message)
        if not self._started:
            start = pickle.dumps((id, (call.function,)), pickle.HIGHEST_PROTOCOL)
            message = frame(START, start) + message
        self._transport.write(message)
        if len(self.calls) == 1:
            self._watch()

    def take_back(self, call: Call) -> None:
        """Have a call that waits not worked on here. If that comes too late, nobody looks."""
        self.calls.remove(call)
        self._transport.write(frame(call.number, TAKEN_BACK))

    def end(self) -> None:
        """Kill the process, whatever it does."""
        if self._timer:
            self._timer.cancel()
        if self._process and not self._transport.is_closing():
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
        self._transport.abort()  # what is not there yet ends when it finds that

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what the calls are sent through; wait for the process."""
        self._transport = cast("asyncio.Transport", transport)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(START_SECONDS, self._stop, START_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Give the answers that are whole to those who wait for them."""
        for number, answer in self._frames.feed(data):
            if number == HELLO:
                self._process = int(answer)
                self._watch()
                self._pool.dispatch()
            elif number == START:
                self._started = True
                self._watch()
                self._pool.dispatch()
            elif self.calls and self.calls[0].number == number:
                call = self.calls.popleft()
                self._watch()
                self._pool.dispatch()  # first its next work, then what is made of the last
                call.finish(answer)

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell the pool."""
        if self._timer:
            self._timer.cancel()
        self._pool.lost(self)
        self.gone.set_result(None)

    def _watch(self) -> None:
        """Time what the process does now."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._slow = False
        if self.calls:
            seconds = self.calls[0].seconds if self._started else START_SECONDS
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(min(seconds, SLOW), self._hold_up, seconds)

    def _hold_up(self, seconds: float) -> None:
        self._slow = True
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(seconds - SLOW, 0.0), self._stop, seconds)
        self._pool.held_up(self)

    def _stop(self, seconds: float) -> None:
        what = "This" if self._started else "To start a process for this"
        error = Busy(f"{what} took over {seconds:g} seconds and was stopped.")
        self._pool.stop(self, error)
