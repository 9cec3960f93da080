"""What was measured as tables: ratios first."""

from collections.abc import Iterator

from bench.run import Report
from bench.tables import aims, engine, servers
from bench.tables.table import Table

__all__ = ["Table", "tables"]


def tables(report: Report) -> Iterator[Table]:
    """Yield the report's tables."""
    if (table := aims.table(report)).rows:
        yield table
    yield from servers.tables(report.sizes)
    yield from engine.tables(report.sizes)
