"""`kb user`, `kb token` and `kb audit`."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Kb

pytestmark = pytest.mark.usefixtures("migrated")


def dump(data_dir: Path) -> str:
    with closing(sqlite3.connect(data_dir / "kb.sqlite3")) as database:
        return "\n".join(database.iterdump())


def columns(listing: str) -> list[list[str]]:
    return [line.split("\t") for line in listing.splitlines()]


def test_somebody_new_gets_a_link_to_sign_in(kb: Kb, data_dir: Path) -> None:
    said, link = kb("user", "add", "Ann", "--role", "maintainer").stdout.splitlines()

    assert said == "ann is a maintainer."
    found = re.fullmatch(
        r"Sign in as ann \(once, within 15 minutes\): "
        r"http://127\.0\.0\.1:8000/sign-in\?token=([\w-]{43})",
        link,
    )
    assert found
    assert found[1] not in dump(data_dir)


def test_links_lead_to_the_public_address(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_PUBLIC_URL", "https://kb.example.org/")
    kb("user", "add", "ann")

    assert " https://kb.example.org/sign-in?token=" in kb("user", "link", "ANN").stdout
    assert " https://kb.example.org/join?token=" in kb("user", "invite").stdout


def test_people_are_listed_with_what_they_are(kb: Kb) -> None:
    kb("user", "add", "bob")
    kb("user", "add", "ann", "--role", "owner")
    kb("user", "role", "bob", "maintainer")
    kb("user", "disable", "bob")

    listed = columns(kb("user", "list").stdout)

    assert [(name, role, state) for name, role, _, state in listed] == [
        ("ann", "owner", "link only"),
        ("bob", "maintainer", "disabled"),
    ]
    assert kb("user", "enable", "bob").stdout == "bob is enabled.\n"
    assert columns(kb("user", "list").stdout)[1][3] == "link only"


@pytest.mark.parametrize("command", [("disable", "ann"), ("role", "ann", "member")])
def test_the_last_owner_stays(kb: Kb, command: tuple[str, ...]) -> None:
    kb("user", "add", "ann", "--role", "owner")
    kb("user", "add", "bob")

    result = kb("user", *command)

    assert result.exit_code == 1
    assert result.stderr == ("kb: ann is the only owner. Make somebody else an owner first.\n")
    kb("user", "role", "bob", "owner")
    assert kb("user", *command).exit_code == 0


@pytest.mark.parametrize("name", ["", " ", "-ann", "ann lee", "änn", "a" * 41, "anonymous", "kb"])
def test_a_name_that_nobody_may_have_is_a_usage_error(kb: Kb, name: str) -> None:
    for command in ("user", "add"), ("token", "create"):
        result = kb(*command, "--", name)
        assert result.exit_code == 2
        assert "may hold only a-z" in result.stderr or "is taken by kb itself" in result.stderr


@pytest.mark.parametrize("command", ["link", "disable", "enable"])
def test_who_is_not_there_is_said(kb: Kb, command: str) -> None:
    result = kb("user", command, "nobody")

    assert result.exit_code == 1
    assert "There is nobody named 'nobody'" in result.stderr


def test_who_is_disabled_gets_no_link(kb: Kb) -> None:
    kb("user", "add", "ann")
    kb("user", "disable", "ann")

    assert "`kb user enable ann` comes first" in kb("user", "link", "ann").stderr


def test_a_token_is_printed_once_and_has_the_role_asked_for(kb: Kb, data_dir: Path) -> None:
    token = kb("token", "create", "ci", "--role", "maintainer").stdout
    member = kb("token", "create", "other").stdout

    assert token.startswith("kb_")
    assert token != member
    listed = columns(kb("token", "list").stdout)
    assert [(name, whose, role, used) for _, name, whose, role, _, used in listed] == [
        ("ci", "(a program)", "maintainer", "used never"),
        ("other", "(a program)", "member", "used never"),
    ]
    assert token.strip() not in dump(data_dir)


def test_a_person_has_tokens_up_to_their_own_role(kb: Kb) -> None:
    kb("user", "add", "ann", "--role", "maintainer")
    for _ in range(2):
        kb("token", "create", "ann", "--role", "maintainer")

    refused = kb("token", "create", "ann", "--role", "owner")

    assert refused.exit_code == 1
    assert refused.stderr == "kb: The role is above what ann is: a maintainer.\n"
    assert [one[1:4] for one in columns(kb("token", "list").stdout)] == [
        ["command line, 1", "ann", "maintainer"],
        ["command line, 2", "ann", "maintainer"],
    ]


def test_who_is_disabled_gets_no_token(kb: Kb) -> None:
    kb("user", "add", "ann")
    kb("user", "disable", "ann")

    refused = kb("token", "create", "ann")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "`kb user enable ann` comes first" in refused.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("token", "revoke", "9" * 23),
        ("token", "revoke", "0"),
        ("audit", "--limit", "9" * 23),
        ("audit", "--since", "0001-01-01T00:00+14:00"),
    ],
)
def test_a_number_or_a_time_beyond_all_bounds_is_a_usage_error(
    kb: Kb, command: tuple[str, ...]
) -> None:
    kb("user", "add", "ann")
    assert kb(*command).exit_code == 2


def test_a_token_name_that_is_taken_is_refused_until_it_is_revoked(kb: Kb) -> None:
    kb("token", "create", "ci")

    result = kb("token", "create", "ci")

    assert result.exit_code == 1
    assert result.stderr == "kb: There is a token named 'ci' already; choose another name.\n"
    assert kb("user", "add", "ci").exit_code == 1
    assert kb("token", "revoke", "1").stdout == "Token 1 (ci) is revoked.\n"
    assert kb("token", "revoke", "1").exit_code == 1
    assert kb("token", "create", "ci").exit_code == 0
    assert [one[0] for one in columns(kb("token", "list").stdout)] == ["2"]


@pytest.mark.parametrize("role", ["king", "anonymous"])
def test_a_role_that_makes_no_sense_is_a_usage_error(kb: Kb, role: str) -> None:
    assert kb("token", "create", "ci", "--role", role).exit_code == 2
    assert kb("user", "add", "ann", "--role", role).exit_code == 2


def test_the_audit_log_tells_what_was_done_and_no_secret(kb: Kb) -> None:
    kb("user", "add", "ann")
    token = kb("token", "create", "ci", "--role", "maintainer").stdout.strip()
    assert kb("user", "role", "ann", "owner").stdout == "ann is an owner.\n"
    kb("token", "revoke", "1")

    shown = kb("audit").stdout

    assert [line.split("  ", 1)[1] for line in shown.splitlines()] == [
        "owner  account-created  ann  role: member",
        "owner  link-created  ann",
        "owner  token-created  1 ci  role: maintainer, days: 365",
        "owner  role-changed  ann  before: member, after: owner",
        "owner  token-revoked  1 ci",
    ]
    assert token not in shown
    (last,) = kb("audit", "--json", "--limit", "1").stdout.splitlines()
    record = json.loads(last)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record.pop("at"))
    assert record == {"by": "owner", "event": "token-revoked", "about": "1 ci", "details": {}}


def test_the_audit_log_is_shown_from_a_time_on(kb: Kb) -> None:
    kb("user", "add", "ann")

    for since in ("90m", "24h", "7d", "2001-02-03", "2001-02-03T04:05Z"):
        assert len(kb("audit", "--since", since).stdout.splitlines()) == 2
    for since in ("0m", "2101-02-03", "2101-02-03T04:05+02:00"):
        assert kb("audit", "--since", since).stdout == ""
    refused = kb("audit", "--since", "yesterday")
    assert refused.exit_code == 2
    assert "is no time" in refused.stderr


@pytest.mark.parametrize(
    "statement", ["DELETE FROM audit_record", "UPDATE audit_record SET by = ''"]
)
def test_what_the_audit_log_says_stays_said(kb: Kb, data_dir: Path, statement: str) -> None:
    kb("user", "add", "ann")
    before = kb("audit").stdout

    with (
        closing(sqlite3.connect(data_dir / "kb.sqlite3")) as database,
        pytest.raises(sqlite3.IntegrityError, match="append only"),
    ):
        database.execute(statement)

    assert kb("audit").stdout == before
