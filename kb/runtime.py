"""Everything that has to be opened and closed, once, in order."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass

from filelock import FileLock

from kb.accounts.provider import Provider, open_provider
from kb.accounts.uses import LastUses
from kb.content.renderer import Renderer
from kb.db.database import Database
from kb.db.migrate import upgrade
from kb.entries.facets import FacetCounts
from kb.entries.tags import TagCounts
from kb.entries.views import ViewCounter
from kb.executor import Executor
from kb.idempotency import service as idempotency
from kb.limits.service import Limits
from kb.search.engines import modules_of, open_engine
from kb.search.indexer import Indexer
from kb.search.service import SearchService
from kb.settings import Settings
from kb.statistics.searches import SearchLog
from kb.statistics.service import StatisticsService

_log = logging.getLogger(__name__)

WORK = (
    "kb.content.markdown",
    "kb.revisions.merge",
    "kb.screening.detectors",
    "kb.screening.screen",
    "kb.search.showing",
)
"""What worker processes do, beside the engine's: imported once, for all of them."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What requests, commands and tests work with."""

    settings: Settings
    database: Database
    executor: Executor
    renderer: Renderer
    indexer: Indexer
    search: SearchService
    views: ViewCounter
    tags: TagCounts
    facets: FacetCounts
    searches: SearchLog
    statistics: StatisticsService
    uses: LastUses
    limits: Limits
    provider: Provider | None
    """Who vouches for people, where one is set."""


@asynccontextmanager
async def open_runtime(settings: Settings, *, processes: int = 2) -> AsyncIterator[Runtime]:
    """Open a runtime on the data folder, migrated where it has to be.

    `processes` bounds the workers for CPU-bound work; 0 runs it in threads, which suits a
    command that has nothing else to do and does not want to wait for processes to start.
    """
    modules = (*WORK, *modules_of(settings.search_engine))
    async with Executor(processes, modules=modules) as executor:
        await executor.io(upgrade, settings.database_path)
        database = await executor.io(Database, settings.database_path)
        try:
            provider = await executor.io(open_provider, settings)
            yield _on(settings, executor, database, provider)
        finally:
            await database.dispose()


def _on(
    settings: Settings, executor: Executor, database: Database, provider: Provider | None
) -> Runtime:
    """Return the runtime on what is open."""
    engine = open_engine(settings.search_engine, settings.index_dir, executor)
    lock = FileLock(settings.data_dir / "indexer.lock", thread_local=False)
    indexer = Indexer(database, engine, executor, lock)
    database.before_commit.append(idempotency.mark)
    database.after_commit.append(indexer.nudge)
    limits = Limits(database, settings)
    return Runtime(
        settings=settings,
        database=database,
        executor=executor,
        renderer=Renderer(executor),
        indexer=indexer,
        search=SearchService(engine, executor, limits, database, indexer.suspect),
        views=ViewCounter(database),
        tags=TagCounts(database),
        facets=FacetCounts(database),
        searches=SearchLog(database),
        statistics=StatisticsService(),
        uses=LastUses(database),
        limits=limits,
        provider=provider,
    )


@asynccontextmanager
async def in_background(
    runtime: Runtime, *more: Coroutine[None, None, None]
) -> AsyncIterator[None]:
    """Keep the index in step, write what is counted, and do `more`, while the context lasts."""
    jobs: list[Coroutine[None, None, None]] = [
        runtime.indexer.run(),
        runtime.views.run(),
        runtime.searches.run(),
        runtime.uses.run(),
        runtime.limits.run(),
        *more,
    ]
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                _log.error("A background task had failed", exc_info=ended)
