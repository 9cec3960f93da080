"""`kb import` and `kb export`."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from kb.cli.running import catch_up, load_settings, require_knowledge_base, run
from kb.errors import KbError

if TYPE_CHECKING:
    from kb.runtime import Runtime
    from kb.settings import Settings
    from kb.transfer.importing import Outcome, Status
    from kb.transfer.reading import Reader

STANDARD_OUTPUT = Path("-")


class Format(StrEnum):
    """How entries are written."""

    MD = "md"
    NDJSON = "ndjson"


def import_(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Entry files, folders of them, .ndjson or .json files.", metavar="PATH…"
        ),
    ],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")
    ] = False,
) -> None:
    """Import entries: by slug, each is created, updated, unchanged or rejected.

    Exits with 1 if any was rejected; the good ones are kept.
    """
    from kb.transfer.importing import Status

    counts = _import(load_settings(), paths, dry_run=dry_run)
    summary = ", ".join(f"{counts[status]} {status}" for status in Status)
    typer.echo(summary + (" (dry run: nothing was written)" if dry_run else ""))
    if counts[Status.REJECTED]:
        raise typer.Exit(1)


def _import(settings: "Settings", paths: list[Path], *, dry_run: bool) -> "Counter[Status]":
    from kb.accounts.service import local_owner
    from kb.transfer.importing import import_records, rehearse
    from kb.transfer.reading import Reader

    counts: Counter[Status] = Counter()
    take_in = rehearse if dry_run else import_records
    reader = Reader(paths)

    async def work(runtime: "Runtime") -> None:
        actor = local_owner(settings.anonymous)
        async for outcomes in take_in(runtime.database, runtime.executor, actor, reader):
            counts.update(outcome.status for outcome in outcomes)
            show(outcomes)
        if not dry_run:
            await catch_up(runtime)

    with _progress(reader) as show:
        run(settings, work)
    return counts


@contextmanager
def _progress(reader: "Reader") -> "Iterator[Callable[[list[Outcome]], None]]":
    """Give a function that shows rejects, and on a terminal a bar, on standard error."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("Importing", total=reader.total)

        def show(outcomes: "list[Outcome]") -> None:
            for reject in (outcome.reject for outcome in outcomes if outcome.reject):
                where = reject.file if reject.line is None else f"{reject.file}:{reject.line}"
                console.print(f"{where}: {reject.reason}")
            progress.update(task, completed=reader.done)

        yield show


def export(
    path: Annotated[
        Path, typer.Argument(help="A folder for md, a file for ndjson; - is standard output.")
    ],
    *,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="Default: ndjson for - and *.ndjson, md for the rest."),
    ] = None,
) -> None:
    """Export every entry: what is needed to build the knowledge base again."""
    standard = path == STANDARD_OUTPUT
    if format_ is None:
        format_ = Format.NDJSON if standard or path.suffix == ".ndjson" else Format.MD
    if standard and format_ is Format.MD:
        raise typer.BadParameter("entry files need a folder; use --format ndjson for -")
    settings = load_settings()
    require_knowledge_base(settings)
    try:
        number = _export(settings, path, format_)
    except BrokenPipeError:
        raise  # whoever reads our output has had enough
    except OSError as error:
        raise KbError(f"{path} cannot be written: {error.strerror}.") from None
    typer.echo(f"{number} entries exported to {path}", err=standard)


def _export(settings: "Settings", path: Path, format_: Format) -> int:
    """Write the entries; return how many there were."""
    from kb.accounts.service import local_owner
    from kb.transfer.exporting import export_records, write_entry_files, write_ndjson

    async def work(runtime: "Runtime") -> int:
        number = 0
        async with runtime.database.read() as session:
            async for records in export_records(session, local_owner(settings.anonymous)):
                if format_ is Format.MD:
                    await runtime.executor.io(write_entry_files, path, records)
                else:
                    await runtime.executor.io(write_ndjson, file, records)
                number += len(records)
        return number

    if format_ is Format.MD:
        path.mkdir(parents=True, exist_ok=True)
    with _file(path, format_) as file:
        return run(settings, work)


@contextmanager
def _file(path: Path, format_: Format) -> Iterator[BinaryIO]:
    """Open the file for NDJSON; an older one is replaced once the new one is whole."""
    if path == STANDARD_OUTPUT or format_ is Format.MD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    replaced = path.is_file() or not path.exists()  # and not a pipe, say
    written = path.with_name(f"{path.name}.part") if replaced else path
    with written.open("wb") as file:
        yield file
    if replaced:
        written.replace(path)
