"""What the documents name, and what there is, are the same."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from kb.app import create_app
from kb.cli import app
from kb.errors import kinds
from kb.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
ERRORS = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def commands(group: Any, name: str = "kb") -> Iterator[tuple[str, Any]]:
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}", command


EVERY_COMMAND = dict(commands(get_command(app)))


def section_of(command: str) -> str:
    """Return what docs/commands.md says about a command; nothing where it has no heading."""
    found = re.search(rf"^## {command}\b.*?(?=^## |\Z)", COMMANDS, re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


@pytest.mark.parametrize("name", Settings.model_fields)
def test_each_setting_stands_in_the_readme_with_its_default_and_meaning(name: str) -> None:
    field = Settings.model_fields[name]
    default = "" if field.default is None else f"`{field.default}` "

    assert f"| `KB_{name.upper()}` | {default}| {field.description} |" in README


def test_the_readme_names_no_setting_that_does_not_exist() -> None:
    named = set(re.findall(r"KB_[A-Z_]+", README + COMMANDS))

    assert named == {f"KB_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("command", EVERY_COMMAND)
def test_each_command_stands_in_the_readme_and_in_the_reference(command: str) -> None:
    assert f"| `{command}" in README
    assert section_of(command)


@pytest.mark.parametrize("command", EVERY_COMMAND)
def test_the_reference_has_each_option_of_a_command_and_no_other(command: str) -> None:
    options = {
        option
        for parameter in EVERY_COMMAND[command].params
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    }

    assert set(re.findall(r"^\| `(--[a-z-]+)`", section_of(command), re.MULTILINE)) == options


def test_no_command_is_documented_that_does_not_exist() -> None:
    named = re.findall(r"^## (kb [a-z ]*[a-z])", COMMANDS, re.MULTILINE)

    assert sorted(named) == sorted(EVERY_COMMAND)


def test_each_error_stands_in_the_docs_as_its_class_has_it_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \| (.*?) \| (.*?) \|$", ERRORS, re.MULTILINE)
    documented = {
        slug: (int(status), re.sub(r" \(\[more\]\(.*?\)\)", "", when), remedy)
        for slug, status, when, remedy in rows
    }

    assert documented == {
        slug: (kind.status, kind.when, kind.remedy) for slug, kind in kinds().items()
    }


def test_each_call_of_the_api_stands_in_its_reference_and_no_other() -> None:
    paths = create_app(Settings()).openapi()["paths"]
    calls = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]

    assert sorted(re.findall(r"^\| `([A-Z]+ /[^`]+)`", API, re.MULTILINE)) == sorted(calls)


@pytest.mark.parametrize("document", [*(ROOT / "docs").glob("*.md")], ids=lambda path: path.name)
def test_each_document_is_reached_from_the_readme(document: Path) -> None:
    assert f"](docs/{document.name})" in README


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []
