"""Plots: well-formed, named, described, and nothing in them that the policy of pages forbids."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.web.plots import WIDTH, Series, bars, columns, line, ranked

LABELS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=80
)
ROWS = st.lists(st.tuples(LABELS, st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1)


def parsed(svg: str) -> ET.Element:
    """Return the plot, checked for what every one has and none may have."""
    root = ET.fromstring(svg)
    title, about = root[0], root[1]
    assert (title.tag, about.tag, root.attrib["role"]) == ("title", "desc", "img")
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {about.attrib['id']}"
    for element in root.iter():
        assert element.tag in {"svg", "title", "desc", "rect", "text", "path"}
        assert not {"style", "onload"} & element.attrib.keys()
    for rect in root.iter("rect"):
        left, width = float(rect.attrib["x"]), float(rect.attrib["width"])
        assert left >= 0
        assert left + width <= WIDTH + 0.1
    return root


@given(ROWS)
def test_any_numbers_and_labels_make_a_well_formed_plot(rows: list[tuple[str, int, int]]) -> None:
    labels = [row[0] for row in rows]
    series = [Series("found", [row[1] for row in rows]), Series("missed", [row[2] for row in rows])]
    for drawn in (
        bars("a", "A <title>", "About & it", labels, series),
        columns("a", "A <title>", "About & it", labels, series),
        ranked("a", "A <title>", "About & it", labels, series[0].values),
        line("a", "A <title>", "About & it", labels, [(0.5, row[1]) for row in rows]),
    ):
        assert parsed(drawn)[0].text == "A <title>"


def test_bars_are_as_long_as_their_numbers() -> None:
    labels, series = ["a", "b"], [Series("x", [1, 4]), Series("y", [3, 0])]
    rects = list(parsed(bars("n", "t", "d", labels, series)).iter("rect"))
    widths = {(rect.attrib["class"], rect.attrib["y"]): rect.attrib["width"] for rect in rects}
    assert len(widths) == 3
    first, second, third = (float(width) for width in widths.values())
    assert second == pytest.approx(3 * first, abs=0.2)
    assert third == pytest.approx(4 * first, abs=0.2)


def test_every_number_is_written_at_its_bar() -> None:
    texts = [text.text for text in parsed(ranked("n", "t", "d", ["a"], [12345])).iter("text")]
    assert texts == ["a", "12,345"]
