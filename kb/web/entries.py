"""Entries: their pages, and the form for new ones."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from kb.accounts.policy import Action, Actor, require
from kb.answers import on_reuse
from kb.archive import service as archive
from kb.dependencies import ByKnown, Kb, Read
from kb.entries import service as entries
from kb.entries.schemas import MAX_REMARK, EntryContent
from kb.entries.validation import validate_content
from kb.errors import Busy, Conflict, Invalid, NotSignedIn, TooManyRequests
from kb.models import Suggestion
from kb.reports import service as reports
from kb.reports.schemas import MAX_NOTE, MAX_VERSION
from kb.review import service as review
from kb.revisions import history
from kb.runtime import Runtime
from kb.votes import service as votes
from kb.web.editing import (
    ADDING,
    GLANCE,
    PREVIEW,
    SAVE,
    form_page,
    glance,
    require_known_action,
    signed_out_since,
)
from kb.web.entry_form import EntryForm
from kb.web.forms import read_form
from kb.web.frame import PAGE_HEADERS, InFrame, Revalidated, wants_fragment
from kb.web.notes import Note, go_on
from kb.web.trail import trail_of

router = APIRouter()

NEWEST_REVISIONS = 5
NEWEST_REPORTS = 5


@router.api_route("/entries/new", methods=["GET", "HEAD"])
async def new(
    request: Request,
    frame: InFrame,
    kb: Kb,
    session: Read,
    title: Annotated[str, Query()] = "",
    error: Annotated[str, Query()] = "",
) -> Response:
    """Answer with a form that holds a title or an error message at most.

    htmx gets the entries similar to the title typed so far.
    """
    require(frame.visitor, Action.SUGGEST)
    if not wants_fragment(request):
        return form_page(frame, EntryForm.blank(title, error))
    similar = None
    if title.strip():
        draft = EntryContent.model_construct(title=title, tags=[], problem="")
        similar = await kb.search.similar(session, frame.visitor, draft)
    return frame.page("entries/form.html", fragment="entries/_similar.html", similar=similar)


@router.post("/entries")
async def create(request: Request, frame: InFrame, actor: ByKnown, kb: Kb) -> Response:
    """Create or suggest the entry in the form; show first what there is already like it."""
    form = EntryForm.posted(await read_form(request))
    require_known_action(form)
    if form.action == SAVE and signed_out_since(frame, form):
        return form_page(frame, form, status=NotSignedIn.status)
    require(frame.visitor, Action.SUGGEST)
    if form.action == GLANCE:
        return await glance(frame, kb, form.values)
    if form.action in ADDING:
        return form_page(frame, form)
    try:
        content = validate_content(form.values)
        if form.action == PREVIEW or not form.compared:
            async with kb.database.read() as session:
                similar = await kb.search.similar(session, frame.visitor, content)
            if form.action == PREVIEW or similar:
                html = await kb.renderer.preview(content)
                return form_page(frame, form, preview=(content, html), similar=similar)
        await kb.limits.write(actor.caller)
        return await _propose(request, actor, kb, content, form.summary)
    except (Invalid, Conflict, Busy, TooManyRequests) as error:
        return form_page(frame, form, failure=error)


async def _propose(
    request: Request, actor: Actor, kb: Runtime, content: EntryContent, summary: str
) -> Response:
    made = await review.propose_entry(kb.database, kb.executor, actor, content, summary)
    if isinstance(made, Suggestion):
        return go_on(request, f"/review/{made.id}", Note.HELD if made.held else Note.SUGGESTED)
    return go_on(request, f"/entries/{made.slug}", Note.SAVED, made.revision)


@router.api_route("/entries/{slug}.md", methods=["GET", "HEAD"])
async def entry_file(frame: Revalidated, session: Read, slug: str) -> Response:
    """Answer with the entry's file, as an export would write it; of an archived one, it says so."""
    entry = await entries.get(session, frame.visitor, slug)
    text = await archive.file_of(session, entry)
    return Response(text, headers=PAGE_HEADERS, media_type="text/markdown")


@router.api_route("/entries/{slug}", methods=["GET", "HEAD"])
async def show(request: Request, frame: Revalidated, kb: Kb, session: Read, slug: str) -> Response:
    """Answer with the entry's page."""
    entry = await entries.get(session, frame.visitor, slug)
    newest = await history.newest(session, frame.visitor, entry, NEWEST_REVISIONS)
    waiting = await review.count_waiting(session, frame.visitor, entry)
    archival = await archive.archival_of(session, entry)
    tally = await votes.tally(session, frame.visitor, entry)
    reported = await reports.newest(session, frame.visitor, entry, NEWEST_REPORTS)
    trail = await trail_of(request, kb, session, frame.visitor, slug)
    await session.release()
    content = entries.content_of(entry)
    html = await kb.renderer.entry((entry.id, entry.revision), content)
    number = entry.id
    if request.method == "GET":
        kb.views.count(number)
        on_reuse(request, lambda _: kb.views.count(number))
    views = entry.views + kb.views.pending(number)
    return frame.page(
        "entries/show.html",
        entry=entry,
        archival=archival,
        tally=tally,
        reports=reported,
        limits={"reason": MAX_REMARK, "version": MAX_VERSION, "note": MAX_NOTE},
        content=content,
        html=html,
        views=views,
        newest=newest,
        waiting=waiting,
        trail=trail,
    )


@router.api_route("/entries/{slug}/related", methods=["GET", "HEAD"])
async def related(frame: InFrame, kb: Kb, session: Read, slug: str) -> Response:
    """Answer with other entries like this one; htmx gets the list alone."""
    entry = await entries.get(session, frame.visitor, slug)
    alike = await kb.search.related(session, frame.visitor, entry)
    return frame.page(
        "entries/related.html", fragment="entries/_related.html", entry=entry, related=alike
    )
