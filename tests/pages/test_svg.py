"""A drawing inside a page keeps all of its shapes, whichever way they are written."""

import re

import pandas as pd

from tradebalance.pages import svg
from tradebalance.pages.chart import BLUE, ORANGE, PALE, Chart, Figure


def test_bands_and_points_stand_inside_a_page_at_their_places_and_tick_marks_do_not():
    """A fan's band is written as a marker beside the group that places it: every fan had lost its bands."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.fill_between([0, 1, 2], [1, 1, 1], [2, 3, 4], color=PALE, lw=0)
        axes.plot([1], [2], "o", color=ORANGE)
        axes.plot([0, 2], [1, 3], color=BLUE)

    words = {"title": "t", "alt": "a", "unit": "u", "sources": ["s"]}
    inside = svg.inside(Chart(draw, heights=(2, 2), data=pd.DataFrame(), **words))
    paths = re.findall(r'<path d="([^"]+)"[^>]* style="([^"]+)"', inside)
    tops = {
        color: min(float(y) for y in re.findall(r"[ V](-?[\d.]+)", line))
        for color in ("pale", "orange", "blue")
        for line, style in paths
        if f"--{color}," in style
    }
    assert set(tops) == {"pale", "orange", "blue"}
    height = float(re.search(r'viewBox="0 0 \S+ ([\d.]+)"', inside)[1])
    assert (
        0 < tops["pale"] < tops["blue"] < tops["orange"] < height
    )  # 4 at the band's top, 3 at the line's, 2 the point
    soft = [line for line, style in paths if "--soft," in style]
    assert soft == []
