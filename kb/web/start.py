"""How to connect a terminal, an editor, a browser, a feed reader, an agent."""

from fastapi import APIRouter
from starlette.responses import Response

from kb.accounts import service as accounts
from kb.accounts.policy import Action, may
from kb.dependencies import Kb
from kb.web.frame import InFrame

router = APIRouter()


@router.api_route("/start", methods=["GET", "HEAD"])
async def start(frame: InFrame, kb: Kb) -> Response:
    """Answer with commands and settings that hold this instance's own address.

    Says nothing of what is in here, so that it is open to whoever still has to sign in.
    """
    visitor = accounts.anonymous(kb.settings.anonymous)
    return frame.page("start/index.html", base=frame.base, open=may(visitor, Action.READ))
