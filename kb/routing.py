"""Routes that are looked through only where the address may be one of theirs."""

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope

API = "/api/"


class ApiRoutes(APIRouter):
    """The routes below `API`, all of them.

    The framework tries one route after the other, and those of routers within routers several
    times: of an answer that is ready, that is most of the work.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether one of the routes is meant."""
        return super().matches(scope) if scope["path"].startswith(API) else (Match.NONE, {})


class PageRoutes(APIRouter):
    """Routes of which none is below `API`."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether one of the routes is meant."""
        return (Match.NONE, {}) if scope["path"].startswith(API) else super().matches(scope)
