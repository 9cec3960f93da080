"""Static files: addresses that change with the content, so that browsers may keep them."""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from kb.resources import folder

PREFIX = "/static"
_FOREVER = "public, max-age=31536000, immutable"
_SHORTLY = "public, max-age=300"
_DIGITS = 12


class VersionedFiles(StaticFiles):
    """Static files; those asked for by their current version may be kept for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, or what StaticFiles says in its place, with Cache-Control."""
        response = await super().get_response(path, scope)
        if response.status_code in {200, 206, 304}:
            wanted = scope["query_string"].decode("latin-1")
            current = wanted == f"v={versions().get(path)}"
            response.headers["Cache-Control"] = _FOREVER if current else _SHORTLY
        return response


@cache
def versions() -> dict[str, str]:
    """Return a short hash of each static file, by its path below the folder.

    Reads every file the first time: to be called before the server answers.
    """
    top = folder("static")
    files = sorted(path for path in top.rglob("*") if path.is_file())
    return {path.relative_to(top).as_posix(): _version(path) for path in files}


def static_url(path: str) -> str:
    """Return the address of a static file. Raises KeyError where there is no such file."""
    return f"{PREFIX}/{path}?v={versions()[path]}"


def static_files() -> StaticFiles:
    """Return the app that serves the static files; what has to be read for that is read now."""
    versions()
    mimetypes.init()
    return VersionedFiles(directory=folder("static"))


def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGITS]
