import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kb.entries.files import parse_entry_file
from tests.cli.conftest import Kb
from tests.factories import make_values

pytestmark = pytest.mark.usefixtures("migrated")


def test_import_says_what_became_of_the_records(kb: Kb, some_entries: Path) -> None:
    first, second = kb("import", str(some_entries)), kb("import", str(some_entries))

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout == "3 created, 0 updated, 0 unchanged, 0 rejected\n"
    assert second.stdout == "0 created, 0 updated, 3 unchanged, 0 rejected\n"


def test_import_names_each_reject_exits_with_1_and_keeps_the_good_ones(
    kb: Kb, some_entries: Path, tmp_path: Path
) -> None:
    with some_entries.open("a") as file:
        file.write("\n" + json.dumps(make_values(title="short")) + "\n")

    result = kb("import", str(some_entries), str(tmp_path / "nowhere"))

    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"{some_entries}:4: title must be at least 10 characters long, is 5",
        f"{tmp_path / 'nowhere'}: there is no such file or folder",
    ]
    assert result.stdout == "3 created, 0 updated, 0 unchanged, 2 rejected\n"
    assert "sqlite-locked" in kb("search", "locked").stdout


def test_a_dry_run_changes_nothing(kb: Kb, some_entries: Path) -> None:
    result = kb("import", "--dry-run", str(some_entries))

    assert result.stdout == (
        "3 created, 0 updated, 0 unchanged, 0 rejected (dry run: nothing was written)\n"
    )
    assert kb("export", "-").stdout == ""


def test_export_to_a_folder_writes_an_entry_file_each(
    kb: Kb, some_entries: Path, tmp_path: Path
) -> None:
    kb("import", str(some_entries))

    result = kb("export", str(tmp_path / "out" / "entries"))

    assert result.exit_code == 0
    files = {file.name: file for file in (tmp_path / "out" / "entries").rglob("*.md")}
    assert files.keys() == {"asyncio-sleep.md", "sqlite-locked.md", "regex-redos.md"}
    record = parse_entry_file(files["sqlite-locked.md"].read_text(), slug="sqlite-locked")
    assert record.content.title == "Database is locked under two writers"


def test_export_as_ndjson_is_the_same_to_a_file_and_to_standard_output(
    kb: Kb, some_entries: Path, tmp_path: Path
) -> None:
    kb("import", str(some_entries))

    kb("export", str(tmp_path / "out.ndjson"))
    kb("export", str(tmp_path / "other"), "--format", "ndjson")
    printed = kb("export", "-")

    assert (tmp_path / "out.ndjson").read_text() == printed.stdout
    assert (tmp_path / "other").read_text() == printed.stdout
    slugs = [json.loads(line)["slug"] for line in printed.stdout.splitlines()]
    assert slugs == ["asyncio-sleep", "sqlite-locked", "regex-redos"]
    assert printed.stderr == "3 entries exported to -\n"


def test_entry_files_do_not_go_to_standard_output(kb: Kb) -> None:
    result = kb("export", "-", "--format", "md")

    assert result.exit_code == 2
    assert "entry files need a folder" in result.stderr


def test_a_place_that_cannot_be_written_is_named(
    kb: Kb, some_entries: Path, tmp_path: Path
) -> None:
    kb("import", str(some_entries))

    onto_a_file = kb("export", str(some_entries), "--format", "md")
    into_nothing = kb("export", str(tmp_path / "none" / "out.ndjson"))

    assert (onto_a_file.exit_code, into_nothing.exit_code) == (1, 1)
    assert onto_a_file.stderr == f"kb: {some_entries} cannot be written: File exists.\n"
    assert "none/out.ndjson cannot be written: No such file" in into_nothing.stderr


def test_an_export_that_fails_leaves_the_older_one(
    kb: Kb, some_entries: Path, data_dir: Path, tmp_path: Path
) -> None:
    kb("import", str(some_entries))
    target = tmp_path / "all.ndjson"
    assert kb("export", str(target)).exit_code == 0
    before = target.read_bytes()
    with closing(sqlite3.connect(data_dir / "kb.sqlite3")) as database:
        database.execute("ALTER TABLE entry RENAME COLUMN problem TO issue")
    assert kb("export", str(target)).exit_code == 1
    assert before
    assert target.read_bytes() == before


def test_import_says_how_far_it_is_every_thousand_entries(kb: Kb, tmp_path: Path) -> None:
    file = tmp_path / "many.ndjson"
    lines = [json.dumps(make_values(slug=f"e{number}")) for number in range(2100)]
    file.write_text("\n".join(lines))

    result = kb("import", "--dry-run", str(file))

    assert result.stderr.splitlines() == ["1000 entries read", "2000 entries read"]
    assert result.stdout.startswith("2100 created")


def test_what_a_file_holds_does_not_steer_the_terminal(kb: Kb, tmp_path: Path) -> None:
    file = tmp_path / "bad.ndjson"
    file.write_text(json.dumps(make_values() | {"\x1b[2J": 1}))

    result = kb("import", str(file))

    assert result.exit_code == 1
    assert result.stderr == f"{file}:1: \\x1b[2J is not a known field\n"


def test_a_folder_with_histories_builds_the_same_knowledge_base(
    kb: Kb, some_entries: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb("import", str(some_entries))
    changed = json.dumps(make_values(slug="regex-redos", why="It tries every way."))
    some_entries.write_text(changed)
    kb("import", str(some_entries))
    whole = kb("export", "-", "--history").stdout

    assert kb("export", str(tmp_path / "out"), "--history").exit_code == 0
    monkeypatch.setenv("KB_DATA_DIR", str(tmp_path / "elsewhere"))
    again = kb("import", str(tmp_path / "out"))

    assert again.stdout == "3 created, 0 updated, 3 unchanged, 0 rejected\n"
    assert kb("export", "-", "--history").stdout == whole
    assert [json.loads(line).get("number") for line in whole.splitlines()] == [
        *(1, None, 1, None, 1, 2, None),
    ]


def test_export_names_files_that_are_of_no_entry(
    kb: Kb, some_entries: Path, tmp_path: Path
) -> None:
    kb("import", str(some_entries))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "gone.md").write_text("Something else.")

    result = kb("export", str(tmp_path / "out"))

    assert result.exit_code == 0
    assert result.stderr == (
        f"{tmp_path / 'out' / 'gone.md'}: left as it is, there is no such entry here\n"
    )
    assert (tmp_path / "out" / "gone.md").exists()
