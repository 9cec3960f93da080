"""An export with histories, and what an import makes of it where something is there already."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kb.accounts.service import local_owner
from kb.archive import service as archive
from kb.archive.schemas import NewArchival
from kb.entries import service as entries
from kb.models import RevisionKind
from kb.revisions import history
from kb.revisions import service as revisions
from kb.revisions.service import Change
from kb.runtime import Runtime, open_runtime
from kb.settings import AnonymousAccess, Settings
from kb.transfer.exporting import export_records, to_ndjson
from kb.transfer.importing import import_records
from kb.transfer.plan import Outcome
from kb.transfer.reading import Reader
from tests.conftest import copied
from tests.factories import make_content

OWNER = local_owner(AnonymousAccess.SUGGEST)


async def write_history(runtime: Runtime, slug: str, revisions_after: int = 3) -> None:
    """Create an entry, revise it, merge into it, restore its first state: by several authors."""
    first = make_content(title=f"An entry called {slug}")
    changes = [
        Change(first.model_copy(update={"why": "One."}), "ben", "Say why", RevisionKind.EDIT, 1),
        Change(
            first.model_copy(update={"why": "Two."}), "cy", "", RevisionKind.MERGE, 1, merged_with=2
        ),
        Change(first, "dee", "Restored revision 1", RevisionKind.RESTORE, 3, restored=1),
    ]
    async with runtime.database.write() as session:
        made = Change(first, "ada", "Created", RevisionKind.CREATE)
        entry = await revisions.create(session, made, slug)
        for change in changes[:revisions_after]:
            await revisions.apply(session, entry, change)


async def archive_entry(runtime: Runtime, slug: str) -> None:
    new = NewArchival(reason="No longer so.")
    await archive.archive(runtime.database, runtime.executor, OWNER, slug, new)


async def exported(runtime: Runtime) -> list[bytes]:
    """Return the lines of an export with histories."""
    batches = export_records(runtime.database, OWNER, history=True)
    return [line for batch in [batch async for batch in batches] for line in lines_of(batch)]


def lines_of(batch: list) -> list[bytes]:  # type: ignore[type-arg]
    return to_ndjson(batch).splitlines(keepends=True)


async def take_in(
    runtime: Runtime, lines: list[bytes], tmp_path: Path, *, dry_run: bool = False
) -> list[Outcome]:
    file = tmp_path / "lines.ndjson"
    file.write_bytes(b"".join(lines))
    reader = await runtime.executor.io(Reader, [file])
    batches = import_records(runtime.database, runtime.executor, OWNER, reader, dry_run=dry_run)
    return [outcome async for batch in batches for outcome in batch]


def counted(outcomes: list[Outcome]) -> dict[str, int]:
    return dict(Counter(outcome.status.value for outcome in outcomes))


@pytest.fixture
async def elsewhere(blank_data: Path, tmp_path: Path) -> AsyncIterator[Runtime]:
    """Another knowledge base, an empty one."""
    data = copied(blank_data, tmp_path / "elsewhere")
    async with open_runtime(Settings(data_dir=data), processes=0) as opened:
        yield opened


async def test_an_empty_knowledge_base_becomes_the_same_with_all_histories(
    runtime: Runtime, elsewhere: Runtime, tmp_path: Path
) -> None:
    for number in range(60):  # several batches
        await write_history(runtime, f"e{number}", number % 4)
    await archive_entry(runtime, "e7")
    lines = await exported(runtime)

    foreseen = await take_in(elsewhere, lines, tmp_path, dry_run=True)
    assert await exported(elsewhere) == []
    assert counted(foreseen) == {"created": 60}
    assert counted(await take_in(elsewhere, lines, tmp_path)) == {"created": 60}
    assert await exported(elsewhere) == lines
    assert counted(await take_in(elsewhere, lines, tmp_path)) == {"unchanged": 60}
    assert await exported(elsewhere) == lines

    async with elsewhere.database.read() as session:
        newest, merge, *_ = await history.history(session, OWNER, "e3")
        entry = await entries.get(session, OWNER, "e7")
        archival = await archive.archival_of(session, entry)
    assert (newest.number, newest.kind, newest.restored, newest.author) == (4, "restore", 1, "dee")
    assert (merge.kind, merge.base, merge.merged_with, merge.summary) == ("merge", 1, 2, "")
    assert archival
    assert archival.reason == "No longer so."


@pytest.mark.parametrize("part", range(1, 9))
async def test_an_import_that_was_cut_off_is_completed_by_the_next(
    runtime: Runtime, elsewhere: Runtime, tmp_path: Path, part: int
) -> None:
    await write_history(runtime, "one")
    await write_history(runtime, "two")
    await archive_entry(runtime, "two")
    lines = await exported(runtime)

    await take_in(elsewhere, lines[:part], tmp_path)
    await take_in(elsewhere, lines, tmp_path)

    assert await exported(elsewhere) == lines


async def test_a_history_that_goes_on_is_continued(
    runtime: Runtime, elsewhere: Runtime, tmp_path: Path
) -> None:
    await write_history(runtime, "one", 1)
    assert counted(await take_in(elsewhere, await exported(runtime), tmp_path)) == {"created": 1}
    async with runtime.database.write() as session:
        entry = await entries.get(session, OWNER, "one")
        content = make_content(title="Continued elsewhere")
        await revisions.apply(session, entry, Change(content, "eve", "", RevisionKind.EDIT, 2))
    lines = await exported(runtime)

    assert counted(await take_in(elsewhere, lines, tmp_path)) == {"updated": 1}
    assert await exported(elsewhere) == lines


async def test_an_entry_with_another_history_keeps_it_and_takes_the_newest_state(
    runtime: Runtime, elsewhere: Runtime, tmp_path: Path
) -> None:
    await write_history(runtime, "one", 2)
    await write_history(elsewhere, "one", 0)
    kept = (await exported(elsewhere))[0]

    assert counted(await take_in(elsewhere, await exported(runtime), tmp_path)) == {"updated": 1}

    lines = await exported(elsewhere)
    assert lines[0] == kept
    async with elsewhere.database.read() as session:
        newest, first = await history.history(session, OWNER, "one")
        entry = await entries.get(session, OWNER, "one")
    assert (newest.kind, newest.base, first.kind) == ("import", 1, "create")
    assert entry.why == "Two."


async def test_a_revision_without_the_one_before_it_is_rejected(
    runtime: Runtime, elsewhere: Runtime, tmp_path: Path
) -> None:
    await write_history(runtime, "one", 2)
    first, _, third, entry = await exported(runtime)

    outcomes = await take_in(elsewhere, [first, third, entry], tmp_path)

    rejects = [outcome.reject for outcome in outcomes if outcome.reject]
    assert [(one.line, one.reason) for one in rejects] == [
        (2, "revision 3 does not stand right after the one before it")
    ]
    assert counted(outcomes) == {"rejected": 1, "created": 1}
    async with elsewhere.database.read() as session:
        assert (await entries.get(session, OWNER, "one")).why == "Two."
