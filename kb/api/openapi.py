"""The OpenAPI description, where it says more than FastAPI can see."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from kb.api.examples import EXAMPLES
from kb.api.problems import ProblemResponse
from kb.dependencies import SESSION_COOKIE

_DESCRIPTION = """A knowledge base of gotchas for software teams: read it, search it, write to it.

What a caller without credentials may do is a setting of the server. An error is a problem (RFC
9457); its `type` leads to a page about it. `docs/api.md` in the repository walks through all of
this, with commands to try."""

_TAGS = {
    "entries": "What is known: one gotcha, pattern, principle, snippet or debug note each.",
    "revisions": "How an entry came to say what it says. A revision never changes.",
    "suggestions": "Changes of those who may not edit, which wait for a review.",
    "search": "Finding entries, and completing what is typed.",
}
_SECURITY_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "`kb token create NAME`"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "of a browser that has signed in",
    },
}
_PARAMETERS = {
    "slug": "the entry's name in its address",
    "number": "as it stands in lists",
    "a": "the number of the revision to compare",
    "b": "the number of the revision to compare it with",
    "category": "entries of any of these kinds",
    "severity": "entries that hurt this much",
    "language": "entries about any of these languages",
    "framework": "entries about any of these frameworks",
    "tag": "entries that have all of these tags",
    "sort": "what comes first",
    "if-match": "the ETag of the entry one started from",
    "if-none-match": "the ETags one has the states of: none of them is sent again",
}
_HEADERS = {
    "ETag": "the state's tag, to be sent as If-None-Match or If-Match",
    "Location": "where to find what was made",
    "Link": 'the address of the next page, as `rel="next"` (RFC 8288)',
}
_SENT: dict[str, dict[str, tuple[str, ...]]] = {
    "list_entries": {"200": ("Link",)},
    "create_entry": {"201": ("Location", "ETag"), "202": ("Location",)},
    "get_entry": {"200": ("ETag",), "304": ("ETag",)},
    "list_revisions": {"200": ("Link",)},
    "create_revision": {"201": ("Location", "ETag"), "202": ("Location",)},
    "restore_revision": {"201": ("Location", "ETag")},
    "list_suggestions": {"200": ("Link",)},
}
"""The headers of answers, by operation and status."""


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
        tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
    )
    components = schema["components"]
    components["securitySchemes"] = _SECURITY_SCHEMES
    # Without credentials, too: what a visitor may do is a setting.
    schema["security"] = [{name: []} for name in _SECURITY_SCHEMES] + [{}]
    for name, one in components["schemas"].items():
        if name in EXAMPLES:
            one["examples"] = [EXAMPLES[name]]
    for operation in _operations(schema):
        _complete(operation)
        components.setdefault("responses", {}).update(_taken_out(operation["responses"]))
    return schema


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in schema["paths"].values():
        yield from operations.values()


def _complete(operation: dict[str, Any]) -> None:
    operation["summary"] = operation["summary"].capitalize()
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        said = parameter["schema"].get("description") or _PARAMETERS.get(name)
        if said:
            parameter.setdefault("description", said)
        if name == "fields":
            parameter["explode"] = False  # a,b and not fields=a&fields=b
    sent = _SENT.get(operation["operationId"], {})
    for status, response in operation["responses"].items():
        for header in sent.get(status, ()):
            response.setdefault("headers", {})[header] = {
                "description": _HEADERS[header],
                "schema": {"type": "string"},
            }


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
