"""Which worker process does what, and when: calls in the order in which they came."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import cast

from anyio import BrokenWorkerProcess, to_thread

from kb.workers.forking import fork_server
from kb.workers.frames import CALLS
from kb.workers.worker import Call, Worker

REST_AFTER = 0.5
"""Seconds after the last fork for which the process that forks is kept: it holds 20 MB, and
the next start of one takes a third of a second."""


class Pool:
    """At most so many worker processes of one event loop, each forked when it is first needed.

    Fewer may be at quick work at a time, so that the loop has a processor; the others do what
    would wait behind slow work. A worker that has work has its next with it, if both are brief:
    it goes on at once, and not when the loop has read its answer. What waits there is taken back
    where another may begin it, or the work before it is slow, and when the worker is killed.
    """

    def __init__(self, processes: int, at_once: int, modules: Sequence[str] = ()) -> None:
        """Bound the processes, and those at quick work. They share what the modules take."""
        self._processes = processes
        self._at_once = at_once
        self._from = fork_server(tuple(modules))
        self._resting: asyncio.Task[None] | None = None
        self._workers: list[Worker] = []
        self._starting: set[asyncio.Task[None]] = set()
        self._waiting: deque[Call] = deque()
        self._numbers = itertools.count(CALLS)

    @property
    def busy(self) -> int:
        """How many workers are at work."""
        return sum(bool(worker.calls) for worker in self._workers)

    @property
    def waiting(self) -> int:
        """How many calls no worker is at work on."""
        ahead = sum(max(len(worker.calls) - 1, 0) for worker in self._workers)
        return len(self._waiting) + ahead

    async def call(
        self, function: Callable[..., object], args: tuple[object, ...], seconds: float
    ) -> object:
        """Return `function(*args)`.

        It may run twice: where a worker dies, or is told too late that another does it.

        Raises:
            Busy: it took longer than `seconds`.
            BrokenWorkerProcess: two workers died while they were at it.
            OSError: no process can be started.
        """
        answer = asyncio.get_running_loop().create_future()
        call = Call(next(self._numbers), function, args, seconds, answer)
        if self._processes:
            self._waiting.append(call)
            self.dispatch()
        else:
            answer.cancel()
        try:
            return await answer
        except asyncio.CancelledError:
            self._cancel(call)
            raise

    async def aclose(self) -> None:
        """End the processes; whoever waits for one, now or later, is cancelled."""
        self._processes = 0
        await asyncio.gather(*self._starting)
        if self._resting:
            self._resting.cancel()
            await asyncio.gather(self._resting, return_exceptions=True)
        for calls in (self._waiting, *(worker.calls for worker in self._workers)):
            for call in calls:
                call.answer.cancel()
            calls.clear()
        workers = list(self._workers)
        for worker in workers:
            self.kill(worker)
        await asyncio.gather(*(worker.gone for worker in workers))

    def dispatch(self) -> None:
        """Give the calls that wait to workers, and to free ones what waits with others."""
        while self._waiting and (worker := self._taker(self._waiting[0])):
            worker.give(self._waiting.popleft())
        if self._waiting:
            return
        while (behind := self._behind_another()) and (free := self._free_for(behind[1])):
            holder, call = behind
            holder.take_back(call)
            free.give(call)

    def held_up(self, worker: Worker) -> None:
        """Have another worker do what waits behind slow work."""
        for call in reversed([*worker.calls][1:]):
            worker.take_back(call)
            self._waiting.appendleft(call)
        self.dispatch()

    def kill(self, worker: Worker) -> None:
        """End the worker, and have others do what waited there."""
        if worker in self._workers:
            self._workers.remove(worker)
            worker.end()
            self._again(worker)

    def stop(self, worker: Worker, error: Exception) -> None:
        """End the worker, and have what it is at, or what waits for its start alone, fail."""
        self._workers.remove(worker)
        worker.end()
        if calls := self._meant_for(worker):
            calls.popleft().fail(error)
        self._again(worker)

    def lost(self, worker: Worker) -> None:
        """Have what the worker was at done by another, once more.

        So with what waited for its start, where none of the others will come to that.
        """
        if worker not in self._workers:
            return
        self._workers.remove(worker)
        if calls := self._meant_for(worker):
            first = calls[0]
            if first.repeated:
                calls.popleft().fail(BrokenWorkerProcess())
            first.repeated = True
        if calls or worker.ready:  # else no other is started at once, and in vain
            self._again(worker)

    def _meant_for(self, worker: Worker) -> deque[Call]:
        """Return what is not done without the worker."""
        if worker.ready:
            return worker.calls
        return deque() if self._some_will_come() else self._waiting

    def _some_will_come(self) -> bool:
        """Say whether a worker comes to what waits, sooner or later."""
        return any(not one.calls or one.calls[0].brief for one in self._workers)

    def _again(self, worker: Worker) -> None:
        self._waiting.extendleft(reversed(worker.calls))
        worker.calls.clear()
        self.dispatch()

    def _cancel(self, call: Call) -> None:
        if call in self._waiting:
            self._waiting.remove(call)
        for worker in self._workers:
            if call not in worker.calls:
                continue
            if worker.calls[0] is call:
                worker.calls.popleft()
                self.kill(worker)
            else:
                worker.take_back(call)
            return

    def _taker(self, call: Call) -> Worker | None:
        """Return who takes the call now; where it needs one more worker, that is forked."""
        if worker := self._free_for(call):
            return worker
        ready = sum(worker.ready for worker in self._workers)
        starting = len(self._starting) + len(self._workers) - ready
        needed = min(len(self._waiting), self._processes - ready)
        if starting < needed and self._may_begin(call, starting):
            self._starting.add(asyncio.create_task(self._start()))
        return next((worker for worker in self._workers if worker.takes(call)), None)

    def _free_for(self, call: Call) -> Worker | None:
        """Return an idle worker, where the call may begin: for a brief one, who did most of them.

        That one has most at hand of what they need.
        """
        idle = [worker for worker in self._workers if worker.ready and not worker.calls]
        if not idle or not self._may_begin(call):
            return None
        return (max if call.brief else min)(idle, key=attrgetter("brief_calls"))

    def _may_begin(self, call: Call, starting: int = 0) -> bool:
        at_quick_work = starting + sum(worker.quick for worker in self._workers)
        return not call.brief or at_quick_work < self._at_once

    def _behind_another(self) -> tuple[Worker, Call] | None:
        for worker in self._workers:
            if len(worker.calls) > 1:
                return worker, worker.calls[-1]
        return None

    async def _start(self) -> None:
        """Have one more worker."""
        loop = asyncio.get_running_loop()
        failure = None
        try:
            channel = await to_thread.run_sync(self._from.fork)
            _, worker = await loop.create_unix_connection(partial(Worker, self), sock=channel)
            self._workers.append(worker)
        except Exception as error:  # noqa: BLE001 (told to who waits)
            failure = error
        self._rest()
        self._starting.remove(cast("asyncio.Task[None]", asyncio.current_task()))
        if failure:
            self._not_started(failure)
        else:
            self.dispatch()  # in uvloop, it may have said before that it is there

    def _not_started(self, error: Exception) -> None:
        """Have the first call that waits fail, unless a worker will come to it."""
        if self._waiting and not self._some_will_come():
            self._waiting.popleft().fail(error)
            self.dispatch()

    def _rest(self) -> None:
        """Have the process that forks end, if no more is to be forked for a while."""

        async def rest() -> None:
            await asyncio.sleep(REST_AFTER)
            await to_thread.run_sync(self._from.rest)

        if self._resting:
            self._resting.cancel()
        self._resting = asyncio.create_task(rest())
