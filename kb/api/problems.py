"""Errors as RFC 9457 problem details."""

from pydantic import BaseModel
from starlette.responses import JSONResponse

from kb.errors import KbError, NotSignedIn


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
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, NotSignedIn) else None
    return ProblemResponse(body, error.status, headers)
