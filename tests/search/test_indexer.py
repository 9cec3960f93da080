"""From the database to the index, in batches that large entries do not make too large."""

import io
import json
from collections.abc import Sequence

import pytest

from kb.accounts.service import local_owner
from kb.runtime import Runtime, open_runtime
from kb.search import indexer
from kb.search.engine import Document
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


def noted_commits(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the list to which each commit of the engine will add how many entries it took in."""
    noted: list[int] = []
    apply = runtime.indexer._engine.apply

    async def noting(upserts: Sequence[Document], deletes: Sequence[int]) -> None:
        await apply(upserts, deletes)
        noted.append(len(upserts))

    monkeypatch.setattr(runtime.indexer._engine, "apply", noting)
    return noted


@pytest.mark.parametrize(("characters", "commits"), [(1, 3), (indexer.BATCH_CHARACTERS, 1)])
async def test_a_batch_ends_where_its_entries_have_much_text(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, characters: int, commits: int
) -> None:
    monkeypatch.setattr(indexer, "BATCH_CHARACTERS", characters)
    async with open_runtime(settings, processes=0) as runtime:
        await runtime.indexer.heal()
        noted = noted_commits(runtime, monkeypatch)
        await import_some(runtime)
        await runtime.indexer.drain()

        assert (len(noted), sum(noted)) == (commits, NUMBER)
        assert await runtime.indexer.differences() == []
