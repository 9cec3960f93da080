"""The OpenAPI description, where it says more than FastAPI can see."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from kb.api.problems import ProblemResponse
from kb.dependencies import SESSION_COOKIE

_SECURITY_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "`kb token create NAME`"},
    "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
}


def describe(app: FastAPI) -> None:
    """Have `app.openapi()` say how callers sign in, and that errors are problem details."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _description_of(app)
        return app.openapi_schema

    # FastAPI's documented way to extend it: https://fastapi.tiangolo.com/how-to/extending-openapi/
    app.openapi = openapi  # type: ignore[method-assign]


def _description_of(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    schema["components"]["securitySchemes"] = _SECURITY_SCHEMES
    # Without credentials, too: what a visitor may do is a setting.
    schema["security"] = [{name: []} for name in _SECURITY_SCHEMES] + [{}]
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if status >= "400":
                    response["content"] = {
                        ProblemResponse.media_type: response["content"]["application/json"]
                    }
    return schema
