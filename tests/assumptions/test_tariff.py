"""Exports under dated tariff steps: against the rate that the baseline's window bears already, phased in."""

import dataclasses
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from builders import beta, fixed, gather
from tradebalance.answers.answer import solve
from tradebalance.answers.draws import Common, RandomBlock
from tradebalance.answers.model import draws_under_tariffs
from tradebalance.answers.unused import NO_EFFECT
from tradebalance.assumptions import fan, tariff
from tradebalance.assumptions.distributions import Dated, TariffPath
from tradebalance.words.problems import Refused
from tradebalance.words.terms import Strength

WINDOW = pd.period_range("2025Q3", "2026Q2", freq="Q")
AHEAD = pd.period_range("2026Q3", periods=8, freq="Q")


def duty(rates: dict[str, str], *, phase: int = 0, covered: object = 1, elasticity: object = "1.3") -> tariff.Tariff:
    steps = tuple((pd.Timestamp(day), Decimal(rate)) for day, rate in rates.items())
    path = TariffPath("tariff_path.test", "a test", Strength.JUDGEMENT, steps)
    return tariff.Tariff(path, fixed(elasticity), dated(covered), dated(1), fixed(phase), fixed(1), 0.3)


def dated(numbers: object) -> Dated:
    """One number for all days, or numbers by day."""
    by_day = numbers if isinstance(numbers, dict) else {"1900-01-01": numbers}
    return tuple((pd.Timestamp(day), fixed(number)) for day, number in by_day.items())


def proposed(chance: str, political: float) -> tariff.Tariff:
    return dataclasses.replace(duty({}), takes_effect=fixed(chance), political=political)


def test_a_rate_that_stays_moves_nothing():
    assert tariff.multipliers(duty({"2020-01-01": "0.2"}), AHEAD, WINDOW) == [1.0] * 8


def test_a_step_at_a_quarters_start_acts_in_full_by_the_elasticity():
    found = tariff.multipliers(duty({"2026-10-01": "0.2"}), AHEAD, WINDOW)
    assert found == pytest.approx([1.0] + [1.2**-1.3] * 7)


def test_the_share_that_is_covered_bears_the_rate():
    found = tariff.multipliers(duty({"2026-07-01": "0.2"}, covered="0.72"), AHEAD, WINDOW)
    assert found == pytest.approx([1.144**-1.3] * 8)


def test_each_step_bears_the_share_that_holds_on_its_day():
    """20 % on nearly half is more than 12.5 % on a quarter: a lower rate on fewer goods gives exports back."""
    covered = {"2025-08-07": "0.4", "2026-07-01": "0.25"}
    of = duty({"2025-04-09": "0.1", "2025-08-07": "0.2", "2026-07-01": "0.125"}, covered=covered)
    before, after = 1 + 0.4 * 0.2, 1 + 0.25 * 0.125
    assert tariff.burden(of, AHEAD[0]) == pytest.approx(math.log(after))
    assert tariff.burden(of, WINDOW[-1]) == pytest.approx(math.log(before))
    assert tariff.burden(of, pd.Period("2025Q3")) == pytest.approx(
        math.log(1.04) + (math.log(before) - math.log(1.04)) * 55 / 92
    )
    assert len(of.assumptions) == 6  # no share stands for a day that is no step's


def test_a_step_within_a_quarter_counts_by_its_days():
    first, second = (tariff.burden(duty({"2026-08-16": "0.1"}), quarter) for quarter in AHEAD[:2])
    assert first == pytest.approx(math.log(1.1) * 46.5 / 92, rel=0.02)
    assert second == pytest.approx(math.log(1.1))


def test_a_phase_grows_in_a_straight_line_to_the_whole():
    found = [tariff.burden(duty({"2026-07-01": "0.1"}, phase=4), quarter) / math.log(1.1) for quarter in AHEAD]
    assert found[:4] == pytest.approx([1 / 8, 3 / 8, 5 / 8, 7 / 8], abs=0.005)
    assert found[4:] == pytest.approx([1.0] * 4, abs=0.001)


def test_the_reference_is_what_the_baselines_window_bears():
    """A surcharge in force for half the window and then lifted gives half of it back, and no more."""
    of = duty({"2026-01-01": "0.1", "2026-07-01": "0"})
    assert tariff.multipliers(of, AHEAD, WINDOW) == pytest.approx([1.1 ** (1.3 / 2)] * 8)


def test_a_scenario_without_a_tariff_has_none_and_one_with_a_path_says_what_it_used():
    none, falls = (solve(gather("even", draws=10, tariff=name)) for name in ("none", "duty_falls"))
    assert none.duty is None
    later = falls.baseline["exports_usd_mn"] > none.baseline["exports_usd_mn"]
    assert later[4:].all()  # the first quarters still bear what has not phased in of the older, higher rate
    assert list(falls.baseline["imports_usd_mn"]) == list(none.baseline["imports_usd_mn"])
    days = {"covered_share": ["2025-04-09", "2025-08-07", "2026-02-24", "2026-07-24"]}
    days["relative_share"] = ["2025-04-09", "2026-02-24", "2026-07-24"]
    assert {a.path for a in falls.assumptions} - {a.path for a in none.assumptions} == {
        *(f"tariff_effect.{factor}" for factor in ("elasticity", "phase_quarters", "takes_effect")),
        *(f"tariff_effect.{share}.{day}" for share in days for day in days[share]),
    }


def test_one_share_may_be_set_for_all_days_and_another_day_added():
    def first(**changes):
        of = solve(gather("even", draws=10, tariff="in_force", changes=changes))
        return of.duty, [problem.reason for problem in of.warnings if problem.code == NO_EFFECT]

    alike, _ = first(**{"tariff_effect.covered_share": Decimal("0.5")})
    assert {one.mean for _, one in alike.covered_share} == {Fraction(1, 2)}
    assert len(alike.covered_share) == 4
    more, nothing = first(**{"tariff_effect.relative_share.2025-08-07": 1})
    assert [float(one.mean) for _, one in more.relative_share] == [0.15, 1, 0, 0.15]
    assert nothing == []
    _, told = first(**{"tariff_effect.covered_share.2030-01-01": 1})
    assert told == ["changes nothing: no step of the tariff in_force goes by it"]


def test_an_unknown_path_is_refused_by_name():
    with pytest.raises(Refused, match="did you mean 'duty_falls'"):
        solve(gather("even", draws=10, tariff="duty_fall"))


def test_a_path_that_may_not_come_about_does_so_in_half_of_the_draws():
    made = {
        chance: solve(gather("even", draws=2000, tariff=name, changes={"tariff_effect.takes_effect": chance}))
        for name, chance in (("in_force", 1), ("in_force", Decimal("0.5")), ("none", 0))
    }
    surely, perhaps, never = (
        made[chance].simulated.without_deals["mean"][4:8].mean() for chance in (1, Decimal("0.5"), 0)
    )
    assert surely > never  # the window bears more than the duty in force
    assert perhaps == pytest.approx((surely + never) / 2, abs=(surely - never) / 4)


# Exports of 100 a quarter and imports of 40, that hardly stray; the duty halves exports, so that the gap tells it.
PLAIN = fan.Fan(
    pd.DataFrame({"exports_usd_mn": [100.0] * 2, "imports_usd_mn": [40.0] * 2}),
    fan.Errors(sizes=((1e-6, 1e-6), (1e-6, 1e-6)), correlations=(0.0, 0.0), counts=(60, 60)),
)


def comes(of, block):
    """Whether the duty comes in each draw of the gap without deals, which the model draws."""
    gaps = draws_under_tariffs(PLAIN, [0.5, 0.5], of)(block)
    assert np.unique(gaps.round(2)).tolist() in ([10.0], [60.0], [10.0, 60.0])
    assert (gaps[:, 0].round(2) == gaps[:, 1].round(2)).all()
    return gaps[:, 0].round(2) == 10


def test_a_draw_that_is_bad_for_contracts_is_one_in_which_a_proposed_duty_is_likelier():
    block = RandomBlock(1, 0, 20_000)
    for political, times in ((0.6, 1.5), (0.0, 0.95)):
        there = comes(proposed("0.5", political), block)
        firm = block.value(beta("1.5", 6, "remainder_fraction.T3"), "T3-remainder", Common("political", political))
        assert firm[~there].mean() > times * firm[there].mean()
        assert there.mean() == pytest.approx(0.5, abs=0.02)
    assert firm[~there].mean() == pytest.approx(firm[there].mean(), rel=0.05)


@pytest.mark.parametrize("chance", ["0", "1"])
def test_a_duty_that_is_certain_comes_in_every_draw_or_in_none(chance):
    assert comes(proposed(chance, 0.6), RandomBlock(1, 0, 2_000)).mean() == int(chance)
