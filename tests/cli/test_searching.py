import json
from pathlib import Path

import pytest

from kb.api.schemas import SearchAnswer
from tests.cli.conftest import Kb


def test_search_finds_what_was_just_imported(kb: Kb, some_entries: Path) -> None:
    kb("import", str(some_entries))

    result = kb("search", "backtracking")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[:2] == [
        "A backtracking regex stalls the whole server",
        "  regex-redos",
    ]
    assert "1 entry found." in result.stdout
    assert "<mark>" not in result.stdout
    assert "\x1b" not in result.stdout


def test_search_says_so_when_nothing_is_found(kb: Kb, some_entries: Path) -> None:
    kb("import", str(some_entries))

    result = kb("search", "xylophone")

    assert result.exit_code == 0
    assert "Nothing was found" in result.stdout


def test_search_shows_no_more_than_the_limit(kb: Kb, some_entries: Path) -> None:
    kb("import", str(some_entries))

    result = kb("search", "stalls", "--limit", "1")

    assert "2 entries found; these are the first 1." in result.stdout


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_a_limit_outside_its_range_is_a_usage_error(kb: Kb, limit: str) -> None:
    assert kb("search", "word", "--limit", limit).exit_code == 2


def test_json_is_what_the_api_gives(
    kb: Kb, some_entries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb("import", str(some_entries))
    monkeypatch.setenv("KB_PUBLIC_URL", "https://kb.example.org/")

    printed = json.loads(kb("search", "backtracking", "--json").stdout)

    assert SearchAnswer.model_validate(printed).model_dump(mode="json") == printed
    assert printed["total"] == 1
    assert printed["items"][0]["url"] == "https://kb.example.org/entries/regex-redos"


def test_search_builds_an_index_that_is_not_there(
    kb: Kb, some_entries: Path, data_dir: Path
) -> None:
    kb("import", str(some_entries))
    for file in (data_dir / "index").rglob("*"):
        if file.is_file():
            file.unlink()

    assert "regex-redos" in kb("search", "regexes").stdout
    assert kb("check").exit_code == 0
