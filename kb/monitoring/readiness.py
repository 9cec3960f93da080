"""Whether a server can do its work now."""

import asyncio
import logging
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from kb.db import generation
from kb.runtime import Runtime

PATIENCE = 2.0
"""Seconds in which the database has to answer."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the database answers; and whether the index does, or is still being built.

    Without an index the database answers searches too, so that a server without is ready.
    """

    database: bool
    index: bool


async def readiness(runtime: Runtime) -> Readiness:
    """Return what answers now."""
    return Readiness(await _database(runtime), await runtime.search.generation() is not None)


async def _database(runtime: Runtime) -> bool:
    path = runtime.database.path
    # A file that is open answers also where it was taken away: what is written there is lost.
    if not await runtime.executor.io(path.exists):
        _log.error("The database is no longer at %s: what is written now is lost", path)
        return False
    try:
        async with asyncio.timeout(PATIENCE), runtime.database.read() as session:
            await generation.state(session)
    except (SQLAlchemyError, TimeoutError):
        _log.exception("The database does not answer")
        return False
    return True
