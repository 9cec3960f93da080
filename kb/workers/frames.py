"""What goes over a worker's socket: numbered messages, each after its length (pure)."""

import struct
from collections.abc import Iterator

_HEADER = struct.Struct("!QQ")

HELLO = 0
"""The number of a worker's first message: of which process it is."""

START = 1
"""The number of a worker's first call: to import the function of the second."""

CALLS = 2
"""The first number of all others."""

TAKEN_BACK = b""
"""The message that says that the one of the same number is not to be worked on."""


def frame(number: int, message: bytes) -> bytes:
    """Return the message as it is sent."""
    return _HEADER.pack(number, len(message)) + message


class Frames:
    """Puts what was received together to messages."""

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the number and the bytes of each message that is whole now."""
        received = self._received
        received += data
        start = 0
        while len(received) - start >= _HEADER.size:
            number, length = _HEADER.unpack_from(received, start)
            begin = start + _HEADER.size
            if len(received) - begin < length:
                break
            start = begin + length
            yield number, bytes(memoryview(received)[begin:start])
        del received[:start]
