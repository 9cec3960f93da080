from typing import Any

import pytest

from kb.entries.validation import validate_content
from kb.errors import Invalid

VALID: dict[str, Any] = {"title": "A title long enough", "tags": ["sqlite"], "problem": "It fails."}


def messages(**changes: object) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        validate_content({**VALID, **changes})
    return {error.field: error.message for error in caught.value.errors}


def test_valid_values_become_content() -> None:
    content = validate_content({**VALID, "language": " Python ", "why": "  "})

    assert (content.title, content.language, content.why) == ("A title long enough", "python", None)


@pytest.mark.parametrize(
    ("field", "value", "path", "message"),
    [
        ("title", "short", "title", "must be at least 10 characters long, is 5"),
        ("title", "t" * 201, "title", "may have at most 200 characters"),
        ("category", "trick", "category", "must be gotcha, pattern, principle, snippet or debug"),
        ("severity", None, "severity", "must be critical, major, moderate, minor or tip"),
        ("tags", [], "tags", "needs at least 1 item"),
        ("tags", [f"t{n}" for n in range(21)], "tags", "may have at most 20 items"),
        (
            "tags",
            ["fine", "two words"],
            "tags.1",
            "may hold only a-z, 0-9 and . + # -, 1 to 50 characters",
        ),
        ("tags", "sqlite", "tags", "must be a list"),
        ("keywords", [""], "keywords.0", "must not be empty"),
        ("problem", " \n", "problem", "must not be empty"),
        ("problem", 7, "problem", "must be text"),
        ("why", "\x00", "why", "contains a control character; remove it"),
        ("references", ["ftp://a"], "references.0", "must be an http or https URL"),
        ("votes", 3, "votes", "is not a known field"),
    ],
)
def test_each_broken_rule_is_a_sentence_about_its_field(
    field: str, value: object, path: str, message: str
) -> None:
    assert messages(**{field: value}) == {path: message}


def test_missing_fields_are_all_named() -> None:
    with pytest.raises(Invalid) as caught:
        validate_content({})

    assert [error.field for error in caught.value.errors] == ["title", "tags", "problem"]
    assert caught.value.detail == "title is required; tags is required; problem is required"


def test_a_long_list_of_faults_is_cut_in_the_detail_only() -> None:
    with pytest.raises(Invalid) as caught:
        validate_content({**VALID, "gotchas": [0] * 9})

    assert len(caught.value.errors) == 9
    assert caught.value.detail.endswith("gotchas.4 must be text; and 4 more")
