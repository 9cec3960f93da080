"""Whatever keeps the loop is seen by a beat that comes late."""

import asyncio
import time
from time import perf_counter

from kb.monitoring.heartbeat import EVERY, Heartbeat

BLOCKED = 0.05


async def test_a_call_that_blocks_the_loop_makes_a_beat_as_late_as_it_took() -> None:
    late: list[float] = []
    heart = Heartbeat(late.append)
    heart.asked(perf_counter())
    with heart.beating():
        time.sleep(BLOCKED)  # noqa: ASYNC251 (what is to be seen)
        await asyncio.sleep(EVERY)

    assert max(late) >= BLOCKED - EVERY
    assert min(late) >= 0


async def test_it_beats_fast_while_something_is_asked_and_slowly_else() -> None:
    async def beats(*, asked: bool) -> int:
        late: list[float] = []
        heart = Heartbeat(late.append)
        if asked:
            heart.asked(perf_counter())
        with heart.beating():
            await asyncio.sleep(0.25)
        return len(late)

    assert await beats(asked=False) <= 2 < await beats(asked=True)


async def test_it_beats_no_more_afterwards() -> None:
    late: list[float] = []
    heart = Heartbeat(late.append)
    heart.asked(perf_counter())
    with heart.beating():
        pass
    await asyncio.sleep(3 * EVERY)

    assert not late
