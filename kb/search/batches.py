"""What writers are given, in any engine: each entry once, or a file of all of them."""

import pickle
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from kb.search.engine import Document


def coalesced(
    upserts: Sequence[Document], deletes: Sequence[int]
) -> tuple[list[Document], set[int]]:
    """Return what to add, each id once, and the ids of what goes before that is added.

    The last of several upserts counts; what is in both is removed.
    """
    wanted = {document.id: document for document in upserts}
    for gone in deletes:
        wanted.pop(gone, None)
    return [*wanted.values()], {*wanted, *deletes}


def spool(path: Path, documents: Sequence[Document]) -> None:
    """Append a batch to what `spooled` will read."""
    with path.open("ab") as file:
        pickle.dump(list(documents), file)


def spooled(path: Path) -> Iterator[list[Document]]:
    """Yield the batches in the file."""
    with path.open("rb") as file, suppress(EOFError):
        while True:
            yield pickle.load(file)  # noqa: S301 (written by `spool` a moment ago)
