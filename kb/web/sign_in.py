"""Signing in and out, and joining on an invitation."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kb.accounts import invitations, signing_in
from kb.accounts.invitations import Joining
from kb.accounts.passwords import MIN_PASSWORD
from kb.accounts.policy import Role
from kb.accounts.provider import Attempt, Callback, Provider
from kb.accounts.signing_in import SIGN_IN_LASTS, LinkNoLongerWorks, WrongCredentials
from kb.cookies import forget_cookie, read_cookie, set_cookie
from kb.dependencies import SESSION_COOKIE, Kb, SigningIn, base_url, device_behind, session_secret
from kb.errors import Invalid, KbError, NotFound, TooManyRequests
from kb.runtime import Runtime
from kb.web.forms import read_form
from kb.web.frame import Frame, InFrame
from kb.web.notes import Note, go_on
from kb.web.redirects import HOME, page_before, page_named

router = APIRouter()

ATTEMPT_COOKIE = "kb_attempt"
ATTEMPT_LASTS = timedelta(minutes=10)


@router.api_route("/sign-in", methods=["GET", "HEAD"])
async def show_sign_in(
    request: Request, frame: InFrame, kb: Kb, token: Annotated[str, Query()] = ""
) -> Response:
    """Show the ways to sign in; use a one-time link up where nobody else can have opened it."""
    if token and frame.visitor.caller.local and _is_a_visit(request):
        return await _use_link(request, frame, kb, token)
    return _sign_in_page(frame, kb, back=page_before(request), link=token)


async def _use_link(request: Request, frame: Frame, kb: Runtime, link: str) -> Response:
    device = device_behind(request)
    await kb.limits.sign_in_from(device.address)
    try:
        secret = await signing_in.with_link(kb.database, link, device)
    except LinkNoLongerWorks:
        if not frame.signed_in:
            raise
        return _sign_in_page(frame, kb)
    return _signed_in(request, secret)


@router.post("/sign-in")
async def sign_in(request: Request, frame: InFrame, kb: Kb) -> Response:
    """Sign in with a name and a password, or use a one-time link up."""
    form = await read_form(request)
    form.allow(["name", "password", "token", "next"])
    back = page_named(request, form.one("next"))
    if link := form.one("token"):
        return await _use_link(request, frame, kb, link)
    name = form.one("name")
    try:
        secret = await signing_in.with_password(
            kb.database,
            kb.executor,
            name,
            form.one("password"),
            device_behind(request),
            limits=kb.limits,
        )
    except (WrongCredentials, TooManyRequests) as error:
        return _sign_in_page(frame, kb, back=back, name=name, failure=error)
    return _signed_in(request, secret, back=back)


@router.post("/sign-out")
async def sign_out(request: Request, kb: Kb) -> Response:
    """End the browser's session."""
    if secret := session_secret(request):
        await signing_in.sign_out(kb.database, secret)
    response = go_on(request, "/", Note.SIGNED_OUT)
    forget_cookie(request, response, SESSION_COOKIE)
    return response


@router.get("/sign-in/provider", dependencies=[SigningIn])
async def go_to_provider(
    request: Request, kb: Kb, page: Annotated[str, Query(alias="next")] = HOME
) -> Response:
    """Send the browser to the provider, which sends it back to `come_back`, and that to `next`."""
    address, attempt = await _provider(kb).begin(_callback_address(request))
    response = RedirectResponse(address, 303)
    back = page_named(request, page).encode().hex()  # a cookie does not hold every sign
    stored = f"{attempt.state}.{attempt.nonce}.{attempt.verifier}.{back}"
    set_cookie(request, response, ATTEMPT_COOKIE, stored, ATTEMPT_LASTS)
    return response


@router.get("/sign-in/provider/callback", dependencies=[SigningIn])
async def come_back(
    request: Request,
    kb: Kb,
    state: Annotated[str, Query()] = "",
    code: Annotated[str, Query()] = "",
    error: Annotated[str, Query()] = "",
) -> Response:
    """Sign in whom the provider vouches for."""
    *stored, back = read_cookie(request, ATTEMPT_COOKIE).split(".")
    attempt = Attempt(*stored) if len(stored) == len(Attempt.__slots__) else None
    identity = await _provider(kb).finish(
        _callback_address(request), attempt, Callback(state, code, error)
    )
    secret = await signing_in.with_identity(
        kb.database,
        identity,
        Role.named(kb.settings.oidc_role),
        device_behind(request),
    )
    response = _signed_in(request, secret, back=page_named(request, _from_hex(back)))
    forget_cookie(request, response, ATTEMPT_COOKIE)
    return response


@router.api_route("/join", methods=["GET", "HEAD"])
async def show_join(frame: InFrame, kb: Kb, token: Annotated[str, Query()] = "") -> Response:
    """Show whoever holds an invitation what they may join as."""
    return await _join_page(frame, kb, token)


@router.post("/join", dependencies=[SigningIn])
async def join(request: Request, frame: InFrame, kb: Kb) -> Response:
    """Make the account that an invitation is for."""
    form = await read_form(request)
    form.allow(["token", "name", "password"])
    token, name = form.one("token"), form.one("name")
    try:
        secret = await invitations.accept(
            kb.database,
            kb.executor,
            token,
            Joining(name, form.one("password")),
            device_behind(request),
        )
    except Invalid as error:
        return await _join_page(frame, kb, token, name=name, failure=error)
    return _signed_in(request, secret, note=Note.JOINED)


def _is_a_visit(request: Request) -> bool:
    """Say whether somebody goes to the page, so that what its address does may be done.

    Browsers ask for pages before their users do; and another site's page could have a link to an
    account of its author's for an image. Chats and mail scanners cannot be told from browsers: off
    this machine, a link is used up by a button alone.
    """
    mode = request.headers.get("sec-fetch-mode", "navigate")
    early = request.headers.get("sec-purpose", "").startswith("prefetch")
    return request.method == "GET" and mode == "navigate" and not early


def _from_hex(text: str) -> str:
    try:
        return bytes.fromhex(text).decode()
    except ValueError:
        return HOME


def _signed_in(
    request: Request, secret: str, *, back: str = HOME, note: Note = Note.SIGNED_IN
) -> Response:
    response = go_on(request, back, note)
    set_cookie(request, response, SESSION_COOKIE, secret, SIGN_IN_LASTS)
    return response


def _sign_in_page(
    frame: Frame,
    kb: Runtime,
    *,
    back: str = HOME,
    link: str = "",
    name: str = "",
    failure: KbError | None = None,
) -> Response:
    response = frame.page(
        "accounts/sign_in.html",
        back=back,
        link=link,
        status=failure.status if failure else 200,
        name=name,
        failure=failure,
        provider=kb.provider,
    )
    response.headers.update(failure.headers if failure else {})
    return response


async def _join_page(
    frame: Frame, kb: Runtime, token: str, *, name: str = "", failure: Invalid | None = None
) -> Response:
    async with kb.database.read() as session:
        invitation = await invitations.look_at(session, token)
    return frame.page(
        "accounts/join.html",
        status=failure.status if failure else 200,
        invitation=invitation,
        token=token,
        name=name,
        errors={one.field: one.message for one in failure.errors} if failure else {},
        min_password=MIN_PASSWORD,
    )


def _provider(kb: Runtime) -> Provider:
    if kb.provider is None:
        raise NotFound("No sign-in provider is set here.")
    return kb.provider


def _callback_address(request: Request) -> str:
    return f"{base_url(request)}/sign-in/provider/callback"
