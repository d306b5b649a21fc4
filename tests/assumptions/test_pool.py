"""Errors pooled over partners: the tables against the Census files, what a month may know of them, and the bars that
the mixture's bands are held to."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from builders import pooled_errors as of_several
from builders import shipped
from tradebalance.assumptions import backtest, fan, pool
from tradebalance.assumptions.baseline import Baseline
from tradebalance.case import folder, pooled
from tradebalance.words.problems import Refused
from tradebalance.words.terms import quarter

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import pooled_errors

QUIET_TO = quarter("2024Q4")
METHOD = (Path(__file__).parents[2] / "docs" / "method.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def histories():
    return pooled_errors.histories()


@pytest.fixture(scope="module")
def outcomes(histories, table):
    """The last 60 origins of every partner by the default and by the airline model, which was the default before."""
    methods = ["mixture", "sarima"]
    each = [backtest.outcomes(of, methods, pooled=table).assign(partner=n) for n, of in enumerate(histories)]
    found = pd.concat(each)
    return found.assign(inside=found["outturn"].between(found["low"], found["high"]))


@pytest.fixture(scope="module")
def table():
    return of_several()


@pytest.mark.newest
def test_the_table_is_what_the_census_files_give():
    found = pooled_errors.table(pooled_errors.histories())
    pd.testing.assert_frame_equal(found, pooled.table(folder.case()), check_dtype=False)
    assert pooled.made_of(folder.case()).made_of == pooled_errors.made_of()


def test_a_month_knows_the_three_whole_years_before_it(table):
    known = pool.before(table, quarter("2025Q2"))
    assert known.number == 16 + 16 + 14
    exports = (16 * 0.113**2 + 16 * 0.081**2 + 14 * 0.076**2) / 46
    imports = (16 * 0.319**2 + 16 * 0.205**2 + 14 * 0.188**2) / 46
    products = (16 * 81.9 + 16 * 28.6 + 14 * 29.9) / 46 / 1e4
    assert (known.squares[0, 0], known.squares[1, 7], known.products[0]) == pytest.approx((exports, imports, products))
    assert known.number == pool.before(table, quarter("2025Q4")).number
    early = pool.before(table, quarter("2008Q1"))  # of 2006 and 2007, sixteen errors each
    assert early.of_all_years == pytest.approx([(0.233**2 + 0.141**2) / 2, (0.228**2 + 0.225**2) / 2])
    assert pool.before(table, quarter("2006Q4")) is None
    assert pool.before(table.iloc[:0], quarter("2025Q2")) is None


def errors_of(history: pd.DataFrame, pooled: pd.DataFrame) -> fan.Errors:
    return fan.errors(Baseline(method="mixture"), history, pooled)


def test_the_mixture_without_a_table_is_an_error_and_no_other_method_needs_one(histories):
    with pytest.raises(ValueError, match="rest on those of several partners too: give the table of them"):
        errors_of(histories[0], None)
    assert fan.errors(Baseline(method="hold"), histories[0]) == fan.errors(Baseline(method="hold"), histories[0], None)


def test_what_came_after_the_forecast_does_not_move_its_errors(histories, table):
    vietnam = histories[0].loc[:"2025Q1"]
    before = errors_of(vietnam, table)
    shaken = table.assign(exports_percent=table["exports_percent"].where(table["year"] != 2025, 99.9))
    assert errors_of(vietnam, shaken) == before
    assert errors_of(histories[0], shaken).sizes[0][0] > 2 * before.sizes[0][0]


def test_a_table_that_is_not_its_sidecars_is_refused(tmp_path):
    """A case's own table stands in for the shipped one; a changed cell of it is no table of anybody's."""
    for name in (folder.POOLED, "pooled_errors.source.yaml"):
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / name).write_bytes((shipped().root / "data" / name).read_bytes())
    own = folder.Folder(tmp_path)
    pd.testing.assert_frame_equal(pooled.table(own), pooled.table(shipped()))
    path = own.pooled
    path.write_text(path.read_text().replace("2006,1,16,7.2", "2006,1,16,7.3"))
    with pytest.raises(Refused, match=r"data/pooled_errors\.csv: not the table that its sidecar speaks of"):
        pooled.table(own)
    path.with_name("pooled_errors.source.yaml").unlink()
    with pytest.raises(Refused, match=r"data/pooled_errors\.source\.yaml: the file is missing"):
        pooled.table(own)


def test_the_record_counts_as_much_as_the_pool_and_few_errors_widen_the_band():
    """Errors of a tenth on every flow and horizon, four times the pool's squares at one quarter ahead."""
    known = pool.Pooled(48, np.full((2, 8), 0.05**2), np.full(8, 0.05**2), np.array([0.03, 0.04]) ** 2)
    own = np.full((fan.OWN + 7, 2, 8), 0.1)
    for origin in range(len(own)):
        own[origin, :, len(own) - origin :] = np.nan  # not over yet
    found = fan._shared(own, known)
    half = np.sqrt((0.1**2 + 0.05**2) / 2)
    widened = [np.sqrt(48 / ahead / (48 / ahead - 2)) for ahead in range(1, 9)]
    assert found.counts == (60,) * 8
    assert found.far == pytest.approx((0.03, 0.04))
    assert found.sizes[0] == pytest.approx([half * wider for wider in widened])
    assert found.correlations == pytest.approx([1.0] * 8)
    few = fan._shared(own[-4:], known)  # four origins: four errors one quarter ahead, one four ahead, none further
    of_own = [4, 3, 2, 1, 0, 0, 0, 0]
    sizes = [np.sqrt((n * 0.1**2 + 12 * 0.05**2) / (n + 12)) * w for n, w in zip(of_own, widened, strict=True)]
    assert few.sizes[1] == pytest.approx(np.maximum.accumulate(sizes))
    assert few.counts == tuple(48 + n for n in of_own)


def test_a_record_too_short_for_errors_of_its_own_has_the_pools(histories, table):
    short = histories[2].iloc[-16:]
    found, known = errors_of(short, table), pool.before(table, short.index[-1] + 1)
    widened = np.sqrt(known.number / (known.number - 2))
    assert found.counts == (known.number,) * 8
    assert found.sizes[0][0] == pytest.approx(np.sqrt(known.squares[0, 0]) * widened)
    with pytest.raises(ValueError, match="need 16 quarters of history above zero, there are 15"):
        errors_of(short.iloc[1:], table)
    early = histories[2].loc["2001Q1":"2005Q4"]
    with pytest.raises(ValueError, match="needs 8 errors of its own, as no year before 2006Q1 is pooled; there are 4"):
        errors_of(early, table)


def test_a_forecast_before_the_tables_has_the_errors_of_its_own_record(histories, table):
    early = histories[1].loc[:"2005Q4"]
    found = errors_of(early, table)
    origins = range(len(early) - fan.OWN - 7, len(early))
    assert found == fan._own(fan.log_errors("mixture", early, origins))


# --- the bars -----------------------------------------------------------------------------------------


def test_bands_hold_what_they_say_of_quiet_years_and_most_of_2025_and_2026(outcomes):
    """Four partners, both flows and the gap, 60 origins, nothing known of the quarters forecast."""
    is_late = pd.Series([quarter > QUIET_TO for quarter in outcomes["quarter"]], outcomes.index)
    own, is_gap = outcomes["method"] == "mixture", outcomes["series"] == "gap"
    quiet = outcomes[own & ~is_late]
    for part in (quiet[quiet["series"] == "gap"], quiet[quiet["series"] != "gap"]):
        held = part.groupby("horizon")["inside"].agg(["mean", "size"])
        assert held["mean"].between(0.77, 0.83).all()
        assert (held["size"] >= 190).all()
    late = outcomes[own & is_late & ~is_gap].groupby("horizon")["inside"].agg(["mean", "size"])
    assert (late["mean"] >= 0.6).all()
    assert list(late["size"]) == [36, 36, 36]
    gaps = outcomes[own & is_late & is_gap].groupby("horizon")["inside"].sum()
    assert list(gaps) == [10, 9, 8]  # of 18: what no band before knew; the page says so of its book
    rows = {
        "exports and imports, four partners, to 2024": quiet[quiet["series"] != "gap"],
        "gaps, four partners, to 2024": quiet[quiet["series"] == "gap"],
        "exports and imports, three partners, 2025-26": outcomes[own & is_late & ~is_gap],
    }
    for words, part in rows.items():
        held = part.groupby("horizon")["inside"].mean()
        assert f"| {words} | {' | '.join(f'{100 * share:.0f} %' for share in held)} |" in METHOD
    assert f"| gaps, three partners, 2025-26 | {' | '.join(f'{count} of 18' for count in gaps)} |" in METHOD


def test_the_default_scores_no_worse_than_the_airline_model_at_any_horizon(outcomes):
    crps = outcomes[outcomes["series"] == "gap"].groupby(["partner", "horizon", "method"])["crps"].mean().unstack()
    ratio = crps["mixture"] / crps["sarima"]
    assert (ratio.groupby("horizon").mean() < 1).all()
    assert (ratio.loc[0] < 1).all()  # Vietnam
    assert ratio.max() < 1.06  # Thailand one quarter ahead
