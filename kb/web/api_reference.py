"""The API's documentation, made from its OpenAPI description."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from kb.content.reference import Reference, reference_of
from kb.dependencies import Kb, base_url
from kb.web.frame import InFrame

router = APIRouter(prefix="/docs")


@router.api_route("", methods=["GET", "HEAD"])
async def show(request: Request, frame: InFrame, kb: Kb) -> Response:
    """Answer with every call: what it takes, what it gives, and a command to try it with."""
    app = request.app
    reference: Reference | None = getattr(app.state, "reference", None)
    if reference is None:
        reference = app.state.reference = await kb.executor.cpu(reference_of, app.openapi())
    base = base_url(request)
    return frame.page("docs/index.html", reference=reference, api=f"{base}/api/v1")
