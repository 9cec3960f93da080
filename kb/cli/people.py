"""`kb user`: who has an account, and what each of them is."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kb.cli.running import base_url, load_settings, run_as_owner

if TYPE_CHECKING:
    from kb.settings import Settings

users = typer.Typer(help="Accounts of people.", no_args_is_help=True)


MAX_NUMBER = 10**9
"""Beyond all that is ever numbered here; what is far larger, the database cannot look for."""


class AccountRole(StrEnum):
    """What somebody with an account, or a program with a token, can be."""

    MEMBER = "member"
    MAINTAINER = "maintainer"
    OWNER = "owner"


def new_name(text: str) -> str:
    """Return what somebody or some program is to be called. Raises BadParameter."""
    from kb.accounts.names import checked_name
    from kb.errors import Invalid

    try:
        return checked_name(text)
    except Invalid as error:
        raise typer.BadParameter(error.errors[0].message) from None


Name = Annotated[str, typer.Argument(help="Whose account.")]


@users.command("add")
def add(
    name: Annotated[
        str,
        typer.Argument(help="What to call them: a-z, 0-9 and . _ - between.", callback=new_name),
    ],
    role: Annotated[AccountRole, typer.Option(help="What they may do.")] = AccountRole.MEMBER,
) -> None:
    """Make an account, and print a link that signs its person in: once, within 15 minutes."""
    from kb.accounts import people
    from kb.accounts.policy import Role

    settings = load_settings()
    made = run_as_owner(
        settings, lambda session, actor: people.add(session, actor, name, Role.named(role))
    )
    secret = run_as_owner(settings, lambda session, actor: people.link(session, actor, made.name))
    typer.echo(f"{made.name} is {Role.named(made.role).one}.")
    _print_link(settings, made.name, secret)


@users.command("list")
def list_() -> None:
    """List the accounts: name, role, since when, how they sign in, and who is disabled."""
    from kb.accounts import people

    for one in run_as_owner(load_settings(), people.everybody):
        ways = [
            way for way, has in (("password", one.password_hash), ("provider", one.subject)) if has
        ]
        state = "disabled" if one.disabled_at else ", ".join(ways) or "link only"
        typer.echo(f"{one.name}\t{one.role}\t{one.created_at:%Y-%m-%d}\t{state}")


@users.command("role")
def role(
    name: Name, role: Annotated[AccountRole, typer.Argument(help="What they may do from now on.")]
) -> None:
    """Change what somebody is; their sessions and tokens follow at once."""
    from kb.accounts import people
    from kb.accounts.policy import Role

    changed = run_as_owner(
        load_settings(),
        lambda session, actor: people.set_role(session, actor, name, Role.named(role)),
    )
    typer.echo(f"{changed.name} is {Role.named(changed.role).one}.")


@users.command("disable")
def disable(name: Name) -> None:
    """Shut somebody out: sessions end, tokens no longer work; what they wrote stays."""
    from kb.accounts import people

    changed = run_as_owner(
        load_settings(), lambda session, actor: people.disable(session, actor, name)
    )
    typer.echo(f"{changed.name} is disabled.")


@users.command("enable")
def enable(name: Name) -> None:
    """Let somebody who is disabled sign in again."""
    from kb.accounts import people

    changed = run_as_owner(
        load_settings(), lambda session, actor: people.enable(session, actor, name)
    )
    typer.echo(f"{changed.name} is enabled.")


@users.command("link")
def link(name: Name) -> None:
    """Print a link that signs somebody in: once, within 15 minutes. Earlier ones become void."""
    from kb.accounts import people

    settings = load_settings()
    secret = run_as_owner(settings, lambda session, actor: people.link(session, actor, name))
    _print_link(settings, name, secret)


@users.command("invite")
def invite(
    role: Annotated[
        AccountRole, typer.Option(help="What whoever uses it becomes.")
    ] = AccountRole.MEMBER,
) -> None:
    """Print a link by which somebody new makes an account: once, within 7 days."""
    from kb.accounts import invitations
    from kb.accounts.policy import Role

    settings = load_settings()
    secret = run_as_owner(
        settings, lambda session, actor: invitations.invite(session, actor, Role.named(role))
    )
    link = f"{base_url(settings)}/join?token={secret}"
    typer.echo(f"Join as {Role.named(role).one} (once, within 7 days): {link}")


def _print_link(settings: "Settings", name: str, secret: str) -> None:
    typer.echo(
        f"Sign in as {name} (once, within 15 minutes): {base_url(settings)}/sign-in?token={secret}"
    )
