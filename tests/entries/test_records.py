import json
from pathlib import Path
from typing import Any

import pytest

from kb.entries.files import format_entry_file, parse_entry_file
from kb.entries.records import BadRecord, format_record, parse_record

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
COLLECTED: dict[str, Any] = {
    "slug": "python-set-e",
    "title": "A title long enough",
    "category": "gotcha",
    "severity": "major",
    "language": "python",
    "framework": None,
    "tags": ["Bash", "set -e", "@layer"],
    "keywords": ["errexit"],
    "error_messages": [],
    "problem": "It goes on.",
    "solution": "",
    "why": "",
    "gotchas": [],
    "context": "",
    "source": {"repo": "ada/notes", "path": "db/a file.json", "licence": "MIT"},
}
OURS: dict[str, Any] = {
    "slug": "ours",
    "title": "A title long enough",
    "tags": ["bash"],
    "problem": "It goes on.",
    "submitted_by": "ada",
    "created_at": "2026-01-02T03:04:05Z",
    "updated_at": "2026-01-02T05:04:05+02:00",
}


def test_a_collected_entry_is_fitted_to_our_rules_and_loses_nothing() -> None:
    record = parse_record(COLLECTED)

    assert record.slug == "python-set-e"
    assert record.content.tags == ["bash", "set-e", "layer"]
    assert record.content.keywords == ["errexit", "set -e", "@layer"]
    assert record.content.references == ["https://github.com/ada/notes/blob/HEAD/db/a%20file.json"]
    assert (record.content.solution, record.content.why, record.content.context) == (None,) * 3


def test_only_collected_entries_have_their_tags_respelt() -> None:
    with pytest.raises(BadRecord, match=r"tags\.0 may hold only"):
        parse_record({**OURS, "tags": ["set -e"]})


def test_our_own_record_keeps_who_and_when() -> None:
    record = parse_record(OURS)

    assert record.submitted_by == "ada"
    assert record.created_at is not None
    assert record.created_at == record.updated_at
    assert json.loads(format_record(record))["updated_at"] == "2026-01-02T03:04:05Z"


def test_the_api_entry_is_read_without_what_is_derived() -> None:
    derived = {"revision": 7, "votes": 3, "views": 9, "url": "https://kb.example.org/entries/ours"}

    assert parse_record({**OURS, **derived}) == parse_record(OURS)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ([], "an entry must be a JSON object"),
        (None, "an entry must be a JSON object"),
        ({**OURS, "id": 1}, "id is not a known field"),
        ({**OURS, "slug": "Not A Slug"}, "slug may hold only a-z"),
        ({**OURS, "submitted_by": ""}, "submitted_by must not be empty"),
        ({**OURS, "created_at": "2026-01-02T03:04:05"}, "created_at must have a time zone"),
        ({**OURS, "content": {}}, "content is not a known field"),
        ({**COLLECTED, "source": None}, "source must be an object"),
        ({**COLLECTED, "source": {"repo": "ada/notes"}}, "source.path is required"),
        (
            {**COLLECTED, "source": {"repo": "../..//x", "path": "a"}},
            "source.repo is not in the right form",
        ),
        ({**COLLECTED, "source": {"repo": "a/b", "path": "\ud800"}}, "source.path must be valid"),
        ({**COLLECTED, "tags": ["???"]}, "tags needs at least 1 item"),
        ({**COLLECTED, "tags": "bash"}, "tags must be a list"),
        ({**COLLECTED, "tags": [1, []]}, "tags.0 must be text; tags.1 must be text"),
        ({**COLLECTED, "keywords": "x", "tags": ["a b"]}, "keywords must be a list"),
        ({**COLLECTED, "references": "https://example.org"}, "references must be a list"),
    ],
)
def test_what_is_wrong_with_a_record_is_said(data: object, reason: str) -> None:
    with pytest.raises(BadRecord) as caught:
        parse_record(data)

    assert reason in caught.value.detail


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside this repository")
@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("eslint", []),
        ("git-flight-rules", [(97, "title must be at least 10 characters long, is 8")]),
        ("hivebrain", []),
        ("ruff", []),
        ("svelte", []),
    ],
)
def test_every_collected_entry_within_the_rules_is_read_and_survives_a_file(
    name: str, refused: list[tuple[int, str]]
) -> None:
    found = []
    with (CORPUS / f"{name}.ndjson").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                record = parse_record(json.loads(line))
            except BadRecord as error:
                found.append((number, error.detail))
                continue
            assert parse_entry_file(format_entry_file(record), slug=record.slug) == record
            assert parse_record(json.loads(format_record(record))) == record

    assert found == refused
