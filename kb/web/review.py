"""Review: the suggestions that wait, what their authors do with them, and the decisions."""

from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from kb.accounts.policy import Action, require
from kb.dependencies import Changing, Kb, Read
from kb.entries.schemas import EntryContent
from kb.entries.selection import PAGE_SIZE
from kb.models import Suggestion, SuggestionStatus
from kb.reports import service as reports
from kb.review import decisions, suggestions
from kb.review.decisions import Draft, EditedMeanwhile
from kb.review.service import MAX_SUMMARY
from kb.review.suggestions import Waiting
from kb.revisions.diff import compare
from kb.revisions.service import StaleBase
from kb.runtime import Runtime
from kb.web.conflicts import number_in, sides_of
from kb.web.editing import Task, conflict_page, form_page, submitted
from kb.web.entry_form import EntryForm
from kb.web.forms import PostedForm, read_form
from kb.web.frame import Frame, InFrame
from kb.web.notes import Note, go_on

router = APIRouter(prefix="/review")

Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.api_route("", methods=["GET", "HEAD"])
async def waiting(frame: InFrame, kb: Kb, session: Read, cursor: str = "") -> Response:
    """Answer with a page of the suggestions that wait, the newest first."""
    found = await suggestions.walk(
        session,
        kb.executor,
        frame.visitor,
        SuggestionStatus.PENDING,
        limit=PAGE_SIZE,
        cursor=cursor or None,
    )
    return frame.page(
        "review/index.html",
        found=found,
        cursor=cursor,
        upkeep=await reports.upkeep(session, frame.visitor),
        most_offered=reports.OFFERED,
    )


@router.api_route("/{number}", methods=["GET", "HEAD"])
async def show(frame: InFrame, kb: Kb, session: Read, number: Number) -> Response:
    """Answer with one suggestion: what it would change today, and what became of it."""
    look = await suggestions.look(session, kb.executor, frame.visitor, number)
    one = look.waiting
    about: dict[str, Any] = {
        "look": look,
        "one": one,
        "mine": decisions.is_author(frame.visitor, one.suggestion),
        "max_reason": MAX_SUMMARY,
    }
    await session.release()
    if look.before is None or look.base is None:
        html = await kb.renderer.preview(one.content)
        return frame.page("review/new_entry.html", html=html, **about)
    fields = await kb.executor.cpu(compare, look.before, look.after)
    made = await kb.executor.cpu(compare, look.base, one.content) if look.stale else None
    return frame.page("review/revision.html", fields=fields, made=made, **about)


@router.api_route("/{number}/accept", methods=["GET", "HEAD"])
async def change(frame: InFrame, kb: Kb, number: Number) -> Response:
    """Answer with a form of the suggestion, for accepting it with changes."""
    require(frame.visitor, Action.REVIEW)
    async with kb.database.read() as session:
        one = await suggestions.get(session, frame.visitor, number)
    return await _form(frame, kb, one, _accepting(one))


@router.post("/{number}/accept")
async def accept(request: Request, frame: InFrame, kb: Kb, number: Number) -> Response:
    """Apply a suggestion, as it is or as the form has it; where changes touch, show the form."""
    require(frame.visitor, Action.REVIEW)
    posted = await _posted(request)
    async with kb.database.read() as session:
        one = await suggestions.get(session, frame.visitor, number)
    if posted.many("title"):
        form = EntryForm.posted(posted)
        save = partial(_accept, frame, kb, number, form.version)
        return await submitted(frame, kb, form, _accepting(one), save)
    posted.allow(["version"])
    await kb.limits.write(frame.visitor.caller)
    try:
        return await _accept(frame, kb, number, posted.one("version"))
    except StaleBase as stale:
        form = _prefilled(one.suggestion, stale.yours, stale.base)
        return await conflict_page(frame, kb, stale, form, _accepting(one))


async def _accept(
    frame: Frame, kb: Runtime, number: int, version: str, draft: Draft | None = None
) -> Response:
    entry = await decisions.accept(
        kb.database, kb.executor, frame.visitor, number, version=_seen(version), changed=draft
    )
    return go_on(frame.request, f"/review/{number}", Note.ACCEPTED, entry.revision)


@router.post("/{number}/reject", dependencies=[Changing])
async def reject(request: Request, frame: InFrame, kb: Kb, number: Number) -> Response:
    """Decide against a suggestion."""
    form = await _posted(request)
    form.allow(["reason"])
    await decisions.reject(kb.database, kb.executor, frame.visitor, number, form.one("reason"))
    return go_on(request, f"/review/{number}", Note.REJECTED)


@router.post("/{number}/withdraw", dependencies=[Changing])
async def withdraw(request: Request, frame: InFrame, kb: Kb, number: Number) -> Response:
    """Take one's own suggestion back."""
    async with kb.database.write() as session:
        await decisions.withdraw(session, frame.visitor, number)
    return go_on(request, f"/review/{number}", Note.WITHDRAWN)


@router.api_route("/{number}/edit", methods=["GET", "HEAD"])
async def edit(frame: InFrame, kb: Kb, number: Number) -> Response:
    """Answer with a form of one's own suggestion."""
    async with kb.database.read() as session:
        one = await suggestions.get(session, frame.visitor, number)
    decisions.require_author(frame.visitor, one.suggestion)
    return await _form(frame, kb, one, _editing(one))


@router.post("/{number}/edit")
async def save_edit(request: Request, frame: InFrame, kb: Kb, number: Number) -> Response:
    """Let one's own suggestion say what the form says."""
    form = EntryForm.posted(await read_form(request))
    async with kb.database.read() as session:
        one = await suggestions.get(session, frame.visitor, number)
    decisions.require_author(frame.visitor, one.suggestion)

    async def save(draft: Draft) -> Response:
        draft = replace(draft, version=_seen(form.version))
        try:
            await decisions.edit(kb.database, kb.executor, frame.visitor, number, draft)
        except EditedMeanwhile as error:
            again = replace(form, version=str(error.version))
            sides = await sides_of(kb, one.entry, again)
            return form_page(frame, again, _editing(one), sides=sides, failure=error)
        return go_on(request, f"/review/{number}", Note.CHANGED)

    return await submitted(frame, kb, form, _editing(one), save)


async def _form(frame: Frame, kb: Runtime, one: Waiting, task: Task) -> Response:
    """Return the form of a suggestion on top of the entry as it is today."""
    decisions.require_pending(one.suggestion)
    async with kb.database.read() as session:
        rebased = await suggestions.rebased(session, kb.executor, one)
    if one.entry is None or rebased is None:
        return form_page(frame, _prefilled(one.suggestion, one.content, 0), task)
    if rebased.conflicts:
        base = one.suggestion.base or 0
        stale = StaleBase(one.entry, base, one.content, rebased)
        form = _prefilled(one.suggestion, one.content, base)
        return await conflict_page(frame, kb, stale, form, task, status=200)
    form = _prefilled(one.suggestion, rebased.content, one.entry.revision)
    return form_page(frame, form, task)


def _prefilled(suggestion: Suggestion, content: EntryContent, base: int) -> EntryForm:
    form = EntryForm.of(content, base, suggestion.summary)
    return replace(form, version=str(suggestion.version))


def _accepting(one: Waiting) -> Task:
    return Task(
        target=f"/review/{one.suggestion.id}/accept",
        heading="Accept with changes",
        submit="Accept as it is here",
        back=f"/review/{one.suggestion.id}",
        entry=one.entry,
        lead=f"Suggested by {one.suggestion.author}, in whose name it will be saved.",
    )


def _editing(one: Waiting) -> Task:
    return Task(
        target=f"/review/{one.suggestion.id}/edit",
        heading="Edit your suggestion",
        submit="Save the suggestion",
        back=f"/review/{one.suggestion.id}",
        entry=one.entry,
    )


def _seen(version: str) -> int | None:
    """Return the version of a suggestion that a page was drawn from, where the form says it."""
    return number_in(version) if version else None


async def _posted(request: Request) -> PostedForm:
    """Return the form; an empty one where the request has no body."""
    return await read_form(request) if await request.body() else PostedForm([])
