"""The table of docs/access.md, and the routes that it has to have rows for."""

import re
from dataclasses import dataclass
from pathlib import Path

from fastapi.routing import iter_route_contexts

from kb.app import create_app
from kb.settings import Settings

DOCUMENT = Path(__file__).parents[1] / "docs" / "access.md"
_ROW = re.compile(r"^\| `([A-Z]+ /[^`]*)` \| ([a-z]+) \| ([a-z]+) \| ([a-z]+) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """Who may use a route: visitors from that setting on, people from that role on, and tokens."""

    route: str
    visitors: str
    people: str
    tokens: str


def table() -> list[Row]:
    """Return the rows in the document's order."""
    return [Row(*found) for found in _ROW.findall(DOCUMENT.read_text(encoding="utf-8"))]


def routes() -> list[str]:
    """Return `METHOD /path` of each route; HEAD is allowed whatever GET is."""
    found: list[str] = []
    for route in iter_route_contexts(create_app(Settings()).routes):
        methods: set[str] = getattr(route, "methods", None) or {"GET"}
        found += [f"{method} {route.path}" for method in methods - {"HEAD"}]
    return found
