"""Three-way merge: two changes of an entry that began from one state, brought together (pure).

A field that only one side changed is taken from it. Where both did, values are taken whole, sets of
items by what was added and removed, and prose by paragraph and line. What touches is a conflict,
never decided here. Theirs and yours can change places: what merges then merges to the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from pydantic import ValidationError

from kb.entries.schemas import MAX_TEXT, EntryContent, size_of
from kb.revisions.diff import PROSE
from kb.revisions.diff3 import Region, merge_items, merge_text, union

Value = str | list[str] | None
"""What a field holds."""

SETS = frozenset({"environment", "tags", "keywords", "error_messages", "references"})
"""The lists whose items stand for themselves, whatever their order."""

SEQUENCES = frozenset({"gotchas"})
"""The lists that are read in order."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A passage that both sides agree on, or that only one of them changed."""

    text: str


@dataclass(frozen=True, slots=True)
class Touching:
    """A passage that both sides changed, each in its own way."""

    base: str
    theirs: str
    yours: str


Part = Settled | Touching


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field in which the changes touch.

    `with_theirs` and `with_yours` are the field merged, with that side's text where they touch.
    """

    field: str
    base: Value
    theirs: Value
    yours: Value
    with_theirs: Value
    with_yours: Value
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """What two changes make together; in the fields that conflict, `content` has `with_yours`."""

    content: EntryContent
    conflicts: tuple[FieldConflict, ...]


def merge(base: EntryContent, theirs: EntryContent, yours: EntryContent) -> Merge:
    """Return what comes of two changes of `base`, and the fields in which they touch."""
    values: dict[str, Value] = {}
    conflicts: list[FieldConflict] = []
    for name in EntryContent.model_fields:
        sides = (getattr(base, name), getattr(theirs, name), getattr(yours, name))
        found = _merge_field(name, *sides)
        if isinstance(found, FieldConflict):
            conflicts.append(found)
            found = found.with_yours
        values[name] = found
    merged = EntryContent.stored(values)
    if size_of(merged) > max(MAX_TEXT, size_of(theirs), size_of(yours)):
        return _too_long(base, theirs, yours)
    return Merge(merged, tuple(conflicts))


def _too_long(base: EntryContent, theirs: EntryContent, yours: EntryContent) -> Merge:
    """Return the choice between each field of yours and theirs, where all together is too much."""
    names = [
        name for name in EntryContent.model_fields if getattr(yours, name) != getattr(base, name)
    ]
    sides = {name: [getattr(one, name) for one in (base, theirs, yours)] for name in names}
    conflicts = [_whole(name, *three) for name, three in sides.items() if three[1] != three[2]]
    values = {name: getattr(theirs, name) for name in EntryContent.model_fields}
    values |= {one.field: one.with_yours for one in conflicts}
    return Merge(EntryContent.stored(values), tuple(conflicts))


class Standing(StrEnum):
    """How a change stands to what the entry has become since its base."""

    CURRENT = "current"
    REBASED = "rebased"
    CONFLICT = "conflict"
    REDUNDANT = "redundant"


def standing(base: EntryContent, today: EntryContent, change: EntryContent) -> Standing:
    """Return how a change of `base` stands to the entry today."""
    merged = merge(base, today, change)
    if merged.conflicts:
        return Standing.CONFLICT
    if merged.content == today:
        return Standing.REDUNDANT
    return Standing.CURRENT if base == today else Standing.REBASED


def _merge_field(name: str, base: Value, theirs: Value, yours: Value) -> Value | FieldConflict:
    if yours in (base, theirs):
        return theirs
    if theirs == base:
        return yours
    try:
        return _merge_changes(name, base, theirs, yours)
    except ValidationError:
        # Together they break a rule of the field, such as its length: somebody has to choose.
        return _whole(name, base, theirs, yours)


def _merge_changes(name: str, base: Value, theirs: Value, yours: Value) -> Value | FieldConflict:
    """Return the field that both sides changed. Raises ValidationError."""
    if name in SETS:
        return _valid(name, _merge_sets(_items(base), _items(theirs), _items(yours)))
    join: Callable[[list[str]], Value]
    if name in SEQUENCES:
        regions, join = merge_items(_items(base), _items(theirs), _items(yours)), list
    elif name in PROSE:
        regions, join = merge_text(*map(_prose, (base, theirs, yours))), _as_prose
    else:
        return _whole(name, base, theirs, yours)
    with_yours = _valid(name, join([item for region in regions for item in region.yours]))
    if not any(region.touching for region in regions):
        return with_yours
    with_theirs = _valid(name, join([item for region in regions for item in region.theirs]))
    parts = tuple(_parts(regions, join))
    return FieldConflict(name, base, theirs, yours, with_theirs, with_yours, parts)


def _whole(name: str, base: Value, theirs: Value, yours: Value) -> FieldConflict:
    parts = (Touching(as_text(base), as_text(theirs), as_text(yours)),)
    return FieldConflict(name, base, theirs, yours, theirs, yours, parts)


def _merge_sets(base: list[str], theirs: list[str], yours: list[str]) -> list[str]:
    """Return what neither removed and what either added, in the order of whoever changed that."""
    kept = set(base) & set(theirs) & set(yours)
    old, others, mine = ([item for item in side if item in kept] for side in (base, theirs, yours))
    order = mine if others == old else others if mine == old else old
    added = ([item for item in side if item not in base] for side in (theirs, yours))
    return [*order, *union(*added)]


def _parts(regions: list[Region], join: Callable[[list[str]], Value]) -> Iterator[Part]:
    for touching, group in groupby(regions, lambda region: region.touching):
        if touching:
            for region in group:
                sides = (region.base, region.theirs, region.yours)
                yield Touching(*(as_text(join(side)) for side in sides))
        else:
            yield Settled(as_text(join([item for region in group for item in region.yours])))


_SOUND = {"title": "A title that is sound", "tags": ["sound"], "problem": "Sound."}


def _valid(name: str, value: Value) -> Value:
    """Return the value as the schema has it. Raises ValidationError."""
    found: Value = getattr(EntryContent.model_validate(_SOUND | {name: value}), name)
    return found


def as_text(value: Value) -> str:
    """Return what a field holds as one text."""
    return "\n\n".join(value) if isinstance(value, list) else str(value or "")


def _items(value: Value) -> list[str]:
    return value if isinstance(value, list) else []


def _prose(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def _as_prose(items: list[str]) -> Value:
    return "\n".join(items) or None
