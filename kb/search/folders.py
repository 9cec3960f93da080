"""The folders an index lives in: one a rebuild, and a pointer to the current one.

    index/current.json   {"folder": "9f86d081884c7d65", "schema": "4"}
    index/9f86d081884c7d65/     the engine's files
    index/2c26b46b68ffc68f/     the one before, which slow readers may still hold

A rebuild fills a new folder and moves the pointer in one step, so a reader finds the old index or
the new one, and a crash leaves at most a folder that the next rebuild removes. No name is used
twice, so that what is cached of one folder is never taken for another's. `schema` names the engine
and what it keeps: a folder that another has made is not used, but replaced.
"""

import json
import os
import re
import shutil
from functools import lru_cache
from pathlib import Path
from secrets import token_hex

from kb.search.engine import IndexUnavailable

DAMAGED = "The search index is damaged; rebuild it."

_POINTER = "current.json"
_NAME = re.compile("[0-9a-f]{16}")


def current(root: Path, schema: str) -> Path:
    """Return the current folder under `root`. Raises IndexUnavailable where there is none."""
    try:
        pointer = (root / _POINTER).stat()
        made_by, folder = _read(root, pointer.st_ino, pointer.st_mtime_ns, pointer.st_size)
    except FileNotFoundError as error:
        raise IndexUnavailable("There is no search index yet; it has to be built.") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise IndexUnavailable(DAMAGED) from error
    if made_by != schema:
        raise IndexUnavailable(
            "The search index is of another version, or of another KB_SEARCH_ENGINE; rebuild it."
        )
    return folder


def create(root: Path) -> Path:
    """Make and return a new, empty folder under `root`, not yet the current one."""
    folder = root / token_hex(8)
    folder.mkdir(parents=True)
    return folder


def switch(root: Path, folder: Path, schema: str) -> None:
    """Make `folder` the current one; remove all others but the one that was."""
    previous = _pointed_at(root, schema)
    pointer = root / _POINTER
    written = pointer.with_suffix(".new")
    with written.open("w") as file:
        json.dump({"folder": folder.name, "schema": schema}, file)
        file.flush()
        os.fsync(file.fileno())
    written.replace(pointer)
    for other in root.iterdir():
        if _NAME.fullmatch(other.name) and other.name not in (folder.name, previous):
            shutil.rmtree(other, ignore_errors=True)


@lru_cache(maxsize=4)
def _read(root: Path, _file: int, _written: int, _size: int) -> tuple[str, Path]:
    """Return what the pointer says: kept, as it is another file once it says something else."""
    pointer = json.loads((root / _POINTER).read_bytes())
    if not _NAME.fullmatch(pointer["folder"]):
        raise ValueError(pointer["folder"])
    return pointer["schema"], root / pointer["folder"]


def _pointed_at(root: Path, schema: str) -> str | None:
    try:
        return current(root, schema).name
    except IndexUnavailable:
        return None
