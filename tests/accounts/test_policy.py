"""The policy: what each role may do, with each setting for visitors."""

import pytest

from kb.accounts.policy import Action, Actor, Role, may, require
from kb.errors import NotAllowed, NotSignedIn
from kb.settings import AnonymousAccess

ALLOWED = {
    ("none", "anonymous"): "",
    ("none", "member"): "read suggest",
    ("none", "maintainer"): "read suggest edit review",
    ("none", "owner"): "read suggest edit review",
    ("read", "anonymous"): "read",
    ("read", "member"): "read suggest",
    ("read", "maintainer"): "read suggest edit review",
    ("read", "owner"): "read suggest edit review",
    ("suggest", "anonymous"): "read suggest",
    ("suggest", "member"): "read suggest",
    ("suggest", "maintainer"): "read suggest edit review",
    ("suggest", "owner"): "read suggest edit review",
    ("edit", "anonymous"): "read suggest edit",
    ("edit", "member"): "read suggest edit",
    ("edit", "maintainer"): "read suggest edit review",
    ("edit", "owner"): "read suggest edit review",
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
