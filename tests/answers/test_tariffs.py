"""What tariff steps do to the path and to the draws of trade without the deals, and what they move beside the deals."""

import dataclasses
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from builders import FLAT, beta, gather, shipped, solved
from tests.assumptions.test_tariff import AHEAD, WINDOW, duty
from tradebalance.answers import model, tariffs
from tradebalance.answers.answer import solve
from tradebalance.answers.draws import RandomBlock
from tradebalance.answers.gap import Calendar
from tradebalance.answers.tariffs import A_YEAR, Effect
from tradebalance.answers.unused import NO_EFFECT
from tradebalance.assumptions import tariff
from tradebalance.assumptions.distributions import Assumption
from tradebalance.assumptions.scenario import ScenarioSpec
from tradebalance.case import inputs, store
from tradebalance.pages import delivery_scenario, records, wording
from tradebalance.trace import ask
from tradebalance.words.problems import Refused
from tradebalance.words.terms import Strength

CALENDAR = Calendar(AHEAD[0], 8)
BLOCK = RandomBlock(1, 0, 20_000)
LOGNORMAL = Assumption("e", "a test", Strength.WEAK, "lognormal", (Decimal(2), Decimal("0.5")))


def effect(of: tariff.Tariff) -> Effect:
    burdens = (tariff.burden(of, AHEAD, WINDOW), tariff.burden_of_imports(of, AHEAD, WINDOW))
    return Effect(of, burdens)


def level(exports: float = 100.0, imports: float = 40.0) -> pd.DataFrame:
    return pd.DataFrame({"exports_usd_mn": [exports] * 8, "imports_usd_mn": [imports] * 8}, index=AHEAD)


HIGHER = duty({"2026-07-01": "0.2"})
DRAWN = dataclasses.replace(HIGHER, elasticity=LOGNORMAL)


def test_a_higher_rate_takes_exports_off_by_the_elasticity_and_leaves_imports():
    path = effect(HIGHER).on_path(level())
    assert [float(of) for of in path["exports_usd_mn"]] == pytest.approx([100 * 1.2**-1.3] * 8)
    assert [float(of) for of in path["imports_usd_mn"]] == [40.0] * 8
    exports, imports = effect(HIGHER).factors(BLOCK)
    assert (exports == exports[0, 0]).all()
    assert (imports == 1).all()


def test_the_elasticity_is_drawn_once_a_draw_and_the_path_is_at_its_median():
    exports, _ = effect(DRAWN).factors(BLOCK)
    found = -np.log(exports) / np.log(1.2)
    assert (np.ptp(found, axis=1) < 1e-9).all()  # one elasticity for all quarters of a draw
    assert np.quantile(found[:, 0], [0.05, 0.5, 0.95]) == pytest.approx(
        LOGNORMAL.quantile(np.array([0.05, 0.5, 0.95])), rel=0.02
    )
    path = effect(DRAWN).on_path(level())
    assert float(path["exports_usd_mn"].iloc[-1]) == pytest.approx(100 * np.median(exports[:, -1]), rel=0.005)


def test_a_share_that_is_stated_over_a_range_or_as_a_beta_is_drawn():
    share = beta(2, 2, "tariff_effect.covered_share")
    of = effect(dataclasses.replace(HIGHER, covered_share=((pd.Timestamp("2020-01-01"), share),)))
    exports, _ = of.factors(BLOCK)
    bears = (exports[:, -1] ** (-1 / 1.3) - 1) / 0.2
    assert np.quantile(bears, [0.1, 0.5, 0.9]) == pytest.approx(share.quantile(np.array([0.1, 0.5, 0.9])), rel=0.03)


def test_cuts_of_the_countrys_own_rates_raise_imports_with_an_elasticity_of_their_own():
    of = effect(
        dataclasses.replace(
            duty({"2026-07-01": "0.2"}, imports={"2026-01-01": "0.1", "2026-07-01": "0"}), elasticity=LOGNORMAL
        )
    )
    exports, imports = of.factors(BLOCK)
    assert (imports[:, -1] > 1).all()
    of_exports, of_imports = np.log(exports[:, -1]) / np.log(1.2), np.log(imports[:, -1]) / np.log(1.1)
    assert abs(np.corrcoef(of_exports, of_imports)[0, 1]) < 0.03
    assert np.median(of_imports) == pytest.approx(2, rel=0.02)
    path = of.on_path(level())
    assert float(path["gap_usd_mn"].iloc[-1]) == pytest.approx(100 * 1.2**-2 - 40 * 1.1**2)


@pytest.mark.parametrize(("chance", "share"), [("0", 0), ("0.3", 0.3), ("1", 1)])
def test_steps_come_in_as_many_draws_as_they_are_likely(chance, share):
    likely = dataclasses.replace(
        HIGHER, takes_effect=dataclasses.replace(HIGHER.takes_effect, parameters=(Decimal(chance),))
    )
    exports, _ = effect(likely).factors(BLOCK)
    assert (exports[:, 0] != 1).mean() == pytest.approx(share, abs=0.015)
    expected = 100 * (1 - share + share * 1.2**-1.3)
    assert float(effect(likely).on_path(level())["exports_usd_mn"].iloc[0]) == pytest.approx(expected)


def test_what_is_moved_by_year_is_the_draws_of_the_path():
    found = tariffs.moved(effect(DRAWN), level(), CALENDAR, [BLOCK])
    exports, _ = effect(DRAWN).factors(BLOCK)
    off = 100 * (exports - 1)
    assert list(found["exports"].index) == [2026, 2027, 2028, A_YEAR]
    assert found["exports"].at[2027, "mean"] == pytest.approx(off[:, 2:6].sum(axis=1).mean())
    assert found["exports"].at[A_YEAR, "mean"] == pytest.approx(off.sum(axis=1).mean() / 2)
    assert found["exports"].at[2027, "p05"] == pytest.approx(np.quantile(off[:, 2:6].sum(axis=1), 0.05), rel=0.01)
    assert (found["imports"] == 0).all(axis=None)
    pd.testing.assert_frame_equal(found["gap"], found["exports"])


def test_a_nowcast_is_left_as_it_is_and_counts_as_known():
    of = gather("even", tariff={"rates": {"2026-07-25": 0.9}})
    found = model.model(of)
    assert found.moved.on_path(found.untaxed)["exports_usd_mn"].iloc[0] == found.untaxed["exports_usd_mn"].iloc[0]
    assert found.baseline["exports_usd_mn"].iloc[8] < found.untaxed["exports_usd_mn"].iloc[8]


def test_draws_of_another_tariff_are_the_same_trade_and_the_same_deals():
    plain, taxed = (solved("even", draws=400, **more) for more in ({}, {"tariff": "in_force"}))
    assert plain.additional == taxed.additional
    again = solve(gather("even", draws=400, tariff={"path": "in_force"}))
    pd.testing.assert_frame_equal(again.simulated.without_deals, taxed.simulated.without_deals)


def test_a_scenario_with_a_path_says_what_it_used():
    none, falls = (solved("even", draws=10, tariff=name) for name in ("none", "duty_falls"))
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
    assert [float(one.quantile(0.5)) for _, one in more.relative_share] == [0.15, 1, 0, 0.15]
    assert nothing == []
    _, told = first(**{"tariff_effect.covered_share.2030-01-01": 1})
    assert told == ["changes nothing: no step of the tariff in_force goes by it"]


SURE = {"tariff_effect.takes_effect": 1, "tariff_effect.elasticity": Decimal("1.3")}


def test_a_path_that_may_not_come_about_does_so_in_half_of_the_draws():
    made = {
        chance: solve(gather("even", draws=8000, tariff=name, changes={**SURE, "tariff_effect.takes_effect": chance}))
        for name, chance in (("in_force", 1), ("in_force", Decimal("0.5")), ("none", 0))
    }
    surely, perhaps, never = (
        made[chance].simulated.without_deals["mean"][4:8].mean() for chance in (1, Decimal("0.5"), 0)
    )
    assert surely > never  # the window bears more than the duty in force
    assert perhaps == pytest.approx((surely + never) / 2, abs=(surely - never) / 4)


def told(**changes):
    of = solve(gather("even", draws=10, baseline={"method": "hold"}, **changes))
    return [(each.column, each.reason) for each in of.warnings if each.code == NO_EFFECT]


def test_rates_that_move_nothing_are_told_of():
    late = told(tariff={"rates": {"2027-01-01": 0.2, "2090-01-01": 0.5}})
    assert late == [("tariff.rates.2090-01-01", "changes nothing: the horizon ends on 30 Jun 2036")]
    idle = told(tariff={"path": "none", "rates": {"2001-01-01": 0.2}})
    assert [column for column, _ in idle] == ["tariff"]
    assert told(tariff={"imports": {"2026-01-01": 0.05, "2027-01-01": 0}}) == []
    assert told(tariff={"rates": {"2027-01-01": 0.46}}) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tariff.path", "duty_falls"),
        ("tariff.rates", {"2027-01-01": 0.46}),
        ("tariff.imports", {"2026-01-01": 0.05, "2027-01-01": 0}),
        *((f"tariff_effect.{name}", value) for name, value in {
            "elasticity": 3, "covered_share": 0.9, "relative_share": 0.9, "phase_quarters": 1, "takes_effect": 0.2,
            "elasticity ": {"median": 2.25, "sigma": 0.1},
            "covered_share ": {"beta": [2, 3]},
            "relative_share ": {"value": 0.15, "between": [0, 1]},
            "takes_effect ": {"beta": [2, 3]},
        }.items()),
    ],
)  # fmt: skip
def test_every_key_of_a_tariff_moves_the_answer(key, value):
    stated = {"baseline": FLAT, "tariff": "in_force", "tariff_effect.relative_share": Decimal("0.5")}
    before, after = (
        solve(gather("even", draws=200, changes={**stated, **more})).simulated.without_deals
        for more in ({}, {key.strip(): value})
    )
    assert abs(before - after).max(axis=None) > 1


def test_a_tariff_that_is_drawn_gives_a_stated_level_a_range():
    level_, taxed = (solved("seed_2025", draws=400, **more) for more in ({}, {"tariff": "in_force"}))
    assert level_.has_one_path
    assert not taxed.has_one_path
    assert (taxed.simulated.without_deals["p95"][8:] > taxed.simulated.without_deals["p05"][8:] + 100).all()


def refused(tariff, **effects):
    with pytest.raises(Refused) as caught:
        inputs.gather("even", changes={"tariff": tariff, **effects})
    return {(each.column, each.code) for each in caught.value.problems}


def test_what_is_wrong_with_a_tariff_is_told_all_at_once():
    assert refused({"rates": {"2027-13-01": 0.1, "2027-01-01": 46}, "imports": {"2027-01-01": 0}, "paths": "x"}) >= {
        ("tariff.rates.2027-13-01", "wrong_type"),
        ("tariff.rates.2027-01-01", "out_of_range"),
        ("tariff.paths", "unknown_key"),
    }
    assert refused({"imports": {"2027-01-01": 0}}) == {("tariff", "wrong_type")}
    assert refused({}) == {("tariff", "empty")}
    assert refused({"rates": {}}) == {("tariff.rates", "empty")}
    assert refused(3) == {("tariff", "wrong_type")}
    phase = {"tariff_effect.phase_quarters": {"beta": [2, 2]}, "tariff_effect.elasticity": {"beta": [2, 2]}}
    assert refused("in_force", **phase) == {(path, "wrong_type") for path in phase}
    ranged = {"tariff_effect.phase_quarters": {"value": 4, "between": [2, 6]}}
    assert refused("in_force", **ranged) == {(path, "wrong_type") for path in ranged}


def test_a_change_below_a_bare_name_keeps_the_name():
    parsed = inputs.gather("even", changes={"tariff": "duty_falls"}).scenario
    assert parsed.tariff.name == "duty_falls"
    document = inputs.document(shipped(), "even")
    bare = dataclasses.replace(document, data={**document.data, "tariff": "duty_falls"})
    changed = inputs.gather("even", said=bare, changes={"tariff.rates": {"2027-06-01": 0.3}}).scenario
    assert isinstance(changed, ScenarioSpec)
    assert changed.tariff.name == "duty_falls"


def test_the_headline_says_what_the_tariff_moves_beside_the_deals():
    taxed = solved("tariff_46", draws=400)
    moved = taxed.moved_by_tariffs["gap"].loc[A_YEAR]
    deals = -float(taxed.additional.mean) / 10_000
    said = delivery_scenario.headline(taxed)
    whole = f"${-moved['mean'] / 1000:,.1f} billion a year"
    assert said == f"The tariff takes {whole} off the surplus, the deals ${-deals:,.1f} billion"
    told = f"({moved['p05'] / 1000:+,.1f} to {moved['p95'] / 1000:+,.1f}) billion a year; the deals close as much"
    assert told.replace("-", "−") in delivery_scenario.lead(taxed, solved("slipped", draws=400))
    assert wording.says(taxed).endswith(f"where the deals move it by {deals:+,.1f}.")
    assert moved["mean"] < -20_000
    assert moved["p95"] < 0
    assert "tariff" not in delivery_scenario.headline(solved("slipped", draws=400))
    assert "46.0% from 01 Jan 2027 with an elasticity of 2.25 (drawn, 5 to 95 %: 0.8 to 6.6)." in wording.assumed(taxed)


def test_the_record_says_it_too():
    said = records.as_json(solved("tariff_46", draws=400))["tariff"]
    assert said["path"] == "in_force"
    assert said["rates"][-1] == {"day": "2027-01-01", "rate": 0.46}
    years = {row["year"]: row for row in said["exports_change_by_year"]}
    assert years["2030"]["p95_usd_mn"] < 0
    assert "imports_change_by_year" not in said
    assert "tariff" not in records.as_json(solved("slipped", draws=400))


def test_a_trace_of_the_path_names_the_tariff_and_its_lines():
    taxed = solved("tariff_46", draws=400)
    found = ask.trace_answer_of(shipped(), store.facts(shipped()), taxed, "baseline_gap_p50_usd_mn", "2030")
    by_path = {each.path: each for each in found.assumptions}
    assert {"tariff_path.in_force", "tariff.rates", "tariff_effect.elasticity"} <= set(by_path)
    assert by_path["tariff_effect.covered_share.2027-01-01"].file == "scenarios/tariff_46.yaml"
    assert "tariff" in {each.key for each in found.settings}
