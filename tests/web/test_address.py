"""The address of a browse page."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.entries.schemas import Category, Severity
from kb.entries.selection import FACETS, Sort
from kb.errors import Invalid
from kb.web.address import MAX_PAGE, SHORT, Address, read_address, shortened

WORDS = st.lists(st.from_regex(r"[a-z0-9.+#-]{1,10}", fullmatch=True), unique=True, max_size=3)
ADDRESSES = st.builds(
    Address,
    q=st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(str.strip),
    category=st.lists(st.sampled_from(Category), unique=True),
    severity=st.lists(st.sampled_from(Severity), unique=True),
    language=WORDS,
    framework=WORDS,
    tag=WORDS,
    sort=st.sampled_from(Sort),
    page=st.integers(1, MAX_PAGE),
    verbatim=st.booleans(),
)


def read(url: str) -> Address:
    return read_address(parse_qsl(urlsplit(url).query, keep_blank_values=True))


@given(ADDRESSES)
def test_an_address_is_read_as_it_was_written(address: Address) -> None:
    assert read(address.url) == address


@given(ADDRESSES, st.sampled_from(["python", "go"]))
def test_toggling_twice_changes_nothing_but_the_page(address: Address, value: str) -> None:
    once = address.toggled("language", value)
    assert (value in once.language) != (value in address.language)
    assert once.page == 1
    twice = once.toggled("language", value)
    assert sorted(twice.language) == sorted(address.language)
    assert twice.changed(language=[]) == address.changed(language=[])


@given(ADDRESSES, st.sampled_from(FACETS), WORDS)
def test_the_urls_of_many_values_are_those_of_each(
    address: Address, facet: str, words: list[str]
) -> None:
    values = [*words, *map(str, getattr(address, facet))]
    each = [address.toggled(facet, value).url for value in values]
    assert address.toggled_urls(facet, values) == each


def test_what_other_sites_add_to_links_is_dropped() -> None:
    query = "utm_source=a&utm_source=b&fbclid=c&gclid=&mc_cid=d"
    assert read(f"/?{query}&tag=x") == Address(tag=["x"])
    assert "utm" not in read(f"/?{query}&tag=x").url


@given(st.builds(str.__mul__, st.text(min_size=1), st.integers(1, 2_000)))
def test_a_shortened_text_fits_and_keeps_both_ends(text: str) -> None:
    short = shortened(text)
    assert len(short) <= SHORT
    assert short[:1_000] == text[:1_000]
    assert short[-1_000:] == text[-1_000:]


def test_the_plain_address_is_the_root() -> None:
    assert Address().url == "/"


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("colour=red", "colour", "q, category, severity, language, framework, tag, sort, page"),
        ("sort=colour", "sort", "relevance, newest, updated, votes or views"),
        ("category=x", "category.0", "gotcha, pattern, principle, snippet or debug"),
        ("severity=x", "severity.0", "critical, major, moderate, minor or tip"),
        ("tag=two+words", "tag.0", "a-z"),
        ("language=", "language.0", "empty"),
        ("page=0", "page", "from 1"),
        ("page=-1", "page", "from 1"),
        ("page=1.5", "page", "from 1"),
        ("page=", "page", "from 1"),
        ("page=%C2%B2", "page", "from 1"),
        ("page=99999999999999999999", "page", "from 1"),
        ("q=a&q=b", "q", "once"),
        ("verbatim=yes", "verbatim", "must be 1"),
        ("sort=votes&sort=views", "sort", "once"),
        ("q=" + "x" * 10_001, "q", "10000"),
    ],
)
def test_what_cannot_be_is_named(query: str, field: str, says: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(f"/?{query}")
    (error,) = caught.value.errors
    assert error.field == field
    assert says in error.message
