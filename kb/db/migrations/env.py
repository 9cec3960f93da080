"""Alembic's environment: runs migrations on the connection that kb.db.migrate hands over."""

from alembic import context
from sqlmodel import SQLModel

import kb.models  # noqa: F401 (registers the tables)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite cannot alter columns in place
    transactional_ddl=True,  # it can take back a CREATE TABLE, once its transaction has begun
)
with context.begin_transaction():
    context.run_migrations()
