"""The OpenAPI description, where it says more than FastAPI can see."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from kb.api.descriptions import FIELDS, HEADERS, PARAMETERS, SENT, TAGS, WENT_WELL
from kb.api.examples import EXAMPLES
from kb.api.idempotency import HEADER
from kb.api.problems import ProblemResponse, problems
from kb.api.transfer import NDJSON
from kb.dependencies import SESSION_COOKIE
from kb.errors import AnswerLost, InFlight, KeyReused

_DESCRIPTION = """A knowledge base of gotchas for software teams: read it, search it, write to it.

What a caller without credentials may do is a setting of the server. An error is a problem (RFC
9457); its `type` leads to a page about it. `docs/api.md` in the repository walks through all of
this, with commands to try."""

_SECURITY_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "`kb token create NAME`"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "of a browser that has signed in",
    },
}


_PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}
_NOTHING_SAID: dict[str, Any] = {
    "description": "",
    "content": {"application/json": {"schema": _PROBLEM_SCHEMA, "examples": {}}},
}

_LINES = frozenset({"export_entries", "import_entries"})
"""Operations whose answer is described line by line."""

_ALWAYS_MADE = frozenset({"export_entries", "get_suggestion", "statistics"})
"""Operations that read, but whose answers have no ETag to ask by."""


def describe(app: FastAPI) -> None:
    """Have `app.openapi()` say all that a caller wants to know."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _description_of(app)
        return app.openapi_schema

    # FastAPI's documented way to extend it: https://fastapi.tiangolo.com/how-to/extending-openapi/
    app.openapi = openapi  # type: ignore[method-assign]


def _description_of(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.description,
        description=_DESCRIPTION,
        routes=app.routes,
        servers=[{"url": "/", "description": "the server that this description comes from"}],
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
    )
    components = schema["components"]
    components["securitySchemes"] = _SECURITY_SCHEMES
    # Without credentials, too: what a visitor may do is a setting.
    schema["security"] = [{name: []} for name in _SECURITY_SCHEMES] + [{}]
    for name, one in components["schemas"].items():
        if name in EXAMPLES:
            one["examples"] = [EXAMPLES[name]]
        for field, described in one.get("properties", {}).items():
            said = FIELDS.get(f"{name}.{field}") or FIELDS.get(field)
            if said:
                described.setdefault("description", said)
    for method, operation in _operations(schema):
        if method == "post" and operation["operationId"] not in _LINES:
            _add_idempotency(operation)
        if method == "get" and operation["operationId"] not in _ALWAYS_MADE:
            _add_revalidation(operation)
        _complete(operation)
        components.setdefault("responses", {}).update(_taken_out(operation["responses"]))
    return schema


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for operations in schema["paths"].values():
        yield from operations.items()


def _add_idempotency(operation: dict[str, Any]) -> None:
    """Say what holds for each POST, and no route knows of: that it can be sent again safely."""
    key = {
        "name": HEADER,
        "in": "header",
        "required": False,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "description": "one of your own, a UUID best; sent again, nothing is done twice",
    }
    operation.setdefault("parameters", []).append(key)
    for status, more in problems(InFlight, AnswerLost, KeyReused).items():
        said = operation["responses"].setdefault(str(status), _NOTHING_SAID)
        problem = said["content"]["application/json"]
        operation["responses"][str(status)] = {
            "description": "; or ".join(filter(None, (said["description"], more["description"]))),
            "content": {
                "application/json": {
                    "schema": problem["schema"],
                    "examples": problem["examples"]
                    | more["content"]["application/json"]["examples"],
                }
            },
        }


def _add_revalidation(operation: dict[str, Any]) -> None:
    """Say what holds for each GET whose answer has a state: that it need not be sent twice."""
    known = {
        "name": "if-none-match",
        "in": "header",
        "required": False,
        "schema": {"type": "string"},
    }
    operation.setdefault("parameters", []).append(known)
    operation["responses"]["304"] = {"description": "You have this state already"}
    for status in ("200", "304"):
        _add_header(operation["responses"][status], "ETag")


def _add_header(response: dict[str, Any], name: str) -> None:
    said = {"description": HEADERS[name], "schema": {"type": "string"}}
    response.setdefault("headers", {})[name] = said


def _complete(operation: dict[str, Any]) -> None:
    operation["summary"] = operation["summary"].capitalize()
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        said = parameter["schema"].get("description") or PARAMETERS.get(name)
        if said:
            parameter.setdefault("description", said)
        if name == "fields":
            parameter["explode"] = False  # a,b and not fields=a&fields=b
    for status, words in WENT_WELL.items():
        if status in operation["responses"]:
            operation["responses"][status]["description"] = words
    sent = SENT.get(operation["operationId"], {})
    if operation["operationId"] in _LINES:
        content = operation["responses"]["200"]["content"]
        content[NDJSON] = content.pop("application/json")
    for status, response in operation["responses"].items():
        for header in sent.get(status, ()):
            _add_header(response, header)


def _taken_out(responses: dict[str, Any]) -> dict[str, Any]:
    """Put references in the place of answers that tell of errors; return those by their names.

    They are most of the description otherwise, because most calls share them.
    """
    shared = {}
    for status, response in responses.items():
        if status >= "400":
            problem = response["content"].pop("application/json")
            response["content"][ProblemResponse.media_type] = problem
            name = ".".join(problem["examples"])
            shared[name] = response
            responses[status] = {"$ref": f"#/components/responses/{name}"}
    return shared
