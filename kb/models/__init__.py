"""The tables. Importing this package registers all of them with SQLModel's metadata."""

from kb.models.account import ApiToken, Person, SignIn, SignInLink
from kb.models.entry import Entry, EntryTag
from kb.models.outbox import Outbox
from kb.models.revision import Revision, RevisionKind
from kb.models.suggestion import Suggestion, SuggestionStatus

__all__ = [
    "ApiToken",
    "Entry",
    "EntryTag",
    "Outbox",
    "Person",
    "Revision",
    "RevisionKind",
    "SignIn",
    "SignInLink",
    "Suggestion",
    "SuggestionStatus",
]
