"""Whatever the histories are: exported and imported elsewhere, they are the same."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.accounts.service import local_owner
from kb.entries.schemas import EntryContent
from kb.models import RevisionKind
from kb.revisions import service as revisions
from kb.revisions.service import Change
from kb.runtime import Runtime, open_runtime
from kb.settings import AnonymousAccess, Settings
from kb.transfer.exporting import export_records, to_ndjson
from kb.transfer.importing import import_records
from kb.transfer.plan import Status
from kb.transfer.reading import Reader
from tests.conftest import copied
from tests.entries.test_files import contents

OWNER = local_owner(AnonymousAccess.SUGGEST)

histories = st.lists(
    st.lists(contents, min_size=1, max_size=4, unique_by=EntryContent.model_dump_json),
    min_size=1,
    max_size=3,
)


async def write(runtime: Runtime, states: list[EntryContent], slug: str) -> None:
    """Create an entry of the first state, which the others follow."""
    async with runtime.database.write() as session:
        entry = await revisions.create(
            session, Change(states[0], "ada", "Created", RevisionKind.CREATE), slug
        )
        for base, state in enumerate(states[1:], start=1):
            change = Change(state, f"author {base}", "", RevisionKind.EDIT, base)
            await revisions.apply(session, entry, change)


async def exported(runtime: Runtime) -> bytes:
    batches = export_records(runtime.database, OWNER, history=True)
    return b"".join([to_ndjson(batch) async for batch in batches])


async def imported(runtime: Runtime, lines: bytes) -> set[Status]:
    reader = Reader([io.BytesIO(lines)])
    batches = import_records(runtime.database, runtime.executor, OWNER, reader)
    return {outcome.status async for batch in batches for outcome in batch}


@settings(max_examples=12)
@given(histories)
async def test_an_export_builds_the_same_histories_elsewhere(
    blank_data: Path, tmp_path_factory: pytest.TempPathFactory, made: list[list[EntryContent]]
) -> None:
    here, there = (tmp_path_factory.mktemp(name) / "data" for name in ("here", "there"))
    for folder in (here, there):
        copied(blank_data, folder)
    async with (
        open_runtime(Settings(data_dir=here), processes=0) as first,
        open_runtime(Settings(data_dir=there), processes=0) as second,
    ):
        for number, states in enumerate(made):
            await write(first, states, f"entry-{number}")
        lines = await exported(first)

        assert await imported(second, lines) == {Status.CREATED}
        assert await exported(second) == lines
        assert await imported(second, lines) == {Status.UNCHANGED}
        assert await exported(second) == lines
