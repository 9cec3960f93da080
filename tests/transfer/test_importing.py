import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from kb.accounts import audit
from kb.accounts.policy import Actor, Role
from kb.accounts.service import local_owner
from kb.archive import service as archive
from kb.archive.schemas import NewArchival
from kb.entries import service as entries
from kb.entries.records import EntryRecord
from kb.errors import NotSignedIn
from kb.models import Entry
from kb.revisions import history
from kb.runtime import Runtime
from kb.settings import AnonymousAccess
from kb.transfer import importing
from kb.transfer.exporting import export_records
from kb.transfer.importing import import_records
from kb.transfer.plan import Outcome, Status
from kb.transfer.reading import Reader
from tests.factories import make_values

OWNER = local_owner(AnonymousAccess.SUGGEST)


def ndjson(folder: Path, *values: dict[str, Any]) -> Path:
    file = folder / "records.ndjson"
    file.write_text("".join(json.dumps(value) + "\n" for value in values))
    return file


async def outcomes_of(runtime: Runtime, *paths: Path, dry_run: bool = False) -> list[Outcome]:
    reader = await runtime.executor.io(Reader, paths)
    batches = import_records(runtime.database, runtime.executor, OWNER, reader, dry_run=dry_run)
    return [outcome async for batch in batches for outcome in batch]


async def counts_of(runtime: Runtime, *paths: Path, dry_run: bool = False) -> dict[str, int]:
    outcomes = await outcomes_of(runtime, *paths, dry_run=dry_run)
    return dict(Counter(outcome.status.value for outcome in outcomes))


async def entry_of(runtime: Runtime, slug: str) -> Entry:
    async with runtime.database.read() as session:
        return await entries.get(session, OWNER, slug)


async def events_of(runtime: Runtime) -> list[tuple[str, str, str]]:
    async with runtime.database.read() as session:
        records = await audit.records(session, OWNER)
    return [(one.event, one.by, one.about) for one in records]


async def test_what_an_import_has_changed_is_in_the_audit_log_at_every_moment(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is killed in the middle leaves its beginning, and no end."""
    monkeypatch.setattr(importing, "BATCH", 1)
    file = ndjson(tmp_path, make_values(title="short"), *(make_values(slug=s) for s in "abc"))
    begun = (audit.Event.IMPORT_BEGUN, OWNER.name, "entries")
    reader = await runtime.executor.io(Reader, [file])
    seen = []
    async for (outcome,) in import_records(runtime.database, runtime.executor, OWNER, reader):
        seen.append((outcome.status.value, await events_of(runtime)))
    assert seen == [("rejected", []), *[("created", [begun])] * 3]
    ended = (audit.Event.ENTRIES_IMPORTED, OWNER.name, "3 entries")
    assert await events_of(runtime) == [begun, ended]


async def test_an_import_that_changes_nothing_leaves_no_record(
    runtime: Runtime, tmp_path: Path
) -> None:
    file = ndjson(tmp_path, make_values(slug="mine"))
    await counts_of(runtime, file)
    before = await events_of(runtime)
    assert await counts_of(runtime, file) == {"unchanged": 1}
    assert await events_of(runtime) == before


async def test_a_new_record_becomes_an_entry_with_revision_1(
    runtime: Runtime, tmp_path: Path
) -> None:
    file = ndjson(tmp_path, make_values(slug="mine", submitted_by="ada"))

    assert await counts_of(runtime, file) == {"created": 1}

    entry = await entry_of(runtime, "mine")
    assert (entry.revision, entry.submitted_by) == (1, "ada")
    async with runtime.database.read() as session:
        (first,) = await history.history(session, OWNER, "mine")
    assert (first.number, first.kind, first.author) == (1, "import", "ada")


async def test_dates_of_a_record_are_kept(runtime: Runtime, tmp_path: Path) -> None:
    dates = {"created_at": "2024-01-02T03:04:05Z", "updated_at": "2025-01-02T03:04:05Z"}

    await counts_of(runtime, ndjson(tmp_path, make_values(slug="old", **dates)))

    entry = await entry_of(runtime, "old")
    assert entry.created_at.isoformat() == "2024-01-02T03:04:05+00:00"
    assert entry.updated_at.isoformat() == "2025-01-02T03:04:05+00:00"


async def test_a_changed_record_becomes_the_next_revision(runtime: Runtime, tmp_path: Path) -> None:
    await counts_of(runtime, ndjson(tmp_path, make_values(slug="mine")))

    file = ndjson(tmp_path, make_values(slug="mine", why="One thread runs the loop."))
    assert await counts_of(runtime, file) == {"updated": 1}

    assert (await entry_of(runtime, "mine")).why == "One thread runs the loop."
    async with runtime.database.read() as session:
        newest, _ = await history.history(session, OWNER, "mine")
    assert (newest.number, newest.kind, newest.base, newest.author) == (2, "import", 1, "owner")


async def test_a_record_without_a_slug_is_known_by_its_title(
    runtime: Runtime, tmp_path: Path
) -> None:
    file = ndjson(tmp_path, make_values(title="Known by its title"))

    assert await counts_of(runtime, file) == {"created": 1}
    assert await counts_of(runtime, file) == {"unchanged": 1}
    assert (await entry_of(runtime, "known-by-its-title")).revision == 1


async def test_records_without_slugs_whose_titles_are_spelt_alike_are_kept_apart(
    runtime: Runtime, tmp_path: Path
) -> None:
    titles = ["C++ copies are slow", "C# copies are slow", "New ✨✨✨✨✨✨✨"]
    file = ndjson(tmp_path, *(make_values(title=title) for title in titles))

    assert await counts_of(runtime, file, dry_run=True) == {"created": 3}
    assert await counts_of(runtime, file) == {"created": 3}
    assert await counts_of(runtime, file) == {"unchanged": 3}
    assert await counts_of(runtime, file, dry_run=True) == {"unchanged": 3}
    slugs = ["c-copies-are-slow", "c-copies-are-slow-2", "new-2"]
    assert [(await entry_of(runtime, slug)).title for slug in slugs] == titles


async def test_bad_records_do_not_lose_the_good_ones_around_them(
    runtime: Runtime, tmp_path: Path
) -> None:
    values = [make_values(slug=f"e{number}") for number in range(120)]
    values[99] = make_values(slug="e99", title="short")
    values[100] = {"no": "entry"}

    outcomes = await outcomes_of(runtime, ndjson(tmp_path, *values))

    rejected = [outcome.reject.line for outcome in outcomes if outcome.reject]
    assert rejected == [100, 101]
    async with runtime.database.read() as session:
        count = (await session.exec(text("SELECT count(*) FROM entry"))).scalar()  # type: ignore[call-overload]
    assert count == 118


async def test_an_unexpected_error_is_reported_for_its_record_and_keeps_the_others(
    runtime: Runtime, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with runtime.database.write() as session:
        await session.exec(  # type: ignore[call-overload]
            text(
                "CREATE TRIGGER refuse BEFORE INSERT ON revision WHEN NEW.author = 'mallory' "
                "BEGIN SELECT RAISE(ABORT, 'refused by a trigger'); END"
            )
        )
    file = ndjson(
        tmp_path,
        make_values(slug="before"),
        make_values(slug="bad", submitted_by="mallory"),
        make_values(slug="after"),
    )

    outcomes = await outcomes_of(runtime, file)

    assert [outcome.status for outcome in outcomes] == [
        Status.CREATED,
        Status.REJECTED,
        Status.CREATED,
    ]
    assert outcomes[1].reject
    assert outcomes[1].reject.line == 2
    assert "refused by a trigger" in outcomes[1].reject.reason
    assert "refused by a trigger" in caplog.text
    assert (await entry_of(runtime, "after")).revision == 1


async def test_a_dry_run_foresees_what_the_import_does_and_writes_nothing(
    runtime: Runtime, tmp_path: Path
) -> None:
    await counts_of(runtime, ndjson(tmp_path, make_values(slug="same"), make_values(slug="other")))
    again = [make_values(slug=f"e{number}") for number in range(120)]
    file = ndjson(
        tmp_path,
        make_values(slug="same"),
        make_values(slug="other", why="Because."),
        *again,
        make_values(slug="e0", why="It comes twice, in another batch."),
        make_values(slug="e1"),
        make_values(slug="e2", title="short"),
    )

    foreseen = await counts_of(runtime, file, dry_run=True)

    assert (await entry_of(runtime, "other")).revision == 1
    assert foreseen == await counts_of(runtime, file)
    assert foreseen == {"created": 120, "updated": 2, "unchanged": 2, "rejected": 1}


async def test_who_may_not_edit_may_not_import(runtime: Runtime, tmp_path: Path) -> None:
    nobody = Actor("anonymous", Role.ANONYMOUS, AnonymousAccess.SUGGEST)
    reader = await runtime.executor.io(Reader, [ndjson(tmp_path, make_values())])

    with pytest.raises(NotSignedIn):
        await anext(import_records(runtime.database, runtime.executor, nobody, reader))


async def archive_entry(runtime: Runtime, slug: str) -> None:
    new = NewArchival(reason="No longer so.")
    await archive.archive(runtime.database, runtime.executor, OWNER, slug, new)


@pytest.mark.parametrize("dry_run", [False, True])
async def test_an_archived_entry_is_not_revised_by_an_import(
    runtime: Runtime, tmp_path: Path, dry_run: bool
) -> None:
    await counts_of(runtime, ndjson(tmp_path, make_values(slug="mine")))
    await archive_entry(runtime, "mine")
    file = ndjson(tmp_path, make_values(slug="mine"), make_values(slug="mine", why="Else."))

    outcomes = await outcomes_of(runtime, file, dry_run=dry_run)

    assert [outcome.status for outcome in outcomes] == [Status.UNCHANGED, Status.REJECTED]
    assert outcomes[1].reject
    assert (outcomes[1].reject.line, "No longer so." in outcomes[1].reject.reason) == (2, True)
    assert (await entry_of(runtime, "mine")).revision == 1


async def test_an_export_has_archived_entries_and_says_so(runtime: Runtime, tmp_path: Path) -> None:
    await counts_of(
        runtime, ndjson(tmp_path, make_values(slug="mine"), make_values(slug="archived"))
    )
    await archive_entry(runtime, "archived")

    batches = [batch async for batch in export_records(runtime.database, OWNER)]

    mine, archived = (record for batch in batches for record in batch)
    assert isinstance(mine, EntryRecord)
    assert isinstance(archived, EntryRecord)
    assert (mine.slug, mine.archived) == ("mine", None)
    assert archived.archived
    assert (archived.archived.reason, archived.archived.archived_by) == ("No longer so.", "owner")
