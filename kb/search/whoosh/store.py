"""The folders an index lives in: one a rebuild, and a pointer to the current one.

    index/current.json   {"folder": "9f86d081884c7d65", "schema": "4"}
    index/9f86d081884c7d65/     Whoosh's files
    index/2c26b46b68ffc68f/     the one before, which slow readers may still hold

A rebuild fills a new folder and moves the pointer in one step, so a reader finds the old index or
the new one, and a crash leaves at most a folder that the next rebuild removes. No name is used
twice, so that what is cached of one folder is never taken for another's.
"""

import json
import os
import re
import shutil
from pathlib import Path
from secrets import token_hex

from whoosh import index

from kb.search.engine import IndexUnavailable
from kb.search.whoosh.schema import SCHEMA, version

_POINTER = "current.json"
_NAME = re.compile("[0-9a-f]{16}")
# What Whoosh calls the table of contents of a commit; opening it would cost five times as much.
_CONTENTS = re.compile(r"_MAIN_(\d+)\.toc")


def current(root: Path) -> Path:
    """Return the current folder under `root`. Raises IndexUnavailable where there is none."""
    try:
        pointer = json.loads((root / _POINTER).read_bytes())
        made_by, name = pointer["schema"], str(pointer["folder"])
    except FileNotFoundError as error:
        raise IndexUnavailable("There is no search index yet; it has to be built.") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise IndexUnavailable("The search index is damaged; rebuild it.") from error
    if made_by != version():
        raise IndexUnavailable("The search index is of another version; rebuild it.")
    if not _NAME.fullmatch(name):
        raise IndexUnavailable("The search index is damaged; rebuild it.")
    return root / name


def opened(folder: Path) -> index.FileIndex:
    """Return Whoosh's index in `folder`. Raises IndexUnavailable where it cannot be read."""
    try:
        return index.open_dir(str(folder), schema=SCHEMA)
    except Exception as error:
        # Damaged files make Whoosh raise anything: its own errors, struct's, pickle's.
        raise IndexUnavailable("The search index is damaged; rebuild it.") from error


def create(root: Path) -> Path:
    """Make and return a new, empty folder under `root`, not yet the current one."""
    folder = root / token_hex(8)
    folder.mkdir(parents=True)
    index.create_in(str(folder), SCHEMA)
    return folder


def switch(root: Path, folder: Path) -> None:
    """Make `folder` the current one; remove all others but the one that was."""
    previous = _pointed_at(root)
    pointer = root / _POINTER
    written = pointer.with_suffix(".new")
    with written.open("w") as file:
        json.dump({"folder": folder.name, "schema": version()}, file)
        file.flush()
        os.fsync(file.fileno())
    written.replace(pointer)
    for other in root.iterdir():
        if _NAME.fullmatch(other.name) and other.name not in (folder.name, previous):
            shutil.rmtree(other, ignore_errors=True)


def generation(root: Path) -> str:
    """Return what names the state that was committed last. Raises IndexUnavailable."""
    folder = current(root)
    try:
        contents = [_CONTENTS.fullmatch(path.name) for path in folder.iterdir()]
    except OSError as error:
        raise IndexUnavailable("The search index is damaged; rebuild it.") from error
    return generation_name(folder, max((int(found[1]) for found in contents if found), default=-1))


def generation_name(folder: Path, commit: int) -> str:
    """Return what names the state after the `commit`-th commit in `folder`."""
    return f"{folder.name}.{commit}"


def _pointed_at(root: Path) -> str | None:
    try:
        return current(root).name
    except IndexUnavailable:
        return None
