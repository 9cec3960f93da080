"""Bring a database to the newest schema with Alembic, called as a library."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine


def upgrade(path: Path) -> list[str]:
    """Upgrade the SQLite file at `path`, making it where it is missing.

    Returns the revisions applied, oldest first; none where it was up to date. Blocks: call it
    before the event loop runs, or in a thread.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.begin() as connection:
            before = MigrationContext.configure(connection).get_current_revision()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        script = ScriptDirectory.from_config(config)
        return [step.revision for step in script.iterate_revisions("head", before)][::-1]
    finally:
        engine.dispose()
