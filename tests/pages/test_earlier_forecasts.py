"""What earlier forecasts said: hits are counted, figures say what the numbers say, and the record holds them."""

import pandas as pd
import pytest

from builders import gather, known_on, shipped
from tradebalance.answers import replay
from tradebalance.answers.answer import solve
from tradebalance.case import asof, folder, track_inputs
from tradebalance.pages import earlier_forecasts, pledge_records, svg
from tradebalance.words import terms


@pytest.fixture(scope="module")
def now():
    return known_on("USA")


@pytest.fixture(scope="module")
def trial(now):
    then = solve(gather("even", draws=1000, as_of="2025-05", **{"baseline.method": "hold"}))
    return replay.trial(then, now, ["naive", "hold"])


@pytest.fixture(scope="module")
def successive(now):
    months = replay.months(now, terms.quarter("2025Q1"))
    return replay.hedgehog(asof.replays("USA", months, case=shipped()), "hold", now)


def test_the_trials_words_say_what_was_forecast_and_what_came(trial):
    row, brought = trial.in_all.loc["hold"], float(trial.outturn.sum()) / 1000
    said = earlier_forecasts.finding(trial)
    assert f"at ${row['p50'] / 1000:.1f} ({row['p05'] / 1000:.1f} to {row['p95'] / 1000:.1f}) billion" in said
    assert said.endswith(f"they brought ${brought:.1f} billion.")
    assert "No way of forecasting had the sum in its band" in earlier_forecasts.trial_lead(trial)
    assert "With hindsight: the figures of trade" in earlier_forecasts.trial_lead(trial)
    assert list(earlier_forecasts.trial_by_quarter_table(trial)["Band"]) == ["missed"] * 5


def test_the_scenarios_own_way_of_forecasting_is_the_pictures_first_row_and_its_finding(trial):
    chart = earlier_forecasts.trial_chart(trial)
    axes = chart.figure().axes[0]
    assert axes.get_yticklabels()[0].get_text() == "Last year's mean held"
    own, first = trial.in_all.loc["hold"].astype(float) / 1000, axes.patches[0]
    assert (first.get_x(), first.get_width()) == pytest.approx((own["p05"], own["p95"] - own["p05"]))
    outturn = float(trial.outturn.sum()) / 1000
    assert chart.title == (
        f"In May 2025 the forecast was ${own['p50']:.1f} billion; ${outturn:.1f} billion came, outside its range"
    )
    assert list(chart.data.index) == ["Last quarter repeated", "Last year's mean held"]


def test_every_figure_draws_wide_and_narrow(now, trial, successive):
    errors = replay.errors_by_horizon(successive)
    charts = [earlier_forecasts.trial_chart(trial), earlier_forecasts.hedgehog_chart(successive, now, errors)]
    for chart in charts:
        wide, narrow = (svg.whole(chart, narrow=narrow) for narrow in (False, True))
        assert wide != narrow
        assert isinstance(chart.data, pd.DataFrame)
        assert any(character.isdigit() for character in chart.title)
    assert f"{errors.at[1, 'share'] * 100:.0f} % one quarter ahead" in charts[1].title


def test_the_record_of_the_page_holds_the_trial_and_the_errors_with_their_files(trial, successive):
    pledge, rise = track_inputs.both(folder.case())
    found = pledge_records.track_record_as_json(pledge, rise, trial, successive, {"x.csv": "00"})
    assert [row["baseline"] for row in found["earlier_forecast"]["baselines"]] == ["naive", "hold"]
    assert found["earlier_forecast"]["as_of"] == "2025-05"
    errors = replay.errors_by_horizon(successive)
    assert [row["quarters_ahead"] for row in found["errors_by_horizon"]] == list(errors.index)
    assert found["errors_by_horizon"][0]["share"] == pytest.approx(errors.at[1, "share"])
    assert {*trial.answer.known.files, "x.csv"} <= set(found["inputs"])
    assert set(map(str, trial.answer.known.sources)) <= set(found["sources"])
