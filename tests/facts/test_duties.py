"""Duties collected by month: read whole or refused, and the part of the goods that bears a published rate."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest

from builders import known_on, shipped
from tradebalance.assumptions.tariff import collected
from tradebalance.assumptions.written import COVERED_SHARE
from tradebalance.case import inputs, store
from tradebalance.facts import duties
from tradebalance.words import terms
from tradebalance.words.problems import Refused

BASE = Fraction(38, 1000)


def read(*rows):
    cells = [dict(zip(duties.COLUMNS, row, strict=True)) for row in rows]
    return duties.read(duties.COLUMNS, list(enumerate(cells, 2)), "d.csv")


def collecting(shares, first="2024-01"):
    """A thousand of imports a month, and duties of so many of them."""
    months = pd.period_range(first, periods=len(shares), freq="M")
    return [
        duties.Duty(when, Decimal(each), Decimal(1000), "d.csv:2") for when, each in zip(months, shares, strict=True)
    ]


def test_a_month_is_read_with_its_share_and_line():
    (found,) = read(("2026-08", "1872229277", "26493858778"))
    assert (found.month, found.source_id) == (terms.month("2026-08"), "d.csv:2")
    assert found.share == Fraction(1872229277, 26493858778)


def test_every_problem_of_every_row_is_told_at_once():
    with pytest.raises(Refused) as refused:
        read(
            ("2024-01", "1,5", "9"), ("2024-01", "1", "9"), ("2024-02", "-1", "9"), ("2024-02", "1", "0"),
            ("2024-03", "10", "9"), ("2024-13", "1", "9"), ("2024-05", "1", "9"), ("2024-05", "1", "9"),
        )  # fmt: skip
    assert {(problem.row, problem.column, problem.code) for problem in refused.value.problems} == {
        (2, "calculated_duties_usd", "ambiguous_number"),
        (4, "calculated_duties_usd", "negative_flow"),
        (5, "imports_for_consumption_usd", "out_of_range"),
        (6, "calculated_duties_usd", "implausible"),
        (6, "period", "missing_value"),
        (7, "period", "bad_period"),
        (8, "period", "missing_value"),
        (9, "period", "duplicate_key"),
    }
    with pytest.raises(Refused, match="imports_for_consumption_usd: the column is missing"):
        duties.read(duties.COLUMNS[:2], [], "d.csv")


def test_a_rate_is_borne_by_what_is_collected_above_the_base():
    """38 of a thousand in 2024, 32 at the least; 88 under a rate of 10 % are half of it, or 0.56 above the least."""
    months = collecting([38] * 12 + [32, 38, 38, 50, 88, 88])
    (found,) = duties.covered(months, {dt.date(2025, 4, 9): Fraction(1, 10)})
    assert found.months == tuple(pd.period_range("2025-05", "2025-06", freq="M"))
    assert (found.collected, found.share, found.most) == (Fraction(88, 1000), Fraction(1, 2), Fraction(56, 100))


def test_a_month_is_of_the_rate_of_most_of_its_days_that_held_before_it():
    """Of two rates in one month the older has it to the middle; a month in which the newer has more is of neither."""
    months = collecting([38] * 15 + [40] * 8)  # to November 2025
    rates = {
        dt.date(2025, 4, 9): Fraction(1, 10),
        dt.date(2025, 6, 24): Fraction(2, 10),
        dt.date(2025, 9, 7): Fraction(1, 10),
    }
    first, second, third = duties.covered(months, rates)
    assert first.months == tuple(pd.period_range("2025-05", "2025-06", freq="M"))
    assert second.months == tuple(pd.period_range("2025-07", "2025-08", freq="M"))
    assert third.months == tuple(pd.period_range("2025-10", "2025-11", freq="M"))


def test_nothing_is_measured_without_a_base_or_a_month_under_the_rate():
    step = {dt.date(2025, 4, 9): Fraction(1, 10)}
    assert duties.covered(collecting([38] * 11), step) == []
    assert duties.covered(collecting([38] * 15), step) == []
    assert duties.covered(collecting([38] * 20), {}) == []
    assert duties.covered(collecting([38] * 20), {dt.date(2025, 4, 9): Fraction(0)}) == []


def test_a_month_is_known_when_its_trade_is():
    months = collecting([38] * 4)
    assert [str(each.month) for each in duties.known(months, terms.month("2024-05"))] == [
        "2024-01",
        "2024-02",
        "2024-03",
    ]
    assert known_on("USA", terms.month("2026-03")).duties[-1].month == terms.month("2026-01")


def test_the_shipped_file_holds_what_its_sidecar_says():
    found = {str(each.month): float(each.share) for each in store.facts(shipped()).duties}
    assert duties.share(each for each in store.facts(shipped()).duties if each.month.year == 2024) == pytest.approx(
        0.038, abs=5e-4
    )
    said = {"2025-09": 0.131, "2026-01": 0.123, "2026-03": 0.070, "2026-07": 0.062, "2026-08": 0.071}
    assert {month: round(found[month], 3) for month in said} == said


@pytest.mark.parametrize("number", range(4))
def test_the_covered_share_that_is_assumed_is_the_one_measured(number):
    """To two decimals: over the base of 2024 the value, over the lowest month before the other end of its range."""
    _, known = inputs.read_scenario(shipped(), "even")
    taken = known.dated(COVERED_SHARE)
    found = collected(known.tariff_path("in_force"), store.facts(shipped()).duties, dt.date(2026, 10, 1))
    assert [each.since for each in found] == [day.date() for day, _ in taken]
    measured, (_, assumed) = found[number], taken[number]
    assert float(assumed.mean) == round(float(measured.share), 2)
    assert assumed.ends == (float(assumed.mean), round(float(measured.most), 2))
    assert assumed.source.startswith(f"us-duties: {float(measured.collected):.1%}".replace("%", " %"))
    assert Fraction(26, 100) <= assumed.mean <= Fraction(44, 100)
