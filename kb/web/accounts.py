"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from kb.accounts import service as accounts
from kb.accounts.service import LinkNoLongerWorks
from kb.dependencies import SESSION_COOKIE, Kb
from kb.web.frame import InFrame
from kb.web.notes import Note, go_on

router = APIRouter()


@router.api_route("/sign-in", methods=["GET", "HEAD"])
async def sign_in(
    request: Request, frame: InFrame, kb: Kb, token: Annotated[str, Query()] = ""
) -> Response:
    """Use a one-time link up, or say how to get one."""
    # Mail scanners and chat previews ask with HEAD first: that must not use the link up.
    if not token or request.method == "HEAD":
        return frame.page("accounts/sign_in.html")
    try:
        async with kb.database.write(shown=False) as session:
            secret = await accounts.sign_in(session, token)
    except LinkNoLongerWorks:
        if not frame.signed_in:
            raise
        return frame.page("accounts/sign_in.html")
    response = go_on(request, "/", Note.SIGNED_IN)
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=int(accounts.SIGN_IN_LASTS.total_seconds()),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


@router.post("/sign-out")
async def sign_out(request: Request, kb: Kb) -> Response:
    """End the browser's session."""
    if secret := request.cookies.get(SESSION_COOKIE):
        async with kb.database.write(shown=False) as session:
            await accounts.sign_out(session, secret)
    response = go_on(request, "/", Note.SIGNED_OUT)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")
    return response
