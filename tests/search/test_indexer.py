"""From the database to the index, in batches that large entries do not make too large."""

import io
import json

import pytest

from kb.accounts.service import local_owner
from kb.runtime import Runtime, open_runtime
from kb.search import indexer
from kb.settings import Settings
from kb.transfer.importing import import_records
from kb.transfer.reading import Reader
from tests.factories import make_values

NUMBER = 2 * indexer.PORTION + 5


async def import_some(runtime: Runtime) -> None:
    lines = [json.dumps(make_values(title=f"Entry number {one}")) for one in range(NUMBER)]
    reader = Reader([io.BytesIO("\n".join(lines).encode())])
    actor = local_owner(runtime.settings.anonymous)
    async for _ in import_records(runtime.database, runtime.executor, actor, reader):
        pass


async def commits_so_far(runtime: Runtime) -> int:
    generation = await runtime.search.generation()
    assert generation
    return int(generation.rpartition(".")[2])


@pytest.mark.parametrize(("characters", "commits"), [(1, 3), (indexer.BATCH_CHARACTERS, 1)])
async def test_a_batch_ends_where_its_entries_have_much_text(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, characters: int, commits: int
) -> None:
    monkeypatch.setattr(indexer, "BATCH_CHARACTERS", characters)
    async with open_runtime(settings, processes=0) as runtime:
        await runtime.indexer.heal()
        before = await commits_so_far(runtime)
        await import_some(runtime)
        await runtime.indexer.drain()

        assert await commits_so_far(runtime) - before == commits
        assert await runtime.indexer.differences() == []
