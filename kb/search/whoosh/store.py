"""Whoosh's indexes, in the folders of `kb.search.folders`."""

import re
from pathlib import Path

from whoosh import index

from kb.search import folders, terms
from kb.search.engine import IndexUnavailable
from kb.search.folders import DAMAGED
from kb.search.whoosh.schema import SCHEMA

# What Whoosh calls the table of contents of a commit; opening it would cost five times as much.
_CONTENTS = re.compile(r"_MAIN_(\d+)\.toc")


def current(root: Path) -> Path:
    """Return the current folder under `root`. Raises IndexUnavailable where there is none."""
    return folders.current(root, terms.version())


def opened(folder: Path) -> index.FileIndex:
    """Return Whoosh's index in `folder`. Raises IndexUnavailable where it cannot be read."""
    try:
        return index.open_dir(str(folder), schema=SCHEMA)
    except Exception as error:
        # Damaged files make Whoosh raise anything: its own errors, struct's, pickle's.
        raise IndexUnavailable(DAMAGED) from error


def create(folder: Path) -> None:
    """Make a new, empty index in `folder`."""
    index.create_in(str(folder), SCHEMA)


def generation(root: Path) -> str:
    """Return what names the state that was committed last. Raises IndexUnavailable."""
    folder = current(root)
    try:
        contents = [_CONTENTS.fullmatch(path.name) for path in folder.iterdir()]
    except OSError as error:
        raise IndexUnavailable(DAMAGED) from error
    return generation_name(folder, max((int(found[1]) for found in contents if found), default=-1))


def contents_file(folder: Path, commit: int) -> Path:
    """Return where Whoosh writes the table of contents of the `commit`-th commit in `folder`."""
    return folder / f"_MAIN_{commit}.toc"


def generation_name(folder: Path, commit: int) -> str:
    """Return what names the state after the `commit`-th commit in `folder`."""
    return f"{folder.name}.{commit}"
