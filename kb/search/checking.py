"""Whether index and database agree, for a person to read."""

from kb.db.database import Database
from kb.entries import repository as entries_repository
from kb.search.indexer import Indexer


async def describe_differences(database: Database, indexer: Indexer) -> list[str]:
    """Return a line about each entry in which the index differs from the database.

    Raises:
        IndexUnavailable: there is no index to compare.
    """
    differing = await indexer.differences()
    async with database.read() as session:
        known = await entries_repository.summaries(session, differing)
    return [
        f"{known[one].slug}: the index does not have its current revision"
        if one in known
        else f"entry {one}: in the index, and archived or not in the database"
        for one in differing
    ]
