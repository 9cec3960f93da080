"""The facets of a result as a page offers them: what is shown, what is folded away (pure)."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kb.entries.schemas import Category, Severity
from kb.entries.selection import MAX_FACET_VALUES, Facets, FacetValue
from kb.web.address import Address

FEW, FEW_TAGS = 8, 20
"""Values that are shown; the others are folded away."""

_VOCABULARIES = {"category": list(map(str, Category)), "severity": list(map(str, Severity))}


class Option(NamedTuple):
    """A value that can be put on, or taken off where it is: by going to `url`."""

    value: str
    entries: int
    selected: bool
    url: str


@dataclass(frozen=True, slots=True)
class OfferedFacet:
    """A facet with what is shown of it, and what is folded away."""

    name: str
    shown: list[Option]
    more: list[Option]
    partly: bool = False
    """Whether only some entries were counted, so that there may be more."""

    @property
    def selected(self) -> list[Option]:
        """The values that are on."""
        return [option for option in self.shown if option.selected]

    @property
    def cut(self) -> bool:
        """Whether there may be values that are not named at all."""
        return len(self.shown) + len(self.more) >= MAX_FACET_VALUES


def offered(facets: Facets, address: Address, partly: Container[str] = ()) -> list[OfferedFacet]:
    """Return the facets that have values, on the page of that address; chosen values are shown.

    `partly` names those of which only some entries were counted.
    """
    return [
        _offered(name, values, address, partly=name in partly)
        for name, values in facets.items()
        if values
    ]


def _offered(
    name: str, values: list[FacetValue], address: Address, *, partly: bool
) -> OfferedFacet:
    options = list(_options(name, _in_order(name, values), address))
    few = FEW_TAGS if name == "tag" else FEW
    rest = options[few:]
    shown = options[:few] + [option for option in rest if option.selected]
    return OfferedFacet(name, shown, [one for one in rest if not one.selected], partly)


def _options(name: str, values: list[FacetValue], address: Address) -> Iterator[Option]:
    urls = address.toggled_urls(name, [value["value"] for value in values])
    for value, url in zip(values, urls, strict=True):
        yield Option(value["value"], value["count"], value["selected"], url)


def _in_order(name: str, values: list[FacetValue]) -> list[FacetValue]:
    """Return a facet's values in the order that suits it.

    Categories and severities have one of their own and are all listed, so that nothing moves when
    one of them is chosen.
    """
    if name not in _VOCABULARIES:
        return values
    known = {value["value"]: value for value in values}
    return [
        known.get(word, {"value": word, "count": 0, "selected": False})
        for word in _VOCABULARIES[name]
    ]
