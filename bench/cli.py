"""`python -m bench`: measure, print a report, keep it where asked to."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import report, search

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

SIZES = "500,2000,5000,20000"
CLIENTS = "1,32"
QUERIES = 300


def _numbers(text: str) -> list[int]:
    words = text.split(",")
    if not all(word.isdecimal() and int(word) for word in words):
        raise typer.BadParameter("must be numbers from 1 on with commas between them")
    return [int(word) for word in words]


@app.command()
def main(
    *,
    sizes: Annotated[str, typer.Option(help="Numbers of entries.")] = SIZES,
    clients: Annotated[str, typer.Option(help="Numbers of clients at a time.")] = CLIENTS,
    queries: Annotated[int, typer.Option(min=1, help="Queries to ask.")] = QUERIES,
    save: Annotated[Path | None, typer.Option(help="Folder for the report.")] = None,
) -> None:
    """Measure search: in the engine, over HTTP, and next to SQLite's FTS5, in one run."""
    progress = Console(stderr=True)
    found = search.run(
        _numbers(sizes), queries, _numbers(clients), lambda doing: progress.print(f"… {doing}")
    )
    report.show(found, Console())
    if save:
        report.save(found, save)
