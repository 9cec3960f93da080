"""The description of the API is the one we know, and one that others' tools are content with."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kb.api.examples import EXAMPLES
from scripts.write_openapi import SNAPSHOT, text
from tests.servers import PATIENCE

TOOLS = Path(__file__).parents[2] / "tools"
REDOCLY = TOOLS / "node_modules" / ".bin" / "redocly"

DESCRIBED: dict[str, Any] = json.loads(text())
ERRORS: dict[str, Any] = DESCRIBED["components"]["responses"]
OPERATIONS = {
    operation["operationId"]: operation
    for operations in DESCRIBED["paths"].values()
    for operation in operations.values()
}


def models(content: dict[str, Any]) -> list[str]:
    """Return the names of the models that a JSON body, or a line of it, may be."""
    media = content.get("application/json") or content.get("application/x-ndjson", {})
    schema = media.get("schema", {})
    refs = [one.get("$ref", "") for one in schema.get("anyOf", [schema])]
    return [ref.rpartition("/")[2] for ref in refs if ref]


def test_the_description_is_the_one_of_the_snapshot() -> None:
    assert text() == SNAPSHOT.read_text(encoding="utf-8"), (
        "The API has changed. If it was meant to, `make openapi` writes the snapshot anew: look at "
        "what it changes, and commit that with the change."
    )


@pytest.mark.skipif(not REDOCLY.exists(), reason="npm's tools are not installed: make tools")
def test_the_linter_finds_nothing() -> None:
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    linted = subprocess.run(
        [REDOCLY, "lint", "--config", TOOLS / "redocly.yaml", SNAPSHOT],
        env=os.environ | quiet,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_call_shows_an_example_of_what_it_takes_and_gives(operation: str) -> None:
    described = OPERATIONS[operation]
    bodies = [described.get("requestBody", {}), *described["responses"].values()]
    named = [name for body in bodies for name in models(body.get("content", {}))]
    assert named
    assert [name for name in named if name not in EXAMPLES] == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_error_of_a_call_shows_what_it_looks_like(operation: str) -> None:
    for status, answer in OPERATIONS[operation]["responses"].items():
        if status >= "400":
            shared = answer["$ref"].rpartition("/")[2]
            content = ERRORS[shared]["content"]["application/problem+json"]
            for example in content["examples"].values():
                assert str(example["value"]["status"]) == status


def test_calls_have_the_names_of_functions() -> None:
    assert [name for name in OPERATIONS if not name.isidentifier()] == []


def test_no_example_is_of_a_model_that_is_gone() -> None:
    assert EXAMPLES.keys() - DESCRIBED["components"]["schemas"].keys() == set()


def test_each_field_of_each_model_says_what_it_means() -> None:
    silent = [
        f"{name}.{field}"
        for name, model in DESCRIBED["components"]["schemas"].items()
        for field, schema in model.get("properties", {}).items()
        if not schema.get("description")
    ]
    assert silent == [], "a Field(description=…), or a line in kb/api/descriptions.py"
