"""The policy: what each role may do, with each setting for visitors, and to which things."""

import pytest

from kb.accounts.policy import Action, Actor, Role, Thing, may, require
from kb.errors import NotAllowed, NotSignedIn
from kb.settings import AnonymousAccess

CONTRIBUTE = "read suggest vote report"
MEMBER = f"{CONTRIBUTE} account token monitor"
MAINTAINER = f"{MEMBER} edit review archive import see_searches invite"
OWNER = f"{MAINTAINER} manage audit"
VISITOR = {
    "none": "",
    "read": "read",
    "suggest": CONTRIBUTE,
    "edit": f"{CONTRIBUTE} edit",
}
SIGNED_IN = {"anonymous": "", "member": MEMBER, "maintainer": MAINTAINER, "owner": OWNER}
IN_PERSON = {Action.ACCOUNT, Action.TOKEN, Action.INVITE, Action.MANAGE}


def actor(role: Role, *, key: str | None = None, token: bool = False) -> Actor:
    return Actor("somebody", role, AnonymousAccess.SUGGEST, key, token=token)


@pytest.mark.parametrize("anyone", AnonymousAccess)
@pytest.mark.parametrize("role", Role)
def test_the_policy_is_the_table(anyone: AnonymousAccess, role: Role) -> None:
    somebody = Actor("somebody", role, anyone)
    allowed = {action for action in Action if may(somebody, action)}
    expected = f"{VISITOR[anyone.value]} {SIGNED_IN[role.label]}".split()
    assert allowed == set(expected)


@pytest.mark.parametrize("role", Role)
def test_a_token_may_all_but_what_concerns_accounts(role: Role) -> None:
    in_person, by_token = actor(role), actor(role, token=True)
    assert {one for one in Action if may(in_person, one) and not may(by_token, one)} == {
        one for one in IN_PERSON if may(in_person, one)
    }


def test_who_has_not_signed_in_is_told_to() -> None:
    visitor = Actor("anonymous", Role.ANONYMOUS, AnonymousAccess.READ)
    with pytest.raises(NotSignedIn, match="sign in to suggest changes"):
        require(visitor, Action.SUGGEST)


def test_who_has_signed_in_is_told_what_it_takes() -> None:
    member = Actor("ann", Role.MEMBER, AnonymousAccess.READ)
    with pytest.raises(NotAllowed, match="Only a maintainer may review suggestions"):
        require(member, Action.REVIEW)


def test_a_token_is_told_to_use_a_browser() -> None:
    with pytest.raises(NotAllowed, match="A token may not manage people"):
        require(actor(Role.OWNER, token=True), Action.MANAGE)


@pytest.mark.parametrize("action", [Action.TOKEN, Action.INVITE, Action.MANAGE])
def test_nobody_gives_a_role_above_their_own(action: Action) -> None:
    for mine in Role:
        for given in Role:
            if may(actor(mine), action):
                assert may(actor(mine), action, Thing(role=given)) == (given <= mine)
            else:
                assert not may(actor(mine), action, Thing(role=given))


def test_a_suggestion_is_changed_by_its_author_alone() -> None:
    ann, bob = actor(Role.MEMBER, key="person:ann"), actor(Role.OWNER, key="person:bob")
    assert may(ann, Action.AMEND, Thing(owner="person:ann"))
    assert not may(bob, Action.AMEND, Thing(owner="person:ann"))
    with pytest.raises(NotAllowed, match="somebody else's"):
        require(bob, Action.AMEND, Thing(owner="person:ann"))
    with pytest.raises(NotSignedIn, match="use the browser in which you made"):
        require(actor(Role.ANONYMOUS), Action.AMEND, Thing(owner="person:ann"))


def test_what_belongs_to_nobody_is_nobodys() -> None:
    for one in (actor(Role.OWNER), actor(Role.OWNER, key="person:bob")):
        assert not may(one, Action.AMEND, Thing())


def test_roles_are_known_by_their_names() -> None:
    assert [Role.named(role.label) for role in Role] == list(Role)
    with pytest.raises(ValueError, match="anonymous, member, maintainer, owner"):
        Role.named("king")
