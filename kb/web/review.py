"""Review: the suggestions that wait, and the decisions about them."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kb.dependencies import Kb, Read
from kb.entries import service as entries
from kb.models import SuggestionStatus
from kb.reports import service as reports
from kb.review import service as review
from kb.review.service import MAX_SUMMARY
from kb.revisions import service as revisions
from kb.revisions.diff import compare
from kb.revisions.service import StaleBase
from kb.web.editing import conflict_page
from kb.web.entry_form import EntryForm
from kb.web.forms import read_form
from kb.web.frame import InFrame

router = APIRouter(prefix="/review")

Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.api_route("", methods=["GET", "HEAD"])
async def waiting(frame: InFrame, session: Read) -> Response:
    """Answer with the suggestions that wait."""
    found = await review.waiting(session, frame.visitor)
    return frame.page(
        "review/index.html",
        waiting=found,
        upkeep=await reports.upkeep(session, frame.visitor),
        most_offered=reports.OFFERED,
    )


@router.api_route("/{number}", methods=["GET", "HEAD"])
async def show(frame: InFrame, kb: Kb, session: Read, number: Number) -> Response:
    """Answer with one suggestion: what it would change, and what became of it."""
    found = await review.get(session, frame.visitor, number)
    suggestion, entry = found.suggestion, found.entry
    if entry is None or suggestion.base is None:
        html = await kb.renderer.preview(found.content)
        return frame.page("review/new_entry.html", one=found, html=html, max_reason=MAX_SUMMARY)
    base = await revisions.get(session, frame.visitor, entry.slug, suggestion.base)
    fields = await kb.executor.cpu(compare, revisions.content_of(base), found.content)
    since = None
    if entry.revision != suggestion.base and suggestion.status == SuggestionStatus.PENDING:
        since = await kb.executor.cpu(compare, entries.content_of(entry), found.content)
    return frame.page(
        "review/revision.html", one=found, fields=fields, since=since, max_reason=MAX_SUMMARY
    )


@router.post("/{number}/accept")
async def accept(frame: InFrame, kb: Kb, number: Number) -> Response:
    """Apply a suggestion; one whose base is stale comes back as a form on the current revision."""
    try:
        async with kb.database.write() as session:
            await review.accept(session, frame.visitor, number)
    except StaleBase:
        return await _conflict(frame, kb, number)
    return RedirectResponse(f"/review/{number}", 303)


@router.post("/{number}/reject")
async def reject(request: Request, frame: InFrame, kb: Kb, number: Number) -> Response:
    """Decide against a suggestion."""
    form = await read_form(request)
    form.allow(["reason"])
    async with kb.database.write() as session:
        await review.reject(session, frame.visitor, number, form.one("reason"))
    return RedirectResponse(f"/review/{number}", 303)


async def _conflict(frame: InFrame, kb: Kb, number: int) -> Response:
    async with kb.database.read() as session:
        found = await review.get(session, frame.visitor, number)
    suggestion, entry = found.suggestion, found.entry
    assert entry is not None  # noqa: S101 (only a suggestion about an entry has a base)
    form = EntryForm.of(found.content, suggestion.base or 0, suggestion.summary)
    note = (
        f"Suggestion {number} started from revision {suggestion.base}. It keeps waiting: "
        "once you have saved what is right, reject it with a word to its author."
    )
    return await conflict_page(frame, kb, entry.slug, form, note)
