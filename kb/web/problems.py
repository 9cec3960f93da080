"""What each kind of error means: the page that the `type` of a problem leads to."""

from fastapi import APIRouter
from starlette.responses import Response

from kb.errors import NotFound, kinds
from kb.web.frame import InFrame

router = APIRouter(prefix="/problems")


@router.api_route("", methods=["GET", "HEAD"])
async def every(frame: InFrame) -> Response:
    """Answer with all kinds of error."""
    found = sorted(kinds().values(), key=lambda kind: (kind.status, kind.slug))
    return frame.page("problems/index.html", kinds=found)


@router.api_route("/{slug}", methods=["GET", "HEAD"])
async def show(frame: InFrame, slug: str) -> Response:
    """Answer with when there is such an error, and what to do then."""
    kind = kinds().get(slug)
    if kind is None:
        raise NotFound(f"There is no kind of error “{slug}”. All of them are at /problems.")
    return frame.page("problems/show.html", kind=kind)
