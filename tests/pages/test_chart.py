"""A figure's words and sizes; parts of drawings: the right amount at the right row, quarter and side."""

import re
from xml.etree import ElementTree

import matplotlib
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from tradebalance.pages import chart, svg, wording
from tradebalance.pages.chart import Chart, Figure
from tradebalance.words.citations import Citation
from tradebalance.words.terms import quarter

WORDS = {"title": "t", "alt": "a", "unit": "USD billion", "sources": ["one", "one", Citation("two", url="https://x.y")]}
NO_DATA = pd.DataFrame({"x": ["1"]})


def made(draw=lambda _figure: None, **changes):
    return Chart(draw, **{**WORDS, "heights": (1, 2), "data": NO_DATA, **changes})


def panel(draw, narrow=False):
    return made(draw).figure(narrow).axes[0]


@pytest.mark.parametrize("missing", ["title", "alt", "unit", "sources"])
def test_no_chart_passes_without_its_finding_words_unit_and_sources(missing):
    assert made().source_line == "Sources: one; two"
    with pytest.raises(ValueError, match="a chart needs a title, alt text, a unit and sources"):
        made(**{missing: WORDS[missing][:0]})


def test_a_figure_is_wide_on_a_page_and_narrow_and_taller_on_a_phone():
    wide, narrow = (made().figure(narrow) for narrow in (False, True))
    lines = (11 + 8 + 7) * chart.LEADING / 72  # the finding and the unit above, the sources below
    assert (wide.get_figwidth(), wide.get_figheight()) == (chart.WIDE, pytest.approx(1 + lines))
    assert (narrow.get_figwidth(), narrow.get_figheight()) == (chart.NARROW, pytest.approx(2 + lines))
    assert [chart.is_narrow(figure) for figure in (wide, narrow)] == [False, True]
    assert [chart.is_narrow(figure.subplots()) for figure in (wide, narrow)] == [False, True]


def test_a_picture_says_its_finding_unit_and_sources_itself_and_the_finding_stands_above_it_on_a_page():
    assert [words.get_text() for words in made().figure().texts] == ["t", "USD billion", "Sources: one; two"]
    alone, inside = (drawing(made(title="The finding")) for drawing in (svg.whole, svg.inside))
    assert ("The finding" in alone, "The finding" in inside) == (True, False)
    heights = [float(re.search(r'viewBox="0 [\d.]+ [\d.]+ ([\d.]+)"', text)[1]) for text in (alone, inside)]
    assert heights[0] - heights[1] == pytest.approx(11 * chart.LEADING, abs=0.1)


def test_dollars_in_a_name_are_dollars(recwarn):
    """A buyer may be called so; two of them began a formula, which failed the page."""
    names = ["$$ Holdings", "$a^{ & $b_"]

    def draw(figure):
        figure.subplots().barh(names, [1, 2])

    drawn = svg.whole(made(draw, title="Of $$, $1 and $2"))
    texts = ["".join(text.itertext()) for text in ElementTree.fromstring(drawn).iter() if text.tag.endswith("}text")]
    assert {*names, "Of $$, $1 and $2"} <= {*texts}


def test_a_users_settings_of_matplotlib_change_no_drawing():
    before = svg.whole(made(lambda figure: figure.subplots().plot([1, 3])))
    mine = {"text.usetex": True, "lines.linewidth": 9, "axes.grid": True, "savefig.bbox": "tight", "font.size": 30}
    with matplotlib.rc_context(mine):
        assert svg.whole(made(lambda figure: figure.subplots().plot([1, 3]))) == before
        assert matplotlib.rcParams["lines.linewidth"] == 9  # and stay his own


def test_long_words_around_a_drawing_are_wrapped_and_make_the_picture_taller():
    words = "so many words " * 20
    short, long = (made(unit=unit).figure(narrow=True) for unit in ("short", words))
    lines = [text for text in long.texts if text.get_fontsize() == 8]
    assert " ".join(line.get_text() for line in lines) == words.strip()
    assert long.get_figheight() - short.get_figheight() == pytest.approx((len(lines) - 1) * 8 * chart.LEADING / 72)


def test_marks_stand_off_paper_and_the_two_hues_off_each_other_in_grey():
    def light(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for mark in (chart.BLUE, chart.PALE, chart.ORANGE, chart.PALE_ORANGE):
        assert 1.05 / (light(mark) + 0.05) >= 3, mark
    assert (light(chart.ORANGE) + 0.05) / (light(chart.BLUE) + 0.05) >= 2


def test_a_quarter_stands_at_its_beginning_on_an_axis_of_years():
    assert chart.years_of([quarter("2026Q1"), quarter("2026Q4")]) == [2026.0, 2026.75]
    assert chart.years_of([quarter("2026Q4")], at=0.5) == [2026.875]


def test_a_lines_words_stand_at_its_last_point():
    def draw(figure: Figure) -> None:
        chart.line(figure.subplots(), [1.0, 2.0, 3.0], [5, 7, 6], chart.BLUE, "6 at the end")

    axes = panel(draw)
    assert axes.lines[0].get_xydata().tolist() == [[1, 5], [2, 7], [3, 6]]
    (words,) = axes.texts
    assert (words.get_text(), words.xy) == ("6 at the end", (3.0, 6))


def test_each_row_of_bars_has_its_name_its_width_and_its_label():
    draw = chart.bars(
        ["first", "second"],
        [{"width": [10, 30], "color": chart.PALE}, {"width": [4, 9], "left": [0, 1], "color": chart.ORANGE}],
        [(10, "4 of 10"), (30, "9 of 30")],
    )
    axes = panel(draw)
    rows = [(bar.get_y() + bar.get_height() / 2, bar.get_x(), bar.get_width()) for bar in axes.patches]
    assert rows == [
        (pytest.approx(at), left, width) for at, left, width in [(0, 0, 10), (1, 0, 30), (0, 0, 4), (1, 1, 9)]
    ]
    assert [(words.get_text(), words.xy) for words in axes.texts] == [("4 of 10", (10, 0)), ("9 of 30", (30, 1))]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["first", "second"]
    top, bottom = axes.get_ylim()[::-1]
    assert top < bottom  # the first row is the upper one
    assert axes.get_xlim()[0] == 0


def test_on_a_phone_a_rows_name_stands_above_its_bar():
    axes = panel(chart.bars(["first", "second"], [{"width": [10, 30]}]), narrow=True)
    assert [(words.get_text(), words.xy) for words in axes.texts] == [("first", (0, -0.34)), ("second", (0, 1 - 0.34))]
    assert axes.get_yticks().size == 0


@pytest.mark.parametrize("count", [3, 4, 5])
def test_small_multiples_show_as_many_panels_as_there_are(count):
    found = {}

    def draw(figure: Figure) -> None:
        found["panels"] = chart.small_multiples(figure, count, share=True)

    for narrow, columns in ((False, 4), (True, 2)):
        figure = made(draw).figure(narrow)
        assert sum(axes.get_visible() for axes in figure.axes) == len(found["panels"]) == count
        assert figure.axes[0].get_gridspec().ncols == columns


def test_error_bars_reach_down_to_the_lower_end_and_up_to_the_upper():
    rows = pd.DataFrame({"mean": [10.0, 4.0], "p05": [7.0, 3.0], "p95": [15.0, 9.0]})
    below, above = chart.either_side(rows, "mean")
    assert (list(below), list(above)) == ([3.0, 1.0], [5.0, 5.0])


# --- tables ---------------------------------------------------------------------------------------


def test_a_table_has_a_row_each_under_its_heads_in_their_order():
    source = Citation("a book")
    table = wording.table([3, 1], {"Pieces": str, "Total": lambda n: str(2 * n), "From": lambda _: source})
    assert table.index.name == "Pieces"
    assert table.to_dict("index") == {"3": {"Total": "6", "From": source}, "1": {"Total": "2", "From": source}}
    assert wording.table([], {"Pieces": str, "Total": str}).empty


def test_only_the_last_quarters_of_years_stand_at_years_ends():
    index = pd.period_range("2026Q3", periods=6, freq="Q")
    assert list(wording.at_years_ends(pd.DataFrame({"x": range(6)}, index))["x"]) == [1, 5]


def test_categories_and_paths_are_said_in_words():
    assert wording.category_words("agriculture") == "farm goods"
    assert wording.category_words("T3-remainder") == "T3-remainder"


def test_dots_stand_at_their_values_with_lines_over_their_ranges_and_the_marked_one_apart():
    axes = panel(chart.dots(["low", "high"], [1.0, 3.0], ["1", "3"], ends=[(0.5, 2.0), (2.5, 4.0)], marked=[1]))
    ranges, marks = axes.lines[:2], axes.lines[2:]
    assert [list(line.get_xdata()) for line in ranges] == [[0.5, 2.0], [2.5, 4.0]]
    assert [(line.get_xdata()[0], line.get_color()) for line in marks] == [(1.0, chart.BLUE), (3.0, chart.ORANGE)]
    assert [(text.get_text(), text.xy) for text in axes.texts] == [("1", (2.0, 0)), ("3", (4.0, 1))]
    assert axes.get_xlim()[0] == 0


def test_spans_say_both_ends_of_every_bar():
    axes = panel(chart.spans(["one", "two"], [1.0, 2.0], [4.0, 3.0], 2.5))
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(1.0, 3.0), (2.0, 1.0)]
    assert [text.get_text() for text in axes.texts] == ["4.0", "1.0", "one", "3.0", "2.0", "two"]


def test_a_dot_has_its_own_colour_on_a_page():
    drawn = Chart(chart.dots(["one"], [1.0], ["1"], marked=[0]), (1, 1), "t", "a", "u", ["s"], pd.DataFrame())
    assert "var(--orange" in svg.inside(drawn)


def test_words_in_a_marks_colour_are_darker_and_a_faint_area_has_an_edge():
    """Orange words stood off white by 3.9 to 1, and bands by 1.4."""
    bars = []

    def draw(figure):
        axes = figure.subplots()
        axes.annotate("late", (0, 0), color=chart.ORANGE)
        axes.annotate("soon", (0, 0), color=chart.BLUE)
        axes.fill_between([0, 1], [0, 0], [1, 1], color=chart.PALE, alpha=0.4, lw=0)
        bars.extend(axes.bar([0, 1], [1, 1], color=chart.PALE_ORANGE, alpha=0.5))
        bars.extend(axes.bar([2], [1], color=chart.BLUE))

    axes = panel(draw)
    assert {text.get_text(): text.get_color() for text in axes.texts} == {"late": chart.HOT, "soon": chart.BLUE}
    band = axes.collections[0]
    assert [to_hex(band.get_facecolor()[0]), to_hex(band.get_edgecolor()[0])] == [chart.PALE] * 2
    assert band.get_facecolor()[0][3] == pytest.approx(0.4)
    assert band.get_edgecolor()[0][3] == 1
    assert [bar.get_edgecolor()[3] for bar in bars[:2]] == [1, 1]
    assert [bar.get_facecolor()[3] for bar in bars] == [pytest.approx(0.5)] * 2 + [1]
    assert bars[2].get_linewidth() == 1  # as it was drawn
