"""What programs ask that watch over the server: does it live, is it ready, how does it do."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kb.accounts.policy import Action, require
from kb.dependencies import By, Kb
from kb.monitoring.metrics import CONTENT_TYPE, Metrics
from kb.monitoring.readiness import readiness

router = APIRouter()

HEALTH, READY, METRICS = WATCHED = "/healthz", "/readyz", "/metrics"

_NEVER_KEPT = {"Cache-Control": "no-store"}


@router.api_route(HEALTH, methods=["GET", "HEAD"])
async def alive() -> Response:
    """Answer: who does not, has a loop that stands still, and should be started again."""
    return JSONResponse({"status": "alive"}, headers=_NEVER_KEPT)


@router.api_route(READY, methods=["GET", "HEAD"])
async def ready(kb: Kb) -> Response:
    """Answer 200 where requests can be answered, and 503 where none should be sent here."""
    found = await readiness(kb)
    body = {
        "status": "ready" if found.database else "not ready",
        "database": "answers" if found.database else "does not answer",
        "index": "answers" if found.index else "is being built",
    }
    return JSONResponse(body, 200 if found.database else 503, headers=_NEVER_KEPT)


@router.api_route(METRICS, methods=["GET", "HEAD"])
async def metrics(request: Request, kb: Kb, actor: By) -> Response:
    """Answer with what Prometheus collects."""
    require(actor, Action.MONITOR)
    measured: Metrics = request.app.state.metrics
    text = await measured.text(kb)
    return Response(text, headers=_NEVER_KEPT | {"Content-Type": CONTENT_TYPE})
