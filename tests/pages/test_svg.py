"""A drawing inside a page keeps each text and mark of the whole one at its place, in the page's colours; no more."""

import re
from typing import NamedTuple
from xml.etree import ElementTree

import pandas as pd
import pytest

from tradebalance.pages import svg
from tradebalance.pages.chart import BLUE, COLOURS, INK, ORANGE, PALE, PALE_ORANGE, Chart, Figure

NUMBERS = re.compile(r"-?\d+\.?\d*")
HEX = re.compile(r"#[0-9a-f]{3,6}\b")
LINK = "{http://www.w3.org/1999/xlink}href"
WHITE = "#ffffff"


class Mark(NamedTuple):
    """A shape as a reader sees it: its colours and how far it reaches."""

    colours: frozenset[str]
    box: tuple[float, ...]


def draw(figure: Figure) -> None:
    """One of each kind of mark; a line and a band leave the axes at the top."""
    axes = figure.subplots()
    axes.fill_between([0, 1, 2], [1, 1, 1], [2, 3, 6], color=PALE, lw=0)
    axes.fill_between([0, 1, 2], [0, 0, 0], [1, 1, 1], color=BLUE, alpha=0.3, lw=0)
    axes.plot([1], [2], "o", color=ORANGE)
    axes.scatter([0.2, 1.5], [1, 2], color=BLUE, s=20)
    axes.plot([0, 2], [1, 9], color=BLUE)
    axes.plot([0, 2], [1, 2], color=INK, ls="--")
    axes.bar([0.5], [2], width=0.2, color=PALE_ORANGE)
    axes.set_ylim(0, 5)
    axes.set_ylabel("so <much> & more")
    axes.annotate("a < b & “c”", (1, 1), color=ORANGE)


def chart(name: str = "one") -> Chart:
    words = {"title": "Title & more", "alt": "a", "unit": "USD <bn>", "sources": ["s & t"]}
    return Chart(draw, heights=(2, 3), data=pd.DataFrame(), name=name, **words)


def elements(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def texts(root: ElementTree.Element) -> list[tuple[str, float, float]]:
    """What is written, and where."""
    return [(each.text, float(each.get("x")), float(each.get("y"))) for each in root.iter() if tag(each) == "text"]


def box(path: str, at: tuple[float, float] = (0.0, 0.0)) -> tuple[float, ...]:
    """How far a path reaches, its level and upright lines in full."""
    x, y, points = 0.0, 0.0, []
    for command in re.findall(r"[A-Za-z][^A-Za-z]*", path):
        values = [float(each) for each in NUMBERS.findall(command)]
        if command[0] in "HV":
            (x, y) = (values[0], y) if command[0] == "H" else (x, values[0])
            points.append((x, y))
        elif values:
            points += list(zip(values[::2], values[1::2], strict=True))
            x, y = points[-1]
    (left, right), (top, bottom) = ((min(each), max(each)) for each in zip(*points, strict=True))
    return left + at[0], top + at[1], right + at[0], bottom + at[1]


def mark(style: str, where: tuple[float, ...]) -> list[Mark]:
    """The mark of a style; none for one that is not seen."""
    said = dict(part.strip().split(":", 1) for part in style.split(";") if ":" in part)
    colours = {said[key].strip() for key in ("fill", "stroke") if key in said} - {"none", WHITE}
    plain = frozenset(HEX.search(colour)[0] for colour in colours)
    return [Mark(plain, where)] if plain else []


def marks_of_whole(root: ElementTree.Element) -> list[Mark]:
    """The shapes of a file, markers where they are used; not the small lines at ticks."""
    markers = {path.get("id"): path for defs in root.iter() if tag(defs) == "defs" for path in defs}
    found: list[Mark] = []

    def walk(element: ElementTree.Element) -> None:
        for each in element:
            if tag(each) == "path":
                found.extend(mark(each.get("style", ""), box(each.get("d"))))
            elif tag(each) == "use":
                at = float(each.get("x")), float(each.get("y"))
                found.extend(mark(each.get("style", ""), box(markers[each.get(LINK)[1:]].get("d"), at)))
            elif tag(each) == "g" and not re.match(r"[xy]tick_\d+$", each.get("id", "")):
                walk(each)

    walk(root)
    return found


def marks_inside(root: ElementTree.Element) -> list[Mark]:
    paths = [each for each in root.iter() if tag(each) == "path"]
    return [found for each in paths for found in mark(each.get("style", ""), box(each.get("d")))]


@pytest.mark.parametrize("narrow", [False, True])
def test_every_text_and_mark_stands_inside_a_page_where_it_stands_in_the_file(narrow):
    """Bands of a fan are written as markers beside the group that places them: every fan had lost its bands."""
    check_all_is_there(narrow)


def check_all_is_there(narrow: bool = False) -> None:
    whole = elements(svg.whole(chart(), narrow=narrow))
    inside = elements(svg.inside(chart(), narrow=narrow))
    wanted = [each for each in texts(whole) if each[0] != "Title & more"]  # a heading of the page
    assert len(wanted) > 12
    assert {"so <much> & more", "a < b & “c”", "USD <bn>", "Source: s & t"} < {words for words, *_ in wanted}
    assert texts(inside) == [(words, pytest.approx(x, abs=0.1), pytest.approx(y, abs=0.1)) for words, x, y in wanted]
    marks = marks_of_whole(whole)
    assert len(marks) == 10  # two bands, a point, two dots, a bar, two lines, two axes
    found = marks_inside(inside)
    assert [each.colours for each in found] == [each.colours for each in marks]
    assert [each.box for each in found] == [pytest.approx(each.box, abs=0.1) for each in marks]


def test_the_window_of_a_drawing_inside_a_page_leaves_out_the_title_alone():
    check_window()


def check_window() -> None:
    for narrow in (False, True):
        whole, inside = (elements(each(chart(), narrow=narrow)) for each in (svg.whole, svg.inside))
        _, _, width, height = map(float, whole.get("viewBox").split())
        left, top, across, down = map(float, inside.get("viewBox").split())
        assert (left, across, top + down) == (0, pytest.approx(width, abs=0.1), pytest.approx(height, abs=0.1))
        title = next(y for words, _, y in texts(whole) if words == "Title & more")
        assert title < top < min(y for _, _, y in texts(inside))


def test_names_of_two_charts_on_a_page_in_both_widths_are_all_different_and_all_there():
    check_names()


def check_names() -> None:
    drawn = [svg.inside(chart(name), narrow=narrow) for name in ("one", "two") for narrow in (False, True)]
    names = [name for each in drawn for name in re.findall(r' id="([^"]+)"', each)]
    assert len(names) == len(set(names)) == 4
    for each in drawn:
        assert set(re.findall(r"url\(#([^)]+)\)", each)) == set(re.findall(r' id="([^"]+)"', each))


def test_what_leaves_the_axes_is_cut_at_them_and_what_does_not_has_no_clip():
    check_clips()


def check_clips() -> None:
    root = elements(svg.inside(chart()))
    clips = [each for each in root.iter() if tag(each) == "clipPath"]
    assert len(clips) == 1
    edge = float(clips[0][0].get("y"))
    clipped = {id(each) for group in root if group.get("clip-path") for each in group.iter()}
    paths = [each for each in root.iter() if tag(each) == "path"]
    above = [each for each in paths if box(each.get("d"))[1] < edge - 1]
    assert len(above) == 2  # the band, the line
    assert all(id(each) in clipped for each in above)
    alone = [each for each in root if tag(each) == "path" and each.get("clip-path")]
    assert [box(each.get("d"))[1] < edge for each in alone] == [True]


def test_colours_are_the_pages_own_with_those_of_paper_to_fall_back_on():
    check_colours()


def check_colours() -> None:
    inside = svg.inside(chart())
    names = dict(re.findall(r"var\(--([a-z-]+),(#[0-9a-f]{6})\)", inside))
    assert names == {name: colour for colour, name in COLOURS.items() if name in names}
    assert {"blue", "pale", "orange", "pale-orange", "ink", "soft", "line", "hot"} == set(names)
    assert not HEX.search(re.sub(r"var\([^)]*\)", "", inside).replace("url(#", ""))


def test_a_drawing_inside_a_page_has_no_name_of_a_tool_and_no_mark_up_of_a_file():
    inside, whole = svg.inside(chart()), svg.whole(chart())
    for word in ("<?xml", "<!DOCTYPE", "metadata", "xmlns", "matplotlib", "DejaVu", "<style", "Title"):
        assert word not in inside
    assert "rdf" not in whole
    assert "so &lt;much&gt; &amp; more" in inside
    assert "<much>" not in inside
    assert len(inside) < 0.6 * len(whole)
