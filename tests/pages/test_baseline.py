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
    found = outcomes({"mixture": 0.5, "hold": 0.5, "naive": 0.8, "sarima": 0.9})
    own, others = baseline.failures(found, QUIET_TO), baseline.failures_of_others(found, QUIET_TO)
    assert "- To 2024, 1 quarter ahead, the 80 % band held 20 of 40 outturns, less than it says." in own
    assert "- To 2024, 1 quarter ahead, 80 % bands held less than they say: last year's mean held 20 of 40." in others
    assert "last quarter repeated 3" not in own + others
    assert "seasonal model" not in own + others


def test_in_a_short_sample_every_shortfall_is_named_by_its_count():
    late = outcomes({"mixture": 0.3, "naive": 0.3, "sarima": 1.0}, quarters=6, last="2026Q2")
    early = outcomes({"mixture": 0.8, "naive": 0.8, "sarima": 0.8})
    found = pd.concat([early, late])
    assert "2025-26, 1 quarter ahead, the 80 % band held 3 of 6 outturns" in baseline.failures(found, QUIET_TO)
    said = baseline.failures_of_others(found, QUIET_TO)
    assert "2025-26, 1 quarter ahead, 80 % bands held less than they say: last quarter repeated 3 of 6." in said


def test_failures_name_who_loses_to_naive_and_whose_lead_may_be_chance():
    found = outcomes({"naive": 0.8, "hold": 0.8, "sarima": 0.8})
    worse, hold = found.copy(), found["method"] == "hold"
    worse.loc[hold, "outturn"] = 1000 + 3 * (worse.loc[hold, "outturn"] - 1000)
    said = baseline.failures_of_others(worse, QUIET_TO)
    assert "“last year's mean held” loses to the better naive method, in quarters ahead: 1 (ratio" in said
    assert "seasonal model" not in said + baseline.failures(worse, QUIET_TO)
    even = worse.copy()
    sarima = even["method"] == "sarima"
    shaken = np.where(np.arange(sarima.sum()) % 2 == 0, 1.5, 0.5)
    even.loc[sarima, "outturn"] = 1000 + 18 * shaken
    assert (
        "The difference from repeating the last quarter or year may be chance, this many quarters ahead: 1 (p 0."
        in (baseline.failures(even, QUIET_TO))
    )


def test_failures_say_on_which_side_of_the_outturns_the_medians_lay():
    found = outcomes({"naive": 0.8, "sarima": 0.8})
    for outturn, side in ((1010.0, "low"), (990.0, "high")):
        said = baseline.failures(found.assign(outturn=outturn), QUIET_TO)
        assert f"To 2024, its middle was too {side}: in 40 of 40 quarters 1 quarter ahead." in said
    assert "its middle" not in baseline.failures(found, QUIET_TO)


def test_failures_of_the_us_book_since_2025_are_on_the_page(found):
    own, others = baseline.failures(found, QUIET_TO), baseline.failures_of_others(found, QUIET_TO)
    assert "2025-26, its middle was too low: " in own
    assert "in 6 of 6 quarters 8 quarters ahead" in own
    assert "2025-26, 4 quarters ahead, 80 % bands" in others
    assert "seasonal model 1 of 6" in others
    assert "“last year's mean held” loses to the better naive method" in others


def test_coverage_before_and_after_the_tariffs_stands_apart(found):
    table = baseline.coverage_table(found, QUIET_TO)
    assert list(table.loc["2025-26: seasonal model"]) == ["4 of 6", "1 of 6", "3 of 6"]
    assert table.at["To 2024: seasonal model", "1 quarter ahead"] == "71 % (58 to 83)"
    assert len(table) == 2 * len(METHODS)


def test_a_short_record_says_that_its_choice_is_weak():
    own = known_on("VNM")
    found = backtest.outcomes(own.history, pooled=own.pooled)
    assert "With so few origins that ranking is weak." in baseline.rule(own, found)
    assert "This record is short: 18, 15, 11 origins by horizon, 10, 7, 3 of them with a band." in (
        baseline.failures(found, QUIET_TO)
    )


def test_the_headline_and_the_lead_repeat_the_tables_figures(known, years):
    headline, lead = baseline.headline(known, years), baseline.lead(known, years)
    row = baseline.next_years_table(known, years).loc["Mean of three"]
    assert row["2026Q3 to 2027Q2"] == f"{years.at['mixture', 'median'] / 1000:,.1f}"
    assert headline == (
        f"Without the deals Vietnam's surplus is put at ${row['2026Q3 to 2027Q2']} billion over the next four quarters"
    )
    low, high = row["80 % band"].split(" to ")
    assert f"between ${low} and ${high} billion eight times in ten" in lead
    assert lead.startswith("That is the average of three forecasts: last year growing, a seasonal model and ")
    assert f"it was ${float(known.gap_last_four) / 1000:,.1f} billion on US Census figures." in lead


def test_trade_by_year_adds_up_and_its_growth_fades(known):
    trade_by_year = backtest.expected(known)
    table = baseline.by_year_table(trade_by_year, known.first)
    assert list(table.index[:4]) == ["2024", "2025", "2026", "2027"]
    assert "published to 2026Q2, projected" in table.attrs["caption"]
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
    assert list(table.index) == [baseline.method_head(name) for name in METHODS if name != "mixture"]
    scores = backtest.scores(found)["rmse_ratio"].xs(("gap", 8), level=("series", "horizon"))
    assert (
        table.at["Last year's mean held", "RMSE ratio, 8 quarters ahead"] == f"{scores['mixture'] / scores['hold']:.2f}"
    )
    own, hold = (backtest._scaled(found[(found["method"] == m) & (found["series"] == "gap") & (found["horizon"] == 4)])
                 for m in ("mixture", "hold"))  # fmt: skip
    p = backtest.diebold_mariano(own**2 - hold**2, 4)[1]
    assert table.at["Last year's mean held", "p, 4 quarters ahead"] == (f"{p:.3f}" if p >= 0.001 else "<0.001")


def test_another_partners_page_does_not_speak_of_the_deals(years):
    china = asof.known("USA", partner="CHN", case=shipped())
    assert china.history.index[-1] == pd.Period("2024Q2", "Q")
    found = backtest.outcomes(china.history, ["naive", "seasonal_naive"], 30)
    headline = baseline.headline(china, years)  # its number is that of the US book with Vietnam: seconds cheaper
    assert headline.startswith("Without the deals China's surplus is put at")
    assert baseline.contamination(china, years) == ""
    assert not [row for row in baseline.coverage_table(found, QUIET_TO).index if row.startswith("2025")]


@pytest.fixture(scope="module")
def bands(known):
    return backtest.bands(known)


def test_the_bands_hold_each_median_and_the_surplus_is_the_difference_of_the_flows(bands, years):
    assert (bands["low"] < bands["median"]).all()
    assert (bands["median"] < bands["high"]).all()
    exports, imports, gap = (bands.loc[series, "median"] for series in backtest.SERIES)
    assert list(exports - imports) == pytest.approx(list(gap))
    assert gap.iloc[:4].sum() == pytest.approx(years.at["mixture", "median"])


@pytest.mark.parametrize("narrow", [False, True])
def test_the_fans_start_from_what_was_published_and_end_at_the_bands_ends(known, bands, narrow):
    chart = baseline.fan_chart(known, bands)
    (axes,) = chart.figure(narrow).axes
    projected, published = axes.lines
    assert projected.get_xydata()[0].tolist() == published.get_xydata()[-1].tolist()
    end = bands.loc["gap"].iloc[-1] / 1000
    assert {f"{end[name]:,.1f}" for name in ("median", "low", "high")} <= {text.get_text() for text in axes.texts}
    assert chart.title == f"By 2028Q2 the surplus of a quarter may be ${end['low']:,.0f} to {end['high']:,.0f} billion"
    panels = baseline.flows_chart(known, bands).figure(narrow).axes
    ends = [bands.at[(flow, pd.Period("2028Q2", "Q")), "median"] / 1000 for flow in ("exports", "imports")]
    assert [axes.lines[0].get_ydata()[-1] for axes in panels] == pytest.approx(ends)


def test_every_method_has_a_bar_and_a_band(known, years):
    chart = baseline.methods_chart(known, years)
    (axes,) = chart.figure().axes
    ordered = years.sort_values("median", ascending=False)
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(list(ordered["median"] / 1000))
    assert [list(line.get_xdata()) for line in axes.lines] == [
        pytest.approx([row["low"] / 1000, row["high"] / 1000]) for _, row in ordered.iterrows()
    ]
    apart = (ordered["median"].iloc[0] - ordered["median"].iloc[-1]) / 1000
    assert chart.title.endswith(f"by ${apart:,.1f} billion")


def test_the_picture_of_the_record_counts_what_was_inside_and_above(known, found):
    chart = baseline.record_chart(known, found)
    own = found[(found["method"] == "mixture") & (found["series"] == "gap") & (found["horizon"] == 4)].iloc[-16:]
    inside, above = own["outturn"].between(own["low"], own["high"]).sum(), (own["outturn"] > own["median"]).sum()
    assert chart.title == f"A year ahead, the band held {inside} of 16 quarters; {above} came above its middle"
    assert 0 < inside < 16
    assert list(chart.data.index) == [str(quarter) for quarter in own["quarter"]][::-1]


def test_the_picture_of_coverage_has_a_point_for_every_period_and_distance(known, found):
    chart = baseline.coverage_chart(known, found, QUIET_TO)
    table = baseline.coverage_table(found, QUIET_TO)
    shown = [table.at[f"{sample}: mean of three", f"{ahead}"]
             for sample in ("To 2024", "2025-26") for ahead in table.columns]  # fmt: skip
    assert list(chart.data["In the band"]) == shown
    points = [line for line in chart.figure().axes[0].lines if line.get_marker() == "o"]
    assert len(points) == 6
    assert all(0 <= point.get_xdata()[0] <= 1 for point in points)
    own = found[(found["method"] == "mixture") & (found["series"] == "gap")].dropna(subset=["low"])
    held = int(own["outturn"].between(own["low"], own["high"]).sum())
    assert baseline.in_band(found) == (held, len(own))
    assert f"held {held} of {len(own)} outturns" in chart.title


def test_the_record_is_json_and_holds_the_choice(known, years, found, bands):
    record = json.loads(json.dumps(records.baselines_as_json(known, years, found, bands), allow_nan=False))
    assert (record["home"], record["partner"]) == ("VNM", "USA")
    assert (record["default"], record["chosen"], record["origins"]) == ("mixture", "mixture", ORIGINS)
    assert record["next_four_quarters_gap_usd_mn"]["hold"]["median"] == pytest.approx(years.at["hold", "median"])
    assert len(record["by_quarter"]) == len(bands)
    assert record["by_quarter"][-1]["high_usd_mn"] == pytest.approx(bands["high"].iloc[-1], abs=0.06)
    last, now = bands.index[-1][1], known.history.iloc[-1]
    assert (record["moved"]["from"], record["moved"]["to"]) == (str(now.name), str(last))
    for flow in ("exports", "imports", "gap"):
        put = record["moved"][f"{flow}_usd_mn"] + float(now[f"{flow}_usd_mn"])
        assert put == pytest.approx(bands.at[(flow, last), "median"])
    assert record["in_band"] == dict(zip(("held", "of"), baseline.in_band(found), strict=True))
    ahead = record["a_year_ahead"]
    assert f"held {ahead['inside']} of {ahead['of']} quarters; {ahead['above']} came" in (
        baseline.record_chart(known, found).title
    )
    assert record["methods_apart_usd_mn"] == pytest.approx(years["median"].max() - years["median"].min())
    rule = baseline.rule(known, found)
    assert f"uses {record['estimated_on']['quarters_used']} quarters" in rule
    assert record["mean_ranks"] == pytest.approx(dict(backtest.ranks(found)))
    assert len(record["backtest"]) == len(METHODS) * len(backtest.SERIES) * len(backtest.HORIZONS)


def test_the_outlook_of_a_short_record_is_refused_in_words():
    short = trade([1000.0] * 20, [100.0] * 20)
    unseen = dataclasses.replace(known_on("USA"), history=short, months=known_on("USA").months[:0])
    with pytest.raises(ValueError, match="needs 16 quarters of history, there are 15"):
        backtest.next_years(dataclasses.replace(unseen, first=short.index[-1] + 1))
