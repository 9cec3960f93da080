"""The JSON API under `/api/v1`: HTTP to service calls, results to JSON."""

from fastapi import APIRouter

from kb.api import archive, entries, reports, revisions, search, suggestions, votes
from kb.api.problems import Problem

_PROBLEMS = {
    401: "Credentials are missing or no good",
    403: "The credentials do not suffice",
    404: "There is no such thing",
    409: "Changed or decided in the meantime",
    413: "The body is too large",
    422: "Not valid: `errors` says which fields, and why",
    428: "Say which revision you started from",
    503: "Too busy, or the search index is not ready: try again",
}

router = APIRouter(
    prefix="/api/v1",
    responses={
        status: {"model": Problem, "description": text} for status, text in _PROBLEMS.items()
    },
)
for _room in (entries, archive, votes, reports, revisions, suggestions, search):
    router.include_router(_room.router)
