"""`kb token`: credentials for scripts and programs."""

from typing import Annotated

import typer

from kb.cli.people import MAX_NUMBER, AccountRole, new_name
from kb.cli.running import load_settings, run_as_owner

tokens = typer.Typer(help="API tokens, for scripts and programs.", no_args_is_help=True)


@tokens.command("create")
def create(
    name: Annotated[
        str,
        typer.Argument(
            help="Who acts with it: a person's account, or a program's own name.",
            callback=new_name,
        ),
    ],
    role: Annotated[AccountRole, typer.Option(help="What it may do.")] = AccountRole.MEMBER,
    days: Annotated[int, typer.Option(help="How long it is good for.")] = 365,
) -> None:
    """Create an API token and print it, this once."""
    from kb.accounts import tokens as service
    from kb.accounts.policy import Role

    new = service.NewToken(name, Role.named(role), days)
    secret = run_as_owner(
        load_settings(),
        lambda session, actor: service.create_for(session, actor, new),
    )
    typer.echo(secret)


@tokens.command("list")
def list_() -> None:
    """List the tokens: number, name, whose, role, until when, last used. Never what they are."""
    from kb.accounts import tokens as service

    for token, person in run_as_owner(load_settings(), service.all_tokens):
        used = f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never"
        typer.echo(
            f"{token.id}\t{token.name}\t{person.name if person else '(a program)'}\t{token.role}\t"
            f"until {token.expires_at:%Y-%m-%d}\tused {used}"
        )


@tokens.command("revoke")
def revoke(
    number: Annotated[
        int, typer.Argument(min=1, max=MAX_NUMBER, help="The token's number in `kb token list`.")
    ],
) -> None:
    """Make a token void, at once and for good."""
    from kb.accounts import tokens as service

    revoked = run_as_owner(
        load_settings(), lambda session, actor: service.revoke_any(session, actor, number)
    )
    typer.echo(f"Token {revoked.id} ({revoked.name}) is revoked.")
