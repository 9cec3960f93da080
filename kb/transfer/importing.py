"""Records into the knowledge base, by slug: created, updated, unchanged, or rejected."""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence

import anyio
from sqlalchemy.exc import OperationalError

from kb import clock
from kb.accounts import audit
from kb.accounts.audit import Event
from kb.accounts.policy import Action, Actor, require
from kb.db.database import Database, WriteSession
from kb.executor import Executor
from kb.transfer.known import look_up
from kb.transfer.plan import Group, Known, Outcome, Plan, Status
from kb.transfer.reading import Item, Reader, Reject
from kb.transfer.writing import write

BATCH = 100
"""Records a write transaction takes in: other writers wait for no more than that."""

_log = logging.getLogger(__name__)


def import_records(
    database: Database, executor: Executor, actor: Actor, reader: Reader, *, dry_run: bool = False
) -> AsyncIterator[list[Outcome]]:
    """Take in what the reader reads; yield what became of each batch once it is committed.

    A dry run yields the same and writes nothing, so that no other writer has to wait.

    Raises:
        NotSignedIn, NotAllowed: the actor may not import.
        OperationalError: the database refuses to be written. The batches yielded are in it.
        Busy: others kept it from being written for too long; the same.
    """
    require(actor, Action.IMPORT)
    take_in = _rehearse if dry_run else _import
    return take_in(database, executor, actor, reader)


async def _import(
    database: Database, executor: Executor, actor: Actor, reader: Reader
) -> AsyncIterator[list[Outcome]]:
    group: Group | None = None
    counts = Counter[Status]()
    try:
        while items := await executor.io(reader.take, BATCH):
            # Whoever asked for it may hang up at any time, but not in the middle of a commit.
            with anyio.CancelScope(shield=True):
                async with database.write() as session:
                    outcomes, group = await _take_in(session, actor, items, group)
                    then = counts + Counter(outcome.status for outcome in outcomes)
                    if _changed(then) and not _changed(counts):
                        # The end, with the numbers, may never come: a server can be killed.
                        audit.record(session, Event.IMPORT_BEGUN, actor.name, "entries")
            counts = then
            yield outcomes
    finally:
        with anyio.CancelScope(shield=True):
            await _record(database, actor, counts)


def _changed(counts: Counter[Status]) -> int:
    return counts[Status.CREATED] + counts[Status.UPDATED]


async def _record(database: Database, actor: Actor, counts: Counter[Status]) -> None:
    """Record what an import has changed, however it ended."""
    if changed := _changed(counts):
        numbers = {status.value: counts[status] for status in Status}
        async with database.write(shown=False) as session:
            about = f"{changed} {'entry' if changed == 1 else 'entries'}"
            audit.record(session, Event.ENTRIES_IMPORTED, actor.name, about, **numbers)


async def _rehearse(
    database: Database, executor: Executor, actor: Actor, reader: Reader
) -> AsyncIterator[list[Outcome]]:
    known, group = Known(), None
    while items := await executor.io(reader.take, BATCH):
        async with database.read() as session:
            await look_up(session, items, known)
        plan = Plan(actor, clock.now(), known, group)
        yield plan.take(items)
        group = plan.group


async def _take_in(
    session: WriteSession, actor: Actor, items: Sequence[Item], group: Group | None
) -> tuple[list[Outcome], Group | None]:
    """Write the items all together, or one by one where one of them is in the way."""
    try:
        return await _together(session, actor, items, group)
    except OperationalError:
        raise  # the database itself is in trouble: single records would fare no better
    except Exception as error:  # noqa: BLE001 (which record it was is found out, and logged, below)
        _log.info("Importing records one by one after %s", type(error).__name__)
    outcomes = []
    for item in items:
        found, group = await _alone(session, actor, item, group)
        outcomes += found
    return outcomes, group


async def _alone(
    session: WriteSession, actor: Actor, item: Item, group: Group | None
) -> tuple[list[Outcome], Group | None]:
    try:
        return await _together(session, actor, [item], group)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 (logged and told; its savepoint is rolled back)
        _log.exception("A record could not be imported")
        reason = f"an unexpected {type(error).__name__}, which has been logged: {error}"
        return [Outcome(Status.REJECTED, Reject(item.file, item.line, reason))], group


async def _together(
    session: WriteSession, actor: Actor, items: Sequence[Item], group: Group | None
) -> tuple[list[Outcome], Group | None]:
    known = Known()
    async with session.begin_nested():
        await look_up(session, items, known)
        plan = Plan(actor, clock.now(), known, group)
        outcomes = plan.take(items)
        await write(session, actor, plan.writes, known)
    return outcomes, plan.group
