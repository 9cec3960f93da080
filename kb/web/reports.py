"""Reports on whether an entry is still true."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from kb.dependencies import Changing, Kb
from kb.entries.validation import validate
from kb.reports import service as reports
from kb.reports.schemas import NewReport
from kb.web.forms import read_form
from kb.web.frame import InFrame
from kb.web.notes import Note, go_on

router = APIRouter(prefix="/entries/{slug}/reports")

_HOLDS = {"yes": True, "no": False}


@router.post("", dependencies=[Changing])
async def report(request: Request, frame: InFrame, kb: Kb, slug: str) -> Response:
    """Keep the report in the form."""
    form = await read_form(request)
    form.allow(["holds", "version", "note"])
    values = {name: form.one(name) for name in ("version", "note")}
    new = validate(NewReport, values | {"holds": _HOLDS.get(form.one("holds"))})
    await reports.report(kb.database, kb.executor, frame.visitor, slug, new)
    return go_on(request, f"/entries/{slug}#reports", Note.REPORTED)
