"""`kb migrate` and `kb token`: what an administrator does."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kb.cli.running import database_faults_explained, load_settings, run

if TYPE_CHECKING:
    from kb.runtime import Runtime

tokens = typer.Typer(help="API tokens, for scripts and programs.", no_args_is_help=True)


class TokenRole(StrEnum):
    """What a token may do."""

    MEMBER = "member"
    MAINTAINER = "maintainer"
    OWNER = "owner"


def migrate() -> None:
    """Upgrade the database; `kb serve` does it by itself."""
    from kb.db.migrate import upgrade

    settings = load_settings()
    with database_faults_explained(settings):
        applied = upgrade(settings.database_path)
    for revision in applied:
        typer.echo(f"applied {revision}")
    typer.echo(f"{settings.database_path} is up to date.")


@tokens.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="What the token is for; shown as the author.")],
    role: Annotated[TokenRole, typer.Option(help="What it may do.")] = TokenRole.MEMBER,
) -> None:
    """Create an API token and print it, this once."""
    from kb.accounts import service as accounts
    from kb.accounts.policy import Role

    if not name.strip() or not name.isprintable():
        raise typer.BadParameter("must be printable and not empty", param_hint="NAME")

    async def create(runtime: "Runtime") -> str:
        async with runtime.database.write() as session:
            return await accounts.create_token(session, name.strip(), Role.named(role))

    typer.echo(run(load_settings(), create))
