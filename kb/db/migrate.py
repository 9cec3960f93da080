"""Bring a database to the newest schema.

Alembic is loaded only where there is something to do: it would take 8 MB of every server, and a
fifth of the time in which one starts.
"""

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


def upgrade(path: Path) -> list[str]:
    """Upgrade the SQLite file at `path`, making it where it is missing.

    Returns the revisions applied, oldest first; none where it was up to date. Blocks: call it
    before the event loop runs, or in a thread.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if _revision(path) == newest():
        return []
    from kb.db.upgrading import apply_migrations  # noqa: PLC0415 (see above)

    return apply_migrations(path)


@cache
def newest() -> str:
    """Return the newest revision; each has a file named after it."""
    return max(file.name.partition("_")[0] for file in _VERSIONS.glob("[0-9]*.py"))


def _revision(path: Path) -> str | None:
    """Return the revision that the database is at; None where that cannot be read."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            found: tuple[str] | None = database.execute(
                "SELECT version_num FROM alembic_version"
            ).fetchone()
    except sqlite3.Error:
        return None
    return found[0] if found else None
