"""The pages: one module a noun, each with its routes."""

from kb.routing import PageRoutes
from kb.web import (
    accounts,
    activity,
    api_reference,
    archive,
    browse,
    discovery,
    entries,
    monitoring,
    problems,
    reports,
    review,
    revisions,
    sign_in,
    sitemap,
    start,
    statistics,
    tags,
    votes,
)
from kb.web.assets import PREFIX, static_files
from kb.web.frame import find_frame
from kb.web.lost import not_found
from kb.web.monitoring import WATCHED
from kb.web.refused import keep_form
from kb.web.templates import environment as load_templates

__all__ = [
    "STATELESS",
    "find_frame",
    "keep_form",
    "load_templates",
    "not_found",
    "router",
    "static_files",
]

STATELESS = (*WATCHED, f"{PREFIX}/")
"""How addresses begin whose answers show nothing of the database, and do not wait for it."""

router = PageRoutes(include_in_schema=False)
_ROOMS = (
    *(monitoring, browse, entries),  # what is asked for most is tried first
    *(archive, votes, reports, revisions, review, activity, tags, statistics),
    *(start, discovery, sitemap, sign_in, accounts, problems, api_reference),
)
for _room in _ROOMS:
    router.include_router(_room.router)
