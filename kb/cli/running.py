"""What commands share: settings, the runtime they work on, and errors as plain messages."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from typer.core import TyperGroup

from kb.errors import Invalid, KbError

if TYPE_CHECKING:
    from kb.accounts.policy import Actor
    from kb.db.database import WriteSession
    from kb.runtime import Runtime
    from kb.settings import Settings

T = TypeVar("T")


class PlainErrors(TyperGroup):
    """Prints what a person can be told about as one message, and exits with 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KbError as error:
            typer.echo(f"kb: {error.detail}", err=True)
            raise typer.Exit(1) from None


def load_settings() -> "Settings":
    """Return the settings from the environment and the `.env` file.

    Raises:
        Invalid: one of them has a value that it cannot have.
    """
    from pydantic import ValidationError

    from kb.entries.validation import field_errors
    from kb.settings import Settings

    for name in os.environ:
        if name.startswith("KB_") and name.removeprefix("KB_").lower() not in Settings.model_fields:
            typer.echo(f"kb: {name} is no setting and is ignored; see `kb settings`.", err=True)
    try:
        return Settings()
    except ValidationError as error:
        faults = [
            f"KB_{fault.field.upper()} {fault.message}" if fault.field else fault.message
            for fault in field_errors(error)
        ]
        raise Invalid("; ".join(faults) + ". `kb settings` lists what can be set.") from None


def base_url(settings: "Settings") -> str:
    """Return where the server is reached, as far as a command can know."""
    return settings.public_url or "http://127.0.0.1:8000"


def require_knowledge_base(settings: "Settings") -> None:
    """Do nothing where there is something to work on.

    Raises:
        KbError: there is not.
    """
    if not settings.database_path.exists():
        raise KbError(
            f"There is no knowledge base in {settings.data_dir}. Start one with `kb serve`, or "
            "set KB_DATA_DIR to the folder of the one you mean."
        )


def run(settings: "Settings", work: "Callable[[Runtime], Awaitable[T]]") -> T:
    """Return what `work` does with a runtime that is open meanwhile.

    Raises:
        KbError: the data folder or the database in it cannot be used, or `work` raises it.
    """
    from kb.runtime import open_runtime

    async def opened() -> T:
        async with open_runtime(settings, processes=0) as runtime:
            return await work(runtime)

    with database_faults_explained(settings):
        return asyncio.run(opened())


@contextmanager
def database_faults_explained(settings: "Settings") -> Iterator[None]:
    """Turn what databases and file systems say into messages that say what to do."""
    from sqlalchemy.exc import DatabaseError

    _make_folder(settings)
    try:
        yield
    except DatabaseError as error:
        raise KbError(f"The database {settings.database_path} refuses: {error.orig}.") from None


def _make_folder(settings: "Settings") -> None:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"cannot be made: {error.strerror}"
    else:
        if os.access(folder, os.W_OK | os.X_OK):
            return
        reason = "cannot be written to"
    raise KbError(
        f"The data folder {folder} {reason}. Set KB_DATA_DIR to a folder that you can write to."
    )


def run_as_owner(settings: "Settings", work: "Callable[[WriteSession, Actor], Awaitable[T]]") -> T:
    """Return what `work` does in a write transaction, as whoever holds the data folder.

    Raises:
        KbError: there is no knowledge base to use, or `work` raises it.
    """
    from kb.accounts.service import local_owner

    async def opened(runtime: "Runtime") -> T:
        async with runtime.database.write() as session:
            return await work(session, local_owner(runtime.settings.anonymous))

    return run(settings, opened)


async def catch_up(runtime: "Runtime") -> None:
    """Bring the index up to date, building it where there is none to use."""
    from kb.search.engine import IndexUnavailable

    try:
        await runtime.indexer.drain()
    except IndexUnavailable:
        await runtime.indexer.rebuild()
