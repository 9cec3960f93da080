"""`python -m bench`: measure, print a report, keep it where asked to."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import report
from bench.run import PARTS, Plan, run
from bench.writes import IMPORTED

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

SIZES = "500,5000,20000"
CLIENTS = "8,32"
QUERIES = 300
SECONDS = 0.5
STARTS = 3
WIDE = 170


def numbers(text: str) -> list[int]:
    """Return the numbers that `text` names. Raises BadParameter."""
    words = text.split(",")
    if not all(word.isdecimal() and int(word) for word in words):
        raise typer.BadParameter("must be numbers from 1 on with commas between them")
    return [int(word) for word in words]


def _parts(text: str) -> list[str]:
    words = text.split(",")
    if not set(words) <= set(PARTS):
        raise typer.BadParameter(f"must be some of {', '.join(PARTS)} with commas between them")
    return words


@app.command()
def main(
    *,
    sizes: Annotated[str, typer.Option(help="Numbers of entries.")] = SIZES,
    only: Annotated[str, typer.Option(help="Parts to measure.")] = ",".join(PARTS),
    clients: Annotated[str, typer.Option(help="Numbers of clients at a time.")] = CLIENTS,
    queries: Annotated[int, typer.Option(min=1, help="Queries to ask the engine.")] = QUERIES,
    seconds: Annotated[float, typer.Option(min=0.01, help="How long a round is.")] = SECONDS,
    imported: Annotated[int, typer.Option(min=1, help="Entries to import.")] = IMPORTED,
    starts: Annotated[int, typer.Option(min=1, help="How often a server is started.")] = STARTS,
    save: Annotated[Path | None, typer.Option(help="Folder for the report.")] = None,
) -> None:
    """Measure how fast kb is, next to yardsticks measured in the same run."""
    progress = Console(stderr=True)
    plan = Plan(numbers(sizes), _parts(only), numbers(clients), queries, seconds, imported, starts)
    found = run(plan, lambda doing: progress.print(f"… {doing}", highlight=False))
    report.show(found, Console(width=WIDE))
    if save:
        report.save(found, save)
