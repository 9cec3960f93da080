"""What an answer was made of is gone with it, and does not wait for the garbage collector."""

import gc
from collections.abc import Iterator

import pytest
from httpx2 import AsyncClient

from kb.runtime import Runtime
from tests.factories import create_entry

A_REQUEST = 100
"""The objects of which a request and its scope consist. SQLAlchemy leaves some ten of its own."""


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Let no collection come in between, and none look through what other tests have left."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(
    "path",
    [
        "/?sort=votes",
        "/?q=endpoint",
        "/suggest?q=endpoint",
        "/entries/sleeping-in-an-endpoint-stalls-the-others",
        "/entries/nowhere-to-be-found",
        "/activity",
        "/api/v1/entries",
        "/api/v1/search?q=endpoint",
        "/api/v1/entries/nowhere-to-be-found",
    ],
)
async def test_an_answer_leaves_no_garbage(
    client: AsyncClient, maintainer: AsyncClient, runtime: Runtime, path: str
) -> None:
    await create_entry(maintainer)
    for _ in range(2):  # the first time, what is made once is made, too
        gc.collect()
        await create_entry(maintainer)
        await runtime.indexer.drain()
        await maintainer.get(path)
        gc.collect()
        await client.get(path)
    assert gc.collect() < A_REQUEST
