"""Counting views behind the request: in memory, then many in one transaction."""

import logging
from collections import Counter

import anyio
from sqlalchemy.exc import OperationalError

from kb.db.database import Database
from kb.entries import repository
from kb.errors import Busy

FLUSH_SECONDS = 5.0

_log = logging.getLogger(__name__)


class ViewCounter:
    """Views that are not in the database yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pending: Counter[int] = Counter()

    def count(self, entry_id: int) -> None:
        """Count one view."""
        self._pending[entry_id] += 1

    def pending(self, entry_id: int) -> int:
        """Return how many views of the entry the database has yet to hear of."""
        return self._pending[entry_id]

    async def flush(self) -> None:
        """Write what was counted."""
        views, self._pending = self._pending, Counter()
        if not views:
            return
        try:
            async with self._database.write(shown=False) as session:
                await repository.add_views(session, views)
        except BaseException:
            self._pending.update(views)
            raise

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
            _log.exception("Views could not be written; they are kept for the next time")
