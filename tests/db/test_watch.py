"""The bytes that say whether something was committed."""

import os
from pathlib import Path

from kb.db.watch import State, Watch


async def state() -> State:
    return State("0", None)


def test_the_bytes_have_their_room_before_they_are_changed(tmp_path: Path) -> None:
    """Where a file only has the length, a disk that is full by then kills who changes it."""
    path = tmp_path / "kb.changed"
    for _ in range(2):
        Watch(path, state).close()
        with path.open("rb") as file:
            assert os.lseek(file.fileno(), 0, os.SEEK_DATA) == 0
        assert path.stat().st_size == 8
