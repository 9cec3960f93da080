"""The entries that an empty knowledge base begins with."""

import logging

from kb.accounts.policy import Actor, Role
from kb.db.database import Database
from kb.entries import counts
from kb.executor import Executor
from kb.resources import folder
from kb.settings import AnonymousAccess
from kb.transfer.importing import import_records
from kb.transfer.reading import Reader

AUTHOR = "kb"

_log = logging.getLogger(__name__)


async def load_starter_entries(
    database: Database, executor: Executor, anyone: AnonymousAccess
) -> bool:
    """Import the starter entries where there are no entries at all; say whether there were none."""
    async with database.read() as session:
        if await counts.count(session, counts.EVERYTHING):
            return False
    reader = await executor.io(lambda: Reader([folder("entries")]))
    actor = Actor(AUTHOR, Role.OWNER, anyone)
    async for outcomes in import_records(database, executor, actor, reader):
        for reject in (outcome.reject for outcome in outcomes if outcome.reject):
            _log.error("Starter entry %s, line %s: %s", reject.file, reject.line, reject.reason)
    return True
