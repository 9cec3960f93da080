"""How many entries have each value of a facet is kept, and lists of one value have an index in order."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_FACETS = ("category", "severity", "language", "framework")
_LIVE = "NOT IN (SELECT entry_id FROM archival WHERE restored_at IS NULL)"


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("facet", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("facet", "value"),
    )
    op.create_index("ix_tally_facet_entries_value", "tally", ["facet", "entries", "value"])
    for facet in _FACETS:
        op.execute(_count(f"SELECT '{facet}' AS facet, {facet} AS value FROM entry WHERE id {_LIVE}"))
    op.execute(_count(f"SELECT 'tag' AS facet, tag AS value FROM entry_tag WHERE entry_id {_LIVE}"))
    _keep()
    for facet in ("category", "severity", "framework"):
        op.drop_index(f"ix_entry_{facet}", "entry")
    for facet in _FACETS:
        op.create_index(f"ix_entry_{facet}_created_at", "entry", [facet, "created_at"])


def _count(values: str) -> str:
    """Return the statement that counts each of these facets' values."""
    return (
        "INSERT INTO tally SELECT facet, value, count(*) "
        f"FROM ({values}) WHERE value IS NOT NULL GROUP BY facet, value"
    )


def _keep() -> None:
    """Have the counts follow the entries, their tags, and the archive, whoever writes there."""
    of_old, of_new = _facets_of("OLD"), _facets_of("NEW")
    _trigger("entry_added", "AFTER INSERT ON entry", _add(1, of_new))
    _trigger(
        "entry_changed",
        f"AFTER UPDATE OF {', '.join(_FACETS)} ON entry WHEN NEW.id {_LIVE}",
        _add(-1, of_old) + _add(1, of_new),
    )
    for row, event, number in (("NEW", "INSERT", 1), ("OLD", "DELETE", -1)):
        _trigger(
            f"tag_{event.lower()}",
            f"AFTER {event} ON entry_tag WHEN {row}.entry_id {_LIVE}",
            _add(number, f"SELECT 'tag' AS facet, {row}.tag AS value"),
        )
    everything = (
        f"{_facets_of('entry', 'FROM entry WHERE id = NEW.entry_id')} "
        "UNION ALL SELECT 'tag', tag FROM entry_tag WHERE entry_id = NEW.entry_id"
    )
    _trigger(
        "archived",
        "AFTER INSERT ON archival WHEN NEW.restored_at IS NULL",
        _add(-1, everything),
    )
    _trigger(
        "restored",
        "AFTER UPDATE OF restored_at ON archival "
        "WHEN OLD.restored_at IS NULL AND NEW.restored_at IS NOT NULL",
        _add(1, everything),
    )


def _trigger(name: str, event: str, body: str) -> None:
    op.execute(f"CREATE TRIGGER tally_{name} {event} BEGIN {body} END")


def _facets_of(row: str, source: str = "") -> str:
    one = (f"SELECT '{facet}' AS facet, {row}.{facet} AS value {source}" for facet in _FACETS)
    return " UNION ALL ".join(one)


def _add(number: int, values: str) -> str:
    return (
        f"INSERT INTO tally SELECT facet, value, {number} FROM ({values}) WHERE value IS NOT NULL "
        f"ON CONFLICT (facet, value) DO UPDATE SET entries = entries + {number};"
    )
