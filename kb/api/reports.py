"""Reports on whether an entry is still true."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from kb.api.problems import problems
from kb.dependencies import By, Changing, Kb, Read, unless_unchanged
from kb.entries import service as entries
from kb.errors import Archived, BadRequest, NotFound, TooLarge
from kb.reports import service as reports
from kb.reports.schemas import NewReport

router = APIRouter(prefix="/entries/{slug}/reports", tags=["entries"], responses=problems(NotFound))

LISTED = 100


class ReportView(BaseModel):
    """What somebody found when they tried what an entry says, as it was at that revision."""

    model_config = ConfigDict(from_attributes=True)

    holds: bool
    version: str
    note: str
    revision: int
    author: str
    created_at: datetime


class ReportList(BaseModel):
    """The newest reports on an entry, at most 100, the newest first."""

    items: list[ReportView]


@router.get("")
async def list_reports(request: Request, session: Read, actor: By, slug: str) -> ReportList:
    """List the newest reports on whether an entry is still true."""
    await entries.standing(session, actor, slug)
    await unless_unchanged(request)
    entry = await entries.get(session, actor, slug)
    found = await reports.newest(session, actor, entry, LISTED)
    return ReportList(items=[ReportView.model_validate(one) for one in found])


@router.post(
    "", dependencies=[Changing], status_code=201, responses=problems(BadRequest, TooLarge, Archived)
)
async def create_report(kb: Kb, actor: By, slug: str, body: NewReport) -> ReportView:
    """Report that an entry still holds, or no longer does, with a version of what it is about."""
    made = await reports.report(kb.database, kb.executor, actor, slug, body)
    return ReportView.model_validate(made)
