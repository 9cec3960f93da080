"""`kb migrate`: what an administrator does to the data folder."""

import typer

from kb.cli.running import database_faults_explained, load_settings


def migrate() -> None:
    """Upgrade the database; `kb serve` does it by itself."""
    from kb.db.migrate import upgrade

    settings = load_settings()
    with database_faults_explained(settings):
        applied = upgrade(settings.database_path)
    for revision in applied:
        typer.echo(f"applied {revision}")
    typer.echo(f"{settings.database_path} is up to date.")
