"""What every page shows around its own part, and the one way in which pages are answered."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse

from kb.accounts.policy import Action, Actor, Role, may, require
from kb.dependencies import By, actor_of, base_url, runtime_of, unless_unchanged
from kb.errors import KbError
from kb.review import service as review
from kb.web.notes import forget_note, note_in
from kb.web.templates import render, version

PAGE_HEADERS = {"Vary": "Cookie, HX-Request-Type, HX-Boosted"}
"""Pages differ by visitor and by who asks: a browser, or htmx for a part of one."""


def wants_fragment(request: Request) -> bool:
    """Say whether htmx asks for the part of the page that it will swap in."""
    return request.headers.get("hx-request-type") == "partial"


def is_boosted(request: Request) -> bool:
    """Say whether htmx follows a link in place, in contrast to what it does while typing."""
    return request.headers.get("hx-boosted") == "true"


@dataclass(frozen=True, slots=True)
class Frame:
    """The page around the page. `actor` is None where an error came before anybody was known."""

    request: Request
    actor: Actor | None = None
    waiting: int = 0
    """Suggestions that wait for the visitor's review."""

    @property
    def visitor(self) -> Actor:
        """Whoever asks for the page; a route always knows."""
        assert self.actor is not None  # noqa: S101 (None only in frames made for errors)
        return self.actor

    @property
    def base(self) -> str:
        """Where callers find us, for what has to be a whole address."""
        return base_url(self.request)

    @property
    def path(self) -> str:
        """The page's address below `base`, without its query: its canonical one, if no other."""
        return quote(self.request.url.path)

    @property
    def signed_in(self) -> bool:
        """Whether the visitor has an account here."""
        return self.actor is not None and self.actor.role is not Role.ANONYMOUS

    @property
    def may_suggest(self) -> bool:
        """Whether to offer forms."""
        return self._may(Action.SUGGEST)

    @property
    def may_edit(self) -> bool:
        """Whether what the visitor sends is applied at once."""
        return self._may(Action.EDIT)

    @property
    def may_review(self) -> bool:
        """Whether to offer decisions."""
        return self._may(Action.REVIEW)

    @property
    def may_vote(self) -> bool:
        """Whether to offer votes."""
        return self._may(Action.VOTE)

    @property
    def may_report(self) -> bool:
        """Whether to ask if an entry is still true."""
        return self._may(Action.REPORT)

    @property
    def may_archive(self) -> bool:
        """Whether to offer to archive entries and to restore them."""
        return self._may(Action.ARCHIVE)

    @property
    def note(self) -> str:
        """What was done just now, in a sentence; empty where nothing was."""
        return note_in(self.request)

    def _may(self, action: Action) -> bool:
        return self.actor is not None and may(self.actor, action)

    def page(
        self, template: str, *, status: int = 200, fragment: str | None = None, **context: object
    ) -> HTMLResponse:
        """Return the page, or only its `fragment` template where htmx asks for that."""
        part = fragment if wants_fragment(self.request) else None
        html = render(part or template, {"frame": self, **context})
        response = HTMLResponse(html, status, PAGE_HEADERS)
        if part is None:
            forget_note(self.request, response)
        return response


async def _frame(request: Request, actor: By) -> Frame:
    waiting = 0
    if may(actor, Action.REVIEW):
        async with runtime_of(request).database.read() as session:
            waiting = await review.count_waiting(session, actor)
    # Not the frame, which holds the request: only the garbage collector would undo such a circle.
    request.state.framed = actor, waiting
    return Frame(request, actor, waiting)


def frame_of(request: Request) -> Frame:
    """Return the frame of an error's page, with what is known so far of who asks."""
    return Frame(request, *getattr(request.state, "framed", ()))


async def find_frame(request: Request) -> None:
    """Find out who asks, for the frame of an error's page, where no route has done so yet."""
    if hasattr(request.state, "framed"):
        return
    with suppress(KbError):  # who cannot be known sees the page all the same
        await _frame(request, await actor_of(request))


InFrame = Annotated[Frame, Depends(_frame)]
"""The frame of the page that the route answers with."""


async def _revalidated(frame: InFrame) -> Frame:
    """Have who has this page already, as it would be now, keep it.

    Raises:
        NotModified: so it is.
        NotSignedIn: they may not read here.
    """
    request, visitor = frame.request, frame.visitor
    require(visitor, Action.READ)
    # A page with a search in its address, a list or an entry found by it, shows the index, too.
    index = await runtime_of(request).search.generation() if "q" in request.query_params else ""
    if index is not None and not frame.note:  # which is said once
        who = visitor.key, visitor.role, visitor.anyone, frame.waiting
        part = wants_fragment(request), is_boosted(request)
        about = version(), *who, *part, index
        await unless_unchanged(request, *about, vary="HX-Request-Type HX-Boosted")
    return frame


Revalidated = Annotated[Frame, Depends(_revalidated)]
"""The frame of a page that shows what is in the database: who has it already gets a 304."""
