import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TypeVar, TypeVarTuple, Unpack

import pytest

from kb.content import renderer as module
from kb.content.renderer import Renderer
from kb.entries.schemas import EntryContent
from kb.executor import Executor

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class CountingExecutor(Executor):
    """The real executor; counts what it is asked to do."""

    def __init__(self) -> None:
        super().__init__(processes=1, modules=["kb.content.markdown"])
        self.calls = 0

    async def cpu(
        self, function: Callable[[Unpack[Ts]], T], *args: *Ts, seconds: float = 10.0
    ) -> T:
        self.calls += 1
        return await super().cpu(function, *args, seconds=seconds)


@pytest.fixture
async def executor() -> AsyncIterator[CountingExecutor]:
    async with CountingExecutor() as made:
        yield made


def content(problem: str) -> EntryContent:
    return EntryContent(title="A title of an entry", tags=["a"], problem=problem)


async def test_a_revision_is_rendered_once(executor: CountingExecutor) -> None:
    renderer = Renderer(executor)
    first = await renderer.entry((1, 1), content("*one*"))
    assert first.problem == "<p><em>one</em></p>\n"
    assert await renderer.entry((1, 1), content("*one*")) is first
    assert executor.calls == 1


async def test_another_revision_is_rendered_anew(executor: CountingExecutor) -> None:
    renderer = Renderer(executor)
    await renderer.entry((1, 1), content("one"))
    second = await renderer.entry((1, 2), content("two"))
    assert second.problem == "<p>two</p>\n"


async def test_callers_at_the_same_time_share_one_rendering(executor: CountingExecutor) -> None:
    renderer = Renderer(executor)
    both = await asyncio.gather(*(renderer.entry((1, 1), content("one")) for _ in range(5)))
    assert {rendered.problem for rendered in both} == {"<p>one</p>\n"}
    assert executor.calls == 1


async def test_a_caller_who_leaves_does_not_leave_the_others_waiting(
    executor: CountingExecutor,
) -> None:
    renderer = Renderer(executor)
    leaving = asyncio.create_task(renderer.entry((1, 1), content("one")))
    staying = asyncio.create_task(renderer.entry((1, 1), content("one")))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).problem == "<p>one</p>\n"


async def test_a_preview_is_not_remembered(executor: CountingExecutor) -> None:
    renderer = Renderer(executor)
    await renderer.preview(content("one"))
    await renderer.preview(content("one"))
    assert executor.calls == 2


async def test_the_memory_for_renderings_is_bounded(
    executor: CountingExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CACHED", 2_000)
    renderer = Renderer(executor)
    for number in range(3):
        await renderer.entry((1, number), content("x" * 900))
    await renderer.entry((2, 1), content("x" * 5_000))
    assert executor.calls == 4
    await renderer.entry((1, 2), content("x" * 900))
    assert executor.calls == 4
    await renderer.entry((1, 0), content("x" * 900))
    await renderer.entry((2, 1), content("x" * 5_000))
    assert executor.calls == 6
