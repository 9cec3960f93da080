"""From files to records, one after another as they are asked for. Blocks: run it in a thread."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVarTuple, Unpack

from kb.entries.files import parse_entry_file
from kb.entries.records import BadRecord, EntryRecord, parse_record

Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True)
class Located:
    """A record and where it stands; `line` is None where it has a file to itself."""

    record: EntryRecord
    file: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """What cannot become an entry, where it stands, and why not."""

    file: str
    line: int | None
    reason: str


Item = Located | Reject


class Reader:
    """The records of files and folders, lazily; what cannot be read comes as a Reject."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Look what there is: files of any ending are taken, of folders only entry files."""
        self._files = [file for path in paths for file in _files_of(path)]
        self._items = self._read()
        self.total = sum(_size(file) for file in self._files)
        """Bytes to be read."""
        self.done = 0
        """Bytes read so far."""

    def take(self, number: int) -> list[Item]:
        """Return the next items, at most `number`; none at the end."""
        return list(islice(self._items, number))

    def _read(self) -> Iterator[Item]:
        for file in self._files:
            before = self.done
            try:
                yield from self._read_file(file)
            except OSError as error:
                yield Reject(str(file), None, error.strerror or str(error))
            except BadRecord as error:
                yield Reject(str(file), error.line, error.detail)
            self.done = before + _size(file)

    def _read_file(self, file: Path) -> Iterator[Item]:
        if not file.exists():
            raise BadRecord("there is no such file or folder")
        match file.suffix.lower():
            case ".md":
                yield _attempt(file, None, _parse_entry_file, file)
            case ".json":
                yield from _read_json(file)
            case ".ndjson":
                yield from self._read_ndjson(file)
            case _:
                raise BadRecord("the name must end in .md, .ndjson or .json")

    def _read_ndjson(self, file: Path) -> Iterator[Item]:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                self.done += len(line)
                if line.strip():
                    yield _attempt(file, number, _parse_line, line)


def _files_of(path: Path) -> list[Path]:
    """Return the file itself, or the folder's entry files, sorted; no README and nothing hidden."""
    if not path.is_dir():
        return [path]
    found = [file.relative_to(path) for file in path.rglob("*.md")]
    return [
        path / file
        for file in sorted(found)
        if file.name != "README.md" and not any(part.startswith(".") for part in file.parts)
    ]


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _attempt(
    file: Path, line: int | None, parse: Callable[[Unpack[Ts]], EntryRecord], *args: *Ts
) -> Item:
    try:
        return Located(parse(*args), str(file), line)
    except BadRecord as error:
        return Reject(str(file), line or error.line, error.detail)


def _parse_entry_file(file: Path) -> EntryRecord:
    return parse_entry_file(_decoded(file.read_bytes()), slug=file.stem)


def _parse_line(line: bytes) -> EntryRecord:
    return parse_record(_json(line))


def _read_json(file: Path) -> Iterator[Item]:
    data = _json(file.read_bytes())
    if not isinstance(data, list):
        yield _attempt(file, None, parse_record, data)
        return
    for number, value in enumerate(data, start=1):
        item = _attempt(file, None, parse_record, value)
        if isinstance(item, Reject):
            item = replace(item, reason=f"item {number}: {item.reason}")
        yield item


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadRecord("is not valid UTF-8", line=line) from None


def _json(data: bytes) -> object:
    try:
        return json.loads(_decoded(data))
    except json.JSONDecodeError as error:
        raise BadRecord(f"is not valid JSON: {error.msg}", line=error.lineno) from None
    except (ValueError, RecursionError):  # digits or brackets beyond what Python takes
        raise BadRecord("is not valid JSON: a number or its nesting goes too far") from None
