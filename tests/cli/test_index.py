import re
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


@pytest.fixture
def not_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `kb serve` end where it would begin to answer."""
    monkeypatch.setattr(serving, "_serve", lambda _, listener, **_options: listener.close())


SAYING = pytest.mark.parametrize("command", [("check",), ("serve", "--port", "0")], ids=str)


@SAYING
@pytest.mark.usefixtures("outgrown", "not_serving")
def test_check_and_a_start_say_what_to_do_when_the_default_engine_is_outgrown(
    kb: Kb, command: tuple[str, ...]
) -> None:
    result = kb(*command)

    assert result.exit_code == 0
    assert "There are 3 entries. From 3 on, tantivy searches" in result.stderr
    for step in ("`make tantivy`", "`pip install 'kb[tantivy]'`", "set KB_SEARCH_ENGINE=tantivy"):
        assert step in result.stderr


@SAYING
@pytest.mark.usefixtures("outgrown", "not_serving")
def test_nothing_is_said_of_engines_before(
    kb: Kb, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "OUTGROWN", 4)

    result = kb(*command)

    assert result.exit_code == 0
    assert "tantivy" not in result.stderr


def test_the_docs_say_from_which_size_on_to_switch_and_what_was_measured_there() -> None:
    document = (Path(__file__).parents[2] / "docs" / "search.md").read_text()

    assert f"Switch from {checking.OUTGROWN:,} entries on" in document
    for engine in ("Whoosh", "tantivy"):
        sizes = re.findall(rf"^\| ([\d,]*) *\| {engine} \| [\d.]+ · ", document, re.MULTILINE)
        assert len(sizes) >= 4
    assert f"| {checking.OUTGROWN:,} | Whoosh |" in document


@pytest.mark.skipif(find_spec("tantivy") is not None, reason="tantivy is installed")
def test_an_engine_that_is_not_installed_is_refused_with_the_way_to_install_it(
    kb: Kb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_SEARCH_ENGINE", "tantivy")

    result = kb("settings")

    assert result.exit_code == 1
    assert "`make tantivy`" in result.stderr
