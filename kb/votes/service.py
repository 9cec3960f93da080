"""Voting. A vote is no revision: it leaves no trace in an entry's history or dates."""

from dataclasses import dataclass

from kb.accounts.policy import Action, Actor, require
from kb.archive import service as archive
from kb.db.database import ReadSession, WriteSession
from kb.entries import repository as entries_repository
from kb.entries import service as entries
from kb.models import Entry
from kb.votes import repository
from kb.votes.schemas import VoteValue


@dataclass(frozen=True, slots=True)
class Tally:
    """An entry's net votes, and what the caller's own is among them."""

    votes: int
    mine: int


async def tally(session: ReadSession, actor: Actor, entry: Entry) -> Tally:
    """Return how the votes on the entry stand."""
    if actor.key is None:
        return Tally(entry.votes, 0)
    return Tally(entry.votes, await repository.value_of(session, entry.id, actor.key))


async def cast(session: WriteSession, actor: Actor, slug: str, value: VoteValue) -> Tally:
    """Make this the caller's vote on the entry; 0 takes it back. Voting twice the same is once.

    Raises:
        NotFound: there is no such entry.
        Archived: nobody can vote on it now.
    """
    require(actor, Action.VOTE)
    assert actor.key is not None  # noqa: S101 (doors ask for a caller who is known again)
    entry = await entries.get(session, actor, slug)
    await archive.require_live(session, entry)
    before = await repository.value_of(session, entry.id, actor.key)
    if value != before:
        await repository.put(session, entry.id, actor.key, value)
        await entries_repository.add_votes(session, entry, value - before)
    return Tally(entry.votes, value)
