"""Conflicts as the API tells of them: what somebody needs to bring two changes together."""

from pydantic import BaseModel
from starlette.responses import Response

from kb.api.problems import Problem, ProblemResponse, problem_of, problems
from kb.api.schemas import Version
from kb.entries.schemas import EntryContent
from kb.errors import Archived, Conflict
from kb.revisions.merge import FieldConflict
from kb.revisions.service import StaleBase


class Yours(BaseModel):
    """What the caller wanted the entry to say."""

    content: EntryContent


class ConflictProblem(Problem):
    """Two changes that touch: the three contents, and each field in which they do."""

    base: Version
    theirs: Version
    yours: Yours
    conflicts: list[FieldConflict]


CONFLICT = problems(StaleBase, Archived, Conflict, model=ConflictProblem | Problem)
"""What the description says of calls that may answer so."""


def stale_response(stale: StaleBase) -> Response:
    """Return the 409 for a change that touches what was changed since its base."""
    problem = ConflictProblem(
        **problem_of(stale).model_dump(),
        base=Version(revision=stale.base, content=stale.started_from),
        theirs=Version(revision=stale.current, content=stale.theirs),
        yours=Yours(content=stale.yours),
        conflicts=list(stale.conflicts),
    )
    return ProblemResponse(problem.model_dump(mode="json", exclude={"errors"}), stale.status)
