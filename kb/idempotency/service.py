"""Carrying a request out once: whoever sends it again under its key gets the first answer.

After https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/. A request first
takes its key, in a transaction of its own. The transaction that does the work marks the key, so
that both are committed or neither is: a server killed before has done nothing, and the key is
free when its holder's time is up; one killed after leaves a mark, and nobody does the work again
(docs/decisions/0009-idempotency.md).
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from secrets import token_hex

from kb import clock
from kb.db.database import Database, PoolTimeout, WriteSession
from kb.errors import AnswerLost, Busy, InFlight, KeyReused
from kb.idempotency import repository
from kb.models import IdempotencyKey

KEPT = timedelta(hours=24)
HELD = timedelta(seconds=60)
"""How long a request has before another may take its key over, as after a server was killed."""

_TRANSIENT = {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS}

_log = logging.getLogger(__name__)
_holding: ContextVar[IdempotencyKey | None] = ContextVar("holding", default=None)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request with a key: whose, for what, and a hash of what it says and they may do."""

    actor: str
    request: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def take(database: Database, sent: Sent) -> IdempotencyKey | Answer:
    """Return the key, now held for this request; or the answer that the first one got.

    Raises:
        KeyReused: the key belongs to a request that says something else.
        InFlight: the first request is still being worked on.
        AnswerLost: it was carried out, and its answer is not known.
    """
    now = clock.now()
    async with database.write(shown=False) as session:
        await repository.forget_older(session, now - KEPT)
        held = await repository.find(session, sent.actor, sent.request, sent.key)
        if held is None:
            held = IdempotencyKey(
                actor=sent.actor,
                request=sent.request,
                key=sent.key,
                fingerprint=sent.fingerprint,
                created_at=now,
                holder=token_hex(8),
                held_until=now + HELD,
            )
            session.add(held)
            return held
        if answer := _answered(held, sent):
            return answer
        if held.held_until > now:
            raise InFlight("The first request is still being worked on. Try again in a moment.")
        if held.carried_out:
            raise AnswerLost(
                "This request was carried out before, and its answer was lost when the server "
                "stopped. Look at what there is now, and use a new key for a new request."
            )
        held.holder, held.held_until = token_hex(8), now + HELD
        return held


def _answered(held: IdempotencyKey, sent: Sent) -> Answer | None:
    if held.fingerprint != sent.fingerprint:
        raise KeyReused(
            "This Idempotency-Key was sent before, with another body or by somebody who might do "
            "other things. Use a new key for a new request, and the same key and body to send one "
            "again."
        )
    return None if held.status is None else Answer(held.status, held.headers, held.body)


@contextmanager
def holding(held: IdempotencyKey) -> Iterator[None]:
    """Have what is committed in this context marked as the work of the key's request."""
    token = _holding.set(held)
    try:
        yield
    finally:
        _holding.reset(token)


async def mark(session: WriteSession) -> None:
    """Mark the key that is held in this context as carried out by this transaction.

    Raises:
        InFlight: somebody else has taken the key over; this transaction must not be committed.
    """
    held = _holding.get()
    if held and not await repository.change(session, held, carried_out=True):
        raise InFlight("This took too long, and the same request was sent again meanwhile.")


async def settle(
    database: Database, held: IdempotencyKey, answer: Answer | None, became: str | None = None
) -> None:
    """Keep the answer for whoever sends the request again; without one, let the key go.

    An answer that another try could change is none: a fault of ours, or a caller not known or too
    fast. The work is done by now, so nothing here makes the request fail.
    """
    lasting = answer is not None and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    try:
        async with database.write(shown=False) as session:
            if answer and lasting and answer.status not in _TRANSIENT:
                about = {"status": answer.status, "headers": answer.headers, "body": answer.body}
                await repository.change(session, held, **about, became=became)
            else:
                await repository.remove_idle(session, held)
                await repository.change(session, held, held_until=clock.now())
    except (Busy, PoolTimeout):
        _log.warning("The answer to a request with a key could not be kept", exc_info=True)
