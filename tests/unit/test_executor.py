"""The executor: elsewhere, within a time limit, and over the death of a worker."""

import asyncio
import gc
import os
import pickle
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import anyio
import pytest
import uvloop
from anyio import BrokenWorkerProcess

from kb.errors import Busy
from kb.executor import MAX_WAITING, Executor, Load
from kb.garbage import OLDEST
from kb.workers.forking import NICENESS, ForkServer
from kb.workers.worker import Call, Worker
from tests import work


def _is_there(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def _noted(folder: Path) -> list[str]:
    return sorted(each.read_text() for each in folder.iterdir())


async def _at_work(executor: Executor, workers: int = 1) -> None:
    while executor.load().busy < workers:
        await asyncio.sleep(0.01)


async def test_cpu_work_runs_in_another_process() -> None:
    async with Executor() as executor:
        assert await executor.cpu(work.pid) != os.getpid()


async def test_without_processes_cpu_work_runs_in_a_thread() -> None:
    assert await Executor(processes=0).cpu(work.pid) == os.getpid()


async def test_work_over_its_time_is_stopped_and_said_so() -> None:
    async with Executor(processes=1) as executor:
        with pytest.raises(Busy, match=r"^This took over 0\.2 seconds and was stopped"):
            await executor.cpu(work.sleep, 60, seconds=0.2)
        assert await executor.cpu(work.pid) != os.getpid()


async def test_the_start_of_a_process_is_not_the_time_of_its_work() -> None:
    async with Executor(processes=1) as executor:
        assert await executor.cpu(work.ImportedSlowly(), seconds=1) != os.getpid()


async def test_nor_is_that_of_one_that_ended_while_there_was_nothing_to_do() -> None:
    async with Executor(processes=1) as executor:
        first = await executor.cpu(work.pid)
        os.kill(first, signal.SIGKILL)
        while _is_there(first):
            await anyio.sleep(0.02)
        assert await executor.cpu(work.ImportedSlowly(), seconds=1) != first


async def test_a_process_looks_through_what_lives_long_rarely_and_never_through_modules() -> None:
    async with Executor(processes=1) as executor:
        assert await executor.cpu(gc.isenabled)
        assert (await executor.cpu(gc.get_threshold))[2] == OLDEST
        assert await executor.cpu(gc.get_freeze_count) > 1_000


async def test_a_process_stands_back_behind_the_one_it_works_for() -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    async with Executor(processes=1) as executor:
        there = await executor.cpu(os.getpriority, os.PRIO_PROCESS, 0)
    assert there == min(own + NICENESS, 19)


async def test_a_process_that_does_not_start_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.workers.worker.START_SECONDS", 0.2)
    async with Executor(processes=1) as executor:
        with pytest.raises(Busy, match=r"^To start a process for this took over 0\.2 seconds"):
            await executor.cpu(work.NeverImported(), seconds=60)


async def test_a_call_survives_the_death_of_its_worker(tmp_path: os.PathLike[str]) -> None:
    marker = os.path.join(tmp_path, "died")  # noqa: PTH118
    async with Executor() as executor:
        assert await executor.cpu(work.die_once, marker) == "alive"


async def test_a_call_that_its_workers_die_of_is_given_up() -> None:
    async with Executor() as executor:
        with pytest.raises(BrokenWorkerProcess):
            await executor.cpu(os._exit, 1)
        assert await executor.cpu(abs, -1) == 1


async def test_an_exception_comes_back_as_it_was() -> None:
    async with Executor() as executor:
        with pytest.raises(ZeroDivisionError):
            await executor.cpu(divmod, 1, 0)


async def test_what_cannot_be_sent_is_said_and_harms_no_worker() -> None:
    async with Executor(processes=1) as executor:
        worker = await executor.cpu(work.pid)
        with pytest.raises((TypeError, pickle.PicklingError)):
            await executor.cpu(bool, threading.Lock())
        with pytest.raises((TypeError, pickle.PicklingError)):
            await executor.cpu(work.unfit)
        with pytest.raises(RuntimeError, match="Unfit"):
            await executor.cpu(work.raise_unfit)
        assert await executor.cpu(work.pid) == worker


async def test_large_arguments_and_results_arrive_whole() -> None:
    large = os.urandom(30_000_000)
    async with Executor() as executor:
        both = await asyncio.gather(*(executor.cpu(bytes, large) for _ in range(4)))
    assert all(each == large for each in both)


async def test_all_answers_go_to_who_asked() -> None:
    async with Executor() as executor:
        asked = [executor.cpu(work.slowly, number, number % 7 / 1000) for number in range(150)]
        assert await asyncio.gather(*asked) == list(range(150))
        assert executor.load() == Load(busy=0, waiting=0)


async def test_what_waits_behind_work_that_is_stopped_is_done_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.workers.worker.SLOW", 60.0)
    async with Executor(processes=1) as executor:
        stopped = asyncio.ensure_future(executor.cpu(work.sleep, 60, seconds=0.3))
        await _at_work(executor)
        waiting = [executor.cpu(work.note, str(tmp_path), number) for number in range(3)]
        assert len(set(await asyncio.gather(*waiting))) == 1
        with pytest.raises(Busy):
            await stopped
    assert _noted(tmp_path) == ["0", "1", "2"]


async def test_what_waits_behind_work_that_is_cancelled_is_done(tmp_path: Path) -> None:
    async with Executor(processes=1) as executor:
        first = await executor.cpu(work.pid)
        cancelled = asyncio.ensure_future(executor.cpu(work.sleep, 60))
        await _at_work(executor)
        waiting = asyncio.ensure_future(executor.cpu(work.note, str(tmp_path), 1))
        await asyncio.sleep(0.1)
        cancelled.cancel()
        assert await waiting != first


async def test_what_is_cancelled_while_it_waits_is_not_done(tmp_path: Path) -> None:
    async with Executor(processes=1) as executor:
        first = await executor.cpu(work.pid)
        go, notes = tmp_path / "go", tmp_path / "notes"
        notes.mkdir()
        at_work = asyncio.ensure_future(executor.cpu(work.until, str(go)))
        await _at_work(executor)
        waiting = [
            asyncio.ensure_future(executor.cpu(work.note, str(notes), number))
            for number in range(3)
        ]
        await asyncio.sleep(0.1)
        for each in waiting:
            each.cancel()
        await asyncio.sleep(0)
        go.touch()
        await at_work
        assert await executor.cpu(work.pid) == first
    assert _noted(notes) == []


async def test_an_idle_worker_does_what_waits_behind_long_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.workers.worker.SLOW", 60.0)
    first, second = tmp_path / "first", tmp_path / "second"
    async with Executor(processes=2, processors=3) as executor, asyncio.timeout(30):
        long = [asyncio.ensure_future(executor.cpu(work.until, str(e))) for e in (first, second)]
        await _at_work(executor, 2)
        waiting = [asyncio.ensure_future(executor.cpu(abs, -1)) for _ in range(4)]
        while executor.load().waiting < len(waiting):
            await asyncio.sleep(0.01)
        second.touch()
        assert await asyncio.gather(*waiting) == [1] * len(waiting)
        assert sorted(one.done() for one in long) == [False, True]
        first.touch()
        await asyncio.gather(*long)


async def test_quick_work_leaves_a_processor_to_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.workers.worker.SLOW", 60.0)  # however busy the machine is
    async with Executor(processes=2, processors=2) as executor:
        asked = [executor.cpu(work.pid) for _ in range(50)]
        assert len(set(await asyncio.gather(*asked))) == 1


async def test_quick_work_is_shared_where_there_are_processors_for_all() -> None:
    async with Executor(processes=2, processors=3) as executor, asyncio.timeout(30):
        while len({*await asyncio.gather(*(executor.cpu(work.pid, 0.01) for _ in range(20)))}) < 2:
            pass


async def test_no_more_processes_start_than_are_to_be_at_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kb.workers.worker.SLOW", 60.0)
    started, fork = list[ForkServer](), ForkServer.fork

    def counted(server: ForkServer) -> socket.socket:
        started.append(server)
        return fork(server)

    monkeypatch.setattr(ForkServer, "fork", counted)
    async with Executor(processes=2, processors=2) as executor:
        await asyncio.gather(*(executor.cpu(work.pid) for _ in range(8)))
        assert len(started) == 1


async def test_slow_work_once_does_not_keep_a_worker_from_being_quick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Executor(processes=2, processors=2) as executor:
        worker = await executor.cpu(work.pid)
        with monkeypatch.context() as patch:
            patch.setattr("kb.workers.worker.SLOW", 0.0)
            await executor.cpu(work.sleep, 0.05)
        monkeypatch.setattr("kb.workers.worker.SLOW", 60.0)
        asked = [executor.cpu(work.pid, 0.005) for _ in range(50)]
        assert {*await asyncio.gather(*asked)} == {worker}


async def test_what_waits_for_a_process_to_start_is_done_by_the_first_that_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.workers.pool.REST_AFTER", 60.0)
    async with Executor(processes=2, processors=2) as executor:
        forks, worker = await executor.cpu(os.getppid), await executor.cpu(work.pid)
        os.kill(forks, signal.SIGSTOP)
        try:
            long = asyncio.ensure_future(
                executor.cpu(work.until, str(tmp_path / "go"), seconds=60.0)
            )
            await _at_work(executor)
            quick = asyncio.ensure_future(executor.cpu(work.pid))
            await asyncio.sleep(0.1)
            (tmp_path / "go").touch()
            async with asyncio.timeout(30):
                assert await quick == worker
            await long
        finally:
            os.kill(forks, signal.SIGCONT)


def test_a_process_that_is_there_before_its_connection_gets_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fork = ForkServer.fork

    def late(server: ForkServer) -> socket.socket:
        channel = fork(server)
        assert select.select([channel], [], [], 30)[0]
        return channel

    async def answer() -> int:
        async with Executor(processes=1) as executor, asyncio.timeout(10):
            return await executor.cpu(abs, -1)

    monkeypatch.setattr(ForkServer, "fork", late)
    assert uvloop.run(answer()) == 1


def _refused(_server: ForkServer) -> socket.socket:
    raise BlockingIOError("no more processes")


def _ended(_server: ForkServer) -> socket.socket:
    """Return what is left of a process that could not be forked by the one that forks."""
    ours, theirs = socket.socketpair()
    theirs.close()
    return ours


@pytest.mark.parametrize("fails", [_refused, _ended])
async def test_where_no_process_can_be_started_those_there_are_do_what_waits(
    fails: Callable[[ForkServer], socket.socket], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = asyncio.Event()
    loop = asyncio.get_running_loop()

    def fork(server: ForkServer) -> socket.socket:
        loop.call_soon_threadsafe(tried.set)
        return fails(server)

    async with Executor(processes=2, processors=2) as executor:
        worker = await executor.cpu(work.pid)
        monkeypatch.setattr(ForkServer, "fork", fork)
        slow = asyncio.ensure_future(executor.cpu(work.until, str(tmp_path / "go")))
        await _at_work(executor)
        waiting = [asyncio.ensure_future(executor.cpu(work.pid)) for _ in range(3)]
        await tried.wait()
        await asyncio.sleep(0.1)
        (tmp_path / "go").touch()
        assert {*await asyncio.gather(*waiting)} == {worker}
        await slow


@pytest.mark.parametrize(
    ("fails", "error"), [(_refused, BlockingIOError), (_ended, BrokenWorkerProcess)]
)
async def test_where_no_process_can_be_started_at_all_that_is_said(
    fails: Callable[[ForkServer], socket.socket],
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ForkServer, "fork", fails)
    async with Executor(processes=2) as executor:
        asked = [executor.cpu(abs, -1) for _ in range(3)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert [*map(type, answers)] == [error] * 3


async def test_what_waits_behind_slow_work_is_done_by_another(tmp_path: Path) -> None:
    async with Executor(processes=2, processors=2) as executor:
        for _ in range(9):  # so that it has done most of such work
            worker = await executor.cpu(work.pid)
        slow = asyncio.ensure_future(executor.cpu(work.until, str(tmp_path / "go")))
        await _at_work(executor)
        for _ in range(3):
            assert await executor.cpu(work.pid) != worker
        (tmp_path / "go").touch()
        await slow
        assert await executor.cpu(work.pid) == worker


async def test_quick_work_goes_to_who_has_done_most_of_it_and_long_work_to_the_other(
    tmp_path: Path,
) -> None:
    async with Executor(processes=2, processors=2) as executor:
        long = asyncio.ensure_future(executor.cpu(work.until, str(tmp_path / "go"), seconds=60.0))
        await _at_work(executor)
        quick = [await executor.cpu(work.pid) for _ in range(3)]
        (tmp_path / "go").touch()
        await long
        assert {*quick, await executor.cpu(work.pid)} == {quick[0]}
        assert await executor.cpu(work.pid, seconds=60.0) != quick[0]


async def test_nobody_waits_behind_work_that_may_take_long(tmp_path: Path) -> None:
    async with Executor(processes=2) as executor:
        long = asyncio.ensure_future(executor.cpu(work.until, str(tmp_path / "go"), seconds=60.0))
        await _at_work(executor)
        for number in range(5):
            assert await executor.cpu(abs, -number) == number
        (tmp_path / "go").touch()
        await long


async def test_another_process_forks_when_the_one_that_did_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kb.workers.pool.REST_AFTER", 60.0)  # its workers name it while it is there
    async with Executor(processes=1) as executor:
        forks = await executor.cpu(os.getppid)
        os.kill(forks, signal.SIGKILL)
        await asyncio.to_thread(os.waitid, os.P_PID, forks, os.WEXITED | os.WNOWAIT)
        os.kill(await executor.cpu(work.pid), signal.SIGKILL)
        assert await executor.cpu(os.getppid) != forks


async def test_the_process_that_forks_rests_and_its_workers_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kb.workers.pool.REST_AFTER", 60.0)
    async with Executor(processes=1) as executor:
        # Asked while it does not rest: of one that has ended, its workers know no more.
        forks = await executor.cpu(os.getppid)
        monkeypatch.setattr("kb.workers.pool.REST_AFTER", 0.0)
        os.kill(await executor.cpu(work.pid), signal.SIGKILL)
        worker = await executor.cpu(work.pid)
        while _is_there(forks):
            await anyio.sleep(0.02)
        assert await executor.cpu(work.pid) == worker
        with pytest.raises(Busy):
            await executor.cpu(work.sleep, 60, seconds=0.1)
        assert await executor.cpu(work.pid) != worker


async def test_processes_end_with_their_executor() -> None:
    async with Executor() as executor:
        workers = set(await asyncio.gather(*(executor.cpu(work.pid) for _ in range(9))))
    while any(map(_is_there, workers)):
        await anyio.sleep(0.02)


async def test_nobody_waits_for_an_executor_that_was_closed_while_a_process_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fork = ForkServer.fork

    def slowly(server: ForkServer) -> socket.socket:
        time.sleep(0.3)
        return fork(server)

    async with Executor(processes=3, processors=3) as executor:
        while len({*await asyncio.gather(*(executor.cpu(work.pid, 0.05) for _ in range(2)))}) < 2:
            pass
        monkeypatch.setattr(ForkServer, "fork", slowly)
        asked = [asyncio.ensure_future(executor.cpu(work.sleep, 60)) for _ in range(4)]
        asked.append(asyncio.ensure_future(executor.cpu(work.sleep, 60, seconds=60.0)))
        await asyncio.sleep(0.01)
    _, waiting = await asyncio.wait(asked, timeout=5)
    assert not waiting


async def test_nothing_is_begun_while_the_processes_end(monkeypatch: pytest.MonkeyPatch) -> None:
    given = list[Call]()
    async with Executor(processes=2, processors=3) as executor:
        while len({*await asyncio.gather(*(executor.cpu(work.pid, 0.05) for _ in range(2)))}) < 2:
            pass
        asked = asyncio.ensure_future(executor.cpu(work.sleep, 60))
        await _at_work(executor)
        monkeypatch.setattr(Worker, "give", lambda _worker, call: given.append(call))
    assert given == []
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_nobody_waits_for_an_executor_that_is_closed() -> None:
    async with Executor() as executor:
        await executor.cpu(work.pid)
    _, waiting = await asyncio.wait([asyncio.ensure_future(executor.cpu(work.pid))], timeout=5)
    assert not waiting


async def test_too_many_waiting_calls_are_refused() -> None:
    async with Executor(processes=1) as executor, anyio.create_task_group() as group:
        group.start_soon(executor.cpu, work.sleep, 60)
        await _at_work(executor)
        for _ in range(MAX_WAITING):
            group.start_soon(executor.cpu, work.sleep, 1)
        await anyio.sleep(0.1)
        with pytest.raises(Busy):
            await executor.cpu(work.pid)
        group.cancel_scope.cancel()
