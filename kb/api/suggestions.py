"""Suggestions: list, get, accept, reject, withdraw."""

from typing import Annotated

from fastapi import APIRouter, Body, Header, Path, Query, Request, Response

from kb.accounts.policy import Action, Actor, require
from kb.api.addresses import Addresses
from kb.api.conflicts import CONFLICT, stale_response
from kb.api.etags import base_of
from kb.api.problems import problems
from kb.api.queries import SuggestionQuery
from kb.api.suggestion_schemas import (
    Acceptance,
    Rejection,
    SuggestionDetail,
    SuggestionItem,
    SuggestionList,
)
from kb.dependencies import By, Changing, Kb, Read, unless_unchanged
from kb.errors import BadRequest, BaseRequired, Conflict, NotFound, TooLarge
from kb.review import decisions, suggestions
from kb.review.decisions import Draft
from kb.revisions.diff import compare
from kb.revisions.service import StaleBase
from kb.runtime import Runtime

router = APIRouter(prefix="/suggestions", tags=["suggestions"])

ONE = problems(NotFound)
DECISION = problems(NotFound, BadRequest, TooLarge, Conflict)

Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("")
async def list_suggestions(
    request: Request,
    response: Response,
    session: Read,
    actor: By,
    kb: Kb,
    query: Annotated[SuggestionQuery, Query()],
) -> SuggestionList:
    """List suggestions, those that wait unless `status` says otherwise, the newest first."""
    require(actor, Action.READ)
    await unless_unchanged(request)
    status = None if query.status == "all" else query.status
    walk = await suggestions.walk(
        session, kb.executor, actor, status, limit=query.limit, cursor=query.cursor
    )
    if walk.next:
        response.headers["Link"] = Addresses(request).next_page(walk.next)
    addresses = Addresses(request)
    items = [SuggestionItem.of(one, addresses) for one in walk.items]
    return SuggestionList(items=items, total=walk.total, next=walk.next)


@router.get("/{number}", responses=ONE)
async def get_suggestion(request: Request, actor: By, kb: Kb, number: Number) -> SuggestionDetail:
    """Return a suggestion: what it says, what it would change today, and what became of it."""
    return await _detail(request, kb, actor, number)


@router.post(
    "/{number}/accept",
    dependencies=[Changing],
    response_model=SuggestionDetail,
    responses=DECISION | CONFLICT | problems(BaseRequired),
)
async def accept_suggestion(
    request: Request,
    actor: By,
    kb: Kb,
    number: Number,
    body: Annotated[Acceptance | None, Body()] = None,
    if_match: Annotated[str | None, Header()] = None,
) -> SuggestionDetail | Response:
    """Apply a suggestion in its author's name, with the fields sent in place of its own.

    One that touches what was changed since its base is a 409 with `base`, `theirs`, `yours` and
    `conflicts`: send those fields as they should be.
    """
    body = body or Acceptance()
    try:
        draft = await _draft(kb, actor, number, body, if_match)
        await decisions.accept(
            kb.database, kb.executor, actor, number, version=body.version, changed=draft
        )
    except StaleBase as stale:
        return stale_response(stale)
    return await _detail(request, kb, actor, number)


@router.post("/{number}/reject", dependencies=[Changing], responses=DECISION)
async def reject_suggestion(
    request: Request,
    actor: By,
    kb: Kb,
    number: Number,
    body: Annotated[Rejection | None, Body()] = None,
) -> SuggestionDetail:
    """Decide against a suggestion, with a reason for its author."""
    reason = body.reason if body else ""
    await decisions.reject(kb.database, kb.executor, actor, number, reason)
    return await _detail(request, kb, actor, number)


@router.post("/{number}/withdraw", dependencies=[Changing], responses=problems(NotFound, Conflict))
async def withdraw_suggestion(
    request: Request, actor: By, kb: Kb, number: Number
) -> SuggestionDetail:
    """Take one's own suggestion back."""
    async with kb.database.write() as session:
        await decisions.withdraw(session, actor, number)
    return await _detail(request, kb, actor, number)


async def _draft(
    kb: Runtime, actor: Actor, number: int, body: Acceptance, if_match: str | None
) -> Draft | None:
    """Return what to accept in the suggestion's place, where the body says something about that."""
    changes = body.changes()
    if not changes and body.summary is None:
        return None
    async with kb.database.read() as session:
        about = await suggestions.get(session, actor, number)
        return await decisions.resolve(
            session,
            kb.executor,
            actor,
            number,
            base=base_of(if_match, body.base) if about.entry and changes else None,
            changes=changes,
            summary=body.summary,
        )


async def _detail(request: Request, kb: Runtime, actor: Actor, number: int) -> SuggestionDetail:
    async with kb.database.read() as session:
        one = await suggestions.look(session, kb.executor, actor, number)
    before, after = one.before, one.after
    changes = await kb.executor.cpu(compare, before, after) if before else []
    item = SuggestionItem.of(one.waiting, Addresses(request))
    return SuggestionDetail(
        **item.model_dump(),
        content=one.waiting.content,
        changes=changes,
        conflicts=list(one.conflicts),
    )
