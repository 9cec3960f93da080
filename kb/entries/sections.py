r"""The Markdown below an entry file's front matter: `## Problem` and its fellows.

Each gotcha is a `- ` item whose further lines are indented by two spaces; the other sections are
prose. The heading of one of the five sections is a section heading wherever it stands, and outside
a code fence so is every second-level heading, which makes a misspelt one an error.

Where the prose itself holds such a line, the file has a backslash before it: `\## Problem`. A line
that already looks like that gets one more, and reading takes one away, so that every prose comes
back as it was.
"""

import re
from collections.abc import Iterable, Iterator

from kb.entries.records import BadRecord
from kb.entries.schemas import EntryContent

SECTIONS = ("Problem", "Solution", "Why", "Gotchas", "Context")
"""The sections, in the order they are written; each is a field in lower case."""

_HEADING = re.compile(r"(\\*)##[ \t]+(\S(?:.*[^ \t])?)[ \t]*+")
_CODE_FENCE = re.compile(r"[ \t]*(`{3,}(?=[^`]*$)|~{3,})(.*)")


def _with_fences(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield each line of a prose and whether it stands in a code fence (CommonMark 0.31, 4.5)."""
    open_fence = ""
    for line in lines:
        yield line, bool(open_fence)
        match = _CODE_FENCE.fullmatch(line)
        if match is None:
            continue
        if not open_fence:
            open_fence = match[1]
        elif match[1].startswith(open_fence) and not match[2].strip():
            open_fence = ""


def _heading(line: str, *, fenced: bool) -> re.Match[str] | None:
    """Match what is, but for backslashes before it, a section heading."""
    match = _HEADING.fullmatch(line)
    return match if match and (match[2] in SECTIONS or not fenced) else None


def _split(lines: Iterable[tuple[int, str]]) -> dict[str, list[tuple[int, str]]]:
    """Return each section's numbered lines, its heading first; "" is what precedes them all."""
    current: list[tuple[int, str]] = []
    sections = {"": current}
    for number, line in lines:
        match = _HEADING.fullmatch(line)
        if match and not match[1] and match[2] in SECTIONS:
            if match[2] in sections:
                raise BadRecord(f"the section {match[2]} stands here again", line=number)
            current = sections[match[2]] = []
        current.append((number, line))
    return sections


def _parse_prose(lines: list[tuple[int, str]]) -> str:
    prose = []
    for (number, _), (line, fenced) in zip(
        lines, _with_fences(line for _, line in lines), strict=True
    ):
        match = _heading(line, fenced=fenced)
        if match and not match[1]:
            raise BadRecord(
                f"unknown section {match[2]!r}; the sections are {', '.join(SECTIONS)},"
                " and a heading within one is written with a backslash before it",
                line=number,
            )
        prose.append(line[1:] if match else line)
    return "\n".join(prose)


def _parse_gotchas(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the items, each with the number of its first line."""
    items: list[tuple[int, list[str]]] = []
    for number, line in lines:
        if line.startswith("- "):
            items.append((number, [line[2:]]))
        elif items and line.startswith("  "):
            items[-1][1].append(line[2:])
        elif line.strip(" \t"):
            reason = "a gotcha starts with '- ' and its further lines with two spaces"
            raise BadRecord(reason, line=number)
        elif items:
            items[-1][1].append("")
    return [(number, "\n".join(item)) for number, item in items]


def parse_sections(
    lines: Iterable[tuple[int, str]],
) -> tuple[dict[str, object], dict[str, int]]:
    """Return the fields that these numbered lines hold, and the line where each stands.

    Raises:
        BadRecord: a section is unknown or repeated, text stands before the first, or a line among
            the gotchas belongs to none.
    """
    sections = _split(lines)
    before = sections.pop("")
    if _parse_prose(before).strip():
        first = next(number for number, line in before if line.strip())
        raise BadRecord("text before the first section", line=first)
    fields: dict[str, object] = {}
    where: dict[str, int] = {}
    for name, ((heading, _), *body) in sections.items():
        where[name.lower()] = heading
        if name == "Gotchas":
            gotchas = _parse_gotchas(body)
            where |= {f"gotchas.{index}": line for index, (line, _) in enumerate(gotchas)}
            fields["gotchas"] = [text for _, text in gotchas]
        else:
            fields[name.lower()] = _parse_prose(body)
    return fields, where


def _format_prose(prose: str) -> str:
    return "\n".join(
        "\\" + line if _heading(line, fenced=fenced) else line
        for line, fenced in _with_fences(prose.split("\n"))
    )


def _format_gotcha(text: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join([f"- {first}", *(f"  {line}" if line else "" for line in rest)])


def format_sections(content: EntryContent) -> str:
    """Return the sections of the file, each after a blank line, the empty ones left out."""
    written = []
    for name in SECTIONS:
        value = getattr(content, name.lower())
        if value:
            text = (
                "\n".join(map(_format_gotcha, value)) if name == "Gotchas" else _format_prose(value)
            )
            written.append(f"\n## {name}\n\n{text}\n")
    return "".join(written)
