import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

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
