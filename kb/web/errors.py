"""Errors as pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from kb.errors import KbError
from kb.search.showing import FoundEntry
from kb.web.frame import Frame, frame_of
from kb.web.refused import RefusedForm

HOME = ("/", "All entries")


@dataclass(frozen=True, slots=True)
class Lost:
    """What somebody may have looked for: the words of the address, and what they find."""

    words: str
    nearest: Sequence[FoundEntry]


def error_page(request: Request, error: KbError) -> Response:
    """Return the error as a page, or as a fragment where htmx asked for one.

    Needs neither a database nor a known visitor, so that it can speak of any fault.
    """
    refused: RefusedForm | None = getattr(request.state, "refused", None)
    return show_error(frame_of(request), error, refused.back if refused else HOME, refused=refused)


def show_error(
    frame: Frame,
    error: KbError,
    back: tuple[str, str] = HOME,
    *,
    query: str = "",
    lost: Lost | None = None,
    refused: RefusedForm | None = None,
) -> Response:
    """Return the error's page with a way back: an address and what to call it.

    `query` is what the search box at its top holds; `lost` is for who went where nothing is,
    `refused` for who sent a short form.
    """
    response = frame.page(
        "error.html",
        status=error.status,
        fragment="_error.html",
        error=error,
        back=back,
        query=query,
        lost=lost,
        refused=refused,
        needs_sign_in=error.status == HTTPStatus.UNAUTHORIZED,
    )
    response.headers.update(error.headers)
    return response
