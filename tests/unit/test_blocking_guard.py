"""The guard that every test runs under: one blocking call of ours in the loop fails the test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockingError
from fastapi import FastAPI
from httpx2 import AsyncClient

import kb
from kb.runtime import Runtime


@pytest.fixture
def block() -> Callable[[], None]:
    """A blocking function whose code stands, for all anybody can tell, in the package."""
    source = "import time\ndef block():\n    time.sleep(0.001)\n"
    names: dict[str, Any] = {}
    exec(compile(source, str(Path(kb.__file__).with_name("imagined.py")), "exec"), names)
    function: Callable[[], None] = names["block"]
    return function


async def test_an_endpoint_that_blocks_fails_its_test(
    app: FastAPI, client: AsyncClient, block: Callable[[], None], blocking_calls: list[str]
) -> None:
    @app.get("/blocks")
    async def endpoint() -> None:
        block()

    with pytest.raises(BlockingError):
        await client.get("/blocks")
    assert blocking_calls == ["time.sleep"]
    blocking_calls.clear()


async def test_a_background_task_that_blocks_and_goes_on_is_noted(
    runtime: Runtime,
    block: Callable[[], None],
    blocking_calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def waiting() -> bool:
        try:
            block()
        except Exception:  # noqa: BLE001 (as a task that must go on would)
            return False
        return True

    monkeypatch.setattr(runtime.indexer, "_waiting", waiting)
    await runtime.indexer.drain()
    assert blocking_calls
    blocking_calls.clear()
    monkeypatch.undo()


def test_outside_of_the_loop_blocking_is_fine(block: Callable[[], None]) -> None:
    block()
