import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kb.settings import Settings
from tests.cli.conftest import Kb


def test_migrate_makes_the_tables_and_says_what_it_applied(kb: Kb, data_dir: Path) -> None:
    first, second = kb("migrate"), kb("migrate")

    assert first.stdout.startswith("applied 0001\n")
    assert second.stdout == f"{data_dir / 'kb.sqlite3'} is up to date.\n"


def test_settings_say_each_value_and_where_it_comes_from(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_ANONYMOUS", "read")
    (tmp_path / ".env").write_text("KB_PUBLIC_URL=https://kb.example.org\nKB_ANONYMOUS=edit\n")

    shown = kb("settings").stdout

    assert "KB_ANONYMOUS = read  [environment]" in shown
    assert "KB_PUBLIC_URL = https://kb.example.org  [.env]" in shown
    assert f"KB_DATA_DIR = {tmp_path / 'data'}  [environment]" in shown


def test_a_setting_that_is_left_alone_is_shown_with_its_default(
    kb: Kb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KB_DATA_DIR")

    shown = kb("settings").stdout

    assert "KB_DATA_DIR = kb-data  [default]" in shown
    assert "KB_PUBLIC_URL = (not set)  [default]" in shown
    for field in Settings.model_fields.values():
        assert str(field.description) in shown


def test_a_setting_with_a_value_it_cannot_have_is_named(
    kb: Kb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_ANONYMOUS", "everything")

    result = kb("export", "-")

    assert result.exit_code == 1
    assert result.stderr.startswith("kb: KB_ANONYMOUS must be none, read, suggest or edit")


def test_settings_are_listed_where_one_cannot_be_used_and_no_value_is_told(
    kb: Kb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_ANONYMOUS", "everything")
    monkeypatch.setenv("KB_OIDC_CLIENT_SECRET", "kept-from-everybody")

    result = kb("settings")

    assert result.exit_code == 1
    assert "KB_ANONYMOUS  [environment]" in result.stdout
    assert "KB_OIDC_CLIENT_SECRET  [environment]" in result.stdout
    assert result.stderr.startswith("kb: KB_ANONYMOUS must be none, read, suggest or edit")
    assert "kept-from-everybody" not in result.output


@pytest.mark.parametrize(
    "command", [("search", "x"), ("export", "-"), ("check",), ("reindex",)], ids=lambda c: c[0]
)
def test_what_needs_a_knowledge_base_does_not_make_one(
    kb: Kb, data_dir: Path, command: tuple[str, ...]
) -> None:
    result = kb(*command)

    assert result.exit_code == 1
    assert f"There is no knowledge base in {data_dir}" in result.stderr
    assert not data_dir.exists()


def test_a_data_folder_that_cannot_be_made_is_named(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("KB_DATA_DIR", str(tmp_path / "file" / "data"))

    result = kb("migrate")

    assert result.exit_code == 1
    assert "cannot be made" in result.stderr
    assert "KB_DATA_DIR" in result.stderr


def test_a_data_folder_that_cannot_be_written_is_named(kb: Kb, data_dir: Path) -> None:
    data_dir.mkdir(mode=0o500)
    if os.access(data_dir, os.W_OK):
        pytest.skip("the superuser can write anywhere")

    result = kb("migrate")

    assert result.exit_code == 1
    assert f"The data folder {data_dir} cannot be written to." in result.stderr


def test_a_file_that_is_no_database_is_named(kb: Kb, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "kb.sqlite3").write_bytes(b"not a database at all" * 100)

    result = kb("search", "x")

    assert result.exit_code == 1
    assert "kb.sqlite3 refuses: file is not a database." in result.stderr


def test_a_database_of_a_newer_version_is_left_alone(kb: Kb, data_dir: Path) -> None:
    kb("migrate")
    with closing(sqlite3.connect(data_dir / "kb.sqlite3")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()

    result = kb("search", "x")

    assert result.exit_code == 1
    assert "was made by another version of kb" in result.stderr


def test_kb_alone_lists_the_commands(kb: Kb) -> None:
    shown = kb().output

    for command in (
        "serve",
        "import",
        "export",
        "search",
        "reindex",
        "check",
        "token",
        "user",
        "audit",
    ):
        assert command in shown


def test_half_a_sign_in_provider_is_refused(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_OIDC_CLIENT_ID", "kb")

    result = kb("migrate")

    assert result.exit_code == 1
    assert "KB_OIDC_CLIENT_SECRET go together" in result.stderr


def test_a_secret_setting_is_not_shown(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISCOVERY_URL", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"KB_OIDC_{name}", f"some-{name.lower()}")

    shown = kb("settings").stdout

    assert "KB_OIDC_CLIENT_ID = some-client_id" in shown
    assert "some-client_secret" not in shown


def test_a_misspelt_setting_is_pointed_out(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_ANONYMUS", "none")
    result = kb("migrate")
    assert result.exit_code == 0
    assert "KB_ANONYMUS is no setting and is ignored" in result.stderr
