"""An entry as a form: its fields as texts, what was typed into them, and what is wrong with it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Self

from kb.entries.schemas import EntryContent
from kb.errors import FieldError, Invalid
from kb.web.forms import PostedForm
from kb.web.templates import FIELD_LABELS

BY_COMMA = ("environment", "tags")
BY_LINE = ("keywords", "references")
REPEATED = ("error_messages", "gotchas")
PLAIN = tuple(
    name for name in EntryContent.model_fields if name not in {*BY_COMMA, *BY_LINE, *REPEATED}
)
ADD_PREFIX = "add-"
"""The action of a button that adds a box to a repeated field: `add-gotchas`."""
TAKE_PREFIX = "take-"
"""The choice between the texts of a field in conflict: `take-why`."""
MINE, THEIRS, BASE = "mine", "theirs", "base"
"""What can be chosen: what is in the box, or the field as one of the two revisions has it."""

OTHERS = ("summary", "base", "since", "version", "action", "compared", "promised")
"""Fields of the form that are none of the entry."""

_SPARE = 2
"""Empty boxes offered for each repeated field."""
_ITEM = re.compile(r'\s*+(?:"((?:[^"]|"")*+)"\s*+(?=,|\Z)|([^,]*+))(?:,|\Z)')
_SHOWN = 60
"""Characters of an item that are quoted in its error."""


@dataclass(frozen=True, slots=True)
class EntryForm:
    """The texts in an entry's form; `compared` says that similar entries were shown.

    In a conflict, `base` is the revision that is current, `since` the one started from, and `takes`
    has the choice for each field that both changed. `version` is that of a suggestion. `promised`
    says what the form's button was for, because somebody may sign out before pressing it.
    """

    texts: dict[str, str]
    boxes: dict[str, list[str]]
    summary: str = ""
    base: str = ""
    since: str = ""
    version: str = ""
    takes: dict[str, str] = field(default_factory=dict)
    action: str = "save"
    compared: bool = False
    promised: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)
    """Messages by the id of the box they belong to: `title`, `gotchas-2`."""

    @classmethod
    def blank(cls, title: str = "", error_message: str = "") -> Self:
        """Return the form for a new entry."""
        texts = dict.fromkeys((*PLAIN, *BY_COMMA, *BY_LINE), "")
        defaults = {"category": "gotcha", "severity": "moderate", "title": title}
        boxes = {name: [""] * _SPARE for name in REPEATED}
        boxes["error_messages"][0] = error_message
        return cls(texts | defaults, boxes)

    @classmethod
    def of(cls, content: EntryContent, base: int, summary: str = "") -> Self:
        """Return the form prefilled with what a revision holds."""
        texts = {name: str(getattr(content, name) or "") for name in PLAIN}
        texts |= {name: ", ".join(map(_quoted, getattr(content, name))) for name in BY_COMMA}
        texts |= {name: "\n".join(getattr(content, name)) for name in BY_LINE}
        boxes = {name: [*getattr(content, name), *[""] * _SPARE] for name in REPEATED}
        return cls(texts, boxes, summary, str(base))

    @classmethod
    def posted(cls, form: PostedForm) -> Self:
        """Return the form as it was sent, filled boxes first. Raises BadRequest."""
        single = (*PLAIN, *BY_COMMA, *BY_LINE)
        takes = {name: TAKE_PREFIX + name for name in EntryContent.model_fields}
        form.allow([*single, *REPEATED, *OTHERS, *takes.values()])
        boxes = {name: sorted(form.many(name), key=_is_blank) for name in REPEATED}
        action = form.one("action", "save")
        for name in REPEATED:
            if action == ADD_PREFIX + name or not boxes[name]:
                boxes[name].append("")
        return cls(
            texts={name: _unix(form.one(name)) for name in single},
            boxes={name: [_unix(text) for text in texts] for name, texts in boxes.items()},
            summary=form.one("summary"),
            base=form.one("base"),
            since=form.one("since"),
            version=form.one("version"),
            takes={name: form.one(take) for name, take in takes.items() if form.many(take)},
            action=action,
            compared=bool(form.many("compared")),
            promised=form.one("promised"),
        )

    @property
    def promises_to_save(self) -> bool:
        """Whether its button said that what it sends is saved, and not only suggested."""
        return self.promised == "edit" and self.action != "suggest"

    @property
    def values(self) -> dict[str, object]:
        """What was typed, as the values that an entry's content is validated from."""
        values: dict[str, object] = {name: self.texts[name] for name in PLAIN}
        values |= {name: _items(_between_commas(self.texts[name])) for name in BY_COMMA}
        values |= {name: _items(self.texts[name].split("\n")) for name in BY_LINE}
        return values | {name: _filled(self.boxes[name]) for name in REPEATED}

    def text_of(self, name: str) -> str:
        """Return what stands in a field's box, or in all of its boxes."""
        return "\n\n".join(_filled(self.boxes[name])) if name in REPEATED else self.texts[name]

    def with_errors(self, error: Invalid) -> Self:
        """Return the form with the error's messages beside their boxes."""
        placed: dict[str, list[str]] = {}
        for fault in error.errors or (FieldError("", error.detail),):
            name, _, item = fault.field.partition(".")
            place = f"{name}-{item}" if name in REPEATED and item else name
            placed.setdefault(place, []).append(self._message(name, item, fault.message))
        return replace(self, errors=placed)

    def _message(self, name: str, item: str, message: str) -> str:
        """Return the message as a sentence that names the item it is about."""
        values = self.values.get(name)
        subject = FIELD_LABELS.get(name, name.capitalize())
        if isinstance(values, list) and item and name not in REPEATED:
            subject = f"“{values[int(item)][:_SHOWN]}”"
        return f"{subject} {message}.".strip() if name else message


def _unix(text: str) -> str:
    """Return the text with the line ends that forms rewrite as they were."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_blank(text: str) -> bool:
    return not text.strip()


def _quoted(item: str) -> str:
    """Return an item as it stands between commas: in quotation marks where it has to."""
    doubled = item.replace('"', '""')
    return f'"{doubled}"' if "," in item or item.startswith('"') else item


def _between_commas(text: str) -> Iterator[str]:
    """Yield the items that stand in `text`, as in CSV: `a, "b, with a comma"` (RFC 4180)."""
    for found in _ITEM.finditer(text):
        yield found[2] if found[1] is None else found[1].replace('""', '"')


def _items(items: Iterable[str]) -> list[str]:
    return [item.strip() for item in items if item.strip()]


def _filled(boxes: Iterable[str]) -> list[str]:
    """Return the boxes that hold something; a line's leading spaces can mean code."""
    return [text.strip("\n") for text in boxes if text.strip()]
