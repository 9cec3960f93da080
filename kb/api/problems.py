"""Errors as RFC 9457 problem details."""

from typing import Any

from pydantic import BaseModel
from starlette.responses import JSONResponse

from kb.errors import Invalid, KbError, NotSignedIn, TooManyRequests

RETRY_AFTER = {"description": "seconds to wait", "schema": {"type": "integer", "minimum": 1}}


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str


class Problem(BaseModel):
    """An error: `type` names its kind, `detail` says what to do."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


class ProblemResponse(JSONResponse):
    """An error as `application/problem+json`."""

    media_type = "application/problem+json"


def problem_of(error: KbError) -> Problem:
    """Return the error as problem details."""
    return Problem(
        type=f"/problems/{error.slug}",
        title=error.title,
        status=error.status,
        detail=error.detail,
        errors=[FieldProblem(field=e.field, message=e.message) for e in error.errors],
    )


def problem_response(error: KbError, **more: object) -> ProblemResponse:
    """Return the answer for an error, with extension members `more`."""
    body = problem_of(error).model_dump(exclude_defaults=True) | more
    challenge = {"WWW-Authenticate": "Bearer"} if isinstance(error, NotSignedIn) else {}
    return ProblemResponse(body, error.status, challenge | error.headers)


def problems(*kinds: type[KbError], model: object = Problem) -> dict[int | str, dict[str, Any]]:
    """Return what the description says of a call that may end in these kinds of error.

    `model` is what the body is, where it is more than a problem.
    """
    described: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        one = described.setdefault(kind.status, {"model": model, "description": ""})
        one["description"] += f"{'; or ' if one['description'] else ''}`{kind.slug}`: {kind.when}"
        if kind is TooManyRequests:
            one["headers"] = {"Retry-After": RETRY_AFTER}
        examples = one.setdefault("content", {}).setdefault("application/json", {})
        examples.setdefault("examples", {})[kind.slug] = {"value": _example(kind)}
    return described


def _example(kind: type[KbError]) -> dict[str, Any]:
    example = {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": f"{kind.remedy[0].upper()}{kind.remedy[1:]}.",
    }
    errors = [{"field": "title", "message": "must be at least 10 characters long, is 5"}]
    return example | ({"errors": errors} if kind is Invalid else {})
