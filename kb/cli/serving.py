"""`kb serve`: the server, and everything that has to be there before it."""

import asyncio
import errno
import multiprocessing
import os
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kb.cli.running import load_settings, run
from kb.errors import KbError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from kb.runtime import Runtime
    from kb.settings import Settings

BACKLOG = 2048
"""Connections that may wait to be accepted, as uvicorn's default."""

GRACE_SECONDS = 10
"""How long requests under way may take once the server is told to stop."""

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Server processes.")] = 1,
    reload: Annotated[
        bool, typer.Option("--reload", help="Restart when the code changes, for development.")
    ] = False,
) -> None:
    """Serve pages and API; on an empty data folder, begin with the starter entries.

    Prints the address, and a one-time link that signs the owner in.
    """
    if reload and workers > 1:
        raise typer.BadParameter("--reload serves with one process; leave --workers out")
    settings = load_settings()
    listener = _listen(host, port)
    secret, advice = run(settings, _prepare)
    address = _address(listener)
    base = settings.public_url or address
    typer.echo(f"kb serves {settings.data_dir} on {address}")
    typer.echo(f"Sign in as the owner (once, within 15 minutes): {base}/sign-in?token={secret}")
    if advice:
        typer.echo(advice, err=True)
    try:
        _serve(settings, listener, workers=workers, reload=reload)
    except KeyboardInterrupt:
        typer.echo("Stopped.")


async def _prepare(runtime: "Runtime") -> tuple[str, str | None]:
    """Bring the data folder into a state to be served.

    Return the secret of the owner's link, and what to do about the search engine.
    """
    from kb.accounts import people
    from kb.search.checking import advice_on_engine
    from kb.transfer.starters import load_starter_entries

    database = runtime.database
    if await load_starter_entries(database, runtime.executor, runtime.settings.anonymous):
        await runtime.indexer.rebuild()
    async with database.write() as session:
        secret = await people.owner_link(session)
    return secret, await advice_on_engine(database, runtime.settings.search_engine)


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises KbError where it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise KbError(
                f"Port {port} is taken on {host}, perhaps by another kb. "
                f"Stop that, or use another one: kb serve --port {port + 1}, or with make: "
                f'make serve ARGS="--port {port + 1}"'
            ) from None
        raise KbError(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None


def _address(listener: socket.socket) -> str:
    """Return the address for a browser on this machine."""
    host, port, *_ = listener.getsockname()
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _serve(settings: "Settings", listener: socket.socket, *, workers: int, reload: bool) -> None:
    """Serve until told to stop."""
    import uvicorn
    from uvicorn.supervisors import ChangeReload, Multiprocess

    from kb.app import create_app

    alone = workers == 1 and not reload
    config = uvicorn.Config(
        create_app(settings) if alone else "kb.cli.serving:create_process_app",
        factory=not alone,
        workers=workers,
        reload=reload,
        reload_dirs=[str(Path(__file__).parents[1])] if reload else None,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        proxy_headers=False,  # the app believes those it was told to, and no other
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_SECONDS,
        log_config=LOGGING,
        log_level="warning",
    )
    if alone:
        server = uvicorn.Server(config)
        server.run([listener])
        if not server.started:
            raise typer.Exit(1)
    elif reload:
        ChangeReload(config, target=uvicorn.Server(config).run, sockets=[listener]).run()
    else:
        Multiprocess(config, sockets=[listener]).run()


def create_process_app() -> "FastAPI":
    """Return the app for one of several server processes, which ends when its parent is gone.

    Called by uvicorn within the running loop. A parent that is killed cannot tell its children;
    the pipe that multiprocessing holds between the two then ends, which this waits for.
    """
    from kb.app import create_app

    parent = multiprocessing.parent_process()
    if parent is not None:
        asyncio.get_running_loop().add_reader(parent.sentinel, _stop, parent.sentinel)
    return create_app()


def _stop(sentinel: int) -> None:
    asyncio.get_running_loop().remove_reader(sentinel)
    os.kill(os.getpid(), signal.SIGTERM)
