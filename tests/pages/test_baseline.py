"""The page on baselines: its sentences follow from the backtest, and say what fails."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from builders import known_on, shipped, trade
from tradebalance.assumptions import backtest
from tradebalance.assumptions.baseline import METHODS
from tradebalance.case import asof
from tradebalance.pages import baseline, records

ORIGINS = 30  # half of the page's: the golden backtest holds the scores of all
QUIET_TO = pd.Period("2024Q4", freq="Q")


@pytest.fixture(scope="module")
def known():
    return known_on("USA")


@pytest.fixture(scope="module")
def found(known):
    return backtest.outcomes(known.history, origins=ORIGINS, pooled=known.pooled)


@pytest.fixture(scope="module")
def years(known):
    return backtest.next_years(known)


def outcomes(held: dict[str, float], quarters: int = 40, last: str = "2024Q4", error: float = 10.0) -> pd.DataFrame:
    """Outcomes one quarter ahead, of which a share falls into each method's band; sarima errs least."""
    rows = []
    for quarter in pd.period_range(end=last, periods=quarters, freq="Q"):
        for rank, (method, share) in enumerate(sorted(held.items())):
            inside = len(rows) // len(held) % 10 < 10 * share
            sign = 1 if quarter.quarter % 2 else -1
            outturn = 1000 + sign * error * (rank + 1 if method != "sarima" else 0.5)
            low, high = (0.0, 2000.0) if inside else (3000.0, 4000.0)
            rows.append([method, "gap", 1, quarter - 1, quarter, 1000.0, outturn, 50.0, low, high, 5.0])
    return pd.DataFrame(rows, columns=[*backtest.KEYS, *backtest.NUMBERS])


def test_failures_name_the_methods_whose_band_held_too_little_and_no_other():
    said = baseline.failures(outcomes({"naive": 0.8, "hold": 0.5, "sarima": 0.9}), QUIET_TO)
    assert (
        "To 2024, 1 quarter ahead, the 80 % band of the gap held less than its share of outturns: hold 20 of 40."
        in said
    )
    assert "naive 3" not in said
    assert "sarima 3" not in said


def test_in_a_short_sample_every_shortfall_is_named_by_its_count():
    late = outcomes({"naive": 0.3, "sarima": 1.0}, quarters=6, last="2026Q2")
    early = outcomes({"naive": 0.8, "sarima": 0.8})
    said = baseline.failures(pd.concat([early, late]), QUIET_TO)
    assert (
        "2025-26, 1 quarter ahead, the 80 % band of the gap held less than its share of outturns: naive 3 of 6." in said
    )


def test_failures_name_who_loses_to_naive_and_whose_lead_may_be_chance():
    found = outcomes({"naive": 0.8, "hold": 0.8, "sarima": 0.8})
    worse, hold = found.copy(), found["method"] == "hold"
    worse.loc[hold, "outturn"] = 1000 + 3 * (worse.loc[hold, "outturn"] - 1000)
    said = baseline.failures(worse, QUIET_TO)
    assert "hold loses to the better naive method, in quarters ahead: 1 (ratio" in said
    assert "sarima loses" not in said
    even = worse.copy()
    sarima = even["method"] == "sarima"
    shaken = np.where(np.arange(sarima.sum()) % 2 == 0, 1.5, 0.5)
    even.loc[sarima, "outturn"] = 1000 + 18 * shaken
    assert "The chosen sarima may differ from the better naive method by chance, in quarters ahead: 1 (p 0." in (
        baseline.failures(even, QUIET_TO)
    )


def test_failures_say_on_which_side_of_the_outturns_the_chosen_medians_lay():
    found = outcomes({"naive": 0.8, "sarima": 0.8})
    for outturn, side in ((1010.0, "below"), (990.0, "above")):
        said = baseline.failures(found.assign(outturn=outturn), QUIET_TO)
        assert f"To 2024, 1 quarter ahead, naive's median was {side} the outturn in 40 of 40 quarters." in said
    assert "median was" not in baseline.failures(found, QUIET_TO)


def test_failures_of_the_us_book_since_2025_are_on_the_page(found):
    said = baseline.failures(found, QUIET_TO)
    assert "2025-26, 4 quarters ahead, the 80 % band" in said
    assert "sarima 1 of 6" in said
    assert "2025-26, 8 quarters ahead, mixture's median was below the outturn in 6 of 6 quarters." in said
    assert "hold loses to the better naive method" in said


def test_coverage_before_and_after_the_tariffs_stands_apart(found):
    table = baseline.coverage_table(found, QUIET_TO)
    assert list(table.loc["2025-26 · sarima"]) == ["4 of 6", "1 of 6", "3 of 6"]
    assert table.at["To 2024 · sarima", "1 quarter ahead"] == "71 % (58 to 83)"
    assert len(table) == 2 * len(METHODS)


def test_a_short_record_says_that_its_choice_is_weak():
    own = known_on("VNM")
    found = backtest.outcomes(own.history, pooled=own.pooled)
    years = backtest.next_years(own)
    assert "With so few origins that ranking is weak." in baseline.lead(own, years, found)
    assert "This record is short: 18, 15, 11 origins by horizon, 10, 7, 3 of them with a band." in (
        baseline.failures(found, QUIET_TO)
    )


def test_headline_and_lead_repeat_the_tables_figures(known, years, found):
    headline, lead = baseline.headline(years), baseline.lead(known, years, found)
    table = baseline.next_years_table(known, years)
    low, high = years["median"].idxmin(), years["median"].idxmax()
    shown = table.iloc[:, 0].str.split(" ").str[0]
    assert headline.endswith(f"from {shown[low]} ({low}) to {shown[high]} ({high})")
    assert shown["hold"] == f"{years.at['hold', 'median'] / 1000:,.1f}"
    assert table.iloc[:, 0]["mixture"] in lead
    assert f"and {table.iloc[:, 1]['mixture']} in the four quarters after" in lead
    assert "US Census book" in lead


def test_trade_by_year_adds_up_and_its_growth_fades(known):
    trade_by_year = backtest.expected(known)
    table = baseline.by_year_table(trade_by_year)
    assert list(table.index[:3]) == ["2024", "2025", "2026, 2 quarters of it forecast"]
    assert len(table) == 12
    row = trade_by_year.loc[2025]
    assert float(row["exports_usd_mn"]) == float(known.history["exports_usd_mn"].loc["2025Q1":"2025Q4"].sum())
    assert row["exports_growth"] == pytest.approx(
        float(row["exports_usd_mn"] / trade_by_year.at[2024, "exports_usd_mn"]) - 1
    )
    assert (trade_by_year["exports_usd_mn"] - trade_by_year["imports_usd_mn"] == trade_by_year["gap_usd_mn"]).all()
    growth = trade_by_year["exports_growth"].loc[2028:]
    assert (growth.diff().dropna() < 0).all()
    assert 0 < growth.iloc[-1] < 0.02
    assert table.at["2025", "Growth of exports"] == f"{row['exports_growth'] * 100:+.1f} %"


def test_the_default_stands_against_every_other_method(found):
    table = baseline.against_table(found)
    assert list(table.index) == [name for name in METHODS if name != "mixture"]
    scores = backtest.scores(found)["rmse_ratio"].xs(("gap", 8), level=("series", "horizon"))
    assert table.at["hold", "RMSE ratio, 8 quarters ahead"] == f"{scores['mixture'] / scores['hold']:.2f}"
    own, hold = (backtest._scaled(found[(found["method"] == m) & (found["series"] == "gap") & (found["horizon"] == 4)])
                 for m in ("mixture", "hold"))  # fmt: skip
    p = backtest.diebold_mariano(own**2 - hold**2, 4)[1]
    assert table.at["hold", "p, equal to it, 4 quarters ahead"] == (f"{p:.3f}" if p >= 0.001 else "<0.001")


def test_another_partners_page_does_not_speak_of_the_deals(years):
    china = asof.known("USA", partner="CHN", case=shipped())
    assert china.history.index[-1] == pd.Period("2024Q2", "Q")
    found = backtest.outcomes(china.history, ["naive", "seasonal_naive"], 30)
    lead = baseline.lead(china, years, found)  # its numbers are the US book's with Vietnam: seconds cheaper
    assert lead.startswith("The gap of this page is that of China's goods trade with the United States")
    assert "deals are" not in lead
    assert not [row for row in baseline.coverage_table(found, QUIET_TO).index if row.startswith("2025")]


def test_the_figure_shows_every_method_and_a_band_around_each_median(known):
    bands = backtest.bands(known)
    assert (bands["low"] < bands["median"]).all()
    assert (bands["median"] < bands["high"]).all()
    chart = baseline.fans_chart(known, bands)
    assert list(chart.data.columns) == list(dict.fromkeys(bands.index.get_level_values("method")))
    for narrow in (False, True):
        panels = [axes for axes in chart.figure(narrow).axes if axes.get_visible()]
        assert len(panels) == len(METHODS)


def test_the_record_is_json_and_holds_the_choice(known, years, found):
    record = json.loads(json.dumps(records.baselines_as_json(known, years, found), allow_nan=False))
    assert (record["home"], record["partner"]) == ("VNM", "USA")
    assert (record["default"], record["chosen"], record["origins"]) == ("mixture", "mixture", ORIGINS)
    assert record["next_four_quarters_gap_usd_mn"]["hold"]["median"] == pytest.approx(years.at["hold", "median"])
    assert len(record["backtest"]) == len(METHODS) * len(backtest.SERIES) * len(backtest.HORIZONS)


def test_the_outlook_of_a_short_record_is_refused_in_words():
    short = trade([1000.0] * 20, [100.0] * 20)
    unseen = dataclasses.replace(known_on("USA"), history=short, months=known_on("USA").months[:0])
    with pytest.raises(ValueError, match="needs 16 quarters of history, there are 15"):
        backtest.next_years(dataclasses.replace(unseen, first=short.index[-1] + 1))
