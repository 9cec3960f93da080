"""Who may do what. Every door asks here, and nowhere else is a role compared.

Pure: knows of actors and actions, not of requests or tables.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum, auto

from kb.errors import NotAllowed, NotSignedIn
from kb.settings import AnonymousAccess


class Role(IntEnum):
    """What a person is here; each may do what the ones before may."""

    ANONYMOUS = 0
    MEMBER = 1
    MAINTAINER = 2
    OWNER = 3

    @classmethod
    def named(cls, name: str) -> "Role":
        """Return the role of that name.

        Raises:
            ValueError: there is none.
        """
        try:
            return cls[name.upper()]
        except KeyError:
            names = ", ".join(role.label for role in cls)
            raise ValueError(f"{name!r} is not a role; the roles are {names}") from None

    @property
    def label(self) -> str:
        """The role's name, as people write it."""
        return self.name.lower()


class Action(StrEnum):
    """What can be done here."""

    READ = auto()
    SUGGEST = auto()
    EDIT = auto()
    REVIEW = auto()
    VOTE = auto()
    REPORT = auto()
    ARCHIVE = auto()
    IMPORT = auto()
    """Imports say who wrote what and when: nobody who may only edit writes in another's name."""
    SEE_SEARCHES = auto()


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever is behind a request: a person, a token, or nobody in particular."""

    name: str
    role: Role
    anyone: AnonymousAccess
    """What anybody may do here, signed in or not."""
    key: str | None = None
    """What tells this caller from every other; None for a visitor who is not known again."""


_NEEDED_ROLE = {
    Action.READ: Role.MEMBER,
    Action.SUGGEST: Role.MEMBER,
    Action.EDIT: Role.MAINTAINER,
    Action.REVIEW: Role.MAINTAINER,
    Action.VOTE: Role.MEMBER,
    Action.REPORT: Role.MEMBER,
    Action.ARCHIVE: Role.MAINTAINER,
    Action.IMPORT: Role.MAINTAINER,
    Action.SEE_SEARCHES: Role.MAINTAINER,
}
_CONTRIBUTE = frozenset({Action.READ, Action.SUGGEST, Action.VOTE, Action.REPORT})
_ANYONE_MAY: dict[AnonymousAccess, frozenset[Action]] = {
    AnonymousAccess.NONE: frozenset(),
    AnonymousAccess.READ: frozenset({Action.READ}),
    AnonymousAccess.SUGGEST: _CONTRIBUTE,
    AnonymousAccess.EDIT: _CONTRIBUTE | {Action.EDIT},
}
_DOING = {
    Action.READ: "read here",
    Action.SUGGEST: "suggest changes",
    Action.EDIT: "change entries",
    Action.REVIEW: "review suggestions",
    Action.VOTE: "vote",
    Action.REPORT: "report on entries",
    Action.ARCHIVE: "archive entries",
    Action.IMPORT: "import entries",
    Action.SEE_SEARCHES: "see what was searched for",
}


def may(actor: Actor, action: Action) -> bool:
    """Say whether the actor may do this."""
    return actor.role >= _NEEDED_ROLE[action] or action in _ANYONE_MAY[actor.anyone]


def require(actor: Actor, action: Action) -> None:
    """Do nothing where the actor may do this.

    Raises:
        NotSignedIn: nobody has signed in, and signing in could help.
        NotAllowed: the actor's role does not suffice.
    """
    if may(actor, action):
        return
    if actor.role is Role.ANONYMOUS:
        raise NotSignedIn(f"You have to sign in to {_DOING[action]}.")
    needed = _NEEDED_ROLE[action].label
    raise NotAllowed(f"Only a {needed} may {_DOING[action]}; you are a {actor.role.label}.")
