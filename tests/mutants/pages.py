"""Bugs that must not live: a drawing inside a page that has lost a mark, a place, a colour or a name of its own."""

import pandas as pd

from builders import gather
from tests.pages import test_compare_schedules, test_delivery_scenario, test_svg
from tradebalance.answers import comparison
from tradebalance.answers.answer import solve
from tradebalance.pages import chart, delivery_scenario, svg

line_at, clip_of = svg._line, svg._clip


def at_the_corner(path, at=(0.0, 0.0)):
    return line_at(path)


def under_one_name(given, box, known, used):
    return clip_of(given, box, known._replace(mark=""), used)


def in_quarters(each, value):
    return f"{value:.0f} months" if each.form == "slip" else value_of(each, value)


def with_tariffs(answers):
    """Every answer's projections count, those under tariff steps too."""
    gaps = [row["gap_4"].astype(float) for row in map(comparison.decisions, answers)]
    every = pd.concat(gaps)
    found = choices_of(answers)
    return comparison.Choices(every.min(), every.max(), found.least, found.most, found.scenarios)


def compared():
    return [solve(gather(name, draws=60)) for name in ("as_announced", "even", "slipped")]


def drawn():
    return solve(gather("even", draws=60))


def rounded_apart(amounts, digits=1, scale=1e-3):
    return [round(float(amount) * scale, digits) for amount in amounts]


value_of, choices_of = delivery_scenario.value_words, comparison.choices

PLANTED = [
    ("markers, of which bands are some, are lost", svg, "_used", lambda *_: "", test_svg.check_all_is_there),
    ("markers stand at the corner", svg, "_line", at_the_corner, test_svg.check_all_is_there),
    ("places are whole numbers", svg, "_short", lambda number: f"{float(number):.0f}", test_svg.check_all_is_there),
    ("nothing is cut at the axes", svg, "_clip", lambda *_: "", test_svg.check_clips),
    ("two charts share a clip's name", svg, "_clip", under_one_name, test_svg.check_names),
    ("colours are those of paper at night", svg, "_coloured", lambda value: value, test_svg.check_colours),
    ("the title stands in the picture too", svg, "height_of", lambda _: 0.0, test_svg.check_window),
    ("words are as light as marks", chart, "_stand_off", lambda _: None, test_svg.check_colours),
    (
        "a delay's quarters are printed as months",
        delivery_scenario,
        "value_words",
        in_quarters,
        test_delivery_scenario.test_a_delay_is_printed_in_the_months_that_its_name_says,
    ),
    (
        "a waterfall's steps are rounded one by one",
        delivery_scenario,
        "parts_adding_up",
        rounded_apart,
        lambda: test_delivery_scenario.test_the_waterfalls_printed_parts_add_up_to_its_printed_end(drawn()),
    ),
    (
        "what a tariff moves is put down to the projection",
        comparison,
        "choices",
        with_tariffs,
        lambda: test_compare_schedules.test_what_a_tariff_moves_is_not_put_down_to_the_projection(compared()),
    ),
]
