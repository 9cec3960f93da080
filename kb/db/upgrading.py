"""Apply migrations with Alembic, called as a library."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine, event

from kb.db.sqlite import IMMEDIATE, begin_with, set_up
from kb.errors import KbError


def apply_migrations(path: Path) -> list[str]:
    """Upgrade the SQLite file at `path`, making it where it is missing.

    Returns the revisions applied, oldest first; none where it was up to date. All of them are one
    transaction, so that an upgrade that is interrupted has not begun, and of several processes
    that upgrade at once the others find it done.

    Raises:
        KbError: the database is at a revision that is not known here.
    """
    script = _script()
    engine = create_engine(f"sqlite:///{path}")
    # Alembic alters a table by copying and dropping it, which enforced keys would act upon.
    event.listen(engine, "connect", lambda new, _: set_up(new, foreign_keys=False))
    begin_with(engine, IMMEDIATE)
    try:
        with engine.begin() as connection:
            before = MigrationContext.configure(connection).get_current_revision()
            if before == script.get_current_head():
                return []
            config = Config()
            config.set_main_option("script_location", script.dir)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return [step.revision for step in script.iterate_revisions("head", before)][::-1]
    except CommandError as error:
        raise KbError(
            f"The database {path} was made by another version of kb: {error}. "
            "Use the newest version."
        ) from None
    finally:
        engine.dispose()


@cache
def _script() -> ScriptDirectory:
    """Return the migrations; to read them takes most of the time where none is to be done."""
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))
