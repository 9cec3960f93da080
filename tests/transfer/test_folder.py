"""A folder of entry files as a git repository would like it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kb.entries.records import ArchivedMark, EntryRecord
from kb.transfer.folder import EntryFolder
from tests.factories import make_content


def record(slug: str, **changes: Any) -> EntryRecord:
    return EntryRecord(slug=slug, content=make_content(**changes))


def files(path: Path) -> list[str]:
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())


def test_a_topic_is_a_folder(tmp_path: Path) -> None:
    EntryFolder(tmp_path).write(
        [
            record("a", framework="fastapi", language="python"),
            record("b", language="c++"),
            record("c"),
        ]
    )

    assert files(tmp_path) == ["c/b.md", "fastapi/a.md", "general/c.md"]


@pytest.mark.parametrize("framework", ["../../up", "/etc", "..", ".hidden", "a\\b", "✨"])
def test_no_name_of_a_topic_leads_elsewhere(tmp_path: Path, framework: str) -> None:
    inside = tmp_path / "inside"

    EntryFolder(inside).write([record("a", framework=framework)])

    (written,) = files(tmp_path)
    assert Path(written).parts[0] == "inside"
    assert len(Path(written).parts) == 3
    assert not Path(written).parts[1].startswith(".")


def test_what_has_not_changed_is_not_written_again(tmp_path: Path) -> None:
    EntryFolder(tmp_path).write([record("a"), record("b")])
    before = {name: (tmp_path / name).stat().st_ino for name in files(tmp_path)}

    EntryFolder(tmp_path).write([record("a"), record("b", why="Because.")])

    after = {name: (tmp_path / name).stat().st_ino for name in files(tmp_path)}
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == ["general/b.md"]
    assert "Because." in (tmp_path / "general/b.md").read_text()


def test_a_file_stays_where_it_was_put_also_when_its_topic_changes(tmp_path: Path) -> None:
    EntryFolder(tmp_path).write([record("a"), record("b")])
    (tmp_path / "mine" / "deep").mkdir(parents=True)
    (tmp_path / "general" / "a.md").rename(tmp_path / "mine" / "deep" / "a.md")

    EntryFolder(tmp_path).write([record("a"), record("b", language="go")])

    assert files(tmp_path) == ["general/b.md", "mine/deep/a.md"]
    assert 'language = "go"' in (tmp_path / "general/b.md").read_text()


def test_files_of_no_entry_are_left_and_named(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("Mine.")
    (tmp_path / "README.md").write_text("Mine, too.")
    folder = EntryFolder(tmp_path)

    folder.write([record("a")])

    assert folder.left == ["notes.md"]
    assert (tmp_path / "notes.md").read_text() == "Mine."
    assert files(tmp_path) == ["README.md", "general/a.md", "notes.md"]


def test_a_link_in_the_place_of_a_file_is_not_written_through(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("Not ours.")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.md").symlink_to(outside)

    EntryFolder(tmp_path / "in").write([record("a")])

    assert outside.read_text() == "Not ours."
    assert not (tmp_path / "in" / "a.md").is_symlink()


def test_the_file_of_an_archived_entry_says_why_by_whom_and_when(tmp_path: Path) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    mark = ArchivedMark(reason='Said "no".', archived_by="ada", archived_at=at)

    EntryFolder(tmp_path).write([record("a").model_copy(update={"archived": mark})])

    assert (
        'archived = { reason = "Said \\"no\\".", archived_by = "ada", '
        "archived_at = 2026-01-02T03:04:05Z }\n"
    ) in (tmp_path / "general/a.md").read_text()
