"""Everything out and everything in, as lines of JSON that nobody has to hold all of."""

import json
import logging
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, BinaryIO, cast

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import StreamingResponse

from kb.accounts.policy import Action, require
from kb.api.problems import problem_of, problems
from kb.api.queries import ExportQuery, ImportQuery
from kb.api.transfer_schemas import (
    EXPORTED,
    ExportedEntry,
    Failure,
    ImportFault,
    ImportProgress,
    ImportSummary,
    ReportLine,
)
from kb.db.database import PoolTimeout
from kb.dependencies import By, Changing, Kb
from kb.errors import Busy, KbError, TooLarge, UnsupportedMedia
from kb.executor import Executor
from kb.transfer.exporting import export_records, to_ndjson
from kb.transfer.history import Record, RevisionRecord
from kb.transfer.importing import import_records
from kb.transfer.plan import Outcome, Status
from kb.transfer.reading import Reader, Reject
from kb.transfer.reporting import Milestones

NDJSON = "application/x-ndjson"
IMPORT_PATH = "/api/v1/import"
"""Where bodies have a limit of their own, and a key that makes a retry safe is not needed."""

MAX_NAME = 100
"""Characters of a field's name that a report repeats: it may be anything that was sent."""

_TYPES = frozenset({NDJSON, "application/ndjson", "application/jsonl"})
_MB = 1024 * 1024
_BODY = {"required": True, "content": {NDJSON: {"schema": {"$ref": EXPORTED}}}}

_log = logging.getLogger(__name__)

router = APIRouter(tags=["transfer"])


@router.get("/export", response_model=ExportedEntry | RevisionRecord)
async def export_entries(
    kb: Kb, actor: By, query: Annotated[ExportQuery, Query()]
) -> StreamingResponse:
    """Export every entry, a line each, the oldest first.

    An export that fails on its way ends with a line that has `error`.
    """
    records = export_records(kb.database, actor, history=query.history)
    headers = {"Content-Disposition": 'attachment; filename="kb-entries.ndjson"'}
    return StreamingResponse(_whole(_lines(kb.executor, records)), 200, headers, NDJSON)


async def _body(request: Request, kb: Kb, actor: By) -> AsyncIterator[BinaryIO]:
    """Receive the body into a file that goes with the request.

    Whole before the first line of the answer: most clients read none before they have sent
    everything, and both would wait for each other once a long report has filled the sockets.
    """
    require(actor, Action.IMPORT)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _TYPES:
        raise UnsupportedMedia(f"Send lines of JSON as {NDJSON}. Nothing was changed.")
    limit, size, io = kb.settings.import_limit_mb, 0, kb.executor.io
    file = await io(_temporary, kb.settings.data_dir)
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit * _MB:
                raise TooLarge(f"An import may have at most {limit:,} MB. Nothing was changed.")
            await io(file.write, chunk)
        await io(file.seek, 0)
        yield file
    finally:
        await io(file.close)


def _temporary(folder: Path) -> BinaryIO:
    """Return a file that has no name; not in the system's folder, which may be in memory."""
    return cast("BinaryIO", TemporaryFile(dir=folder))


@router.post(
    "/import",
    dependencies=[Changing],
    response_model=ReportLine,
    responses=problems(TooLarge, UnsupportedMedia),
    openapi_extra={"requestBody": _BODY},
)
async def import_entries(
    kb: Kb,
    actor: By,
    body: Annotated[BinaryIO, Depends(_body)],
    query: Annotated[ImportQuery, Query()],
) -> StreamingResponse:
    """Import entries, a line each, and report on it line by line; for maintainers.

    What a line says is committed already: good lines stand, whatever becomes of the others.
    """
    reader = Reader([body])
    outcomes = import_records(kb.database, kb.executor, actor, reader, dry_run=query.dry_run)
    report = _whole(_report(outcomes, dry_run=query.dry_run))
    return StreamingResponse(report, media_type=NDJSON)


async def _lines(executor: Executor, batches: AsyncIterator[list[Record]]) -> AsyncIterator[bytes]:
    async for records in batches:
        yield await executor.io(to_ndjson, records)


async def _report(batches: AsyncIterator[list[Outcome]], *, dry_run: bool) -> AsyncIterator[bytes]:
    counts, milestones = Counter[Status](), Milestones()
    async for outcomes in batches:
        counts.update(outcome.status for outcome in outcomes)
        lines: list[ReportLine] = []
        for reject in (outcome.reject for outcome in outcomes if outcome.reject):
            lines += _faults(reject)
        lines += [ImportProgress(read=number) for number in milestones.passed(len(outcomes))]
        yield b"".join(map(_line, lines))
    numbers = {status.value: counts[status] for status in Status}
    yield _line(ImportSummary(**numbers, dry_run=dry_run))


def _faults(reject: Reject) -> list[ImportFault]:
    """Return a line for each field that is wrong, or one for the whole where none is named."""
    line = reject.line or 0
    named = [
        ImportFault(line=line, field=error.field[:MAX_NAME], reason=error.message)
        for error in reject.errors
    ]
    return named or [ImportFault(line=line, field=None, reason=reject.reason)]


def _line(line: ReportLine) -> bytes:
    # In ASCII: what was sent may hold halves of characters, which UTF-8 cannot.
    return json.dumps(line.model_dump(mode="json")).encode() + b"\n"


async def _whole(lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the lines; where that fails on its way, a line that says so is the last."""
    try:
        async for line in lines:
            yield line
    except Exception as error:  # noqa: BLE001 (the status has left already: this is what is left)
        _log.exception("An answer ended before it was whole")
        yield _line(Failure(error=problem_of(_told(error))))


def _told(error: Exception) -> KbError:
    if isinstance(error, KbError):
        return error
    if isinstance(error, PoolTimeout):
        return Busy("The server has too much to do. What came before this line holds; try again.")
    return KbError("This is a fault of ours and has been logged. What came before it holds.")
