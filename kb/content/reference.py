"""An OpenAPI description as what a page shows of it: calls by their tags, and models (pure).

Reads what kb.api.openapi writes, not all that OpenAPI 3.1 allows.
"""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from kb.content.code import code_block

_PATH_EXAMPLES = {
    "slug": "sleeping-in-an-endpoint-stalls-the-others",
    "number": "1",
    "a": "1",
    "b": "2",
}
_LIMITS = (
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", ""),
    ("minimum", "maximum", ""),
)
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a model; `kind` says in words what it may hold."""

    name: str
    kind: Markup
    required: bool
    description: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call may end; `kind` is what the body is, `example` one as HTML."""

    status: str
    description: str
    kind: Markup
    headers: tuple[str, ...]
    example: Markup


@dataclass(frozen=True, slots=True)
class Problem:
    """An error that a call may end in: the status, and the slugs of its kinds."""

    status: int
    slug: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call."""

    id: str
    method: str
    path: str
    summary: str
    paragraphs: tuple[str, ...]
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    curl: Markup
    answers: tuple[Answer, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """An object that calls take or give."""

    name: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The calls of one tag."""

    name: str
    description: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """All that a page shows of the description."""

    groups: tuple[Group, ...]
    models: tuple[Model, ...]


def reference_of(description: dict[str, Any]) -> Reference:
    """Return the description as its page shows it. Highlights code, which takes a while."""
    models = description["components"]["schemas"]
    plain = {name: one for name, one in models.items() if "properties" not in one}
    description = _with_plain(description, plain)
    calls = [
        (operation["tags"][0], _call(method, path, operation, description["components"]))
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    ]
    groups = tuple(
        Group(tag["name"], tag["description"], tuple(c for name, c in calls if name == tag["name"]))
        for tag in description["tags"]
    )
    tables = tuple(
        Model(name, _flat(schema.get("description", "")), _fields(schema))
        for name, schema in sorted(description["components"]["schemas"].items())
        if "properties" in schema
    )
    return Reference(groups, tables)


def _with_plain(node: Any, plain: dict[str, Any]) -> Any:
    """Return the node with such schemas as are no objects in the places that refer to them."""
    if isinstance(node, list):
        return [_with_plain(one, plain) for one in node]
    if not isinstance(node, dict):
        return node
    name = str(node.get("$ref")).rpartition("/")[2]
    if name in plain:
        return {key: value for key, value in plain[name].items() if key != "description"}
    return {key: _with_plain(value, plain) for key, value in node.items()}


def _call(method: str, path: str, operation: dict[str, Any], components: dict[str, Any]) -> Call:
    answers, problems = [], []
    for status, response in operation["responses"].items():
        if "$ref" in response:
            kinds = response["$ref"].rpartition("/")[2].split(".")
            problems += [Problem(int(status), slug) for slug in kinds]
        else:
            answers.append(_answer(status, response, components))
    body = _model(operation.get("requestBody", {}), components)
    return Call(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        paragraphs=tuple(map(_flat, operation["description"].split("\n\n"))),
        parameters=tuple(_parameter(one) for one in operation.get("parameters", ())),
        body=_fields(body),
        curl=Markup(code_block(f"{_curl(method, path, operation, body)}\n", "sh")),  # noqa: S704
        answers=tuple(answers),
        problems=tuple(sorted(problems, key=lambda one: (one.status, one.slug))),
    )


def _answer(status: str, response: dict[str, Any], components: dict[str, Any]) -> Answer:
    kinds = [
        Markup("{}: {}").format(media_type, _kind(content["schema"]))
        for media_type, content in response.get("content", {}).items()
    ]
    examples = _model(response, components).get("examples")
    return Answer(
        status=status,
        description=response["description"],
        kind=Markup("; ").join(kinds),
        headers=tuple(response.get("headers", ())),
        example=_json_block(examples[0]) if examples else Markup(""),
    )


def _model(message: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the first model that a request or an answer may hold as JSON."""
    schema = message.get("content", {}).get("application/json", {}).get("schema", {})
    first = schema.get("anyOf", [schema])[0]
    name = first.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = components["schemas"].get(name, {})
    return found


def _fields(schema: dict[str, Any]) -> tuple[Field, ...]:
    required = schema.get("required", ())
    return tuple(
        Field(name, _kind(one), name in required, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    )


def _parameter(parameter: dict[str, Any]) -> Field:
    return Field(
        name=parameter["name"],
        kind=_kind(parameter["schema"]),
        required=parameter.get("required", False),
        description=parameter.get("description", ""),
        place=parameter["in"],
    )


def _kind(schema: dict[str, Any]) -> Markup:
    """Return in words what a value of the schema may be; models are links to their tables."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#{0}">{0}</a>').format(name)
    if "anyOf" in schema:
        return Markup(" or ").join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        values = schema.get("enum") or [schema["const"]]
        return Markup(", ").join(Markup("<code>{}</code>").format(value) for value in values)
    limits = ", ".join(_limits(schema))
    kind = _type(schema)
    return Markup("{}, {}").format(kind, limits) if limits else kind


def _type(schema: dict[str, Any]) -> Markup:
    kind = schema.get("type", "anything")
    if kind == "array":
        return Markup("list of {}").format(_kind(schema.get("items", {})))
    if schema.get("format") == "date-time":
        return Markup("time (RFC 3339)")
    if isinstance(schema.get("additionalProperties"), dict):
        return Markup("object of {}").format(_kind(schema["additionalProperties"]))
    return escape(_TYPES.get(kind, kind))


def _limits(schema: dict[str, Any]) -> Iterator[str]:
    for least, most, unit in _LIMITS:
        if least in schema and most in schema:
            yield f"{_number(schema[least])} to {_number(schema[most])}{unit}"
        elif least in schema:
            yield f"from {_number(schema[least])}{unit}"
        elif most in schema:
            yield f"up to {_number(schema[most])}{unit}"
    if "pattern" in schema:
        yield f"matching {schema['pattern']}"


def _number(value: float) -> str:
    return f"{int(value):,}"  # pydantic writes some whole numbers as 1.0


def _curl(method: str, path: str, operation: dict[str, Any], body: dict[str, Any]) -> str:
    """Return the call as a command for a terminal in which $API and $TOKEN are set."""
    address = path.removeprefix("/api/v1").format_map(_PATH_EXAMPLES)
    if any(one["name"] == "q" for one in operation.get("parameters", ())):
        address += "?q=asyncio"
    command = f'curl -s "$API{address}"'
    if method == "get":
        return command
    command += ' -H "Authorization: Bearer $TOKEN"'
    if not body:
        return f"{command} -X POST"
    data = shlex.quote(json.dumps(body["examples"][0], ensure_ascii=False))
    return f"{command} \\\n  -H 'Content-Type: application/json' \\\n  -d {data}"


def _json_block(value: object) -> Markup:
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    return Markup(code_block(text, "json"))  # noqa: S704 (code_block escapes)


def _flat(text: str) -> str:
    return " ".join(text.split())
