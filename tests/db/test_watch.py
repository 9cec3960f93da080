"""The bytes that say whether something was committed."""

import asyncio
import os
from pathlib import Path

import pytest

from kb.db import watch as watching
from kb.db.watch import State, Watch


async def state() -> State:
    return State("0", None)


def test_the_bytes_have_their_room_before_they_are_changed(tmp_path: Path) -> None:
    """Where a file only has the length, a disk that is full by then kills who changes it."""
    path = tmp_path / "kb.changed"
    for _ in range(2):
        asyncio.run(Watch(path, state).close())
        with path.open("rb") as file:
            assert os.lseek(file.fileno(), 0, os.SEEK_DATA) == 0
        assert path.stat().st_size == 8


async def test_of_many_who_ask_at_once_one_reads(tmp_path: Path) -> None:
    reads = 0

    async def read() -> State:
        nonlocal reads
        reads += 1
        await asyncio.sleep(0)
        return State(str(reads), None)

    watch = await asyncio.to_thread(Watch, tmp_path / "kb.changed", read)
    for number in (1, 2):
        watch.changed()
        found = await asyncio.gather(*(watch.state() for _ in range(20)))
        assert {one.generation for one in found} == {str(number)}
    await watch.close()


async def test_what_is_committed_during_a_reading_is_read_by_who_asks_after_it(
    tmp_path: Path,
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    reads = 0

    async def read() -> State:
        nonlocal reads
        reads += 1
        begun.set()
        await go_on.wait()
        return State(str(reads), None)

    watch = await asyncio.to_thread(Watch, tmp_path / "kb.changed", read)
    early = asyncio.create_task(watch.state())
    await begun.wait()
    watch.changed()
    late = asyncio.create_task(watch.state())
    await asyncio.sleep(0)
    go_on.set()
    assert [(await one).generation for one in (early, late)] == ["1", "2"]
    await watch.close()


async def test_what_holds_still_is_read_anew_without_a_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = asyncio.Event()
    reads = 0

    async def read() -> State:
        nonlocal reads
        reads += 1
        if reads > 1:
            await go_on.wait()
        return State(str(reads), None)

    monkeypatch.setattr(watching, "AHEAD", 0.0)
    watch = await asyncio.to_thread(Watch, tmp_path / "kb.changed", read)
    found = []
    for _ in range(3):
        found.append((await watch.state()).generation)
        await asyncio.sleep(0)
    assert (found, reads) == (["1", "1", "1"], 2)
    go_on.set()
    await asyncio.sleep(0.01)
    assert (await watch.state()).generation == "2"
    await watch.close()
