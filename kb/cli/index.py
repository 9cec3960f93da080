"""`kb reindex` and `kb check`: the search index and the database."""

from typing import TYPE_CHECKING

import typer

from kb.cli.running import load_settings, require_knowledge_base, run
from kb.errors import KbError

if TYPE_CHECKING:
    from kb.runtime import Runtime


def reindex() -> None:
    """Rebuild the search index from the database; a running server goes on searching meanwhile."""
    settings = load_settings()
    require_knowledge_base(settings)

    async def rebuild(runtime: "Runtime") -> None:
        await runtime.indexer.rebuild()

    run(settings, rebuild)
    typer.echo("The search index is rebuilt.")


def check() -> None:
    """Compare the search index with the database; exit with 1 where they differ.

    Says so too where there are more entries than the search engine is good for.
    """
    from kb.search.checking import advice_on_engine, describe_differences
    from kb.search.engine import IndexUnavailable

    settings = load_settings()
    require_knowledge_base(settings)

    async def compare(runtime: "Runtime") -> tuple[list[str], str | None]:
        try:
            differences = await describe_differences(runtime.database, runtime.indexer)
            return differences, await advice_on_engine(runtime.database, settings.search_engine)
        except IndexUnavailable as error:
            raise KbError(f"{error.detail} Use `kb reindex`.") from None

    differences, advice = run(settings, compare)
    if advice:
        typer.echo(advice, err=True)
    for difference in differences:
        typer.echo(difference, err=True)
    if differences:
        number = (
            "1 entry differs" if len(differences) == 1 else f"{len(differences)} entries differ"
        )
        typer.echo(f"{number}. `kb reindex` mends that.", err=True)
        raise typer.Exit(1)
    typer.echo("The search index and the database agree.")
