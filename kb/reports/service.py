"""Reporting whether an entry is still true, and finding what wants looking after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from kb import clock
from kb.accounts.policy import Action, Actor, require
from kb.archive import service as archive
from kb.db.database import Database, ReadSession
from kb.entries import service as entries
from kb.executor import Executor
from kb.models import Entry, Report
from kb.reports import repository
from kb.reports.schemas import NewReport
from kb.screening.remarks import require_fit

CONFIRMATION_LASTS = timedelta(days=365)
OFFERED = 20
"""Entries of each kind that are offered to whoever has time to look after them."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Entries that want looking after, at most `OFFERED` of each kind."""

    doubted: Sequence[Row[Any]]
    """Reported to be no longer true since they were last revised."""
    unconfirmed: Sequence[Row[Any]]
    """Neither revised nor found true for a year."""
    unsolved: Sequence[Row[Any]]


async def report(
    database: Database, executor: Executor, actor: Actor, slug: str, new: NewReport
) -> Report:
    """Keep what somebody says of the entry's current revision.

    Raises:
        Invalid: it holds what must not stand unseen.
        NotFound: there is no such entry.
        Archived: it does not claim to be true any more.
    """
    require(actor, Action.REPORT)
    await require_fit(executor, version=new.version, note=new.note)
    async with database.write() as session:
        entry = await entries.get(session, actor, slug)
        await archive.require_live(session, entry)
        made = Report(
            entry_id=entry.id,
            revision=entry.revision,
            author=actor.name,
            created_at=clock.now(),
            **new.model_dump(),
        )
        session.add(made)
    return made


async def newest(session: ReadSession, actor: Actor, entry: Entry, limit: int) -> Sequence[Report]:
    """Return the newest reports on the entry, the newest first."""
    require(actor, Action.READ)
    return await repository.newest(session, entry.id, limit)


async def upkeep(session: ReadSession, actor: Actor) -> Upkeep:
    """Return the entries that want looking after."""
    require(actor, Action.READ)
    return Upkeep(
        doubted=await repository.doubted(session, OFFERED),
        unconfirmed=await repository.unconfirmed(
            session, clock.now() - CONFIRMATION_LASTS, OFFERED
        ),
        unsolved=await repository.unsolved(session, OFFERED),
    )
