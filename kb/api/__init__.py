"""The JSON API under `/api/v1`: HTTP to service calls, results to JSON."""

from fastapi import Depends
from fastapi.routing import APIRoute

from kb.api import (
    archive,
    entries,
    reports,
    revisions,
    search,
    statistics,
    suggestions,
    transfer,
    votes,
)
from kb.api.problems import problems
from kb.api.queries import refuse_parameters
from kb.errors import Busy, Invalid, NotAllowed, NotSignedIn, TooManyRequests
from kb.routing import ApiRoutes


def _operation_id(route: APIRoute) -> str:
    """Return what generated clients call the route's function."""
    return route.name


router = ApiRoutes(
    prefix="/api/v1",
    dependencies=[Depends(refuse_parameters)],
    generate_unique_id_function=_operation_id,
    responses=problems(NotSignedIn, NotAllowed, Invalid, TooManyRequests, Busy),
)
_ROOMS = (
    *(entries, search),  # what is asked for most is tried first
    *(archive, votes, reports, revisions, suggestions, statistics, transfer),
)
for _room in _ROOMS:
    router.include_router(_room.router)
