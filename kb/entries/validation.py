"""From untrusted values to an entry's content, and from pydantic's errors to sentences."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kb.entries.schemas import SLUG_PATTERN, TAG_PATTERN, EntryContent
from kb.errors import FieldError, Invalid

_MESSAGES = {
    "missing": "is required",
    "timezone_aware": "must have a time zone, as in 2026-01-02T03:04:05Z",
    "extra_forbidden": "is not a known field",
    "string_type": "must be text",
    "string_unicode": "must be valid Unicode text",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}
_PATTERNS = {
    TAG_PATTERN: "may hold only a-z, 0-9 and . + # -, 1 to 50 characters",
    SLUG_PATTERN: "may hold only a-z, 0-9 and -, 1 to 100 characters",
}
_NAMED_IN_DETAIL = 5

M = TypeVar("M", bound=BaseModel)


def _too_short(context: dict[str, Any], value: object) -> str:
    least = context["min_length"]
    if isinstance(value, list):
        return f"needs at least {least} item{'s' if least > 1 else ''}"
    if least == 1:
        return "must not be empty"
    length = context.get("actual_length", len(str(value)))
    return f"must be at least {least} characters long, is {length}"


def _too_long(context: dict[str, Any], value: object) -> str:
    unit = "items" if isinstance(value, list) else "characters"
    return f"may have at most {context['max_length']} {unit}"


def _message(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in {"too_short", "string_too_short"}:
        return _too_short(context, error["input"])
    if kind in {"too_long", "string_too_long"}:
        return _too_long(context, error["input"])
    if kind in {"enum", "literal_error"}:
        return f"must be {context['expected'].replace(chr(39), '')}"
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(context["pattern"], "is not in the right form")
    plain = error["msg"].removeprefix("Value error, ").replace("Input should be ", "must be ")
    return _MESSAGES.get(kind, plain)


def field_error(error: ErrorDetails) -> FieldError:
    """Return one of pydantic's error details as a field's path (`tags.2`) and a sentence."""
    return FieldError(".".join(map(str, error["loc"])), _message(error))


def field_errors(error: ValidationError) -> tuple[FieldError, ...]:
    """Return what a pydantic error says, field by field, for a person to read."""
    return tuple(field_error(one) for one in error.errors(include_url=False))


def invalid(errors: tuple[FieldError, ...]) -> Invalid:
    """Return the error to raise for these faults; its detail names the first few of them."""
    named = [f"{one.field} {one.message}".strip() for one in errors[:_NAMED_IN_DETAIL]]
    more = len(errors) - len(named)
    return Invalid("; ".join(named) + (f"; and {more} more" if more else ""), errors)


def validate_content(data: Mapping[str, object]) -> EntryContent:
    """Return the entry's content that these values make. Raises Invalid."""
    return validate(EntryContent, data)


def validate(kind: type[M], data: Mapping[str, object]) -> M:
    """Return the model of that kind that these values make.

    Raises:
        Invalid: some field breaks its rule; `errors` has them all.
    """
    try:
        return kind.model_validate(dict(data))
    except ValidationError as error:
        raise invalid(field_errors(error)) from None
