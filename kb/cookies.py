"""Our cookies: for us alone, on this host alone, and never over a plain connection once encrypted.

Over https their names begin with `__Host-`, by which browsers know that no other host of the domain
may set them (RFC 6265bis, 4.1.3.2).
"""

from datetime import timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response


def read_cookie(request: HTTPConnection, name: str) -> str:
    """Return what the browser sent of the cookie; empty where it sent none."""
    return request.cookies.get(_full_name(request, name), "")


def set_cookie(
    request: HTTPConnection, response: Response, name: str, value: str, lasts: timedelta
) -> None:
    """Have the answer hand out the cookie."""
    response.set_cookie(
        _full_name(request, name),
        value,
        max_age=int(lasts.total_seconds()),
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )


def forget_cookie(request: HTTPConnection, response: Response, name: str) -> None:
    """Have the answer take the cookie away."""
    response.delete_cookie(
        _full_name(request, name), secure=_is_secure(request), httponly=True, samesite="lax"
    )


def _is_secure(request: HTTPConnection) -> bool:
    secure: bool = request.scope.get("scheme") == "https"
    return secure


def _full_name(request: HTTPConnection, name: str) -> str:
    return f"__Host-{name}" if _is_secure(request) else name
