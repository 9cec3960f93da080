"""`kb import` and `kb export`."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from kb.cli.running import catch_up, load_settings, require_knowledge_base, run
from kb.errors import KbError

if TYPE_CHECKING:
    from kb.runtime import Runtime
    from kb.settings import Settings
    from kb.transfer.plan import Outcome, Status
    from kb.transfer.reading import Reader, Reject

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
    from kb.transfer.plan import Status

    settings = load_settings()
    counts = _import(settings, paths, dry_run=dry_run)
    summary = ", ".join(f"{counts[status]} {status}" for status in Status)
    typer.echo(summary + (" (dry run: nothing was written)" if dry_run else ""))
    if not dry_run:
        sys.stdout.flush()  # it holds already, and an index may take its time
        run(settings, catch_up)
    if counts[Status.REJECTED]:
        raise typer.Exit(1)


def _import(settings: "Settings", paths: list[Path], *, dry_run: bool) -> "Counter[Status]":
    """Import, showing how it goes; return how many entries became what."""
    from kb.accounts.service import local_owner
    from kb.transfer.importing import import_records
    from kb.transfer.reading import Reader

    counts: Counter[Status] = Counter()
    reader = Reader(paths)

    async def work(runtime: "Runtime") -> None:
        actor = local_owner(settings.anonymous)
        async for outcomes in import_records(
            runtime.database, runtime.executor, actor, reader, dry_run=dry_run
        ):
            counts.update(outcome.status for outcome in outcomes)
            show(outcomes)

    with _progress(reader) as show:
        run(settings, work)
    return counts


@contextmanager
def _progress(reader: "Reader") -> "Iterator[Callable[[list[Outcome]], None]]":
    """Give a function that shows rejects and progress, on a terminal a bar, on standard error."""
    from rich.console import Console
    from rich.progress import Progress

    from kb.transfer.reporting import Milestones

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("Importing", total=reader.total)
        milestones = Milestones()

        def show(outcomes: "list[Outcome]") -> None:
            for reject in (outcome.reject for outcome in outcomes if outcome.reject):
                console.print(_line_about(reject))
            for number in milestones.passed(len(outcomes)):
                console.print(f"{number} entries read")
            progress.update(task, completed=reader.done)

        yield show


def _line_about(reject: "Reject") -> str:
    """Return where it stood and why it was refused; what is in a file does not steer a terminal."""
    where = reject.file if reject.line is None else f"{reject.file}:{reject.line}"
    return "".join(
        one if one.isprintable() else ascii(one)[1:-1] for one in f"{where}: {reject.reason}"
    )


def export(
    path: Annotated[
        Path, typer.Argument(help="A folder for md, a file for ndjson; - is standard output.")
    ],
    *,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="Default: ndjson for - and *.ndjson, md for the rest."),
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="With every revision; for md in history.ndjson.")
    ] = False,
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
        number, left = _export(settings, path, format_, history=history)
    except BrokenPipeError:
        raise  # whoever reads our output has had enough
    except OSError as error:
        raise KbError(f"{path} cannot be written: {error.strerror}.") from None
    for file in left:
        typer.echo(f"{path / file}: left as it is, there is no such entry here", err=True)
    typer.echo(f"{number} entries exported to {path}", err=standard)


def _export(
    settings: "Settings", path: Path, format_: Format, *, history: bool
) -> tuple[int, list[str]]:
    """Write the entries; return how many there were, and which files are of no entry."""
    from kb.accounts.service import local_owner
    from kb.entries.records import EntryRecord
    from kb.transfer.exporting import export_records, write_ndjson
    from kb.transfer.folder import EntryFolder
    from kb.transfer.reading import HISTORY

    async def work(runtime: "Runtime") -> int:
        number, actor = 0, local_owner(settings.anonymous)
        async for records in export_records(runtime.database, actor, history=history):
            entries = [record for record in records if isinstance(record, EntryRecord)]
            number += len(entries)
            if folder:
                await runtime.executor.io(folder.write, entries)
            if file:
                await runtime.executor.io(write_ndjson, file, records)
        return number

    folder = EntryFolder(path) if format_ is Format.MD else None
    lines = path if folder is None else path / HISTORY if history else None
    with _file(lines) if lines else nullcontext() as file:
        number = run(settings, work)
    return number, folder.left if folder else []


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    """Open the file for NDJSON; an older one is replaced once the new one is whole."""
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    replaced = path.is_file() or not path.exists()  # and not a pipe, say
    written = path.with_name(f"{path.name}.part") if replaced else path
    with written.open("wb") as file:
        yield file
    if replaced:
        written.replace(path)
