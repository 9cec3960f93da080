"""The audit log: sign-ins and whatever changes who may do what, or what everybody sees.

A record is written in the transaction of what it tells of, so that neither is there without the
other. Nothing secret goes into one.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from kb import clock
from kb.accounts import repository
from kb.accounts.policy import Action, Actor, require
from kb.db.database import ReadSession, WriteSession
from kb.models import AuditRecord


class Event(StrEnum):
    """What is worth a record."""

    SIGNED_IN = "signed-in"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGNED_OUT = "signed-out"
    SESSION_ENDED = "session-ended"
    LINK_CREATED = "link-created"
    ACCOUNT_CREATED = "account-created"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_ENABLED = "account-enabled"
    ROLE_CHANGED = "role-changed"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 (an event's name)
    TOKEN_CREATED = "token-created"  # noqa: S105
    TOKEN_REVOKED = "token-revoked"  # noqa: S105
    INVITATION_CREATED = "invitation-created"
    INVITATION_REVOKED = "invitation-revoked"
    SUGGESTION_ACCEPTED = "suggestion-accepted"
    SUGGESTION_REJECTED = "suggestion-rejected"
    IMPORT_BEGUN = "import-begun"
    ENTRIES_IMPORTED = "entries-imported"
    ENTRY_ARCHIVED = "entry-archived"
    ENTRY_RESTORED = "entry-restored"


def record(session: WriteSession, event: Event, by: str, about: str, **details: str | int) -> None:
    """Record that `by` did this to `about`, a person, a token, an entry or a suggestion."""
    session.add(AuditRecord(at=clock.now(), event=event, by=by, about=about, details=details))


async def records(
    session: ReadSession, actor: Actor, *, since: datetime | None = None, limit: int | None = None
) -> Sequence[AuditRecord]:
    """Return the newest records, oldest first: those `since` then, at most `limit` of them."""
    require(actor, Action.AUDIT)
    return (await repository.audit_records(session, since, limit))[::-1]
