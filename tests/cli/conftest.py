"""The command line in this process, on a data folder of the test's own."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kb.cli import app
from tests.factories import make_values

Kb = Callable[..., Result]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that does not exist yet, and no settings from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KB_DATA_DIR", str(tmp_path / "data"))
    for name in ("KB_ANONYMOUS", "KB_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


@pytest.fixture
def migrated(data_dir: Path, blank_data: Path) -> None:
    """The data folder is there, with a database: migrating one takes most of a command's time."""
    data_dir.mkdir()
    shutil.copyfile(blank_data / "kb.sqlite3", data_dir / "kb.sqlite3")


@pytest.fixture
def kb(data_dir: Path) -> Kb:
    """`kb("search", "word")` runs that command; anything but an exit is raised."""
    runner = CliRunner()

    def run(*arguments: str) -> Result:
        result = runner.invoke(app, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def some_entries(tmp_path: Path) -> Path:
    """An .ndjson file of three entries."""
    titles = {
        "asyncio-sleep": "Sleeping in an endpoint stalls the others",
        "sqlite-locked": "Database is locked under two writers",
        "regex-redos": "A backtracking regex stalls the whole server",
    }
    file = tmp_path / "some.ndjson"
    lines = [json.dumps(make_values(slug=slug, title=title)) for slug, title in titles.items()]
    file.write_text("\n".join(lines))
    return file
