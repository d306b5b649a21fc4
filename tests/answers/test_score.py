"""What is kept of a release's forecasts, and how it did: scores of each quarter, and odds of deals."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from builders import beta, fixed, known_on, shipped, trade
from tests.assumptions.test_scoring import GRID, exact_crps
from tradebalance.answers import score
from tradebalance.case import inputs
from tradebalance.words.terms import Status


def test_a_forecast_of_trade_is_quantiles_of_each_flow_about_the_path():
    known = known_on("USA")
    found = score.trade(known, "hold")
    assert found["first_quarter"] == str(known.first)
    middle = score.PROBABILITIES.index(0.5)
    for flow in score.FLOWS:
        rows = np.array(found[f"{flow}_usd_mn"])
        assert rows.shape == (8, len(score.PROBABILITIES))
        assert (np.diff(rows, axis=1) >= 0).all()
    exports, imports, gap = (np.array(found[f"{flow}_usd_mn"])[:, middle] for flow in score.FLOWS)
    assert exports - imports == pytest.approx(gap, rel=0.01)
    last = known.history.iloc[-4:].astype(float).mean()
    assert exports[-1] == pytest.approx(last["exports_usd_mn"], rel=0.15)


def kept(first="2026Q3", **grids) -> dict:
    about = {"method": "hold", "reporter": "USA", "as_of": "2026-10", "first_quarter": first}
    return {
        **about,
        "probabilities": list(score.PROBABILITIES),
        **{f"{flow}_usd_mn": of for flow, of in grids.items()},
    }


def test_each_flow_quarter_and_release_is_scored_on_its_own():
    first, latest = trade([104.0, 90.0], [4.0, 10.0], "2026Q4"), trade([134.0, 90.0], [4.0, 10.0], "2026Q4")
    found = score.scores(kept(gap=[GRID, GRID], exports=[GRID] * 3), {"first": first, "latest": latest})
    table = found.set_index(["flow", "release", "ahead"])
    assert sorted(table.index) == sorted(
        (f, r, n) for f in ("exports", "gap") for r in ("first", "latest") for n in (1, 2)
    )
    assert table.at[("gap", "first", 1), "error"] == pytest.approx(0, abs=1e-9)
    assert table.at[("gap", "latest", 1), "error"] == pytest.approx(30)
    assert not table.at[("gap", "latest", 1), "is_inside"]
    assert table.at[("gap", "first", 2), "outturn"] == 80
    assert table.at[("exports", "first", 2), "crps"] == pytest.approx(exact_crps(90), rel=0.03)
    rows = {(row["flow"], row["release"], row["ahead"]): row for row in score.summary(pd.concat([found, found]))}
    assert (rows["gap", "latest", 1]["n"], rows["gap", "latest", 1]["inside"]) == (2, 0)
    assert rows["gap", "first", 1]["pit"] == pytest.approx(0.5)


def test_nothing_is_scored_before_its_quarter_is_out_and_three_points_have_no_crps():
    history = trade([104.0], [4.0], "2026Q3")
    assert score.scores(kept("2026Q4", gap=[GRID]), {"first": history}).empty
    points = {**kept(gap=[[80.0, 100.0, 120.0]]), "probabilities": [0.05, 0.5, 0.95], "note": "older"}
    (row,) = score.summary(score.scores(points, {"first": history}))
    assert (row["crps_usd_mn"], row["pit"], row["note"]) == (None, None, "older")
    assert (row["inside"], row["interval_score_usd_mn"]) == (1, 40)


def test_the_odds_within_the_evidences_span_are_the_aged_mean_and_halves_multiply():
    memorandum = beta(2, 3, "conversion.mou")
    assert score.within(memorandum, 0, 24) == pytest.approx(2 / 5)
    assert score.within(memorandum, 12, 24) == pytest.approx(2 / 5.5)
    shares = np.random.default_rng(1).beta(2, 3.5, 400_000)
    assert score.within(memorandum, 12, 12) == pytest.approx(1 - np.sqrt(1 - shares).mean(), abs=0.002)
    assert score.within(fixed("0.36"), 99, 12) == pytest.approx(0.2)


def test_every_deal_that_is_not_binding_has_odds_by_its_status_and_age():
    known = known_on("USA")
    assumed = inputs.parse_assumptions(inputs.document(shipped(), inputs.ASSUMPTIONS))
    found = {(one["deal"], one["by"]): one for one in score.odds(known, assumed)}
    assert {one["status"] for one in found.values()} <= {"mou", "negotiating", "planned"}
    gas = assumed.first_of("conversion.mou.energy")
    months = (known.as_of - pd.Period("2025-03", freq="M")).n
    late = found["LNG-COP", str(known.as_of + 24)]
    assert late["probability"] == pytest.approx(float(gas.aged(months).mean), abs=1e-4)
    assert found["LNG-COP", str(known.as_of + 12)]["probability"] < late["probability"]


def test_odds_are_scored_when_their_month_has_come_or_the_deal_is_binding():
    """Of three memoranda one is signed in time, one too late, one not at all."""
    events = {event.id: event for event in known_on("USA").events}

    def told(name, *signed):
        first = dataclasses.replace(events["LNG-COP"], id=name, restates="", part_of="")
        rows = [first]
        for day in signed:
            date = dataclasses.replace(first.date, earliest=day, latest=day)
            rows.append(dataclasses.replace(first, id=f"{name}2", restates=name, status=Status.SIGNED, date=date))
        return rows

    ledger = [*told("A", dt.date(2027, 1, 5)), *told("B", dt.date(2027, 12, 5)), *told("C")]
    odds = [{"deal": name, "by": "2027-10", "probability": 0.3} for name in "ABC"]
    odds.append({"deal": "C", "by": "2028-10", "probability": 0.9})
    early = score.brier(odds, ledger, pd.Period("2027-02", freq="M"))
    assert early == {"kept": 4, "due": 1, "brier": pytest.approx(0.49)}
    done = score.brier(odds, ledger, pd.Period("2028-01", freq="M"))
    assert done == {"kept": 4, "due": 3, "brier": pytest.approx((0.49 + 0.09 + 0.09) / 3)}
    assert score.brier([], ledger, pd.Period("2028-01", freq="M"))["brier"] is None
