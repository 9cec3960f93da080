"""Counting views behind the request."""

from collections import Counter

from kb.db.batches import Batches
from kb.db.database import Database
from kb.entries import repository


class ViewCounter(Batches):
    """Views that are not in the database yet."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
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
            async with self._database.write(aside=True) as session:
                await repository.add_views(session, views)
        except BaseException:
            self._pending.update(views)
            raise
