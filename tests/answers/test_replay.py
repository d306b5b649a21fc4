"""What an earlier month would have said, against what came: bands, scores, and nothing that was not known then."""

import dataclasses
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from builders import gather, known_on, trade
from tradebalance.answers import replay
from tradebalance.answers.answer import Solution, solve
from tradebalance.answers.replay import Trial
from tradebalance.assumptions import fan
from tradebalance.assumptions.baseline import Baseline
from tradebalance.case import asof, folder, inputs
from tradebalance.facts.known import Known
from tradebalance.words import terms

CHEAP = ("mixture", "naive", "hold", "seasonal_naive_drift")


@pytest.fixture(scope="module")
def now() -> Known:
    return known_on("USA")


@pytest.fixture(scope="module")
def may() -> Solution:
    return solve(gather("even", draws=4000, as_of="2025-05", **{"baseline.method": "hold"}))


@pytest.fixture(scope="module")
def found(may, now) -> Trial:
    return replay.trial(may, now, CHEAP)


# --- May 2025 -------------------------------------------------------------------------------------


def test_the_outturn_of_the_trial_is_met(found):
    """METHODS: the five quarters from 2025Q2 to 2026Q2 brought 255.8; holding 167, without the deals."""
    assert [str(quarter) for quarter in found.outturn.index] == ["2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2"]
    assert found.outturn.sum() / 1000 == pytest.approx(255.8, abs=0.05)
    path = found.answer.baseline["gap_usd_mn"].iloc[:5].sum()
    assert float(path) / 1000 == pytest.approx(167, abs=0.5)


def test_holding_missed_every_quarter_and_growth_the_sum(found):
    hold, drift = (found.in_all.loc[method] for method in ("hold", "seasonal_naive_drift"))
    assert (hold["quarters_inside"], hold["quarters"]) == (0, 5)
    assert drift["quarters_inside"] == 2
    assert not hold["is_inside"]
    assert not drift["is_inside"]
    assert drift["crps"] < hold["crps"]
    assert hold["p05"] < 126_000 < 221_000 < hold["p95"]  # the trial's band of 126 to 221, and a little wider


def test_the_default_held_what_came_after_may_2025(found):
    """Its median was as low as the others'; its band, of errors that partners made in the years before, was not."""
    mixture, drift = (found.in_all.loc[method] for method in ("mixture", "seasonal_naive_drift"))
    assert mixture["is_inside"]
    assert mixture["quarters_inside"] == 4
    assert mixture["p50"] < 210_000
    assert mixture["interval_score"] < drift["interval_score"] / 1.5
    assert list(found.in_all.index) == list(CHEAP)


def test_scores_are_those_of_the_drawn_sum(found):
    row = found.in_all.loc["hold"]
    assert row["error"] == pytest.approx(row["outturn"] - row["p50"])
    assert row["interval_score"] == pytest.approx(row["p95"] - row["p05"] + 20 * (row["outturn"] - row["p95"]))
    assert row["crps"] < row["error"]


def test_a_quarters_band_is_that_of_the_answer_itself(found, may):
    """The replayed draws are the answer's own, with the same deals, before they are put around the path."""
    bands = found.by_quarter.loc["hold"]
    own = may.simulated.gap.loc[bands.index].astype(float)
    for point in ("p05", "p50", "p95"):
        assert list(bands[point].astype(float)) == pytest.approx(list(own[point]), rel=0.005)


def test_what_is_hindsight_is_said(may, now):
    assert may.hindsight == (
        "the figures of trade, as revised since",
        "the assumptions, with the evidence and capacities that they rest on",
    )
    assert solve(gather("even", draws=100)).hindsight == ()
    true_vintage = known_on("USA", terms.month("2024-09"))
    assert (true_vintage.is_replay, true_vintage.hindsight) == (True, ())
    taken_at_their_word = solve(gather("as_announced", as_of="2024-09"))
    assert taken_at_their_word.hindsight == ()


def test_nothing_later_than_the_month_leaks(may, now):
    """Every figure after the end of May 2025's data, made a hundred times as large, moves nothing but the outturn."""
    assert str(may.known.history.index[-1]) == "2025Q1"
    spoilt = _spoilt(now, may.calendar.first)
    clean, after = (replay.trial(may, known, CHEAP[:1]) for known in (now, spoilt))
    points = ["p05", "p50", "p95"]
    pd.testing.assert_frame_equal(clean.in_all[points], after.in_all[points])
    assert after.outturn.iloc[0] > 50 * clean.outturn.iloc[0]


def _spoilt(known: Known, first: pd.Period) -> Known:
    late = known.history.index >= first
    history = known.history.copy()
    for column in history:
        history.loc[late, column] = history.loc[late, column] * Decimal(100)
    return dataclasses.replace(known, history=history)


def test_the_publication_lag_holds_a_quarter_back():
    """June 2025 came out in August: as of July the second quarter is not complete, as of August it is."""
    july, august = (known_on("USA", terms.month(month)) for month in ("2025-07", "2025-08"))
    assert (str(july.first), str(august.first)) == ("2025Q2", "2025Q3")
    assert len(august.history) == len(july.history) + 1


# --- small cases by hand --------------------------------------------------------------------------


def test_an_outturn_is_of_quarters_that_were_forecast_and_are_known(may, now):
    with pytest.raises(ValueError, match="nothing of what was forecast"):
        replay.trial(may, may.known)
    assert replay.outturn_of(may, may.known).empty
    with pytest.raises(ValueError, match="no outturn"):
        replay.outturn_of(may, dataclasses.replace(now, reporter="VNM"))


def test_an_outturn_is_in_the_dollars_of_the_forecast_it_is_held_against(may, now):
    real = replay.outturn_of(solve(gather("even", as_of="2025-05", draws=50, changes={"prices.dollars_of": 2025})), now)
    own = replay.outturn_of(may, now)
    assert list((own / real).round(9)) == [1, 1, 1, 1.02, 1.02]  # three quarters of 2025, two of 2026


def test_a_stated_level_is_replayed_as_a_band_of_no_width(now):
    levels = {"method": "fixed", "exports_usd_mn": 40_000, "imports_usd_mn": 4_000}
    stated = solve(gather("as_announced", as_of="2025-05", baseline=levels, reporter="USA"))
    row = replay.trial(stated, now, ["fixed"]).in_all.loc["fixed"]
    assert row["p05"] == row["p95"] == pytest.approx(5 * (36_000 - 4_515))
    assert row["crps"] == pytest.approx(row["error"])


def test_the_month_to_replay_leaves_a_year_of_outturn(now):
    assert str(replay.month("2025-05", now)) == "2025-05"
    assert str(replay.month("2026-08", now)) == "2025-08"
    early = dataclasses.replace(now, history=now.history.loc[:"2024Q4"], first=terms.quarter("2025Q1"))
    month = replay.month("2025-05", early)
    assert known_on("USA", month).first == terms.quarter("2024Q1")


def test_successive_months_are_those_in_which_a_quarter_came_out(now):
    months = replay.months(now)
    assert (str(months[0]), str(months[-1])) == ("2022-02", "2026-05")
    knowns = asof.replays("USA", months[:2])
    assert [str(known.first) for known in knowns] == ["2022Q1", "2022Q2"]


def _known(now: Known, exports: list[float], last: str, as_of: str) -> Known:
    history = trade(exports, [100.0] * len(exports), last)
    first = terms.quarter(last) + 1
    return dataclasses.replace(now, history=history, first=first, as_of=terms.month(as_of))


def test_the_hedgehog_measures_each_horizon_by_hand(now):
    """Exports of 1,100 that jump to 1,200 at the end: naive expects a gap of 1,000, and 1,100 once it knows."""
    flat = [1100.0] * 40
    earlier = [_known(now, flat, "2025Q2", "2025-08"), _known(now, [*flat, 1200.0], "2025Q3", "2025-11")]
    later = _known(now, [*flat, 1200.0, 1200.0], "2025Q4", "2026-02")
    found = replay.hedgehog(earlier, "naive", later)
    assert list(found["ahead"]) == [*range(1, 9)] * 2
    known = found.dropna(subset=["outturn"])
    assert [(str(r.quarter), r.ahead, r.p50, r.outturn) for r in known.itertuples()] == [
        ("2025Q3", 1, 1000, 1100),
        ("2025Q4", 2, 1000, 1100),
        ("2025Q4", 1, 1100, 1100),
    ]
    errors = replay.errors_by_horizon(found)
    assert list(errors["n"]) == [2, 1]
    assert list(errors["bias"]) == [50, 100]
    assert list(errors["share"]) == pytest.approx([100 / 2200, 100 / 1100])


def test_the_hedgehogs_bands_are_those_of_the_fan(now, may):
    found = replay.hedgehog([may.known], "hold", now)
    drawn = fan.fan(Baseline(method="hold"), may.known.history, may.known.first, 8)
    size = drawn.errors.size(8)[0, 0]
    first = found.iloc[0]
    assert np.log(first["p95"] / first["p50"]) == pytest.approx(1.645 * size, rel=0.25)  # exports are nine tenths
    assert (found["p05"] < found["p50"]).all()
    assert (found["p50"] < found["p95"]).all()


def test_months_with_too_short_a_record_are_passed_over(now):
    short = _known(now, [1100.0] * 6, "2025Q2", "2025-08")
    assert replay.hedgehog([short], "hold", now).empty


def test_a_book_that_ends_before_the_first_month_is_replayed_over_its_last_year():
    case = folder.case("phase-one")
    now = inputs.gather("as_agreed", case=case, reporter="USA").known
    months = replay.months(now)
    assert len(months) == replay.AT_LEAST
    assert months[-1] < now.as_of
