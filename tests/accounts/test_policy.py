"""The policy: what each role may do, with each setting for visitors."""

import pytest

from kb.accounts.policy import Action, Actor, Role, may, require
from kb.errors import NotAllowed, NotSignedIn
from kb.settings import AnonymousAccess

CONTRIBUTE = "read suggest vote report"
MAINTAIN = f"{CONTRIBUTE} edit review archive import see_searches"
ALLOWED = {
    ("none", "anonymous"): "",
    ("none", "member"): CONTRIBUTE,
    ("none", "maintainer"): MAINTAIN,
    ("none", "owner"): MAINTAIN,
    ("read", "anonymous"): "read",
    ("read", "member"): CONTRIBUTE,
    ("read", "maintainer"): MAINTAIN,
    ("read", "owner"): MAINTAIN,
    ("suggest", "anonymous"): CONTRIBUTE,
    ("suggest", "member"): CONTRIBUTE,
    ("suggest", "maintainer"): MAINTAIN,
    ("suggest", "owner"): MAINTAIN,
    ("edit", "anonymous"): f"{CONTRIBUTE} edit",
    ("edit", "member"): f"{CONTRIBUTE} edit",
    ("edit", "maintainer"): MAINTAIN,
    ("edit", "owner"): MAINTAIN,
}


@pytest.mark.parametrize("anyone", AnonymousAccess)
@pytest.mark.parametrize("role", Role)
def test_the_policy_is_the_table(anyone: AnonymousAccess, role: Role) -> None:
    actor = Actor("somebody", role, anyone)
    allowed = {action for action in Action if may(actor, action)}
    assert allowed == set(ALLOWED[anyone.value, role.label].split())


def test_who_has_not_signed_in_is_told_to() -> None:
    visitor = Actor("anonymous", Role.ANONYMOUS, AnonymousAccess.READ)
    with pytest.raises(NotSignedIn, match="sign in to suggest changes"):
        require(visitor, Action.SUGGEST)


def test_who_has_signed_in_is_told_what_it_takes() -> None:
    member = Actor("ann", Role.MEMBER, AnonymousAccess.READ)
    with pytest.raises(NotAllowed, match="Only a maintainer may review suggestions"):
        require(member, Action.REVIEW)


def test_roles_are_known_by_their_names() -> None:
    assert [Role.named(role.label) for role in Role] == list(Role)
    with pytest.raises(ValueError, match="anonymous, member, maintainer, owner"):
        Role.named("king")
