"""What programs look for at a site: crawlers, browsers that search from their bar, agents."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from kb.accounts import service as accounts
from kb.accounts.policy import Action, may
from kb.dependencies import By, Kb, Read, base_url, unless_unchanged
from kb.entries.tags import TagQuery
from kb.search.query import MAX_LENGTH
from kb.web.assets import static_url
from kb.web.redirects import see_other
from kb.web.templates import render

router = APIRouter()

MAIN_TAGS = 30
"""Tags that agents are told of."""

_DAY = {"Cache-Control": "public, max-age=86400"}


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
async def robots(request: Request, kb: Kb) -> Response:
    """Answer with what crawlers may fetch (RFC 9309); where visitors read nothing, that is none."""
    visitor = accounts.anonymous(kb.settings.anonymous)
    context = {"base": base_url(request), "readable": may(visitor, Action.READ)}
    return PlainTextResponse(render("discovery/robots.txt", context), headers=_DAY)


@router.api_route("/llms.txt", methods=["GET", "HEAD"])
async def llms(request: Request, kb: Kb, session: Read, actor: By) -> Response:
    """Answer with what this is and how an agent asks it (https://llmstxt.org)."""
    readable = may(actor, Action.READ)
    await unless_unchanged(request, readable)
    tags = (await kb.tags.find(session, actor, TagQuery()))[:MAIN_TAGS] if readable else []
    context = {"base": base_url(request), "tags": tags, "readable": readable}
    return PlainTextResponse(render("discovery/llms.txt", context))


@router.api_route("/opensearch.xml", methods=["GET", "HEAD"])
async def open_search(request: Request) -> Response:
    """Answer with how a browser searches here (OpenSearch 1.1)."""
    body = render("discovery/opensearch.xml", {"base": base_url(request)})
    media_type = "application/opensearchdescription+xml"
    return Response(body, headers=_DAY, media_type=media_type)


@router.api_route("/opensearch/suggest", methods=["GET", "HEAD"])
async def suggestions(
    kb: Kb, actor: By, q: Annotated[str, Query(max_length=MAX_LENGTH)] = ""
) -> Response:
    """Answer with completions as browsers take them: the text, and a list (OpenSearch 1.1)."""
    found = await kb.search.suggest(actor, q)
    texts = [f"tag:{one.text}" if one.kind == "tag" else one.text for one in found or ()]
    return JSONResponse([q, texts], media_type="application/x-suggestions+json")


@router.api_route("/favicon.ico", methods=["GET", "HEAD"])
async def favicon() -> Response:
    """Send whoever asks without having read a page to the icon."""
    response = see_other(static_url("favicon.ico"))
    response.headers.update(_DAY)
    return response
