"""A folder of entry files that can be kept in a git repository.

Exporting again touches only the files of entries that have changed, and leaves each where it
stands: somebody may have moved it. What is no entry of ours is not ours to remove.
"""

from collections.abc import Sequence
from pathlib import Path

from kb.entries.files import format_entry_file
from kb.entries.records import EntryRecord
from kb.entries.slugs import base_slug
from kb.transfer.reading import entry_files

ELSE = "general"
"""The topic of entries that name neither a framework nor a language."""


class EntryFolder:
    """The entry files in a folder and below. Blocks: use it in a thread."""

    def __init__(self, path: Path) -> None:
        """Make the folder where it is missing, and look which files there are."""
        path.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._found: dict[str, str] = {}
        for file in entry_files(path):
            self._found.setdefault(file.stem, str(file))

    def write(self, records: Sequence[EntryRecord]) -> None:
        """Write those of the records' files that are new or say something else."""
        for record in records:
            place = self._found.pop(record.slug or "", None) or self._new_place(record)
            _write_if_changed(self._path / place, format_entry_file(record).encode())

    @property
    def left(self) -> list[str]:
        """The files, from the folder, that were there before and of which no record came."""
        return list(self._found.values())

    def _new_place(self, record: EntryRecord) -> str:
        """Return the topic's folder and the slug: neither can lead out of our folder."""
        content = record.content
        topic = base_slug(content.framework or content.language or ELSE)
        return f"{topic}/{record.slug}.md"


def _write_if_changed(file: Path, data: bytes) -> None:
    """Write the file as a whole or not at all."""
    if file.is_file() and file.read_bytes() == data:
        return
    file.parent.mkdir(exist_ok=True)
    written = file.with_name(f".{file.name}.part")
    written.write_bytes(data)
    written.replace(file)
