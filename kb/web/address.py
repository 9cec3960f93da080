"""The address of a browse page: what is looked for, among what, in which order (pure).

The address is the page's whole state, so it is read strictly, and every link on the page is a
change of it.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Annotated
from urllib.parse import quote_plus

from pydantic import BeforeValidator, StringConstraints, ValidationError

from kb.entries.selection import FACETS, Selection, Sort
from kb.entries.validation import field_errors, invalid
from kb.errors import FieldError
from kb.search.query import MAX_LENGTH

MAX_PAGE = 100_000

_SINGLE = ("q", "sort", "page", "verbatim")
PARAMETERS = ("q", *FACETS, "sort", "page", "verbatim")
"""What the page's address may hold."""

_DECORATIONS = frozenset(
    {"dclid", "fbclid", "gbraid", "gclid", "igshid", "mc_cid", "mc_eid", "msclkid", "ref", "wbraid"}
)
_DECORATION_PREFIX = "utm_"
"""What newsletters, chats and other sites add to links: it means nothing here and is dropped."""

MAX_ALONG = 500
"""Characters of a search that go along to an entry, whose page then leads to the next one found."""

SHORT = 3_900
"""Characters that are left of a text that was too long to be searched for."""
_SHORT_HEAD = 1_500


def _page_number(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]{1,9}", value) or not 1 <= int(value) <= MAX_PAGE:
            raise ValueError(f"must be a whole number from 1 to {MAX_PAGE:,}")
        return int(value)
    return value


def _verbatim(value: object) -> object:
    if value not in {"1", True, False}:
        raise ValueError("must be 1 or left out")
    return bool(value)


class Address(Selection):
    """A browse page's address, read; the chosen facet values are those of `Selection`.

    `verbatim` says that words no entry has are meant as they are typed.
    """

    q: Annotated[str, StringConstraints(max_length=MAX_LENGTH)] = ""
    sort: Sort = Sort.RELEVANCE
    page: Annotated[int, BeforeValidator(_page_number)] = 1
    verbatim: Annotated[bool, BeforeValidator(_verbatim)] = False

    @property
    def selection(self) -> Selection:
        """The chosen facet values alone."""
        return Selection.model_construct(**{name: getattr(self, name) for name in FACETS})

    @property
    def narrowed(self) -> bool:
        """Whether any facet value is chosen."""
        return any(getattr(self, name) for name in FACETS)

    @property
    def url(self) -> str:
        """The address, without what is as it would be anyway."""
        return _joined(self._said(*PARAMETERS))

    @property
    def canonical(self) -> str:
        """The address that stands for all those of the same entries in whatever order."""
        return self.changed(sort=Sort.RELEVANCE, verbatim=False, page=self.page).url

    @property
    def along(self) -> str:
        """What an entry's address ends with: this search, where it is short enough to go along."""
        _, mark, search = self.url.partition("?")
        return mark + search if len(search) <= MAX_ALONG else ""

    def entry(self, slug: str) -> str:
        """Return the address of an entry, with this search where it is short enough to go along."""
        return f"/entries/{slug}{self.along}"

    def toggled(self, facet: str, value: str) -> "Address":
        """Return the first page with this facet value put on, or taken off where it is on."""
        chosen: list[str] = getattr(self, facet)
        rest = [one for one in chosen if one != value]
        return self.changed(**{facet: rest if len(rest) < len(chosen) else [*chosen, value]})

    def toggled_urls(self, facet: str, values: Iterable[str]) -> list[str]:
        """Return the `url` of `toggled` for each of the values: a page has a hundred of them."""
        chosen: list[str] = getattr(self, facet)
        names = [name for name in PARAMETERS if name != "page"]
        place = names.index(facet) + 1
        before = "".join(f"{one}&" for one in self._said(*names[:place]))
        after = "".join(f"&{one}" for one in self._said(*names[place:]))
        return [
            self.toggled(facet, value).url
            if value in chosen
            else f"/?{before}{facet}={_quoted(value)}{after}"
            for value in values
        ]

    def changed(self, **changes: object) -> "Address":
        """Return the address with these changes, back on page 1 unless they say which."""
        return self.model_copy(update={"page": 1, **changes})

    def cleared(self) -> "Address":
        """Return the first page of the same search, nothing narrowed."""
        return self.changed(**{name: [] for name in FACETS})

    def _said(self, *names: str) -> list[str]:
        """Return those of the parameters that are not as they would be anyway."""
        said: dict[str, list[str]] = {name: getattr(self, name) for name in FACETS}
        said["q"] = [self.q] if self.q else []
        said["sort"] = [self.sort] if self.sort is not Sort.RELEVANCE else []
        said["page"] = [str(self.page)] if self.page > 1 else []
        said["verbatim"] = ["1"] if self.verbatim else []
        return [f"{name}={_quoted(value)}" for name in names for value in said[name]]


def _joined(parameters: Sequence[str]) -> str:
    return f"/?{'&'.join(parameters)}" if parameters else "/"


# A page has the same text in each of its links.
@lru_cache(maxsize=1024)
def _quoted(text: str) -> str:
    return quote_plus(text)


def shortened(text: str) -> str:
    """Return a text that is too long for an address without its middle.

    Of a pasted trace both ends matter: Java names the exception first, Python last.
    """
    return (
        text if len(text) <= SHORT else f"{text[:_SHORT_HEAD]} … {text[_SHORT_HEAD - SHORT + 3 :]}"
    )


def read_address(parameters: Iterable[tuple[str, str]]) -> Address:
    """Return the address that the query string's parameters make.

    Raises:
        Invalid: one of them is unknown, given too often, or has a value it cannot have.
    """
    values: dict[str, list[str]] = {}
    for name, value in parameters:
        if name not in _DECORATIONS and not name.startswith(_DECORATION_PREFIX):
            values.setdefault(name, []).append(value)
    errors = [
        FieldError(name, f"is not known here; this page takes {', '.join(PARAMETERS)}")
        for name in values.keys() - set(PARAMETERS)
    ]
    errors += [
        FieldError(name, "may be given only once")
        for name in _SINGLE
        if len(values.get(name, ())) > 1
    ]
    if errors:
        raise invalid(tuple(errors))
    single = {name: values[name][0].strip() for name in _SINGLE if name in values}
    chosen = {name: list(dict.fromkeys(values[name])) for name in FACETS if name in values}
    try:
        return Address.model_validate(single | chosen)
    except ValidationError as error:
        raise invalid(field_errors(error)) from None
