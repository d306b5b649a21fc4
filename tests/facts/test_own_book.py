"""From fragments to quarters: how well left-out fragments are met, and that known points come out."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from builders import known_on, shipped
from tradebalance.case import store
from tradebalance.facts import benchmark, fragments, own_book, trade
from tradebalance.words.problems import Refused
from tradebalance.words.terms import OTHER_SIDE, Flow, Origin, month, quarter

FILE = "vietnam-customs/2026-11/fragments.csv"
WHOLE = store.facts(shipped()).flows
TABLE = WHOLE[WHOLE["reporter"] == "USA"]  # as if Vietnam's customs had never published a count
Z90 = 1.645


@pytest.fixture(scope="module")
def facts() -> store.Facts:
    return store.facts(shipped())


@pytest.fixture(scope="module")
def printed(facts) -> list[fragments.Fragment]:
    return facts.fragments["VNM", "USA"].fragments


@pytest.fixture(scope="module")
def book(printed) -> own_book.Reconciled:
    return own_book.book(printed, TABLE, "VNM", "USA")


def levels(book) -> np.ndarray:
    return np.array([fragment.against is None for fragment in book.system.fragments])


@pytest.fixture(scope="module")
def without_overlaps(book) -> pd.DataFrame:
    """Each level predicted without any fragment that shares a month with it on a flow of its own."""
    rows = []
    for number, one in enumerate(book.system.fragments):
        if one.against:
            continue
        keep = [
            n
            for n, other in enumerate(book.system.fragments)
            if not (set(benchmark.SIGNS[other.flow]) & set(benchmark.SIGNS[one.flow]) and other.months & one.months)
        ]
        own = {flow: book.system.patterns[flow][number : number + 1] for flow in Flow}
        value, se, _ = benchmark.predict(book.system, book.settings, own, keep)
        spread = (se[0] ** 2 + book.system.error_variance(book.settings)[number]) ** 0.5
        rows.append((one.id, value[0], spread, float(one.value)))
    return pd.DataFrame(rows, columns=["id", "predicted", "spread", "printed"]).set_index("id")


def at(book, flow: Flow, when: str) -> pd.Series:
    table = book.quarters
    return table[(table["flow"] == flow) & (table["period"] == quarter(when))].iloc[0]


def test_a_left_out_fragment_is_missed_by_two_per_cent_at_the_median(book):
    error = (book.residuals["printed_usd_mn"] - book.residuals["without_it_usd_mn"]).abs()[levels(book)]
    assert (error / book.system.size[levels(book)]).median() <= 0.02


def test_without_all_overlapping_fragments_the_error_is_five_per_cent_and_the_bands_are_honest(without_overlaps):
    found = without_overlaps
    miss = (found["predicted"] - found["printed"]).abs()
    assert (miss / found["printed"].abs()).median() <= 0.05
    assert 0.85 <= (miss <= Z90 * found["spread"]).mean() <= 0.99


@pytest.mark.parametrize("fragment", ["VN050", "VN051"])
def test_the_first_quarter_of_2025_is_predicted_within_its_band_without_its_own_fragments(without_overlaps, fragment):
    row = without_overlaps.loc[fragment]
    assert abs(row["predicted"] - row["printed"]) <= Z90 * row["spread"]


def test_the_first_quarter_of_2025_comes_out_as_printed(book):
    for flow, value in ((Flow.EXPORT, 31_400), (Flow.IMPORT, 4_100)):
        row = at(book, flow, "2025Q1")
        assert row["origin"] is Origin.PUBLISHED
        assert abs(row["value_usd_mn"] - value) <= 50


def test_quarters_add_up_to_printed_years_within_their_rounding(book, printed):
    whole_years = [
        f for f in printed if not f.against and f.first.month == 1 and f.last == f.first + 11 and f.flow != "balance"
    ]
    in_conflict = set(book.residuals.index[book.residuals["z"].abs() > 2])
    tested = [f for f in whole_years if f.first.year >= 2018 and f.id not in in_conflict]
    assert {f.first.year for f in tested} >= {2019, 2021, 2024, 2025}
    for fragment in tested:
        quarters = book.quarters[book.quarters["flow"] == fragment.flow]
        total = quarters[[p.year == fragment.first.year for p in quarters["period"]]]["value_usd_mn"].sum()
        width = benchmark.VAGUE_WIDTH if fragment.is_vague else 1
        assert abs(total - float(fragment.value)) <= width * float(fragment.half_unit), fragment.id


def test_every_quarter_from_2018_has_a_value_an_error_and_an_origin_on_both_flows(book):
    for flow in Flow:
        rows = book.quarters[book.quarters["flow"] == flow]
        assert list(rows["period"]) == list(pd.period_range("2018Q1", "2026Q2", freq="Q"))
        assert (rows["value_usd_mn"] > 0).all()
        assert (rows["se_usd_mn"] > 0).all()


def test_quarters_past_the_last_fragment_are_extrapolated_and_less_certain(book):
    for flow in Flow:
        rows = book.quarters[book.quarters["flow"] == flow].set_index("period")
        assert list(rows.index[rows["origin"] == Origin.EXTRAPOLATED]) == [quarter("2026Q1"), quarter("2026Q2")]
        relative = rows["se_usd_mn"] / rows["value_usd_mn"]
        assert relative[quarter("2026Q2")] > 2.5 * relative[quarter("2025Q3")]


def test_a_quarter_that_levels_add_up_to_is_derived(book):
    assert at(book, Flow.EXPORT, "2021Q2")["origin"] is Origin.DERIVED  # six months less the first quarter
    assert at(book, Flow.IMPORT, "2021Q2")["origin"] is Origin.ESTIMATED


def test_conflicting_fragments_are_named(book):
    conflicting = set(book.residuals.index[book.residuals["z"].abs() > 2])
    assert "VN037" in conflicting  # nine months of 2023: 70.9 before the count, 70.23 counted


def test_a_planted_conflict_is_found(printed):
    wrong = [
        fragments.Fragment(**{**vars(f), "value": f.value * Decimal("1.3")}) if f.id == "VN060" else f for f in printed
    ]
    found = own_book.book(wrong, TABLE, "VNM", "USA")
    assert found.residuals["z"].abs().idxmax() == "VN060"


def test_the_order_of_fragments_changes_nothing(printed, book):
    again = own_book.book(list(reversed(printed)), TABLE, "VNM", "USA")
    assert np.allclose(again.quarters["value_usd_mn"], book.quarters["value_usd_mn"], rtol=1e-6)


def test_the_gap_of_a_year_is_surer_than_its_flows_where_a_surplus_was_printed(book):
    year = [quarter(f"2024Q{n}") for n in (1, 2, 3, 4)]
    assert book.total(benchmark.SIGNS["balance"], year)[1] < 0.01 * 104_000


def test_only_what_was_printed_by_then_counts(printed):
    early = own_book.book(printed, TABLE, "VNM", "USA", month("2025-05"), month("2025-05"))
    assert max(f.published for f in early.system.fragments) <= month("2025-05")
    assert early.quarters["period"].max() == quarter("2025Q1")


# --- where the book is counted --------------------------------------------------------------------


@pytest.fixture(scope="module")
def judged(printed, facts) -> own_book.Reconciled:
    """Fragments alone, under the settings that the first two years of counts judged best."""
    settings = own_book.book(printed, WHOLE, "VNM", "USA", kept=facts.fits).settings
    mirror = pd.DataFrame(
        {flow: trade.series(trade.as_of(TABLE, "USA", "VNM"), other, "M") for flow, other in OTHER_SIDE.items()}
    )
    return own_book.reconcile(benchmark.system(printed, mirror), settings, quarter("2018Q1"), quarter("2025Q4"))


def held(judged, first: str, last: str) -> list[bool]:
    """Whether each estimated quarter of fragments alone holds what was counted later in its 90 % range."""
    counted = trade.quarters(own_book.counts(WHOLE, "VNM", "USA").flows)
    truth = {(row.flow, row.period): float(row.value_usd_mn) for row in counted.itertuples()}
    rows = judged.quarters[judged.quarters["period"].between(quarter(first), quarter(last))]
    return [
        abs(row.value_usd_mn - truth[row.flow, row.period]) <= Z90 * row.se_usd_mn
        for row in rows.itertuples()
        if row.origin is Origin.ESTIMATED
    ]


def test_nine_in_ten_quarters_of_2023_and_2024_lie_in_their_ranges_from_fragments_alone(judged):
    inside = held(judged, "2023Q1", "2024Q4")
    assert (sum(inside), len(inside)) == (14, 15)  # as docs/method.md says


def test_the_settings_hold_on_quarters_that_did_not_judge_them(judged):
    inside = held(judged, "2025Q1", "2025Q4")
    assert len(inside) == 6
    assert np.mean(inside) >= 0.85


def test_pieces_end_where_counts_begin_and_are_bound_there(facts):
    book = own_book.book(facts.fragments["VNM", "USA"].fragments, WHOLE, "VNM", "USA", kept=facts.fits)
    assert book.quarters["period"].max() == quarter("2022Q4")
    assert set(book.quarters["origin"]) <= {Origin.PUBLISHED, Origin.DERIVED, Origin.ESTIMATED}
    counted = [fragment for fragment in book.system.fragments if fragment.is_count]
    first = trade.as_of(WHOLE, "VNM", "USA", month("2026-08")).flows.set_index(["flow", "period"])["value_usd_mn"]
    assert {(f.flow, f.value) for f in counted} == {(flow, first[flow, quarter("2023Q1")]) for flow in Flow}
    assert not set(book.conflicts.index) & {fragment.id for fragment in counted}


def test_headlines_are_counted_to_the_last_bulletin():
    known = known_on("VNM")
    assert [str(q) for q in known.last_four] == ["2025Q3", "2025Q4", "2026Q1", "2026Q2"]
    assert round(known.gap_last_four, 6) == Fraction("146903.636979")
    assert known.gap_error is None
    year = known.history["gap_usd_mn"]["2025Q1":"2025Q4"].sum()
    assert round(year / 1000, 1) == Decimal("133.9")
    first = known.history.loc[quarter("2025Q1")]
    assert (first["exports_usd_mn"], first["imports_usd_mn"]) == (Decimal("31394.185080"), Decimal("4097.828022"))


def test_a_replay_knows_the_bulletins_that_were_out(facts):
    early = known_on("VNM", month("2025-04"))
    assert early.history.index[-1] == quarter("2025Q1")
    assert early.history["exports_usd_mn"].iloc[-1] == Decimal("31398.718387")  # before April's bulletin revised March
    assert known_on("VNM", month("2025-03")).history.index[-1] == quarter("2024Q4")


def test_the_errors_of_pieces_are_judged_by_no_count_until_eight_quarters_are_counted(printed, facts):
    """What was counted after a replay's month must not judge its settings; the eighth quarter is out in 2025-01."""

    def judged_by(at: str) -> benchmark.Settings:
        return own_book.book(printed, WHOLE, "VNM", "USA", month(at), month(at), kept=facts.fits).settings

    def alone(at: str) -> benchmark.Settings:
        return own_book.book(printed, TABLE, "VNM", "USA", month(at), month(at), kept=facts.fits).settings

    assert judged_by("2024-12") == alone("2024-12")
    assert judged_by("2025-01") != alone("2025-01")


def test_processed_rows_name_the_fragments_they_rest_on(book, facts):
    table = own_book.as_flows(book, "VNM", "USA", month("2026-11"), facts.fragments["VNM", "USA"].valuation)
    row = table[(table["flow"] == Flow.EXPORT) & (table["period"] == quarter("2025Q1"))].iloc[0]
    assert row["ids"].split() == [f"{FILE}:51"]
    assert set(table["valuation"]) == {"fob", "cif"}


def test_nothing_printed_is_refused():
    with pytest.raises(ValueError, match="no fragments"):
        own_book.book([], TABLE, "VNM", "USA")


# --- the fragments file ---------------------------------------------------------------------------

GOOD = {
    "id": "F1", "flow": "export", "start": "2025-01", "end": "2025-03", "kind": "level", "value": "31.4",
    "unit": "USD billion", "against_start": "", "against_end": "", "rounding": "0.05", "wording": "exact",
    "published": "2025-05", "agency": "customs", "source_title": "a page", "source_url": "https://x.example",
}  # fmt: skip


def test_a_level_is_read_in_usd_million_with_its_half_unit():
    (one,) = fragments.read(fragments.COLUMNS, [(2, GOOD)], "f.csv")
    assert (one.value, one.half_unit, one.source_id) == (31_400, 50, "f.csv:2")


def test_a_growth_rate_is_read_as_a_fraction_over_its_span():
    growth = {
        "kind": "growth",
        "value": "23.3",
        "unit": "percent",
        "against_start": "2024-01",
        "against_end": "2024-03",
    }
    (one,) = fragments.read(fragments.COLUMNS, [(2, GOOD | growth)], "f.csv")
    assert one.value == Decimal("0.233")
    assert one.against == (month("2024-01"), month("2024-03"))


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"value": "31,4"}, "ambiguous_number", "value"),
        ({"flow": "exprot"}, "unknown_flow", "flow"),
        ({"unit": "EUR billion"}, "unit_conflict", "unit"),
        ({"end": "2024-12"}, "bad_period", "end"),
        ({"published": "2025-02"}, "vintage_too_early", "published"),
        ({"start": "2025-1"}, "bad_period", "start"),
        (
            {"kind": "growth", "unit": "percent", "against_start": "2024-03", "against_end": "2024-01"},
            "bad_period",
            "against_end",
        ),
    ],
)
def test_a_wrong_cell_is_named(cells, code, column):
    with pytest.raises(Refused) as refused:
        fragments.read(fragments.COLUMNS, [(2, GOOD), (3, GOOD | cells)], "f.csv")
    assert (code, "f.csv", 3, column) in {(p.code, p.file, p.row, p.column) for p in refused.value.problems}


def test_extrapolated_quarters_are_no_observation(book, facts):
    rows = own_book.as_flows(book, "VNM", "USA", month("2026-11"), facts.fragments["VNM", "USA"].valuation)
    snapshot = trade.Snapshot(rows, month("2026-11"), month("2026-11"), truncated=False)
    assert trade.observed(snapshot, "VNM").index[-1] == quarter("2025Q4")


@pytest.mark.parametrize(("lag", "drift"), [(0.0, 0.02), (0.37, 0.11), (1.0, 0.5)])
def test_the_likelihood_works_with_the_covariance_that_predictions_work_with(book, lag, drift):
    """A fragment predicted from the others by the quick way is what `predict` says without it."""
    settings = benchmark.Settings(dict.fromkeys(Flow, drift), dict.fromkeys(Flow, lag), 0.004, 0.02)
    error, variance = benchmark.leave_one_out(book.system, settings)
    for number in (0, 20, 50):
        keep = [n for n in range(len(book.system.fragments)) if n != number]
        own = {flow: book.system.patterns[flow][number : number + 1] for flow in Flow}
        value, se, _ = benchmark.predict(book.system, settings, own, keep)
        spread = se[0] ** 2 + book.system.error_variance(settings)[number]
        assert np.isclose(book.system.printed[number] - value[0], error[number], rtol=1e-6, atol=1e-4)
        assert np.isclose(spread, variance[number], rtol=1e-6)
