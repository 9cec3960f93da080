"""Passwords and other ways to sign in, sessions and tokens one by one, invitations, the audit log."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

MOMENT = sa.DateTime(timezone=True)
TOKEN_LASTS = timedelta(days=365)


def upgrade() -> None:
    with op.batch_alter_table("person") as batch_op:
        batch_op.add_column(sa.Column("password_hash", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("issuer", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("subject", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("disabled_at", MOMENT, nullable=True))
        batch_op.create_unique_constraint("uq_person_identity", ["issuer", "subject"])
    _remake_sign_ins()
    _remake_tokens()
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["invited_by_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("secret_hash"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_record_at", "audit_record", ["at"])
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_record_no_{change.lower()} BEFORE {change} ON audit_record "
                "BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END"
            )


def _remake_sign_ins() -> None:
    """Give each session a number to end it by; those there are go on."""
    op.rename_table("sign_in", "old_sign_in")
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("secret_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sign_in_person_id", "sign_in", ["person_id"])
    op.execute(
        "INSERT INTO sign_in (secret_hash, person_id, method, device, created_at, last_used_at, "
        "expires_at) SELECT secret_hash, person_id, 'link', 'an unknown device', created_at, "
        "created_at, expires_at FROM old_sign_in"
    )
    op.drop_table("old_sign_in")


def _remake_tokens() -> None:
    """Let tokens end, and belong to people; those there are last a year from now."""
    op.rename_table("api_token", "old_api_token")
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("secret_hash"),
        sa.UniqueConstraint("person_id", "name", name="uq_api_token_name"),
        sqlite_autoincrement=True,
    )
    statement = sa.text(
        "INSERT INTO api_token (secret_hash, name, role, created_at, expires_at) "
        "SELECT secret_hash, name, role, created_at, :expires_at FROM old_api_token"
    ).bindparams(sa.bindparam("expires_at", datetime.now(UTC) + TOKEN_LASTS, MOMENT))
    op.execute(statement)
    op.drop_table("old_api_token")
