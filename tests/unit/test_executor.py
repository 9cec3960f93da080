"""The executor: elsewhere, within a time limit, and over the death of a worker."""

import gc
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import anyio
import pytest

from kb.errors import Busy
from kb.executor import MAX_WAITING, NICENESS, Executor
from kb.garbage import OLDEST


def _pid() -> int:
    return os.getpid()


def _is_there(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


def _die_once(marker: str) -> str:
    if not os.path.exists(marker):  # noqa: PTH110
        os.mkdir(marker)  # noqa: PTH102
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


@cache
def _import() -> Callable[[], int]:
    time.sleep(2)
    return _pid


class ImportedSlowly:
    """Stands for a function whose module takes two seconds to import, once in a process."""

    def __reduce__(self) -> Any:
        return _import, ()

    def __call__(self) -> int:
        raise NotImplementedError


class NeverImported(ImportedSlowly):
    """Stands for a function whose module cannot be read."""

    def __reduce__(self) -> Any:
        return _sleep, (60,)


async def test_cpu_work_runs_in_another_process() -> None:
    assert await Executor().cpu(_pid) != os.getpid()


async def test_without_processes_cpu_work_runs_in_a_thread() -> None:
    assert await Executor(processes=0).cpu(_pid) == os.getpid()


async def test_work_over_its_time_is_stopped_and_said_so() -> None:
    executor = Executor(processes=1)
    with pytest.raises(Busy, match="stopped"):
        await executor.cpu(_sleep, 60, seconds=0.2)
    assert await executor.cpu(_pid) != os.getpid()


async def test_the_start_of_a_process_is_not_the_time_of_its_work() -> None:
    assert await Executor(processes=1).cpu(ImportedSlowly(), seconds=1) != os.getpid()


async def test_nor_is_that_of_one_that_ended_while_there_was_nothing_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kb.executor.LEFT_IDLE", 0.0)
    executor = Executor(processes=1)
    first = await executor.cpu(_pid)
    os.kill(first, signal.SIGKILL)
    while _is_there(first):
        await anyio.sleep(0.02)
    await anyio.sleep(0.02)  # till anyio knows, too
    assert await executor.cpu(ImportedSlowly(), seconds=1) != first


async def test_a_process_looks_through_what_lives_long_rarely_and_never_through_modules() -> None:
    executor = Executor(processes=1)
    assert (await executor.cpu(gc.get_threshold))[2] == OLDEST
    assert await executor.cpu(gc.get_freeze_count) > 1_000


async def test_a_process_stands_back_behind_the_one_it_works_for() -> None:
    executor = Executor(processes=1)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    for _ in range(2):
        assert await executor.cpu(os.getpriority, os.PRIO_PROCESS, 0) == min(own + NICENESS, 19)


async def test_a_process_that_does_not_start_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.executor.START_SECONDS", 0.2)
    with pytest.raises(Busy, match=r"^To start a process for this took over 0\.2 seconds"):
        await Executor(processes=1).cpu(NeverImported(), seconds=60)


async def test_a_call_survives_the_death_of_its_worker(tmp_path: os.PathLike[str]) -> None:
    marker = os.path.join(tmp_path, "died")  # noqa: PTH118
    assert await Executor().cpu(_die_once, marker) == "alive"


async def test_an_exception_comes_back_as_it_was() -> None:
    with pytest.raises(ZeroDivisionError):
        await Executor().cpu(divmod, 1, 0)


async def test_too_many_waiting_calls_are_refused() -> None:
    executor = Executor(processes=1)
    async with anyio.create_task_group() as group:
        for _ in range(MAX_WAITING + 1):
            group.start_soon(executor.cpu, _sleep, 1)
        await anyio.sleep(0.1)
        with pytest.raises(Busy):
            await executor.cpu(_pid)
        group.cancel_scope.cancel()
