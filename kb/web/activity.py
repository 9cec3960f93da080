"""Who did what: the page, and the feed."""

import re
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kb.accounts.policy import Action, require
from kb.activity import service as activity
from kb.activity.events import Following
from kb.dependencies import By, Read, base_url, unless_unchanged
from kb.entries.schemas import Line, Tag
from kb.web.frame import Revalidated
from kb.web.templates import render, version

router = APIRouter()

MAX_NAME = 200

# What XML 1.0 cannot say, not even escaped (https://www.w3.org/TR/xml/#charsets).
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class ByAuthor(BaseModel):
    """Whose doings are asked for: everybody's, or one author's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    author: Annotated[Line, Field(max_length=MAX_NAME)] = ""


class ActivityQuery(ByAuthor):
    """Whose doings are asked for, and before which."""

    cursor: str = ""


class FeedQuery(ByAuthor):
    """What a feed follows."""

    tag: Tag | None = None


@router.api_route("/activity", methods=["GET", "HEAD"])
async def who_did_what(
    frame: Revalidated, session: Read, query: Annotated[ActivityQuery, Query()]
) -> Response:
    """Answer with what happened, the newest first: everything, or what one author did."""
    author, cursor = query.author, query.cursor
    found = await activity.activity(
        session, frame.visitor, Following(author or None), cursor or None
    )
    return frame.page("activity/index.html", found=found, author=author, cursor=cursor)


@router.api_route("/feed.atom", methods=["GET", "HEAD"])
async def feed(
    request: Request,
    session: Read,
    actor: By,
    query: Annotated[FeedQuery, Query()],
) -> Response:
    """Answer with what happened last, of all or of what is followed, as an Atom feed (RFC 4287)."""
    require(actor, Action.READ)
    await unless_unchanged(request, version())
    following = Following(query.author or None, query.tag)
    events, teasers = await activity.feed(session, actor, following)
    about = {"base": base_url(request), "author": query.author, "tag": query.tag}
    text = render("activity/feed.xml", {"events": events, "teasers": teasers, **about})
    body = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text).encode()
    return Response(body, media_type="application/atom+xml; charset=utf-8")
