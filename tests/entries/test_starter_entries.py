"""The starter entries: in the canonical form, and their code is code."""

import ast
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from kb.entries.files import format_entry_file, parse_entry_file
from kb.entries.schemas import Category, EntryContent, Severity

FOLDER = Path(__file__).parents[2] / "entries"
FILES = sorted(FOLDER.rglob("*.md"))
FIRST = "fastapi-async-endpoints-must-not-block-the-event-loop-with-synchronous-io"

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def read(path: Path) -> EntryContent:
    return parse_entry_file(path.read_text(encoding="utf-8"), slug=path.stem).content


def prose(content: EntryContent) -> str:
    parts = [content.problem, content.solution, content.why, *content.gotchas, content.context]
    return "\n\n".join(filter(None, parts))


def test_there_are_enough_of_many_kinds() -> None:
    contents = [read(path) for path in FILES]

    assert len(contents) >= 16
    assert len({content.framework for content in contents}) >= 8
    assert {content.category for content in contents} == set(Category)
    assert {content.severity for content in contents} == set(Severity)


def test_slugs_are_unique_over_all_folders() -> None:
    assert len({path.stem for path in FILES}) == len(FILES)


@every_file
def test_a_starter_entry_is_in_the_form_an_export_writes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    record = parse_entry_file(text, slug=path.stem)

    assert format_entry_file(record) == text
    assert (record.slug, record.submitted_by, record.created_at) == (path.stem, None, None)


@every_file
def test_a_starter_entry_says_what_to_do_and_why(path: Path) -> None:
    content = read(path)

    assert content.solution
    assert content.why
    assert content.gotchas
    assert content.context
    assert content.keywords


@every_file
def test_code_names_its_language_and_python_compiles(path: Path) -> None:
    for token in MarkdownIt().parse(prose(read(path))):
        assert token.type != "code_block"
        if token.type == "fence":
            assert token.info
        if token.info == "python":
            ast.parse(token.content)


def test_the_first_entry_has_every_point_it_was_asked_to_have() -> None:
    content = read(FOLDER / "fastapi" / f"{FIRST}.md")
    gotchas = "\n".join(content.gotchas)

    assert content.title == (
        "FastAPI async endpoints must not block the event loop with synchronous I/O"
    )
    assert (content.category, content.severity) == (Category.GOTCHA, Severity.MAJOR)
    assert (content.language, content.framework) == ("python", "fastapi")
    assert {
        "async endpoint",
        "blocking I/O",
        "event loop",
        "run_in_executor",
        "asyncio",
        "performance",
    } <= set(content.keywords)
    for words in ("requests", "time.sleep", "database driver", "async def"):
        assert words in content.problem
    for words in ("httpx.AsyncClient", "run_in_executor(", "plain `def`", "thread pool"):
        assert words in str(content.solution)
    for words in ("Synchronous SQLAlchemy", "asyncio.sleep", "processes", "Share one `httpx."):
        assert words in gotchas
