"""Revisions: an entry's history, its states and what differs between them, and the revise form."""

from math import ceil
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from kb.accounts.policy import Action, require
from kb.archive import service as archive
from kb.dependencies import ByKnown, Changing, Kb, Read
from kb.entries import service as entries
from kb.entries.selection import PAGE_SIZE
from kb.errors import BaseRequired, NotFound
from kb.models import Suggestion
from kb.review import service as review
from kb.review.decisions import Draft
from kb.revisions import history as revisions
from kb.revisions.diff import compare
from kb.web.conflicts import number_in
from kb.web.editing import form_page, revising, signed_out_since, submitted
from kb.web.entry_form import EntryForm
from kb.web.errors import show_error
from kb.web.forms import read_form
from kb.web.frame import InFrame, Revalidated
from kb.web.notes import Note, go_on
from kb.web.paging import page_numbers
from kb.web.redirects import see_other

router = APIRouter()

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
PageAsked = Annotated[int, Query(ge=1, le=2**31 - 1)]
NumberAsked = Annotated[int, Query(ge=1, le=2**31 - 1)]


@router.api_route("/entries/{slug}/revisions", methods=["GET", "HEAD"])
async def history(frame: Revalidated, session: Read, slug: str, page: PageAsked = 1) -> Response:
    """Answer with a page of the entry's history, the newest first."""
    entry = await entries.get(session, frame.visitor, slug)
    pages = ceil(entry.revision / PAGE_SIZE)
    if page > pages:
        last = f"/entries/{slug}/revisions?page={pages}"
        error = NotFound(f"There is no page {page}; the last one is {pages}.")
        return show_error(frame, error, (last, f"Page {pages}"))
    after = entry.revision - (page - 1) * PAGE_SIZE + 1
    found = await revisions.history(session, frame.visitor, slug, after=after)
    return frame.page(
        "revisions/history.html",
        entry=entry,
        revisions=found,
        page=page,
        pages=pages,
        numbers=page_numbers(page, pages),
    )


@router.api_route("/entries/{slug}/revisions/{number}", methods=["GET", "HEAD"])
async def show(frame: Revalidated, kb: Kb, session: Read, slug: str, number: Number) -> Response:
    """Answer with the entry as one revision has it."""
    entry = await entries.get(session, frame.visitor, slug)
    revision = await revisions.get(session, frame.visitor, slug, number)
    content = revisions.content_of(revision)
    await session.release()
    html = await kb.renderer.entry((entry.id, number), content)
    return frame.page(
        "revisions/show.html", entry=entry, revision=revision, content=content, html=html
    )


@router.api_route("/entries/{slug}/compare", methods=["GET", "HEAD"])
async def choose(slug: str, a: NumberAsked, b: NumberAsked) -> Response:
    """Send the form that chooses two revisions to the page that compares them."""
    return see_other(f"/entries/{quote(slug)}/compare/{a}...{b}")


@router.api_route("/entries/{slug}/compare/{a}...{b}", methods=["GET", "HEAD"])
async def difference(
    frame: Revalidated, kb: Kb, session: Read, slug: str, a: str, b: str
) -> Response:
    """Answer with what differs between two revisions, field by field."""
    old, new = await revisions.two(session, frame.visitor, slug, a, b)
    entry = await entries.get(session, frame.visitor, slug)
    contents = revisions.content_of(old), revisions.content_of(new)
    await session.release()
    fields = await kb.executor.cpu(compare, *contents)
    return frame.page("revisions/compare.html", entry=entry, old=old, new=new, fields=fields)


@router.post("/entries/{slug}/revisions/{number}/restore", dependencies=[Changing])
async def restore(request: Request, frame: InFrame, kb: Kb, slug: str, number: Number) -> Response:
    """Make an old state the newest revision, where nothing newer is there than the page showed."""
    require(frame.visitor, Action.EDIT)
    form = await read_form(request)
    form.allow(["base"])
    if not (base := form.one("base")):
        raise BaseRequired("Open the page anew: it did not say which revision it was drawn from.")
    made = await review.propose_restore(
        kb.database, kb.executor, frame.visitor, slug, number, base=number_in(base)
    )
    return go_on(request, f"/entries/{slug}", Note.RESTORED, made.number)


@router.api_route("/entries/{slug}/revise", methods=["GET", "HEAD"])
async def revise(frame: InFrame, session: Read, slug: str) -> Response:
    """Answer with the form, prefilled from the current revision, which it names as its base."""
    require(frame.visitor, Action.SUGGEST)
    entry = await entries.get(session, frame.visitor, slug)
    await archive.require_live(session, entry)
    form = EntryForm.of(entries.content_of(entry), entry.revision)
    return form_page(frame, form, revising(frame, entry))


@router.post("/entries/{slug}/revisions")
async def apply(request: Request, frame: InFrame, actor: ByKnown, kb: Kb, slug: str) -> Response:
    """Apply or suggest the revision in the form, or preview it."""
    form = EntryForm.posted(await read_form(request))
    if not signed_out_since(frame, form):
        require(actor, Action.SUGGEST)
    async with kb.database.read() as session:
        entry = await entries.get(session, actor, slug)

    async def save(draft: Draft) -> Response:
        made = await review.propose_revision(
            kb.database,
            kb.executor,
            actor,
            slug,
            base=draft.base or 0,
            content=draft.content,
            summary=draft.summary,
        )
        if isinstance(made, Suggestion):
            return go_on(request, f"/review/{made.id}", Note.HELD if made.held else Note.SUGGESTED)
        if made.merged_with:
            # The page of a merge says what came together.
            page = f"/entries/{slug}/revisions/{made.number}"
            return go_on(request, page, Note.MERGED, made.number)
        return go_on(request, f"/entries/{slug}", Note.SAVED, made.number)

    return await submitted(frame, kb, form, revising(frame, entry), save)
