"""Errors as pages."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from kb.errors import KbError
from kb.web.frame import Frame


def error_page(request: Request, error: KbError) -> Response:
    """Return the error as a page, or as a fragment where htmx asked for one.

    Needs neither a database nor a known visitor, so that it can speak of any fault.
    """
    frame = getattr(request.state, "frame", None) or Frame(request)
    return show_error(frame, error)


def show_error(
    frame: Frame,
    error: KbError,
    back: tuple[str, str] = ("/", "All entries"),
    *,
    query: str = "",
) -> Response:
    """Return the error's page with a way back: an address and what to call it.

    `query` is what its search box holds.
    """
    return frame.page(
        "error.html",
        status=error.status,
        fragment="_error.html",
        error=error,
        back=back,
        query=query,
        needs_sign_in=error.status == HTTPStatus.UNAUTHORIZED,
    )
