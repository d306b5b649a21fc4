"""What a scenario says of tariffs, and what dated steps lay on trade against what the baseline's window bears."""

import csv
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from builders import fixed, shipped
from releases import CASE
from tradebalance.assumptions import tariff
from tradebalance.assumptions.distributions import Assumption, Dated, TariffPath
from tradebalance.assumptions.tariff import TariffChoice
from tradebalance.case import inputs
from tradebalance.words.problems import Refused
from tradebalance.words.terms import Strength

WINDOW = pd.period_range("2025Q3", "2026Q2", freq="Q")
AHEAD = pd.period_range("2026Q3", periods=8, freq="Q")


def path(rates: dict[str, str]) -> TariffPath:
    steps = tuple((pd.Timestamp(day), Decimal(rate)) for day, rate in rates.items())
    return TariffPath("tariff_path.test", "a test", Strength.JUDGEMENT, steps)


def duty(rates: dict[str, str], *, phase: int = 0, covered: object = 1, imports=None) -> tariff.Tariff:
    own = path(imports) if imports else None
    return tariff.Tariff(path(rates), own, fixed("1.3"), dated(covered), dated(1), fixed(phase), fixed(1))


def dated(numbers: object) -> Dated:
    """One number for all days, or numbers by day."""
    by_day = numbers if isinstance(numbers, dict) else {"1900-01-01": numbers}
    return tuple((pd.Timestamp(day), fixed(number, f"share.{day}")) for day, number in by_day.items())


def middle(assumption: Assumption, _: str) -> np.ndarray:
    return np.array([float(assumption.quantile(0.5))])


def laid(of: tariff.Tariff, quarters=AHEAD, reference=WINDOW) -> list[float]:
    return tariff.burden(of, quarters, reference).at(middle)[0]


def known():
    return inputs.parse_assumptions(inputs.document(shipped(), inputs.ASSUMPTIONS))


def test_a_rate_that_stays_lays_nothing_more_on_trade():
    assert laid(duty({"2020-01-01": "0.2"})) == pytest.approx([0.0] * 8, abs=1e-15)


def test_a_step_at_a_quarters_start_acts_in_full():
    assert laid(duty({"2026-10-01": "0.2"})) == pytest.approx([0.0] + [math.log(1.2)] * 7)


def test_the_share_that_is_covered_bears_the_rate():
    assert laid(duty({"2026-07-01": "0.2"}, covered="0.72")) == pytest.approx([math.log(1.144)] * 8)


def test_each_step_bears_the_share_that_holds_on_its_day():
    """20 % on nearly half is more than 12.5 % on a quarter: a lower rate on fewer goods gives exports back."""
    covered = {"2025-08-07": "0.4", "2026-07-01": "0.25"}
    of = duty({"2025-04-09": "0.1", "2025-08-07": "0.2", "2026-07-01": "0.125"}, covered=covered)
    long_ago = pd.period_range("2020Q1", "2020Q4", freq="Q")
    before, after = 1 + 0.4 * 0.2, 1 + 0.25 * 0.125
    part = math.log(1.04) + (math.log(before) - math.log(1.04)) * 55 / 92  # of 2025Q3
    quarters = pd.PeriodIndex(["2025Q3", "2026Q2", "2026Q3"], freq="Q")
    assert laid(of, quarters, long_ago) == pytest.approx([part, math.log(before), math.log(after)])
    assert len(of.assumptions) == 6  # no share stands for a day that is no step's


def test_a_step_within_a_quarter_counts_by_its_days():
    first, second, *_ = laid(duty({"2026-08-16": "0.1"}))
    assert first == pytest.approx(math.log(1.1) * 46.5 / 92, rel=0.02)
    assert second == pytest.approx(math.log(1.1))


def test_a_phase_grows_in_a_straight_line_to_the_whole():
    found = np.array(laid(duty({"2026-07-01": "0.1"}, phase=4))) / math.log(1.1)
    assert found[:4] == pytest.approx([1 / 8, 3 / 8, 5 / 8, 7 / 8], abs=0.005)
    assert found[4:] == pytest.approx([1.0] * 4, abs=0.001)


def test_the_reference_is_what_the_baselines_window_bears():
    """A surcharge in force for half the window and then lifted gives half of it back, and no more."""
    assert laid(duty({"2026-01-01": "0.1", "2026-07-01": "0"})) == pytest.approx([-math.log(1.1) / 2] * 8)


def test_imports_bear_the_countrys_own_rates_on_all_goods_and_the_first_as_before_its_day():
    of = duty({}, imports={"2026-05-01": "0.08", "2027-01-01": "0.01"}, covered="0.25")
    found = tariff.burden_of_imports(of, AHEAD, WINDOW).at(middle)[0]
    assert found == pytest.approx([0.0] * 2 + [math.log(1.01 / 1.08)] * 6)


def test_stated_rates_continue_those_in_force():
    choice = TariffChoice.model_validate({"rates": {"2026-07-30": Decimal("0.3"), "2027-01-01": Decimal("0.46")}})
    found = tariff.tariff(choice, known())
    in_force = known().tariff_path("in_force").rates
    assert found.path.rates == (
        *in_force,
        (pd.Timestamp("2026-07-30"), Decimal("0.3")),
        (pd.Timestamp("2027-01-01"), Decimal("0.46")),
    )
    assert [record.path for record in found.records] == ["tariff_path.in_force", "tariff.rates"]
    early = TariffChoice.model_validate({"rates": {"2026-01-01": Decimal("0.46")}, "path": "duty_falls"})
    days = [day for day, _ in tariff.tariff(early, known()).path.rates]
    assert [f"{day:%Y-%m}" for day in days] == ["2025-04", "2025-08", "2026-01"]  # what is later gives way
    alone = TariffChoice.model_validate({"rates": {"2027-01-01": Decimal("0.46")}, "path": "none"})
    assert len(tariff.tariff(alone, known()).path.rates) == 1


def test_a_bare_name_is_a_path_and_none_is_no_tariff():
    assert TariffChoice.model_validate("in_force") == TariffChoice.model_validate({"path": "in_force"})
    assert tariff.tariff(TariffChoice.model_validate("none"), known()) is None
    with pytest.raises(Refused, match="did you mean 'duty_falls'"):
        tariff.tariff(TariffChoice.model_validate("duty_fall"), known())


def test_the_elasticitys_5_and_95_percent_points_are_the_ends_of_the_evidence():
    """Of the rows of evidence that give an elasticity, or a fall of exports under a rate of 20 %."""
    (file,) = CASE.glob("data/raw/evidence/*/parameters.csv")
    rows = {row["parameter"]: row for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())}
    elastic = [name for name in rows if "elasticit" in name]
    numbers = [-float(rows[name][end]) for name in elastic for end in ("value", "low", "high") if rows[name][end]]
    assert "UNDP" in elastic[-1]
    waiver = float(rows["same with electronics waiver (28% of exports)"]["value"])
    numbers.append(-math.log(1 + waiver / 136.5) / math.log(1.2))
    found = known().first_of("tariff_effect.elasticity")
    assert len(numbers) >= 6
    assert found.ends == (pytest.approx(min(numbers), rel=0.02), pytest.approx(max(numbers), rel=0.02))
    assert not found.is_fixed


def test_a_lognormal_has_the_median_and_mean_of_one():
    of = Assumption("e", "a test", Strength.WEAK, "lognormal", (Decimal(2), Decimal("0.5")))
    assert of.quantile(0.5) == 2
    assert float(of.mean) == pytest.approx(2 * math.exp(0.125))
    drawn = of.quantile((np.arange(100_000) + 0.5) / 100_000)
    assert drawn.mean() == pytest.approx(float(of.mean), rel=1e-3)
    assert np.log(drawn).std() == pytest.approx(0.5, rel=1e-3)


def test_a_stated_range_is_drawn_over_half_on_either_side_of_the_value():
    of = Assumption("s", "a test", Strength.WEAK, "value", (Decimal("0.2"),), between=(Decimal(0), Decimal(1)))
    assert of.is_fixed
    drawn = of.over_its_range
    assert not drawn.is_fixed
    assert drawn.quantile(np.array([0, 0.25, 0.5, 0.75, 1])) == pytest.approx([0, 0.1, 0.2, 0.6, 1])
    assert drawn.mean == Fraction(7, 20)
    assert fixed(3).over_its_range == fixed(3)
