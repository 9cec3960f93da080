"""What is counted behind requests: in memory, and then many at once in one transaction.

What was counted since the last time is lost where a process is killed outright.
"""

import logging
from abc import ABC, abstractmethod

import anyio
from sqlalchemy.exc import OperationalError

from kb.db.database import Database
from kb.errors import Busy

FLUSH_SECONDS = 5.0

_log = logging.getLogger(__name__)


class Batches(ABC):
    """Counts that the database has yet to hear of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @abstractmethod
    async def flush(self) -> None:
        """Write what was counted; where that fails, keep it."""

    async def run(self) -> None:
        """Flush from time to time until cancelled, and then once more."""
        try:
            while True:
                await anyio.sleep(FLUSH_SECONDS)
                await self._try_flush()
        finally:
            with anyio.CancelScope(shield=True):
                await self._try_flush()

    async def _try_flush(self) -> None:
        try:
            await self.flush()
        except (OperationalError, Busy):
            _log.exception("Counts could not be written; they are kept for the next time")
