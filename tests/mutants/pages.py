"""Bugs that must not live: a drawing inside a page that has lost a mark, a place, a colour or a name of its own."""

from tests.pages import test_svg
from tradebalance.pages import chart, svg

line_at, clip_of = svg._line, svg._clip


def at_the_corner(path, at=(0.0, 0.0)):
    return line_at(path)


def under_one_name(given, box, known, used):
    return clip_of(given, box, known._replace(mark=""), used)


PLANTED = [
    ("markers, of which bands are some, are lost", svg, "_used", lambda *_: "", test_svg.check_all_is_there),
    ("markers stand at the corner", svg, "_line", at_the_corner, test_svg.check_all_is_there),
    ("places are whole numbers", svg, "_short", lambda number: f"{float(number):.0f}", test_svg.check_all_is_there),
    ("nothing is cut at the axes", svg, "_clip", lambda *_: "", test_svg.check_clips),
    ("two charts share a clip's name", svg, "_clip", under_one_name, test_svg.check_names),
    ("colours are those of paper at night", svg, "_coloured", lambda value: value, test_svg.check_colours),
    ("the title stands in the picture too", svg, "height_of", lambda _: 0.0, test_svg.check_window),
    ("words are as light as marks", chart, "_stand_off", lambda _: None, test_svg.check_colours),
]
