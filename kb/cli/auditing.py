"""`kb audit`: who did what to whom."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from kb.cli.people import MAX_NUMBER
from kb.cli.running import load_settings, require_knowledge_base, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.models import AuditRecord
    from kb.runtime import Runtime

_AGO = re.compile(r"(\d{1,5})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def audit(
    since: Annotated[
        str, typer.Option(help="Only from then on: 2026-11-22, 2026-11-22T14:00Z, 90m, 24h, 7d.")
    ] = "",
    limit: Annotated[
        int, typer.Option(min=1, max=MAX_NUMBER, help="How many of the newest to show.")
    ] = 100,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object a line.")] = False,
) -> None:
    """Print the audit log, the newest last: sign-ins, accounts, tokens, reviews, archives."""
    from kb.accounts import audit as service
    from kb.accounts.service import local_owner

    settings = load_settings()
    require_knowledge_base(settings)
    start = _moment(since) if since else None

    async def read(runtime: "Runtime") -> "Sequence[AuditRecord]":
        async with runtime.database.read() as session:
            actor = local_owner(settings.anonymous)
            return await service.records(session, actor, since=start, limit=limit)

    for record in run(settings, read):
        typer.echo(_as_json(record) if as_json else _as_line(record))


def _moment(text: str) -> datetime:
    """Return the time that is meant; one without a zone is UTC. Raises BadParameter."""
    from kb import clock

    if ago := _AGO.fullmatch(text):
        return clock.now() - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            "is no time; say 2026-11-22, 2026-11-22T14:00Z, 90m, 24h or 7d", param_hint="--since"
        ) from None


def _as_line(record: "AuditRecord") -> str:
    more = ", ".join(f"{name}: {value}" for name, value in record.details.items())
    parts = [f"{record.at:%Y-%m-%d %H:%M:%S}", record.by, record.event, record.about, more]
    return "  ".join(filter(None, parts))


def _as_json(record: "AuditRecord") -> str:
    values = {
        "at": f"{record.at:%Y-%m-%dT%H:%M:%SZ}",
        "by": record.by,
        "event": record.event,
        "about": record.about,
        "details": record.details,
    }
    return json.dumps(values, ensure_ascii=False)
