"""Who may do what. Every door asks here, and nowhere else is a role compared.

Pure: knows of actors, actions and things, not of requests or tables. docs/access.md has the rules
for people to read.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum, auto

from kb.errors import FieldError, Invalid, KbError, NotAllowed, NotSignedIn
from kb.limits.callers import COMMAND_LINE, Caller
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

    @property
    def one(self) -> str:
        """Somebody of that role, in a sentence: `a member`, `an owner`."""
        return f"{'an' if self.label[0] in 'ao' else 'a'} {self.label}"


class Action(StrEnum):
    """What can be done here."""

    READ = auto()
    SUGGEST = auto()
    AMEND = auto()
    """Change or withdraw a suggestion; the thing says whose it is."""
    EDIT = auto()
    REVIEW = auto()
    VOTE = auto()
    REPORT = auto()
    ARCHIVE = auto()
    IMPORT = auto()
    """Imports say who wrote what and when: nobody who may only edit writes in another's name."""
    SEE_SEARCHES = auto()
    ACCOUNT = auto()
    """See and change one's own account: its password, sessions and tokens."""
    TOKEN = auto()
    """Make a token; the thing says for which role."""
    INVITE = auto()
    """Invite somebody; the thing says into which role."""
    MANAGE = auto()
    """Add people, change their roles, shut them out."""
    AUDIT = auto()
    MONITOR = auto()
    """See how the server does: how much is asked of it, and how long it takes."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever is behind a request: a person, a token, or nobody in particular."""

    name: str
    role: Role
    anyone: AnonymousAccess
    """What anybody may do here, signed in or not."""
    key: str | None = None
    """What tells this caller from every other; None for a visitor who is not known again."""
    person_id: int | None = None
    """Whose account it is, where there is one."""
    token: bool = False
    """Whether a program acts, with a token."""
    caller: Caller = COMMAND_LINE
    """Whom the limits count this under."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What is acted upon, as far as it decides who may."""

    owner: str | None = None
    """Whose it is: an actor's key."""
    role: Role | None = None
    """The role that somebody gets."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """From which role on, or from which setting for anybody, this may be done."""

    doing: str
    role: Role
    anyone: AnonymousAccess | None = None
    own: bool = False
    in_person: bool = False
    """Not with a token: one that leaks could make others that outlive it."""


_RULES = {
    Action.READ: _Rule("read here", Role.MEMBER, AnonymousAccess.READ),
    Action.SUGGEST: _Rule("suggest changes", Role.MEMBER, AnonymousAccess.SUGGEST),
    Action.AMEND: _Rule("change suggestions", Role.MEMBER, AnonymousAccess.SUGGEST, own=True),
    Action.EDIT: _Rule("change entries", Role.MAINTAINER, AnonymousAccess.EDIT),
    Action.REVIEW: _Rule("review suggestions", Role.MAINTAINER),
    Action.VOTE: _Rule("vote", Role.MEMBER, AnonymousAccess.SUGGEST),
    Action.REPORT: _Rule("report on entries", Role.MEMBER, AnonymousAccess.SUGGEST),
    Action.ARCHIVE: _Rule("archive entries", Role.MAINTAINER),
    Action.IMPORT: _Rule("import entries", Role.MAINTAINER),
    Action.SEE_SEARCHES: _Rule("see what was searched for", Role.MAINTAINER),
    Action.ACCOUNT: _Rule("manage an account", Role.MEMBER, in_person=True),
    Action.TOKEN: _Rule("make tokens", Role.MEMBER, in_person=True),
    Action.INVITE: _Rule("invite people", Role.MAINTAINER, in_person=True),
    Action.MANAGE: _Rule("manage people", Role.OWNER, in_person=True),
    Action.AUDIT: _Rule("read the audit log", Role.OWNER),
    # A program that collects them needs no more than this.
    Action.MONITOR: _Rule("read the metrics", Role.MEMBER),
}
_OPENNESS = list(AnonymousAccess)


def may(actor: Actor, action: Action, thing: Thing | None = None) -> bool:
    """Say whether the actor may do this, to this thing where that matters."""
    return _refusal(actor, action, thing) is None


def require(actor: Actor, action: Action, thing: Thing | None = None) -> None:
    """Do nothing where the actor may do this.

    Raises:
        NotSignedIn: nobody has signed in, and signing in could help.
        NotAllowed: the actor's role does not suffice, or the thing is somebody else's.
    """
    refusal = _refusal(actor, action, thing)
    if refusal is not None:
        raise refusal


def require_a_role(role: Role) -> None:
    """Do nothing where people and programs can have the role.

    Raises:
        Invalid: it is that of visitors.
    """
    if role is Role.ANONYMOUS:
        message = f"must be {Role.MEMBER.label} or above"
        raise Invalid(f"The role {message}.", (FieldError("role", message),))


def _refusal(actor: Actor, action: Action, thing: Thing | None) -> KbError | None:
    rule = _RULES[action]
    if actor.role < rule.role and not _is_open(rule, actor.anyone):
        if actor.role is Role.ANONYMOUS:
            return NotSignedIn(f"You have to sign in to {rule.doing}.")
        return NotAllowed(f"Only {rule.role.one} may {rule.doing}; you are {actor.role.one}.")
    if rule.in_person and actor.token:
        return NotAllowed(f"A token may not {rule.doing}. Sign in with a browser for that.")
    if thing and thing.role is not None and thing.role > actor.role:
        return NotAllowed(f"You are {actor.role.one} and cannot make anybody {thing.role.one}.")
    mine = thing is not None and actor.key is not None and actor.key == thing.owner
    if rule.own and not mine:
        return _not_yours(actor)
    return None


def _is_open(rule: _Rule, anyone: AnonymousAccess) -> bool:
    return rule.anyone is not None and _OPENNESS.index(anyone) >= _OPENNESS.index(rule.anyone)


def _not_yours(actor: Actor) -> KbError:
    if actor.role is Role.ANONYMOUS:
        return NotSignedIn(
            "This is somebody else's suggestion. If it is yours, use the browser in which you made "
            "it, or sign in."
        )
    return NotAllowed("This is somebody else's suggestion.")
