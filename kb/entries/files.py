"""Entry files: one entry as Markdown with TOML front matter.

The front matter, between two `+++` lines, holds everything short, in the order of `FRONT_MATTER`;
empty fields are left out, and so is the slug, which is the file's name. Below it come the sections
of `kb.entries.sections`.
"""

import re
import tomllib
from datetime import datetime

import tomli_w

from kb.entries.records import META, ArchivedMark, BadRecord, EntryRecord, build_record
from kb.entries.sections import format_sections, parse_sections
from kb.errors import Invalid

FRONT_MATTER = (
    "title",
    "category",
    "severity",
    "language",
    "framework",
    "environment",
    "tags",
    "keywords",
    "error_messages",
    "applies_to",
    "references",
    *META,
)
"""The keys of the front matter, in the order they are written."""

_EDGE = "+++"
_WIDTH = 100
_TOML_POSITION = re.compile(r" \(at line (\d+), column \d+\)")
_KEY = re.compile(r"([A-Za-z_]+)[ \t]*=")
MAX_PARTS = 10
"""Parts of a dotted key, for which tomllib takes quadratic time; no field of ours has two."""
_DOTTED = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{MAX_PARTS}}}")
# What holds no key, and what a part of a key may be quoted in (TOML 1.0). What is not closed goes
# to the end: nothing is looked at twice.
_STRING = re.compile(
    r'"{3}(?:[^"\\]|\\.|"{1,2}(?!"))*+(?:"{3})?+|"(?:[^"\\\n]|\\.)*+"?+|'
    r"'{3}(?:[^']|'{1,2}(?!'))*+(?:'{3})?+|'[^'\n]*+'?+|#[^\n]*+",
    re.DOTALL,
)


def _front_matter_end(lines: list[str]) -> int:
    """Return the index of the line that closes the front matter."""
    if lines[0].rstrip() != _EDGE:
        raise BadRecord(f"an entry file starts with a line {_EDGE}", line=1)
    for index, line in enumerate(lines[1:], start=1):
        if line.rstrip() == _EDGE:
            return index
    raise BadRecord(f"the front matter is not closed by a line {_EDGE}", line=1)


def _blanked(string: re.Match[str]) -> str:
    """Return a word in the place of a string, on as many lines, which are then counted right."""
    return "_" + "\n" * string[0].count("\n")


def _parse_front_matter(lines: list[str]) -> tuple[dict[str, object], dict[str, int]]:
    """Return the fields, and the line in the file where each stands."""
    where: dict[str, int] = {}
    for number, line in enumerate(lines, start=2):
        if match := _KEY.match(line):
            where.setdefault(match[1], number)
    text = "\n".join(lines)
    if dotted := _DOTTED.search(_STRING.sub(_blanked, text)):
        at = dotted.string.count("\n", 0, dotted.start()) + 2
        raise BadRecord(f"the front matter has a key of over {MAX_PARTS} parts", line=at)
    try:
        fields = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        position = _TOML_POSITION.search(str(error))
        reason = _TOML_POSITION.sub("", str(error))
        at = int(position[1]) + 1 if position else len(lines) + 1
        raise BadRecord(f"the front matter is not valid TOML: {reason}", line=at) from None
    for name in fields:
        if name not in FRONT_MATTER:
            raise BadRecord(f"unknown front-matter key {name!r}", line=where.get(name))
    return fields, where


def parse_entry_file(text: str, *, slug: str | None) -> EntryRecord:
    """Return the record in an entry file; `slug` is the file name's stem, if there is one.

    Raises:
        BadRecord: the file is not in the form described above, or a field breaks its rule.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    end = _front_matter_end(lines)
    short, where = _parse_front_matter(lines[1:end])
    prose, headings = parse_sections(enumerate(lines[end + 1 :], start=end + 2))
    where |= headings
    try:
        return build_record({"slug": slug, **short, **prose})
    except Invalid as error:
        field = error.errors[0].field
        line = where.get(field) or where.get(field.split(".", maxsplit=1)[0])
        raise BadRecord(error.detail, error.errors, line) from None


def _toml_text(text: str) -> str:
    """Return a TOML string, on several lines where that is readable and closes no front matter."""
    closes = any(line.rstrip() == _EDGE for line in text.split("\n"))
    document = tomli_w.dumps({"_": text}, multiline_strings=not closes)
    return document.removeprefix("_ = ").removesuffix("\n")


def _toml_value(value: str | list[str] | datetime | ArchivedMark) -> str:
    if isinstance(value, ArchivedMark):
        return f"{{ {', '.join(f'{name} = {_toml_value(one)}' for name, one in value)} }}"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, str):
        return _toml_text(value)
    items = [_toml_text(item) for item in value]
    line = f"[{', '.join(items)}]"
    if len(line) <= _WIDTH and "\n" not in line:
        return line
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def format_entry_file(record: EntryRecord) -> str:
    """Return the text of the record's file, to be named after its slug."""
    fields = {**dict(record.content), **dict(record), "slug": None}
    front = "".join(
        f"{name} = {_toml_value(fields[name])}\n" for name in FRONT_MATTER if fields[name]
    )
    return f"{_EDGE}\n{front}{_EDGE}\n{format_sections(record.content)}"
