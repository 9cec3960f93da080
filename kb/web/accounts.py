"""One's own account: password, sessions, tokens, invitations; for owners, the audit log."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from kb.accounts import account, audit, invitations, tokens
from kb.accounts.account import NewPassword
from kb.accounts.passwords import MIN_PASSWORD
from kb.accounts.policy import Action, Role, Thing, may, require
from kb.accounts.tokens import NewToken
from kb.dependencies import Changing, Kb, Read, base_url, session_secret
from kb.entries.validation import invalid
from kb.errors import FieldError, Invalid
from kb.runtime import Runtime
from kb.web.forms import PostedForm, read_form
from kb.web.frame import Frame, InFrame
from kb.web.notes import Note, go_on
from kb.web.review import Number

router = APIRouter(prefix="/account")

TOKEN_DAYS = (30, 90, 365)
SHOWN_RECORDS = 200
_ROLES = [role for role in Role if role is not Role.ANONYMOUS]


@router.api_route("", methods=["GET", "HEAD"])
async def show_account(request: Request, frame: InFrame, kb: Kb) -> Response:
    """Show the visitor's own account."""
    return await _page(request, frame, kb)


@router.post("/password")
async def change_password(request: Request, frame: InFrame, kb: Kb) -> Response:
    """Give the account a new password; its other sessions end."""
    require(frame.visitor, Action.ACCOUNT)
    form = await read_form(request)
    form.allow(["old", "password"])
    new = NewPassword(form.one("password"), form.one("old"))
    secret = session_secret(request)
    try:
        await account.change_password(
            kb.database, kb.executor, frame.visitor, new, secret, limits=kb.limits
        )
    except Invalid as error:
        return await _page(request, frame, kb, failure=error)
    return go_on(request, "/account", Note.PASSWORD)


@router.post("/sessions/{number}/end")
async def end_session(request: Request, frame: InFrame, kb: Kb, number: Number) -> Response:
    """End one of the account's sessions."""
    async with kb.database.write(shown=False) as session:
        await account.end_session(session, frame.visitor, number)
    return go_on(request, "/account", Note.SESSION_ENDED)


@router.post("/sessions/end-others")
async def end_other_sessions(request: Request, frame: InFrame, kb: Kb) -> Response:
    """End all of the account's sessions but this one."""
    async with kb.database.write(shown=False) as session:
        await account.end_other_sessions(session, frame.visitor, session_secret(request))
    return go_on(request, "/account", Note.SESSION_ENDED)


@router.post("/tokens", dependencies=[Changing])
async def create_token(request: Request, frame: InFrame, kb: Kb) -> Response:
    """Make a token, and show it this once."""
    require(frame.visitor, Action.TOKEN)
    form = await read_form(request)
    form.allow(["name", "role", "days"])
    try:
        new = NewToken(form.one("name"), _role_in(form), _days_in(form))
        async with kb.database.write(shown=False) as session:
            secret = await tokens.create(session, frame.visitor, new)
    except Invalid as error:
        named = {f"token-{one.field}": one.message for one in error.errors}
        faults = tuple(FieldError(field, message) for field, message in named.items())
        return await _page(request, frame, kb, failure=Invalid(error.detail, faults))
    return await _page(request, frame, kb, made_token=secret)


@router.post("/tokens/{number}/revoke")
async def revoke_token(request: Request, frame: InFrame, kb: Kb, number: Number) -> Response:
    """Make a token void."""
    async with kb.database.write(shown=False) as session:
        await tokens.revoke(session, frame.visitor, number)
    return go_on(request, "/account", Note.TOKEN_REVOKED)


@router.post("/invitations", dependencies=[Changing])
async def invite(request: Request, frame: InFrame, kb: Kb) -> Response:
    """Make an invitation, and show its link this once."""
    require(frame.visitor, Action.INVITE)
    form = await read_form(request)
    form.allow(["role"])
    async with kb.database.write(shown=False) as session:
        secret = await invitations.invite(session, frame.visitor, _role_in(form))
    link = f"{base_url(request)}/join?token={secret}"
    return await _page(request, frame, kb, made_invitation=link)


@router.post("/invitations/{number}/revoke")
async def revoke_invitation(request: Request, frame: InFrame, kb: Kb, number: Number) -> Response:
    """Make an invitation void."""
    async with kb.database.write(shown=False) as session:
        await invitations.revoke(session, frame.visitor, number)
    return go_on(request, "/account", Note.UNINVITED)


@router.api_route("/audit", methods=["GET", "HEAD"])
async def show_audit(frame: InFrame, session: Read) -> Response:
    """Show owners the newest records of the audit log, the newest first."""
    found = await audit.records(session, frame.visitor, limit=SHOWN_RECORDS)
    return frame.page("accounts/audit.html", records=found[::-1])


async def _page(
    request: Request,
    frame: Frame,
    kb: Runtime,
    *,
    failure: Invalid | None = None,
    made_token: str = "",
    made_invitation: str = "",
) -> Response:
    actor = frame.visitor
    may_invite = may(actor, Action.INVITE)
    async with kb.database.read() as session:
        mine = await account.look(session, actor, session_secret(request))
        sent = await invitations.mine(session, actor) if may_invite else []
    response = frame.page(
        "accounts/show.html",
        status=failure.status if failure else 200,
        account=mine,
        invitations=sent,
        may_invite=may_invite,
        may_audit=may(actor, Action.AUDIT),
        roles=[role for role in _ROLES if may(actor, Action.TOKEN, Thing(role=role))],
        days=TOKEN_DAYS,
        errors={one.field: one.message for one in failure.errors} if failure else {},
        made_token=made_token,
        made_invitation=made_invitation,
        min_password=MIN_PASSWORD,
    )
    if made_token or made_invitation:
        response.headers["cache-control"] = "no-store"
    return response


def _role_in(form: PostedForm) -> Role:
    """Return the role that was chosen. Raises Invalid."""
    try:
        return Role.named(form.one("role"))
    except ValueError as error:
        raise invalid((FieldError("role", f"is not one: {error}"),)) from None


def _days_in(form: PostedForm) -> int:
    """Return the days that were chosen. Raises Invalid."""
    days = form.one("days")
    if not (days.isascii() and days.isdecimal()):
        raise invalid((FieldError("days", "must be a number"),))
    return int(days[:9])
