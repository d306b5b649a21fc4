"""What is kept of a release's forecasts, and how it did: scores of each quarter, and odds of deals."""

import numpy as np
import pandas as pd
import pytest

from builders import known_on, trade
from tests.assumptions.test_scoring import GRID, exact_crps
from tradebalance.answers import score


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
