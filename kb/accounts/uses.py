"""When sessions and tokens were last used: noted in memory, written behind the request."""

from datetime import datetime, timedelta

from kb import clock
from kb.accounts import repository
from kb.db.batches import Batches
from kb.db.database import Database
from kb.models import ApiToken, SignIn

PRECISION = timedelta(minutes=5)
"""A use that soon after the last one known is not written: nobody needs to know it better."""

Used = type[SignIn] | type[ApiToken]


class LastUses(Batches):
    """Uses that are not in the database yet."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._pending: dict[tuple[Used, int], datetime] = {}

    def note(self, kind: Used, number: int, before: datetime | None) -> None:
        """Note that it is used now; `before` is the last use that the database knows of."""
        now = clock.now()
        if before is None or now - before >= PRECISION:
            self._pending[kind, number] = now

    async def flush(self) -> None:
        """Write what was noted."""
        uses, self._pending = self._pending, {}
        if not uses:
            return
        try:
            async with self._database.write(aside=True) as session:
                for (kind, number), at in uses.items():
                    await repository.set_last_used(session, kind, number, at)
        except BaseException:
            self._pending = uses | self._pending
            raise
