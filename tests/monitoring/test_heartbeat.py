"""Whatever keeps the loop is seen by a beat that comes late."""

import asyncio
import time
from time import perf_counter

from kb.monitoring.heartbeat import AT_REST, EVERY, Heartbeat

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
    async def beats_a_second(*, asked: bool) -> float:
        late: list[float] = []
        heart = Heartbeat(late.append)
        begun = perf_counter()
        if asked:
            heart.asked(begun)
        with heart.beating():
            await asyncio.sleep(5 * AT_REST)
        return len(late) / (perf_counter() - begun)

    assert await beats_a_second(asked=False) < 1.5 / AT_REST < await beats_a_second(asked=True)


async def test_it_beats_no_more_afterwards() -> None:
    late: list[float] = []
    heart = Heartbeat(late.append)
    heart.asked(perf_counter())
    with heart.beating():
        pass
    await asyncio.sleep(3 * EVERY)

    assert not late
