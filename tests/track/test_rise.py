"""A rise over a base year against announced totals: small cases by hand, exactly, and the odd month of 2024."""

from fractions import Fraction as F

import pandas as pd
import pytest

from tradebalance.case import folder, track_inputs
from tradebalance.track.rise import Followed, TrackWindow, odd_months
from tradebalance.words.problems import Refused
from tradebalance.words.terms import month

EVEN = {
    name: TrackWindow(**{"from": first}, months=months, source="a test", strength="weak")
    for name, first, months in (("A", "2025-01", 24), ("B", "2025-03", 12))
}
ANNOUNCED = {"A": F(240), "B": F(120)}


def months(year, amounts):
    return {pd.Period(year=year, month=m, freq="M"): F(amount) for m, amount in enumerate(amounts, 1)}


def exports():
    """Base year 120, half of it in December; then 12, 13, 14, 15 a month."""
    return months(2024, [5] * 6 + [6] * 5 + [60]) | months(2025, [12, 13, 14, 15])


def rise(path="linear", through="2025-04", announced=None, first=None):
    return followed(path, announced or ANNOUNCED).to(month(through), first)


def followed(path="linear", announced=ANNOUNCED, months=None):
    months = months or exports()
    return Followed(months, 2024, announced, EVEN, max(months), path)


def test_the_increment_is_over_the_base_years_level_and_the_path_is_each_totals_share_of_its_window():
    found = rise()
    assert found.exports == 54
    assert found.base_to_date == 120 * F(4, 12)
    assert found.increment == 14
    assert found.due == {"A": 240 * F(4, 24), "B": 120 * F(2, 12)}
    assert found.path == 60
    assert found.increment_ratio == F(14, 60)
    assert found.ratio == F(54, 40 + 60)


def test_required_is_what_is_left_over_the_months_of_the_longest_window():
    found = rise()
    assert (found.months_left, found.whole) == (20, 360)
    assert found.required == F(360 - 14, 20)
    assert found.so_far == F(14, 4)


def test_seasonal_sets_each_month_against_its_own_and_spreads_the_totals_alike():
    found = rise("seasonal")
    assert found.base_to_date == 20
    assert found.due["A"] == 240 * F(20, 120) / 2
    assert found.due["B"] == 120 * F(10, 120)
    whole = followed("seasonal", months=exports() | months(2025, [1] * 12) | months(2026, [1] * 12))
    assert whole.rise.due == ANNOUNCED


def test_a_total_not_announced_yet_is_not_due():
    found = rise(announced={"B": F(120)})
    assert found.first == month("2025-03")
    assert found.due == {"B": 20}
    assert found.exports == 29


def test_quarters_add_up_to_what_came_so_far():
    quarters = followed().by_quarter
    assert [(str(alone.first), str(alone.through)) for alone, _ in quarters] == [
        ("2025-01", "2025-03"),
        ("2025-04", "2025-04"),
    ]
    assert sum(alone.increment for alone, _ in quarters) == quarters[-1][1].increment == rise().increment
    assert sum(alone.path for alone, _ in quarters) == quarters[-1][1].path == rise().path


def test_a_month_that_is_absent_is_never_zero():
    with pytest.raises(KeyError):
        rise(through="2025-05")


def test_an_odd_month_is_named_and_its_echo_a_year_later_is_not():
    table = {
        pd.Period(year=year, month=m, freq="M"): F(100 + 10 * (year - 2010) + m + (year * m) % 7)
        for year in range(2012, 2026)
        for m in range(1, 13)
    }
    assert odd_months(table, 2024) == []
    table[month("2024-07")] *= 2
    (odd,) = [each for each in odd_months(table, 2024) if each.z > 0]
    assert odd.month == month("2024-07")
    assert odd.usual == (table[month("2024-06")] + table[month("2024-08")]) / 2
    assert followed(months=table).usual.exports[month("2024-07")] == odd.usual


# --- Vietnam --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def vietnam():
    return track_inputs.gather(folder.case())


def test_july_2024_is_the_only_odd_month_since_the_base_year(vietnam):
    (odd,) = vietnam.odd
    assert str(odd.month) == "2024-07"
    assert (float(odd.value), float(odd.usual)) == (1947.3, 961.85)
    assert round(float(odd.value / vietnam.base), 3) == 0.149
    assert vietnam.without_odd.increment > vietnam.rise.increment


def test_the_increment_of_2025_and_of_the_last_four_quarters_is_that_of_the_yearly_figures(vietnam):
    by_year = {year: sum(v for m, v in vietnam.exports.items() if m.year == year) for year in (2024, 2025)}
    assert round(float(by_year[2025] - by_year[2024]), 1) == 2534.8
    quarters = [alone.increment for alone, _ in vietnam.by_quarter if alone.through >= month("2025-07")]
    assert round(float(sum(quarters[:4])), 1) == 4780.6


def test_all_totals_have_a_window_and_those_announced_later_are_not_known_before(vietnam):
    assert {tranche: float(vietnam.announced[tranche]) for tranche in vietnam.windows} == {
        "T1": 50150, "T2": 4150, "T3": 36000,
    }  # fmt: skip
    assert all(window.source and window.strength == "judgement" for window in vietnam.windows.values())
    with pytest.raises(Refused, match="2 totals were announced"):
        track_inputs.gather(folder.case(), month("2025-04"))


def test_an_earlier_month_is_cut_to_what_was_out(vietnam):
    then = track_inputs.gather(folder.case(), month("2025-08"))
    assert str(then.through) == "2025-06"
    assert "with hindsight" in then.about.words
    assert then.rise.increment == next(
        to_date.increment for _, to_date in vietnam.by_quarter if str(to_date.through) == "2025-06"
    )
