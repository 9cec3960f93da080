"""How many entries were made on each day, and how many have no solution, is kept in the tally."""

from alembic import op

revision = "0016"
down_revision = "0015"

_LIVE = "NOT EXISTS (SELECT 1 FROM archival WHERE entry_id = {} AND restored_at IS NULL)"


def upgrade() -> None:
    op.execute(
        f"INSERT INTO tally SELECT facet, value, count(*) FROM ({_values_of('entry', _LIVE)}) "
        "WHERE value IS NOT NULL GROUP BY facet, value"
    )
    of_old, of_new = _values_of("OLD"), _values_of("NEW")
    _trigger("added", "AFTER INSERT ON entry", _add(1, of_new))
    _trigger(
        "changed",
        "AFTER UPDATE OF created_at, solution ON entry WHEN (OLD.created_at <> NEW.created_at "
        f"OR (OLD.solution IS NULL) <> (NEW.solution IS NULL)) AND {_LIVE.format('NEW.id')}",
        _add(-1, of_old) + _add(1, of_new),
    )
    of_entry = _values_of("entry", "id = NEW.entry_id")
    _trigger(
        "archived", "AFTER INSERT ON archival WHEN NEW.restored_at IS NULL", _add(-1, of_entry)
    )
    _trigger(
        "restored",
        "AFTER UPDATE OF restored_at ON archival "
        "WHEN OLD.restored_at IS NULL AND NEW.restored_at IS NOT NULL",
        _add(1, of_entry),
    )


def _trigger(name: str, event: str, body: str) -> None:
    op.execute(f"CREATE TRIGGER numbers_{name} {event} BEGIN {body} END")


def _values_of(row: str, condition: str = "") -> str:
    """Return the query for what is counted of a trigger's row, or of the entries that are so."""
    source = f"FROM entry WHERE {condition.format('entry.id')}" if condition else ""
    return (
        f"SELECT 'day' AS facet, date({row}.created_at) AS value {source} UNION ALL "
        f"SELECT 'unsolved', CASE WHEN {row}.solution IS NULL THEN 'yes' END {source}"
    )


def _add(number: int, values: str) -> str:
    return (
        f"INSERT INTO tally SELECT facet, value, {number} FROM ({values}) WHERE value IS NOT NULL "
        f"ON CONFLICT (facet, value) DO UPDATE SET entries = entries + {number};"
    )
