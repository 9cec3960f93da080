"""How many entries have both of two values is kept, for the facets of a list that is narrowed."""

from itertools import combinations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_FACETS = ("category", "framework", "language", "severity")
"""In the order of their names, as the two of a pair are; "tag" comes after them."""

_PAIR = "facet, value, other_facet, other_value"


def upgrade() -> None:
    op.create_table(
        "pair_tally",
        sa.Column("facet", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("other_facet", sa.String(), nullable=False),
        sa.Column("other_value", sa.String(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("facet", "value", "other_facet", "other_value"),
        sqlite_with_rowid=False,
    )
    for pairs in _pairs_where("NOT IN (SELECT entry_id FROM archival WHERE restored_at IS NULL)"):
        op.execute(
            f"INSERT INTO pair_tally SELECT {_PAIR}, count(*) FROM ({pairs}) "
            f"WHERE value IS NOT NULL AND other_value IS NOT NULL GROUP BY {_PAIR}"
        )
    op.create_index(
        "ix_pair_tally_other_facet_other_value", "pair_tally", ["other_facet", "other_value"]
    )
    _keep()


def _keep() -> None:
    """Have the counts follow the entries, their tags, and the archive, whoever writes there."""
    _trigger("entry_added", "AFTER INSERT ON entry", _add(1, _pairs_of("NEW")))
    changed = " OR ".join(f"OLD.{facet} IS NOT NEW.{facet}" for facet in _FACETS)
    _trigger(
        "entry_changed",
        f"AFTER UPDATE OF {', '.join(_FACETS)} ON entry WHEN ({changed}) AND {_live('NEW.id')}",
        _add(-1, _pairs_of("OLD") + _with_tags("OLD")) + _add(1, _pairs_of("NEW") + _with_tags("NEW")),
    )
    for row, event, number in (("NEW", "INSERT", 1), ("OLD", "DELETE", -1)):
        _trigger(
            f"tag_{event.lower()}",
            f"AFTER {event} ON entry_tag WHEN {_live(f'{row}.entry_id')}",
            _add(number, _pairs_of_tag(row)),
        )
    everything = _pairs_where("= NEW.entry_id")
    _trigger(
        "archived", "AFTER INSERT ON archival WHEN NEW.restored_at IS NULL", _add(-1, everything)
    )
    _trigger(
        "restored",
        "AFTER UPDATE OF restored_at ON archival "
        "WHEN OLD.restored_at IS NULL AND NEW.restored_at IS NOT NULL",
        _add(1, everything),
    )


def _trigger(name: str, event: str, body: str) -> None:
    op.execute(f"CREATE TRIGGER pair_{name} {event} BEGIN {body} END")


def _live(entry_id: str) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM archival WHERE entry_id = {entry_id} AND restored_at IS NULL)"
    )


def _add(number: int, pairs: list[str]) -> str:
    """Return the statement that counts the pairs of these queries, `number` for each."""
    return (
        f"INSERT INTO pair_tally SELECT {_PAIR}, {number} FROM ({' UNION ALL '.join(pairs)}) "
        "WHERE value IS NOT NULL AND other_value IS NOT NULL "
        f"ON CONFLICT ({_PAIR}) DO UPDATE SET entries = entries + {number};"
    )


def _pairs_where(entry: str) -> list[str]:
    """Return queries for all pairs of the entries whose id is so."""
    of_tags = (
        "SELECT 'tag' AS facet, one.tag AS value, 'tag' AS other_facet, other.tag AS other_value "
        "FROM entry_tag AS one "
        "JOIN entry_tag AS other ON other.entry_id = one.entry_id AND other.tag > one.tag "
        f"WHERE one.entry_id {entry}"
    )
    with_tags = (
        f"SELECT '{facet}' AS facet, {facet} AS value, 'tag' AS other_facet, tag AS other_value "
        f"FROM entry JOIN entry_tag ON entry_id = id WHERE id {entry}"
        for facet in _FACETS
    )
    return [*_pairs_of("entry", f"FROM entry WHERE id {entry}"), *with_tags, of_tags]


def _pairs_of(row: str, source: str = "") -> list[str]:
    """Return queries for the pairs of an entry's own facets."""
    return [
        f"SELECT '{one}' AS facet, {row}.{one} AS value, "
        f"'{other}' AS other_facet, {row}.{other} AS other_value {source}"
        for one, other in combinations(_FACETS, 2)
    ]


def _with_tags(row: str) -> list[str]:
    """Return queries for the pairs of the facets of an entry's row with the tags that it has."""
    return [
        f"SELECT '{facet}' AS facet, {row}.{facet} AS value, "
        f"'tag' AS other_facet, tag AS other_value FROM entry_tag WHERE entry_id = {row}.id"
        for facet in _FACETS
    ]


def _pairs_of_tag(row: str) -> list[str]:
    """Return queries for the pairs of a tag's row with what else its entry has."""
    others = [
        f"SELECT '{facet}' AS facet, {facet} AS value, "
        f"'tag' AS other_facet, {row}.tag AS other_value FROM entry WHERE id = {row}.entry_id"
        for facet in _FACETS
    ]
    earlier, later = (
        f"SELECT 'tag' AS facet, {pair[0]} AS value, 'tag' AS other_facet, {pair[1]} AS other_value "
        f"FROM entry_tag WHERE entry_id = {row}.entry_id AND tag {than} {row}.tag"
        for than, pair in (("<", ("tag", f"{row}.tag")), (">", (f"{row}.tag", "tag")))
    )
    return [*others, earlier, later]
