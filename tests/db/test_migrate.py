"""Migrations: whole or not at all, once however many try, and the same tables as the models."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic import command, op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

import kb.db
from kb.db.migrate import newest, upgrade
from tests.servers import PATIENCE


def differences(path: Path) -> list[Any]:
    """Return what autogenerate would write to bring the database in line with the models."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found: list[Any] = compare_metadata(
            MigrationContext.configure(connection), SQLModel.metadata
        )
    engine.dispose()
    return found


def test_the_migrations_make_the_tables_of_the_models(tmp_path: Path) -> None:
    assert upgrade(tmp_path / "kb.sqlite3")
    assert differences(tmp_path / "kb.sqlite3") == []
    assert upgrade(tmp_path / "kb.sqlite3") == []


def test_the_newest_revision_is_that_of_the_migrations() -> None:
    folder = Path(kb.db.__file__).parent / "migrations"
    assert newest() == ScriptDirectory(str(folder)).get_current_head()


def test_a_server_loads_no_dialect_but_that_of_its_database_and_no_alembic_without_need(
    tmp_path: Path,
) -> None:
    path = tmp_path / "kb.sqlite3"
    upgrade(path)
    code = f"""
import sys
from pathlib import Path
import kb.app
from kb.db.migrate import upgrade
assert upgrade(Path({str(path)!r})) == []
assert "alembic" not in sys.modules
assert "sqlalchemy.dialects.postgresql" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_interrupted_migration_has_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kb.sqlite3"
    create_table = op.create_table
    made: list[str] = []

    def interrupted(name: str, *columns: Any, **options: Any) -> Any:
        if len(made) == 3:
            raise KeyboardInterrupt
        made.append(name)
        return create_table(name, *columns, **options)

    monkeypatch.setattr(op, "create_table", interrupted)
    with pytest.raises(KeyboardInterrupt):
        upgrade(path)
    monkeypatch.undo()
    assert upgrade(path)
    assert differences(path) == []


@pytest.mark.chaos
def test_processes_that_migrate_at_once_do_not_hinder_each_other(tmp_path: Path) -> None:
    path = tmp_path / "data" / "kb.sqlite3"
    code = (
        f"from pathlib import Path; from kb.db.migrate import upgrade; upgrade(Path({str(path)!r}))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [process.wait(PATIENCE) for process in processes] == [0, 0, 0, 0]
    assert differences(path) == []


def test_sessions_and_tokens_from_before_there_were_accounts_go_on(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(kb.db.__file__).parent / "migrations"))
    engine = create_engine(f"sqlite:///{tmp_path / 'kb.sqlite3'}")
    then = "2026-01-02 03:04:05.000000"
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        for statement in (
            f"INSERT INTO person VALUES (7, 'owner', 'owner', '{then}')",
            f"INSERT INTO sign_in VALUES ('session', 7, '{then}', '2126-01-01 00:00:00.000000')",
            f"INSERT INTO api_token VALUES ('token', 'ci', 'member', '{then}')",
        ):
            connection.execute(text(statement))
    assert upgrade(tmp_path / "kb.sqlite3")[0] == "0010"
    with engine.connect() as connection:
        sessions = connection.execute(
            text("SELECT secret_hash, person_id, last_used_at, expires_at FROM sign_in")
        ).all()
        tokens = connection.execute(
            text(
                "SELECT secret_hash, name, role, person_id, expires_at > created_at FROM api_token"
            )
        ).all()
    engine.dispose()
    assert [tuple(one) for one in sessions] == [("session", 7, then, "2126-01-01 00:00:00.000000")]
    assert [tuple(one) for one in tokens] == [("token", "ci", "member", None, 1)]
