"""The tables. Importing this package registers all of them with SQLModel's metadata."""

from kb.models.account import ApiToken, Invitation, Person, SignIn, SignInLink
from kb.models.archival import Archival
from kb.models.audit import AuditRecord
from kb.models.entry import Entry, EntryTag
from kb.models.generation import Generation
from kb.models.idempotency import IdempotencyKey
from kb.models.outbox import Outbox
from kb.models.report import Report
from kb.models.revision import Revision, RevisionKind
from kb.models.search_count import SearchCount, WantedSearch
from kb.models.spending import Spending
from kb.models.suggestion import Suggestion, SuggestionStatus
from kb.models.tally import PairTally, Tally
from kb.models.vote import Vote

__all__ = [
    "ApiToken",
    "Archival",
    "AuditRecord",
    "Entry",
    "EntryTag",
    "Generation",
    "IdempotencyKey",
    "Invitation",
    "Outbox",
    "PairTally",
    "Person",
    "Report",
    "Revision",
    "RevisionKind",
    "SearchCount",
    "SignIn",
    "SignInLink",
    "Spending",
    "Suggestion",
    "SuggestionStatus",
    "Tally",
    "Vote",
    "WantedSearch",
]
