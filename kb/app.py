"""The application: one FastAPI app with its doors, its guards and its error pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Lifespan
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from kb import __version__, api, web
from kb.answers import Answers
from kb.api.idempotency import Idempotency
from kb.api.openapi import describe
from kb.api.problems import problem_response
from kb.api.transfer import IMPORT_PATH
from kb.caching import CacheRules, NotModified
from kb.db.database import PoolTimeout
from kb.entries.validation import field_error, invalid
from kb.errors import BadRequest, Busy, FieldError, KbError, MethodNotAllowed, NotFound
from kb.garbage import BRIEF, OLDEST_BRIEF, look_through_the_oldest_rarely
from kb.guard import RequestGuard
from kb.hosts import Hosts
from kb.middleware import Gzip, HeadAsGet, Measured, SecurityHeaders, security_headers
from kb.monitoring.metrics import Metrics
from kb.routing import API
from kb.runtime import in_background, open_runtime
from kb.settings import AnonymousAccess, Settings
from kb.visitors import VisitorCookie
from kb.web.errors import error_page

GZIP_LEVEL = 4
"""zlib's own default, 6, takes half as long again and saves a thirtieth of a page of results."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the app; its lifespan opens the runtime on `settings` (default: the environment)."""
    settings = settings or Settings()
    metrics = Metrics()
    app = FastAPI(
        title="kb",
        version=__version__,
        description="A searchable knowledge base of gotchas for software teams.",
        lifespan=_lifespan(settings, metrics),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        routes=_routes(),
    )
    app.state.metrics = metrics
    describe(app)
    web.load_templates()
    _answer_errors(app)
    _stand_guard(app, settings)
    app.add_middleware(Measured, metrics=metrics, routes=_paths(app))
    return app


def _lifespan(settings: Settings, metrics: Metrics) -> Lifespan[FastAPI]:
    """Return what an app has open from its start to its end."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            open_runtime(settings) as runtime,
            in_background(runtime, runtime.search.warm_up()),
        ):
            app.state.runtime = runtime
            look_through_the_oldest_rarely(BRIEF, OLDEST_BRIEF)
            with metrics.heartbeat.beating():
                yield

    return lifespan


@cache
def _routes() -> list[BaseRoute]:
    """Return the routes of every app: FastAPI takes a sixth of a second to work them out."""
    doors = APIRouter()
    doors.include_router(api.router)
    doors.include_router(web.router, include_in_schema=False)
    doors.mount("/static", web.static_files(), name="static")
    return doors.routes


def _paths(app: FastAPI) -> dict[object, str]:
    """Return the path of each endpoint, with the names of what varies in it."""
    found = iter_route_contexts(app.routes)
    return {getattr(one, "endpoint", None) or one.app: str(one.path) for one in found}


def _answer_errors(app: FastAPI) -> None:
    app.add_exception_handler(KbError, _on_kb_error)
    app.add_exception_handler(NotModified, _on_not_modified)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(PoolTimeout, _on_pool_timeout)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(Exception, _on_unexpected)


def _stand_guard(app: FastAPI, settings: Settings) -> None:
    """Add what every request goes through; the last added sees it first."""
    app.add_middleware(Idempotency, prefix=API, render=render_error, apart=IMPORT_PATH)
    app.add_middleware(
        RequestGuard,
        render=render_error,
        hosts=Hosts(settings.hosts, settings.public_url),
        public_url=settings.public_url,
        unlimited=IMPORT_PATH,
    )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(VisitorCookie)
    app.add_middleware(Gzip, compresslevel=GZIP_LEVEL)
    app.add_middleware(CacheRules, shared=settings.anonymous is not AnonymousAccess.NONE)
    app.add_middleware(HeadAsGet, prefix=API)
    app.add_middleware(Answers, apart=web.STATELESS)
    if settings.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.proxies)


def render_error(request: Request, error: KbError) -> Response:
    """Return the error in the form the caller speaks: problem+json or a page."""
    if request.url.path.startswith(API):
        return problem_response(error)
    return error_page(request, error)


async def _answer(request: Request, error: KbError) -> Response:
    """Return the error as `render_error` does, on a page that knows its visitor."""
    if not request.url.path.startswith(API):
        if isinstance(error, NotFound):
            return await web.not_found(request, error)
        await web.find_frame(request)
        await web.keep_form(request)
    return render_error(request, error)


async def _on_kb_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, KbError)  # noqa: S101 (registered for nothing else)
    return await _answer(request, error)


async def _on_not_modified(_request: Request, _error: Exception) -> Response:
    """Answer who has the state already; what that is, `CacheRules` adds."""
    return Response(status_code=304)


async def _on_invalid(request: Request, error: Exception) -> Response:
    """Answer for values in the path, the query or the body that do not fit the route."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors = []
    for one in error.errors():
        if one["type"] == "json_invalid":
            return await _answer(request, BadRequest("The body is not valid JSON."))
        where, *path = one["loc"]
        found = field_error(one | {"loc": tuple(path)})
        errors.append(FieldError(found.field or str(where), found.message))
    return await _answer(request, invalid(tuple(errors)))


async def _on_http_error(request: Request, error: Exception) -> Response:
    """Answer for what the framework itself refuses."""
    assert isinstance(error, HTTPException)  # noqa: S101
    if isinstance(error.__cause__, KbError):  # the framework takes any for a body it cannot read
        return await _answer(request, error.__cause__)
    known: dict[int, KbError] = {
        404: NotFound(f"There is nothing at {request.url.path}."),
        405: MethodNotAllowed(f"{request.method} is not possible here."),
    }
    response = await _answer(request, known.get(error.status_code) or BadRequest(error.detail))
    response.headers.update(error.headers or {})
    if error.status_code == MethodNotAllowed.status:
        response.headers["Allow"] = ", ".join(_methods_at(request))
    return response


def _methods_at(request: Request) -> list[str]:
    """Return the methods that the address takes; the framework names those of one route alone."""
    routes = [one for one in request.app.router.routes if not isinstance(one, Mount)]
    found = {
        method
        for method in ("GET", "HEAD", "POST")
        if any(one.matches({**request.scope, "method": method})[0] is Match.FULL for one in routes)
    }
    return sorted(found | ({"HEAD"} if "GET" in found else set())) or ["GET", "HEAD"]


async def _on_disconnect(request: Request, _error: Exception) -> Response:
    """Answer a caller who has gone in the middle of the body, for the log's sake."""
    return render_error(request, BadRequest("The request ended before its body did."))


async def _on_pool_timeout(request: Request, _error: Exception) -> Response:
    """Answer for a wait for the database that took too long."""
    return render_error(request, Busy("The server has too much to do. Try again in a moment."))


async def _on_unexpected(request: Request, _error: Exception) -> Response:
    """Answer for a fault of ours: the server logs it, the client never sees it."""
    detail = "This is a fault of ours and has been logged. Nothing was changed."
    response = render_error(request, KbError(detail))
    # This answer is made outside the middleware.
    response.headers.update(security_headers(request.scope) | {"Cache-Control": "no-store"})
    return response
