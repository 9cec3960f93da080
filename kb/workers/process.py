"""What runs in a worker process: one call after the other, until its socket ends."""

import os
import pickle
import socket
from collections.abc import Iterator

from kb.workers.frames import HELLO, TAKEN_BACK, Frames, frame

_AT_ONCE = 1 << 18
"""Bytes that are received at a time."""


def work(channel: socket.socket) -> None:
    """Answer the calls that come over the socket, until the server closes it or is gone."""
    try:
        channel.sendall(frame(HELLO, str(os.getpid()).encode()))
        for number, call in _calls(channel):
            channel.sendall(frame(number, _answer(call)))
    except (BrokenPipeError, ConnectionResetError):
        return


def _calls(channel: socket.socket) -> Iterator[tuple[int, bytes]]:
    """Yield what is to be done, and nothing that was taken back before its turn came."""
    frames, waiting = Frames(), dict[int, bytes]()
    while True:
        try:
            data = channel.recv(_AT_ONCE, socket.MSG_DONTWAIT if waiting else 0)
        except BlockingIOError:
            pass
        else:
            if not data:
                return
            for number, message in frames.feed(data):
                if message == TAKEN_BACK:
                    waiting.pop(number, None)
                else:
                    waiting[number] = message
        if waiting:
            number = next(iter(waiting))
            yield number, waiting.pop(number)


def _answer(call: bytes) -> bytes:
    """Return whether the call went well, and what it gave or raised, pickled."""
    try:
        function, args = pickle.loads(call)  # noqa: S301 (the server's own)
        return pickle.dumps((True, function(*args)), pickle.HIGHEST_PROTOCOL)
    except SystemExit:
        os._exit(1)
    except Exception as error:  # noqa: BLE001 (raised again where it was called)
        return _raised(error)


def _raised(error: Exception) -> bytes:
    try:
        return pickle.dumps((False, error), pickle.HIGHEST_PROTOCOL)
    except Exception as unfit:  # noqa: BLE001 (it cannot be sent)
        return pickle.dumps((False, RuntimeError(f"{error!r}, {unfit!r}")))
