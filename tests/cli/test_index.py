import shutil
import sqlite3
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from kb.cli import serving
from kb.search import checking
from tests.cli.conftest import Kb


def test_check_agrees_after_an_import(kb: Kb, some_entries: Path) -> None:
    kb("import", str(some_entries))

    result = kb("check")

    assert result.exit_code == 0
    assert result.stdout == "The search index and the database agree.\n"


def test_check_names_what_differs_and_reindex_mends_it(
    kb: Kb, some_entries: Path, data_dir: Path
) -> None:
    kb("import", str(some_entries))
    with closing(sqlite3.connect(data_dir / "kb.sqlite3")) as database:
        database.execute("UPDATE entry SET revision = 2 WHERE slug = 'sqlite-locked'")
        database.commit()

    differing = kb("check")
    assert differing.exit_code == 1
    assert "sqlite-locked: the index does not have its current revision" in differing.stderr
    assert "`kb reindex`" in differing.stderr

    assert kb("reindex").exit_code == 0
    assert kb("check").exit_code == 0


def test_check_without_an_index_says_what_to_do(kb: Kb, some_entries: Path, data_dir: Path) -> None:
    kb("import", str(some_entries))
    shutil.rmtree(data_dir / "index")

    result = kb("check")

    assert result.exit_code == 1
    assert "`kb reindex`" in result.stderr


@pytest.fixture
def outgrown(kb: Kb, some_entries: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many entries as the default engine is good for."""
    monkeypatch.delenv("KB_SEARCH_ENGINE", raising=False)
    monkeypatch.setattr(checking, "OUTGROWN", 3)
    kb("import", str(some_entries))


@pytest.mark.usefixtures("outgrown")
def test_check_says_when_the_default_engine_is_outgrown(kb: Kb) -> None:
    result = kb("check")

    assert result.exit_code == 0
    assert "KB_SEARCH_ENGINE=tantivy" in result.stderr


@pytest.mark.usefixtures("outgrown")
def test_a_start_says_when_the_default_engine_is_outgrown(
    kb: Kb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_serve", lambda _, listener, **_options: listener.close())

    assert "KB_SEARCH_ENGINE=tantivy" in kb("serve", "--port", "0").stderr


@pytest.mark.skipif(find_spec("tantivy") is not None, reason="tantivy is installed")
def test_an_engine_that_is_not_installed_is_refused_with_the_way_to_install_it(
    kb: Kb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_SEARCH_ENGINE", "tantivy")

    result = kb("settings")

    assert result.exit_code == 1
    assert "`make tantivy`" in result.stderr
