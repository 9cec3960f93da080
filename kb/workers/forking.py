"""The server's end of the process that worker processes are forked from."""

import atexit
import os
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

NICENESS = 10
"""By how much the processes stand back where processors are few: the event loop is not to wait for
them, and gives them the next work the sooner. More would starve them beside others' programs."""


class ForkServer:
    """Starts a process that imports modules, when a worker is wanted; has it fork."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = modules
        self._control: socket.socket | None = None
        self._process = 0
        self._lock = threading.Lock()

    def fork(self) -> socket.socket:
        """Return a socket to a new worker. Blocks, for milliseconds.

        Raises OSError where the system has no more processes or sockets to give.
        """
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            try:
                self._send(theirs)
            except ConnectionError:  # it was killed
                self._end()
                self._send(theirs)
        return ours

    def rest(self) -> None:
        """Have the process end, and its memory given back. Blocks, for milliseconds."""
        with self._lock:
            self._end()

    def _send(self, channel: socket.socket) -> None:
        self._control = self._control or self._start()
        socket.send_fds(self._control, [b"f"], [channel.fileno()])

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        path = os.pathsep.join(each or os.getcwd() for each in sys.path)  # noqa: PTH109
        with theirs, open(os.devnull, "r+b") as nothing:  # noqa: PTH123
            self._process = os.posix_spawn(
                sys.executable,
                # -P: it is to find what we find, and nothing else that lies in this folder.
                [sys.executable, "-P", "-m", "kb.workers", *self._modules],
                os.environ | {"PYTHONPATH": path},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, theirs.fileno(), 0),
                    (os.POSIX_SPAWN_DUP2, nothing.fileno(), 1),
                ],
            )
        atexit.register(ours.close)
        return ours

    def _end(self) -> None:
        if self._control:
            atexit.unregister(self._control.close)
            self._control.close()
            self._control = None
            with suppress(ChildProcessError):
                os.waitpid(self._process, 0)


fork_server = cache(ForkServer)
"""Returns the one of this process that imports these modules: all who need it share it."""
