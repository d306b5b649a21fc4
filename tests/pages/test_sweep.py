"""The page of a sweep: what its grid comes to, told and drawn, from results that are known."""

import numpy as np
import pandas as pd
import pytest

from tradebalance.assumptions import sweep as sweeps
from tradebalance.pages import svg, sweep
from tradebalance.reading import readers

GRID = """
grid:
  scenario: [slipped, even]
  set:
    additionality.aircraft: [0.3, 0.5, 0.7]
    delivery.delay_quarters: [0, 4]
"""
A_LIST = "draws: 10\nlist:\n" + "".join(f"  - {{set: {{additionality.aircraft: 0.{n:02}}}}}\n" for n in range(1, 41))


def swept(text, means, failed=()):
    plan = sweeps.parse(readers.yaml_document(text.encode(), "sweep.yaml"), "slipped")
    mean = np.asarray(means, dtype=float).ravel()
    results = pd.DataFrame({"mean": mean, "p05": mean / 2, "p50": mean, "p95": mean * 2})
    return sweep.Swept(plan, results, ["a source"], {"a.csv": "0" * 64}, [], dict.fromkeys(failed, "why"))


@pytest.fixture
def grid():
    """1 to 2 by scenario, plus 0 to 8 by aircraft, and nothing by delay, USD billion."""
    scenario, aircraft = np.array([1000.0, 2000.0]), np.array([0.0, 4000.0, 8000.0])
    return swept(GRID, scenario[:, None, None] + aircraft[None, :, None] + np.zeros(2)[None, None, :])


def test_the_headline_says_the_ends_and_what_most_of_the_spread_goes_by(grid):
    # variances 0.25 and 32/3: 97.7 % and 2.3 %
    said = "New imports of $1.0 to 10.0 billion; 98 % of the spread goes by “share of aircraft"
    assert sweep.headline(grid).startswith(said)
    assert "scenario (2 values), share of aircraft" in sweep.lead(grid)
    assert "(3 values) and delivery, delay quarters (2 values)" in sweep.lead(grid)


def test_bars_are_the_shares_strongest_first_and_what_they_do_together_last(grid):
    drivers, _ = sweep.charts(grid)
    assert list(drivers.data.iloc[:, 0]) == ["98 %", "2 %", "0 %", "0 %"]
    assert [*drivers.data.index][1:] == ["Scenario", "Delivery, delay quarters", "Several of these together"]


def test_cells_stand_over_the_two_strongest_dimensions_a_panel_a_level_of_the_third(grid):
    heat = sweep.charts(grid)[1]
    assert list(heat.data.columns) == ["0.3", "0.5", "0.7"]
    assert [*heat.data.index] == ["0; slipped", "0; even", "4; slipped", "4; even"]
    assert heat.data.to_numpy().tolist() == [["1.00", "5.00", "9.00"], ["2.00", "6.00", "10.00"]] * 2
    drawn = svg.inside(heat)
    assert all(f">{number}<" in drawn for number in ("1.0", "5.0", "9.0", "2.0", "6.0", "10.0"))
    assert "from 1.0 to 10.0 billion dollars, the most at 0.7 and even" in heat.alt


def test_over_a_fourth_dimension_cells_are_means():
    text = GRID + "    additionality.technology: [0.2, 0.4]\n"
    base = np.array([1000.0, 2000.0])[:, None, None, None] + np.array([0.0, 4000.0, 8000.0])[None, :, None, None]
    found = swept(text, base + np.array([0.0, 100.0])[None, None, :, None] + np.array([0.0, 40.0])[None, None, None, :])
    heat = sweep.charts(found)[1]
    assert heat.data.iloc[0].tolist() == ["1.02", "5.02", "9.02"]
    assert heat.data.loc["4; even"].tolist() == ["2.12", "6.12", "10.12"]
    assert "means over share of technology that would not have been bought anyway" in heat.unit


def test_a_level_has_the_mean_the_lowest_and_the_highest_of_its_scenarios(grid):
    table = sweep.levels_table(grid)
    assert table.loc["Scenario: even"].tolist() == ["6.00", "2.00", "10.00"]
    assert table.loc["Delivery, delay quarters: 4"].tolist() == ["5.50", "1.00", "10.00"]


def test_one_dimension_is_dots_with_their_ranges_in_order():
    found = swept("grid: {set: {additionality.aircraft: [0.7, 0.3]}}", [8000, 4000])
    (dots,) = sweep.charts(found)
    assert dots.data.iloc[:, 0].to_dict() == {"0.7": "8.00 (4.00 to 16.00)", "0.3": "4.00 (2.00 to 8.00)"}
    assert sweep.headline(found) == "New imports of $4.0 to 8.0 billion over 2 scenarios"
    assert "by “share of aircraft" in dots.title


def test_of_a_long_list_the_lowest_and_the_highest_are_shown_and_the_rest_is_said():
    found = swept(A_LIST, range(1000, 41000, 1000))
    (dots,) = sweep.charts(found)
    assert len(dots.data) == 30
    assert "10 between them are left out" in dots.unit
    first, last = dots.data.index[0], dots.data.index[-1]
    assert (first, last) == ("slipped, additionality.aircraft 0.01", "slipped, additionality.aircraft 0.40")
    assert sweep.levels_table(found).empty
    assert len(sweep.ends_table(found)) == 10
    assert "a list and no full grid" in sweep.lead(found)


def test_a_point_that_failed_leaves_no_full_grid_and_is_counted():
    found = swept("grid: {set: {additionality.aircraft: [0.1, 0.3], seed: [1, 2]}}", [np.nan, 1000, 2000, 4000], ["x"])
    assert found.grid is None
    assert found.shares is None
    assert "One of them failed" in sweep.lead(found)
    (dots,) = sweep.charts(found)
    assert len(dots.data) == 3
    nothing = swept("grid: {set: {seed: [1, 2]}}", [np.nan, np.nan], ["x", "y"])
    assert sweep.charts(nothing) == []
    assert sweep.headline(nothing) == "None of the scenarios could be solved"
