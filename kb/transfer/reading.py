"""From files to records, one after another as they are asked for. Blocks: run it in a thread."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVarTuple, Unpack

from kb.entries.files import parse_entry_file
from kb.entries.records import BadRecord, parse_record
from kb.entries.schemas import EntryContent
from kb.errors import FieldError
from kb.transfer.decoding import decoded, items_of, parse_json
from kb.transfer.history import Record, parse_line

Ts = TypeVarTuple("Ts")

HISTORY = "history.ndjson"
"""In a folder of entry files, their histories: it is read before them."""

MAX_LINE = 2 * 1024 * 1024
"""Bytes of a line of NDJSON: an entry as large as a request may bring it, with room."""

BATCH_BYTES = 4 * MAX_LINE
"""Bytes after which no more items are taken at a time."""


@dataclass(frozen=True, slots=True)
class Located:
    """A record and where it stands; `line` is None where it has a file to itself."""

    record: Record
    digest: bytes
    """Of the record's content: the same for the same content, and for no other."""
    file: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """What cannot become an entry, where it stands, and why not: as a sentence, and by field."""

    file: str
    line: int | None
    reason: str
    errors: tuple[FieldError, ...] = ()


Item = Located | Reject


class Reader:
    """The records of files and folders, lazily; what cannot be read comes as a Reject."""

    def __init__(self, sources: Sequence[Path | BinaryIO]) -> None:
        """Look what there is.

        Files of any ending are taken, of folders only entry files and their histories; what is
        open already is NDJSON.
        """
        self._files = [
            file
            for source in sources
            for file in (_files_of(source) if isinstance(source, Path) else [source])
        ]
        self._items = self._read()
        self.total = sum(_size(file) for file in self._files if isinstance(file, Path))
        """Bytes to be read."""
        self.done = 0
        """Bytes read so far."""

    def take(self, number: int) -> list[Item]:
        """Return the next items, at most `number`, fewer where they are large; none at the end."""
        until, items = self.done + BATCH_BYTES, list[Item]()
        for item in islice(self._items, number):
            items.append(item)
            if self.done >= until:
                break
        return items

    def _read(self) -> Iterator[Item]:
        for file in self._files:
            if not isinstance(file, Path):
                yield from self._read_ndjson(file, "")
                continue
            before = self.done
            try:
                yield from self._read_file(file)
            except OSError as error:
                yield Reject(str(file), None, error.strerror or str(error))
            except BadRecord as error:
                yield _reject(str(file), error.line, error)
            self.done = before + _size(file)

    def _read_file(self, file: Path) -> Iterator[Item]:
        if not file.exists():
            raise BadRecord("there is no such file or folder")
        if file.is_dir():
            raise BadRecord("no entry file (.md) is in this folder; name other files themselves")
        match file.suffix.lower():
            case ".md":
                yield _attempt(str(file), None, _parse_entry_file, file)
            case ".json":
                yield from _read_json(file)
            case ".ndjson":
                with file.open("rb") as lines:
                    yield from self._read_ndjson(lines, str(file))
            case _:
                raise BadRecord("the name must end in .md, .ndjson or .json")

    def _read_ndjson(self, lines: BinaryIO, name: str) -> Iterator[Item]:
        number = 0
        while line := lines.readline(MAX_LINE + 1):
            number += 1
            self.done += len(line)
            if len(line) > MAX_LINE:
                self.done += _skip_line(lines, line)
                yield Reject(name, number, f"the line is over {MAX_LINE:,} bytes long")
            elif line.strip():
                yield _attempt(name, number, _parse_line, line)


def _files_of(path: Path) -> list[Path]:
    """Return the file itself, or the folder's entry files, sorted; no README and nothing hidden.

    Before them comes the folder's file of histories, if there is one. A folder with nothing to
    read stands for itself, to be rejected.
    """
    if not path.is_dir():
        return [path]
    files = [path / file for file in entry_files(path)]
    if (path / HISTORY).is_file():
        files.insert(0, path / HISTORY)
    return files or [path]


def entry_files(folder: Path) -> list[Path]:
    """Return the entry files in the folder and below, as seen from it, sorted."""
    found = [file.relative_to(folder) for file in folder.rglob("*.md")]
    return [
        file
        for file in sorted(found)
        if file.name != "README.md" and not any(part.startswith(".") for part in file.parts)
    ]


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _skip_line(lines: BinaryIO, line: bytes) -> int:
    """Read on to the end of a line that has begun; return how many bytes that were."""
    skipped = 0
    while line and not line.endswith(b"\n"):
        line = lines.readline(MAX_LINE)
        skipped += len(line)
    return skipped


def _attempt(
    file: str, line: int | None, parse: Callable[[Unpack[Ts]], Record], *args: *Ts
) -> Item:
    try:
        record = parse(*args)
    except BadRecord as error:
        return _reject(file, line or error.line, error)
    return Located(record, digest_of(record.content), file, line)


def _reject(file: str, line: int | None, error: BadRecord) -> Reject:
    return Reject(file, line, error.detail, error.errors)


def digest_of(content: EntryContent) -> bytes:
    """Return what tells the content from every other, in 16 bytes."""
    return hashlib.blake2b(content.model_dump_json().encode(), digest_size=16).digest()


def _parse_entry_file(file: Path) -> Record:
    return parse_entry_file(decoded(file.read_bytes()), slug=file.stem)


def _parse_line(line: bytes) -> Record:
    return parse_line(parse_json(line))


def _read_json(file: Path) -> Iterator[Item]:
    """Read one object, or the items of a list one by one, however many there are."""
    with file.open("rb") as opened:
        if opened.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"[":
            yield _attempt(str(file), None, lambda: parse_record(parse_json(file.read_bytes())))
            return
        opened.seek(0)
        if opened.read(3) != b"\xef\xbb\xbf":
            opened.seek(0)
        number = 0
        try:
            for number, value in enumerate(items_of(opened), start=1):
                item = _attempt(str(file), None, parse_record, value)
                if isinstance(item, Reject):
                    item = replace(item, reason=f"item {number}: {item.reason}")
                yield item
        except BadRecord as error:
            yield Reject(str(file), None, f"item {number + 1}: {error.detail}")
