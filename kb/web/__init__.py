"""The pages: one module a noun, each with its routes."""

from fastapi import APIRouter

from kb.web import (
    accounts,
    activity,
    archive,
    browse,
    entries,
    problems,
    reports,
    review,
    revisions,
    tags,
    votes,
)
from kb.web.assets import static_files
from kb.web.frame import find_frame
from kb.web.templates import environment as load_templates

__all__ = ["find_frame", "load_templates", "router", "static_files"]

router = APIRouter(include_in_schema=False)
for _room in (
    browse,
    entries,
    archive,
    votes,
    reports,
    revisions,
    review,
    activity,
    tags,
    accounts,
    problems,
):
    router.include_router(_room.router)
