"""The state the database is in, known without asking it while nothing is committed.

A few bytes that every process on a data folder has mapped into its memory are changed after each
commit. While they are the same nobody has committed, and the state read last is still the state;
looking at them is no I/O. Where they differ the state is read anew, like anything else.
"""

import asyncio
import mmap
from collections.abc import Awaitable, Callable
from pathlib import Path
from secrets import token_bytes
from typing import NamedTuple

LASTS = 1.0
"""Seconds after which the state is read anew in any case.

A process may be killed after its commit and before it says so, or be none of ours.
"""

AHEAD = LASTS / 2
"""Seconds after which it is read while it still holds, so that of many who ask none waits."""

_SIZE = 8


class State(NamedTuple):
    """What everything that answers show depends on: equal only while nothing of that has changed.

    `generation` is that of the database; `unindexed` the first change that the search index has
    yet to take in, None where it has all.
    """

    generation: str
    unindexed: int | None


class Watch:
    """Knows the state that `read` returns, for one event loop."""

    def __init__(self, path: Path, read: Callable[[], Awaitable[State]]) -> None:
        """Map the file at `path`, made where it is missing; this is blocking."""
        self._read = read
        with path.open("a+b") as file:
            if file.tell() < _SIZE:
                # A hole gets its room when it is first changed; on a full disk that would kill us.
                file.write(bytes(_SIZE))
                file.flush()
            self._mark = mmap.mmap(file.fileno(), _SIZE)
        self._known: tuple[bytes, float, State] | None = None
        self._reading = asyncio.Lock()
        self._ahead: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """Tell every process that something has been committed."""
        self._mark[:] = token_bytes(_SIZE)

    async def state(self) -> State:
        """Return the state of the last commit."""
        if known := self._standing():
            return known
        async with self._reading:
            # Of many who come at once the first reads for all.
            return self._standing() or await self._read_anew()

    async def _read_anew(self) -> State:
        mark = self._mark[:]
        state = await self._read()
        # What was committed during the reading has another mark, and is read again.
        self._known = mark, asyncio.get_running_loop().time(), state
        return state

    async def _read_ahead(self) -> None:
        async with self._reading:
            await self._read_anew()

    def _standing(self) -> State | None:
        """Return the state read last, where nothing says that it is not the state any more."""
        if self._known is None:
            return None
        mark, at, state = self._known
        age = asyncio.get_running_loop().time() - at
        if age >= LASTS or self._mark[:] != mark:
            return None
        if age >= AHEAD and (self._ahead is None or self._ahead.done()):
            self._ahead = asyncio.create_task(self._read_ahead())
        return state

    async def close(self) -> None:
        """Read nothing any more, and give the memory back."""
        if self._ahead:
            await asyncio.wait([self._ahead])
        self._mark.close()
