"""Whether index and database agree, and the engine is the right one, for a person to read."""

from kb.db.database import Database
from kb.entries import counts, lists
from kb.search.indexer import Indexer
from kb.settings import EngineName

OUTGROWN = 5_000
"""Entries from which on tantivy is worth installing; docs/search.md has what was measured."""


async def advice_on_engine(database: Database, engine: EngineName) -> str | None:
    """Return what to do where there are more entries than `engine` is good for, else None."""
    if engine is not EngineName.WHOOSH:
        return None
    async with database.read() as session:
        entries = await counts.count(session, counts.EVERYTHING)
    if entries < OUTGROWN:
        return None
    return (
        f"There are {entries:,} entries. From {OUTGROWN:,} on, tantivy searches at least twice as "
        "fast as Whoosh: `make tantivy` (or `pip install 'kb[tantivy]'`), then set "
        "KB_SEARCH_ENGINE=tantivy; docs/search.md has the figures."
    )


async def describe_differences(database: Database, indexer: Indexer) -> list[str]:
    """Return a line about each entry in which the index differs from the database.

    Raises:
        IndexUnavailable: there is no index to compare.
    """
    differing = await indexer.differences()
    async with database.read() as session:
        known = await lists.summaries(session, differing)
    return [
        f"{known[one].slug}: the index does not have its current revision"
        if one in known
        else f"entry {one}: in the index, and archived or not in the database"
        for one in differing
    ]
