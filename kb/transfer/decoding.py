"""JSON from anywhere: whatever is wrong with it, it is said so."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import ijson

from kb.entries.records import BadRecord
from kb.errors import FieldError

MAX_DEPTH = 100
"""How deep the lists and objects in a JSON list may stand in each other; ours go to three."""

_BEGINNINGS = frozenset({"start_map", "start_array"})
_ENDS = frozenset({"end_map", "end_array"})


def decoded(data: bytes) -> str:
    """Return the text, without the mark that some programs put before it. Raises BadRecord."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadRecord("is not valid UTF-8", line=line) from None


def parse_json(data: bytes) -> object:
    """Return the value, which no two readers could take for different ones. Raises BadRecord."""
    text = decoded(data)
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise BadRecord(f"is not valid JSON: {error.msg}", line=error.lineno) from None
    except (ValueError, RecursionError):  # digits or brackets beyond what Python takes
        raise BadRecord("is not valid JSON: a number or its nesting goes too far") from None


def items_of(file: BinaryIO) -> Iterator[object]:
    """Yield the items of a JSON list one by one, however long that is. Raises BadRecord.

    What `ijson.items` does, but in time that does not grow with the square of the nesting.
    """
    depth, builder = 0, ijson.ObjectBuilder()
    try:
        for event, value in ijson.basic_parse(file, use_float=True):
            depth -= event in _ENDS
            if depth:
                builder.event(event, value)
            depth += event in _BEGINNINGS
            if depth > MAX_DEPTH:
                raise BadRecord("the nesting goes too far")
            if depth == 1 and event != "start_array":
                yield builder.value
                builder = ijson.ObjectBuilder()
    except (ijson.JSONError, UnicodeDecodeError):
        raise BadRecord("is not valid JSON in UTF-8") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of these members; RFC 8259 leaves open what a name twice would mean."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BadRecord(f"{name} stands there twice", (FieldError(name, "stands there twice"),))
        found[name] = value
    return found


def _constant(name: str) -> object:
    raise BadRecord(f"is not valid JSON: {name} is no number there")
