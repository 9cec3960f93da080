"""How late the event loop is: a heartbeat that is due at fixed distances, and notes when it comes.

A loop runs one thing at a time. Whatever keeps it, a blocking call or a long computation, keeps
the next beat too, by as much as every request that waits meanwhile.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

EVERY = 0.005
"""Seconds between two beats while something is asked: what stands in the way longer is seen."""

AT_REST = 0.1
"""Seconds between two beats else: 200 a second would keep an idle machine awake."""

RESTS_AFTER = 1.0
"""Seconds after the last request."""


class Heartbeat:
    """Beats while it is `beating`."""

    def __init__(self, observe: Callable[[float], object]) -> None:
        """Tell `observe` of each beat by how many seconds it came late."""
        self._observe = observe
        self._asked = float("-inf")
        self._due = 0.0
        self._next: asyncio.TimerHandle | None = None

    def asked(self, at: float) -> None:
        """Beat fast for a while: there is a request, `at` this time of `perf_counter`."""
        self._asked = at

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Beat in the running loop meanwhile."""
        self._schedule(perf_counter())
        try:
            yield
        finally:
            if self._next:
                self._next.cancel()

    def _beat(self) -> None:
        now = perf_counter()
        # A loop's timers are a millisecond coarse, so that a beat may also come early.
        self._observe(max(now - self._due, 0.0))
        self._schedule(now)

    def _schedule(self, now: float) -> None:
        every = EVERY if now - self._asked < RESTS_AFTER else AT_REST
        self._due = now + every
        self._next = asyncio.get_running_loop().call_later(every, self._beat)
