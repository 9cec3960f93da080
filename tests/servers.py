"""Whole servers: `kb serve` as a process of its own, on a data folder, spoken to over sockets."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from httpx2 import Client

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds after which something that should happen is taken not to."""

KB = [sys.executable, "-m", "kb"]


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """Return an environment in which no setting comes from outside, but for the engine."""
    outside = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("KB_") or name == "KB_SEARCH_ENGINE"
    }
    return outside | {"KB_DATA_DIR": str(data_dir)} | settings


def kb(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*KB, *arguments],
        env=environment(data_dir),
        cwd=data_dir.parent,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def wait_for(condition: Callable[[], T]) -> T:
    """Return the condition's value once it is true, or what it is when patience ends."""
    until = time.monotonic() + PATIENCE
    while not (value := condition()) and time.monotonic() < until:
        time.sleep(0.05)
    return value


class Server:
    """A server on a free port, killed at the end of its context at the latest."""

    def __init__(self, data_dir: Path, *arguments: str, token: str = "", **settings: str) -> None:
        # Its own session: everything it starts is of its process group and can be counted.
        self._process = subprocess.Popen(
            [*KB, "serve", "--port", "0", *arguments],
            env=environment(data_dir, **settings),
            cwd=data_dir.parent,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout
        self.first_line = self._process.stdout.readline()
        self.link = self._process.stdout.readline().split()[-1]
        self.base = self.first_line.split()[-1]
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self.client = Client(base_url=self.base, headers=headers, timeout=PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.client.close()
        for process in self.living():
            with suppress(ProcessLookupError):  # it may end by itself, as others do
                os.kill(process, signal.SIGKILL)
        self._process.communicate()

    def end(self, by: signal.Signals) -> int:
        """Send the signal; return the exit status."""
        self._process.send_signal(by)
        return self._process.wait(PATIENCE)

    def living(self) -> list[int]:
        """Return which of the server's processes are alive."""
        return [
            int(stat.parent.name)
            for stat in Path("/proc").glob("[0-9]*/stat")
            if _is_living(stat, self._process.pid)
        ]


def _is_living(stat: Path, group: int) -> bool:
    try:
        # After the name, which may hold anything: state, parent, process group (proc(5)).
        state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
    except OSError:
        return False
    return int(its_group) == group and state != "Z"
