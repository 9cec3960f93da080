"""Short forms that were refused: the error's page has them again, with what was typed."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

from kb.errors import KbError
from kb.web.forms import read_form

_SHORT = re.compile(r"(/(entries)/[^/]+|/(review)/[0-9]+)/(?:vote|reports|archive|reject)")
_BACK = {"entries": "Back to the entry", "review": "Back to the suggestion"}
_TYPED = {"version": "Version", "note": "Note", "reason": "Reason"}
_CHOSEN = ("value", "holds")


@dataclass(frozen=True, slots=True)
class RefusedForm:
    """What was sent: where to, what was typed, and what was chosen."""

    action: str
    typed: Mapping[str, str]
    chosen: Mapping[str, str]
    back: tuple[str, str]

    @property
    def labels(self) -> Mapping[str, str]:
        """What the fields are called."""
        return _TYPED


async def keep_form(request: Request) -> None:
    """Keep a short form in the request's state as `refused`, for the page of its error."""
    path = request.url.path
    found = _SHORT.fullmatch(path)
    if request.method != "POST" or not found:
        return
    with suppress(KbError, ClientDisconnect):  # what cannot be read cannot be sent again
        form = await read_form(request)
        typed = {name: form.one(name) for name in _TYPED if form.many(name)}
        chosen = {name: form.one(name) for name in _CHOSEN if form.many(name)}
        back = found[1], _BACK[found[2] or found[3]]
        request.state.refused = RefusedForm(path, typed, chosen, back)
