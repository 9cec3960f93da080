"""Revisions: an entry's history, its states and what differs between them, and the revise form."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kb.accounts.policy import Action, require
from kb.dependencies import Kb, Read
from kb.entries import service as entries
from kb.entries.schemas import EntryContent
from kb.entries.validation import validate_content
from kb.errors import BadRequest, BaseRequired, Invalid
from kb.models import Suggestion
from kb.review import service as review
from kb.revisions import service as revisions
from kb.revisions.diff import compare
from kb.revisions.service import StaleBase
from kb.runtime import Runtime
from kb.web.editing import ADDING, PREVIEW, conflict_page, form_page, require_known_action
from kb.web.entry_form import EntryForm
from kb.web.forms import read_form
from kb.web.frame import Frame, InFrame

router = APIRouter()

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
NumberAsked = Annotated[int, Query(ge=1, le=2**31 - 1)]


@router.api_route("/entries/{slug}/revisions", methods=["GET", "HEAD"])
async def history(frame: InFrame, session: Read, slug: str) -> Response:
    """Answer with the entry's history."""
    entry = await entries.get(session, frame.visitor, slug)
    found = await revisions.history(session, frame.visitor, slug)
    return frame.page("revisions/history.html", entry=entry, revisions=found)


@router.api_route("/entries/{slug}/revisions/{number}", methods=["GET", "HEAD"])
async def show(frame: InFrame, kb: Kb, session: Read, slug: str, number: Number) -> Response:
    """Answer with the entry as one revision has it."""
    entry = await entries.get(session, frame.visitor, slug)
    revision = await revisions.get(session, frame.visitor, slug, number)
    content = revisions.content_of(revision)
    html = await kb.renderer.entry((entry.id, number), content)
    return frame.page(
        "revisions/show.html", entry=entry, revision=revision, content=content, html=html
    )


@router.api_route("/entries/{slug}/compare", methods=["GET", "HEAD"])
async def choose(slug: str, a: NumberAsked, b: NumberAsked) -> Response:
    """Send the form that chooses two revisions to the page that compares them."""
    return RedirectResponse(f"/entries/{slug}/compare/{a}...{b}", 303)


@router.api_route("/entries/{slug}/compare/{a}...{b}", methods=["GET", "HEAD"])
async def difference(
    frame: InFrame, kb: Kb, session: Read, slug: str, a: Number, b: Number
) -> Response:
    """Answer with what differs between two revisions, field by field."""
    entry = await entries.get(session, frame.visitor, slug)
    old = await revisions.get(session, frame.visitor, slug, a)
    new = await revisions.get(session, frame.visitor, slug, b)
    contents = revisions.content_of(old), revisions.content_of(new)
    fields = await kb.executor.cpu(compare, *contents)
    return frame.page("revisions/compare.html", entry=entry, old=old, new=new, fields=fields)


@router.post("/entries/{slug}/revisions/{number}/restore")
async def restore(frame: InFrame, kb: Kb, slug: str, number: Number) -> Response:
    """Make an old state the newest revision."""
    async with kb.database.write() as session:
        await review.propose_restore(session, frame.visitor, slug, number)
    return RedirectResponse(f"/entries/{slug}", 303)


@router.api_route("/entries/{slug}/revise", methods=["GET", "HEAD"])
async def revise(frame: InFrame, session: Read, slug: str) -> Response:
    """Answer with the form, prefilled from the current revision, which it names as its base."""
    require(frame.visitor, Action.SUGGEST)
    entry = await entries.get(session, frame.visitor, slug)
    return form_page(frame, EntryForm.of(entries.content_of(entry), entry.revision), entry)


@router.post("/entries/{slug}/revisions")
async def apply(request: Request, frame: InFrame, kb: Kb, slug: str) -> Response:
    """Apply or suggest the revision in the form, or preview it."""
    require(frame.visitor, Action.SUGGEST)
    form = EntryForm.posted(await read_form(request))
    require_known_action(form)
    base = _base(form.base)
    async with kb.database.read() as session:
        entry = await entries.get(session, frame.visitor, slug)
    if form.action in ADDING:
        return form_page(frame, form, entry)
    try:
        content = validate_content(form.values)
        if form.action == PREVIEW:
            html = await kb.renderer.preview(content)
            return form_page(frame, form, entry, preview=(content, html))
        return await _propose(frame, kb, slug, base, content, form.summary)
    except StaleBase:
        return await conflict_page(frame, kb, slug, form)
    except Invalid as error:
        return form_page(frame, form.with_errors(error), entry, status=error.status)


async def _propose(
    frame: Frame, kb: Runtime, slug: str, base: int, content: EntryContent, summary: str
) -> Response:
    async with kb.database.write() as session:
        made = await review.propose_revision(
            session, frame.visitor, slug, base=base, content=content, summary=summary
        )
    page = f"/review/{made.id}" if isinstance(made, Suggestion) else f"/entries/{slug}"
    return RedirectResponse(page, 303)


def _base(text: str) -> int:
    """Return the revision number that the form started from."""
    if not text:
        raise BaseRequired("Open the form anew: it did not say which revision it started from.")
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004
        raise BadRequest("The base must be the number of a revision. Nothing was saved.")
    return int(text)
