"""What screening finds, and what it looks for it in (pure)."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kb.entries.schemas import EntryContent

MAX_SHOWN = 80
"""Characters of a finding that a reason repeats."""


class Kind(StrEnum):
    """What a finding looks like."""

    SECRET = "secret"  # noqa: S105 (the name of a kind)
    INSTRUCTIONS = "instructions"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found in a field; `match` is the text itself, which no reason may repeat whole."""

    kind: Kind
    field: str
    message: str
    match: str

    def reason(self) -> dict[str, str]:
        """Return what is kept and told of it: `kind`, `field` and `message`."""
        return {"kind": self.kind, "field": self.field, "message": self.message}


def fields_of(content: EntryContent) -> Iterator[tuple[str, str]]:
    """Yield each text of an entry with its field's path, such as `gotchas.2`."""
    for name, value in content.model_dump(mode="json").items():
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, list):
            yield from ((f"{name}.{index}", one) for index, one in enumerate(value))


def shown(text: str) -> str:
    """Return the text as a reason quotes it: short, on one line, nothing hidden in it."""
    line = " ".join(text.split())
    visible = "".join(f"U+{ord(one):04X}" if _hidden(one) else one for one in line)
    return visible if len(visible) <= MAX_SHOWN else f"{visible[: MAX_SHOWN - 1]}…"


def _hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cf", "Cc", "Co", "Cn"}
