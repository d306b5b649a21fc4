"""From a figure back to its cells: exact sums, and refusals that name what would do."""

import csv
import dataclasses
import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tradebalance.answers import answer, gap
from tradebalance.case import asof, folder, inputs, store
from tradebalance.facts import mirror, own_book
from tradebalance.pages import records, trade_gap
from tradebalance.trace import ask, trade
from tradebalance.words import terms
from tradebalance.words.problems import Refused

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def facts():
    return store.facts(folder.case())


@pytest.fixture(scope="module", autouse=True)
def _one_fit_a_book():
    """The same fragments and mirror give the same settings: they are searched for once, not for every trace."""
    found, search = {}, own_book.fit

    def fit(of, kept):
        key = (of.fragments, of.months[-1], float(of.mirror["export"].sum()))
        return found[key] if key in found else found.setdefault(key, search(of, kept))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_book, "fit", fit)
        yield


def traced(facts, column, period):
    return ask.trace(facts, column, terms.period(period), "USA")


@pytest.mark.parametrize("column", trade.COLUMNS)
def test_a_year_is_the_exact_sum_of_its_months_and_of_its_quarters(facts, column):
    year = traced(facts, column, "2025")
    months = [traced(facts, column, f"2025-{month:02}") for month in range(1, 13)]
    quarters = [traced(facts, column, f"2025Q{quarter}") for quarter in range(1, 5)]
    assert year.value_usd_mn == sum(part.value_usd_mn for part in months)
    assert year.value_usd_mn == sum(part.value_usd_mn for part in quarters)
    assert {cell for part in months for cell in part.cells} == set(year.cells)


def test_the_gap_of_2025_is_what_the_publisher_prints_for_the_year(facts):
    assert traced(facts, "gap_usd_mn", "2025").value_usd_mn == Decimal("193879.4") - Decimal("15603.2")


def test_a_traced_quarter_is_the_quarter_that_the_answers_start_from(facts):
    history = asof.known("USA").history
    last = history.index[-1]
    assert traced(facts, "gap_usd_mn", str(last)).value_usd_mn == history.at[last, "gap_usd_mn"]
    assert traced(facts, "imports_usd_mn", str(last)).value_usd_mn == history.at[last, "imports_usd_mn"]


def test_an_unknown_column_names_the_nearest(facts):
    with pytest.raises(Refused, match=r"gap_usd_m.*did you mean 'gap_usd_mn'\?"):
        traced(facts, "gap_usd_m", "2025Q1")


@pytest.mark.parametrize("period", ["2026", "2026Q3", "2026-09", "1980Q1"])
def test_a_period_with_a_month_not_published_is_refused(facts, period):
    with pytest.raises(Refused, match="not all its months are published"):
        traced(facts, "gap_usd_mn", period)


def test_a_book_without_figures_is_refused(facts):
    with pytest.raises(Refused, match="no figures of CHN"):
        ask.trace(facts, "gap_usd_mn", pd.Period("2025Q1", freq="Q"), "CHN")


def test_the_command_names_file_line_columns_and_address(command):
    outcome = command("trace", "gap_usd_mn", "2025Q1")
    assert outcome.code == 0
    assert "36511.8" in outcome.out.replace(",", "")
    for column in ("IJAN", "IFEB", "IMAR", "EJAN", "EFEB", "EMAR"):
        assert f"data/raw/us-census/2026-10/vietnam.csv:35 {column}\n" in outcome.out
    assert "https://www.census.gov/" in outcome.out


@pytest.mark.parametrize("period", ["2025Q1", "2024", "2026-08"])
def test_traced_cells_stand_in_the_raw_file_and_add_up_to_the_value(command, period):
    chain = json.loads(command("trace", "gap_usd_mn", period, "--json").out)
    for cell in chain["cells"]:
        with (ROOT / "data/raw" / cell["file"]).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
        assert rows[cell["row"] - 1][rows[0].index(cell["column"])] == cell["printed"]
    total = sum(Decimal(cell["weight"]) * Decimal(cell["printed"]) for cell in chain["cells"])
    assert total == Decimal(chain["value_usd_mn"])
    if period == "2025Q1":
        assert total == Decimal("36511.8")


def test_a_book_pieced_together_is_traced_to_fragments_with_their_weights(facts):
    chain = ask.trace(facts, "exports_usd_mn", pd.Period("2025Q1", freq="Q"), "VNM")
    (cell,) = chain.cells
    assert (cell.file, cell.row, cell.printed) == ("vietnam-customs/2026-11/fragments.csv", 51, Decimal(31_400))
    assert cell.weight == pytest.approx(Decimal(1), abs=Decimal("0.01"))
    assert abs(chain.value_usd_mn - 31_400) <= 50
    assert chain.se_usd_mn > 0


def test_a_book_known_by_quarter_has_no_months(facts):
    with pytest.raises(Refused, match="known by quarter"):
        ask.trace(facts, "exports_usd_mn", pd.Period("2025-01", freq="M"), "VNM")


# --- a book printed in pieces ---------------------------------------------------------------------


@pytest.mark.parametrize("column", trade.COLUMNS)
@pytest.mark.parametrize("period", ["2018Q1", "2022", "2024", "2025Q1", "2025Q4", "2025"])
def test_weights_times_what_was_printed_and_the_mirrors_part_give_the_figure(command, column, period):
    chain = json.loads(command("trace", column, period, "--reporter", "VNM", "--json").out)
    assert chain["cells"]
    parts = [Decimal(chain[name]) for name in ("mirror_usd_mn", "lesser_usd_mn")]
    total = sum((Decimal(cell["weight"]) * Decimal(cell["printed"]) for cell in chain["cells"]), sum(parts))
    assert abs(total - Decimal(chain["value_usd_mn"])) <= Decimal("0.2")


def test_a_fragment_is_shown_as_it_stands_in_its_file(command):
    chain = json.loads(command("trace", "gap_usd_mn", "2025", "--reporter", "VNM", "--json").out)
    growth = [cell for cell in chain["cells"] if "growth" in cell["flow"]]
    assert growth
    for cell in chain["cells"]:
        with (ROOT / "data/raw" / cell["file"]).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
        row = dict(zip(rows[0], rows[cell["row"] - 1], strict=True))
        assert (row["value"], row["unit"], row["id"]) == (cell["raw"], cell["unit"], cell["id"])
        scale = {"USD billion": Decimal(1000), "USD million": Decimal(1), "percent": Decimal("0.01")}[cell["unit"]]
        assert Decimal(cell["raw"]) * scale == Decimal(cell["printed"])


@pytest.mark.parametrize("reporter", ["USA", "VNM"])
def test_the_gap_of_the_last_four_quarters_is_traced_exactly(facts, reporter):
    known = asof.known(reporter)
    chain = ask.trace(facts, "gap_last_four_quarters_usd_mn", "", reporter)
    assert chain.value == known.gap_last_four
    assert chain.value == sum(part.weight * part.chain.value for part in chain.parts)
    assert chain.period == f"{known.last_four[0]} to {known.last_four[-1]}"
    if reporter == "USA":
        assert chain.value == sum(cell.weight * cell.printed for part in chain.parts for cell in signed(part))


def signed(part):
    return [dataclasses.replace(cell, weight=cell.weight * part.weight) for cell in part.chain.all_cells()]


def test_four_quarters_to_one_are_those_of_the_page(facts):
    history = asof.known("USA").history
    chain = ask.trace(facts, "gap_four_quarters_usd_mn", "2019Q3")
    wanted = history.loc[pd.period_range("2018Q4", "2019Q3", freq="Q"), "gap_usd_mn"]
    assert (
        chain.value == wanted.sum() == sum(cell.weight * cell.printed for part in chain.parts for cell in signed(part))
    )


# --- two books, two releases ----------------------------------------------------------------------


@pytest.mark.parametrize("column", ["mirror_ratio_exports", "mirror_ratio_imports"])
@pytest.mark.parametrize("period", ["2024", "2025Q1"])
def test_a_mirror_ratio_holds_both_books_side_by_side(facts, column, period):
    chain = ask.trace(facts, column, period)
    own, other = (part.chain for part in chain.parts)
    assert (own.reporter, other.reporter) == ("USA", "VNM")
    assert (chain.how, chain.unit) == ("the ratio of", "ratio")
    assert abs(chain.value - own.value / other.value) <= Decimal("0.000001")
    assert not chain.cells
    assert {cell.file.split("/")[0] for cell in own.all_cells()} == {"us-census"}
    assert {cell.file.split("/")[0] for cell in other.all_cells()} == {"vietnam-customs"}


def test_a_traced_ratio_is_the_one_that_the_page_shows(facts):
    both = asof.books()
    shown = trade_gap.mirror_table(mirror.by_year(both), both)
    traced = {year: ask.trace(facts, "mirror_ratio_exports", year).value for year in shown.index if year >= "2018"}
    assert {year: f"{ratio:.3f}" for year, ratio in traced.items()} == {
        year: shown.at[year, "Exports, ratio"].split()[0] for year in traced
    }


def test_a_revision_is_the_newer_releases_cells_less_the_olders(facts):
    shown = trade_gap.revised_years_table(asof.known("USA").revisions)
    for year in shown.index:
        before, after, change = (
            ask.trace(facts, f"gap_{name}_usd_mn", year) for name in ("before_revision", "after_revision", "revision")
        )
        assert change.value == after.value - before.value == sum(c.weight * c.printed for c in change.cells)
        assert f"{change.value:+,.1f}" == shown.at[year, "Gap, change, mn"]
        assert {cell.file.split("/")[1] for cell in before.cells} == {"2024-08"}
        assert {cell.file.split("/")[1] for cell in after.cells} == {"2026-10"}


def test_the_rise_of_imports_is_traced_to_both_years(facts):
    chain = ask.trace(facts, "imports_rise_usd_mn", "2025")
    assert chain.value == Decimal("15603.2") - Decimal("13068.4")
    assert chain.value == sum(cell.weight * cell.printed for part in chain.parts for cell in signed(part))
    assert ask.trace(facts, "imports_rise_usd_mn", "last_four").value == Decimal("4780.6")


# --- the ledger -----------------------------------------------------------------------------------


def test_the_announced_sum_is_the_exact_sum_of_its_raw_cells(command):
    chain = json.loads(command("trace", "announced_usd_mn", "--json").out)
    assert chain["value_usd_mn"] == "90300"
    assert "ledger" not in chain["reporter"]
    total = Decimal(0)
    for part in chain["parts"]:
        for cell in part["cells"]:
            with (ROOT / "data/raw" / cell["file"]).open(encoding="utf-8", newline="") as lines:
                rows = list(csv.reader(lines))
            row = dict(zip(rows[0], rows[cell["row"] - 1], strict=True))
            assert (row["id"], row["value"], row["source_url"]) == (cell["id"], cell["raw"], cell["url"])
            total += Decimal(part["weight"]) * Decimal(cell["weight"]) * 1000 * Decimal(cell["raw"])
    assert total == 90_300


@pytest.mark.parametrize(
    ("which", "value"),
    [
        ("T1", "50150"),
        ("T2", "4150"),
        ("T3", "36000"),
        ("unnamed", "48400"),
        ("restated", "39800"),
        ("signed", "2100"),
        ("probable", "33100"),
        ("possible", "8800"),
    ],
)
def test_a_tranche_or_stage_is_picked_by_its_name(facts, which, value):
    chain = ask.trace(facts, "announced_usd_mn", which)
    assert chain.value == Decimal(value)
    assert chain.value == sum(cell.weight * cell.printed for cell in chain.all_cells())


def test_a_remainder_is_the_whole_less_its_named_parts(facts):
    chain = ask.trace(facts, "T1-remainder")
    assert chain.value == Decimal("8250")
    assert [(cell.id, cell.weight) for cell in chain.cells] == [
        ("T1", 1), ("VJ-737-200", -1), ("VJ-CFM-2024", -1), ("VJ-HON-2024", -1), ("VNA-737-2023", -1),
        ("VNA-PW-2019", -1),
    ]  # fmt: skip


def test_a_deal_shows_the_row_that_counts_and_those_that_tell_it_again(facts):
    chain = ask.trace(facts, "VNA-737-2026")
    assert chain.value == 7_800
    assert {cell.id: cell.weight for cell in chain.cells} == {"VNA-737-2023": 1, "VNA-737-2025": 0, "VNA-737-2026": 0}
    assert "signed" in chain.note


def test_a_row_that_adds_nothing_says_so(facts):
    chain = ask.trace(facts, "announced_usd_mn", "VJ-AGG")
    assert chain.value == 50_000
    assert "adds nothing" in chain.note


def test_a_row_without_a_value_is_refused_by_its_place(facts):
    with pytest.raises(Refused, match=r"commitments\.csv:\d+: value: no value was published"):
        ask.trace(facts, "LNG-COP")


def test_a_corrected_cell_is_shown_with_reason_and_source(command):
    chain = json.loads(command("trace", "T3", "--json").out)
    (correction,) = chain["corrections"]
    assert (correction["row"], correction["column"], correction["value"]) == (4, "signed_on", "2025-05-07")
    assert correction["reason"]
    assert correction["source"]
    assert "corrected by data/corrections.yaml" in command("trace", "T3").out
    assert "corrected" not in command("trace", "T2").out


def test_a_corrected_value_shows_what_the_file_holds(small_case):
    where = folder.case(str(small_case("even")))
    more = """
  - file: commitments/2026-11/commitments.csv
    row: 15
    column: value
    expected: "1.1"
    value: "1.2"
    reason: a test
    source: a test
    effect: a test
"""
    where.corrections.write_text(where.corrections.read_text(encoding="utf-8").rstrip() + more, encoding="utf-8")
    store.build(where)
    chain = ask.trace(store.facts(where), "VJ-HON-2024")
    (cell,) = chain.cells
    assert (cell.raw, cell.printed, chain.value) == ("1.1", 1200, 1200)
    assert [each.value for each in chain.corrections] == ["1.2"]


def test_the_ledger_of_an_earlier_month_is_traced_as_it_was(facts):
    chain = ask.trace(facts, "announced_usd_mn", at=terms.month("2025-04"))
    assert chain.value == 54_300
    assert "T3-remainder" not in [part.chain.period for part in chain.parts]


# --- answers --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def even():
    return answer.solve(inputs.gather("even", draws=2000))


def traced_answer(facts, result, column, which=""):
    return ask.trace_answer_of(folder.case(), facts, result, column, which)


TOTALS = ("credited_usd_mn", "delivered_in_horizon_usd_mn", "additional_usd_mn")


def arithmetic(chain):
    return sum((part.weight * part.chain.value for part in chain.parts), Decimal(0))


@pytest.mark.parametrize(
    ("column", "which"),
    [
        *[
            (column, "")
            for column in ("credited_usd_mn", "delivered_in_horizon_usd_mn", "additional_usd_mn", *gap.STEPS)
        ],
        ("additional_usd_mn", "2030"),
        ("additional_usd_mn", "2030Q1"),
        ("additional_usd_mn", "aircraft"),
        ("credited_usd_mn", "VJ-737-200"),
    ],
)
def test_a_sum_over_deals_is_its_parts_times_their_weights(facts, even, column, which):
    chain = traced_answer(facts, even, column, which)
    assert abs(arithmetic(chain) - chain.value) < Decimal("0.000001")


def test_traced_figures_are_those_that_the_answer_prints(facts, even):
    printed = records.as_json(even)
    for column in TOTALS:
        chain = traced_answer(facts, even, column)
        assert float(chain.value) == pytest.approx(printed[column]["mean"], abs=1e-6)
        assert {point: float(v) for point, v in chain.spread.items()} == pytest.approx(
            {point: printed[column][point] for point in ("p05", "p50", "p95")}, abs=1e-6
        )
    for step in printed["bridge"]:
        assert float(traced_answer(facts, even, step["step"]).value) == pytest.approx(step["usd_mn"], abs=1e-6)
    for column in ("annual_rate", "best_year"):
        assert float(traced_answer(facts, even, column).value) == pytest.approx(
            printed["closure"][column]["mean"], abs=2e-9
        )
    by_quarter = {row["quarter"]: row for row in printed["by_quarter"]}
    for column in ("baseline_gap_p50_usd_mn", "gap_p05_usd_mn", "gap_p50_usd_mn", "gap_p95_usd_mn"):
        assert float(traced_answer(facts, even, column, "2030Q1").value) == by_quarter["2030Q1"][column]


def test_the_bridges_traced_steps_add_up_to_the_traced_end(facts, even):
    steps = sum(traced_answer(facts, even, step).value for step in gap.STEPS)
    assert abs(steps - traced_answer(facts, even, "additional_usd_mn").value) < Decimal("0.000001")


@pytest.mark.parametrize("column", ["annual_rate", "best_year", "months_of_todays_gap"])
def test_closure_is_the_additional_imports_over_the_gap_with_its_raw_cells(facts, even, column):
    chain = traced_answer(facts, even, column)
    over, under = chain.parts
    assert abs(over.weight * over.chain.value / under.chain.value - chain.value) < Decimal("0.00000001")
    assert under.chain.value == even.gap_last_four
    assert {cell.file.split("/")[0] for cell in under.chain.all_cells()} == {"us-census"}
    assert "baseline" in {setting.key for setting in chain.settings}


def test_an_exact_scenario_is_traced_exactly(facts):
    result = answer.solve(inputs.gather("as_announced"))
    chain = traced_answer(facts, result, "additional_usd_mn")
    assert chain.value == arithmetic(chain) == 90_300
    assert chain.assumptions == ()


def test_every_assumption_of_the_answer_enters_with_the_line_that_states_it(facts, even):
    chain = traced_answer(facts, even, "additional_usd_mn")
    entered = {each.path: each for each in chain.assumptions}
    assert {a.path for a in even.assumptions} <= set(entered)
    assert {"category_mix.T1", "books.USA.lag_quarters"} <= set(entered)
    lines = (ROOT / "scenarios" / "_assumptions.yaml").read_text(encoding="utf-8").splitlines()
    for path, each in entered.items():
        assert each.file == "scenarios/_assumptions.yaml"
        assert lines[each.row - 1].strip().startswith(f"{path.split('.')[-1]}:")
        assert each.source in lines[each.row - 1]
        assert str(each.strength) in lines[each.row - 1]


def test_a_step_rests_on_no_assumption_that_acts_after_it(facts, even):
    sections = {each.path.split(".")[0] for each in traced_answer(facts, even, "list_to_paid_price").assumptions}
    assert sections == {"category_mix", "goods_share", "landed_in_vietnam", "price_paid_of_announced"}
    assert {each.path.split(".")[0] for each in traced_answer(facts, even, "announced").assumptions} == set()


def test_what_was_changed_for_a_run_says_so_and_has_no_line(facts):
    result = answer.solve(inputs.gather("even", draws=50, changes={"additionality.aircraft": Decimal("0.5")}))
    chain = traced_answer(facts, result, "additional_usd_mn")
    (changed,) = [each for each in chain.assumptions if each.path == "additionality.aircraft"]
    assert (changed.form, changed.file, changed.row) == ("0.5", "changed for this run", None)
    draws = next(setting for setting in chain.settings if setting.key == "draws")
    assert (draws.value, draws.file) == ("50", "changed for this run")


def test_an_assumption_that_the_scenario_sets_has_the_scenarios_line(facts, small_case):
    where = folder.case(str(small_case("even")))
    file = where.scenarios / "even.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "set:\n  additionality.aircraft: 0.5\n", encoding="utf-8")
    result = answer.solve(inputs.gather("even", case=where))
    chain = ask.trace_answer_of(where, store.facts(where), result, "additional_usd_mn")
    (own,) = [each for each in chain.assumptions if each.path == "additionality.aircraft"]
    assert (own.file, own.row) == ("scenarios/even.yaml", len(file.read_text(encoding="utf-8").splitlines()))


def test_the_scenarios_keys_stand_where_they_are_said_to(facts, even):
    lines = (ROOT / "scenarios" / "even.yaml").read_text(encoding="utf-8").splitlines()
    settings = traced_answer(facts, even, "annual_rate").settings
    assert {"seed", "draws", "delivery", "horizon", "reporter", "as_of", "include", "credit"} <= {
        s.key for s in settings
    }
    assert [setting.key for setting in settings if setting.row is None] == ["draws"]  # changed for this run
    for setting in settings:
        if setting.row is not None:
            assert lines[setting.row - 1].startswith(f"{setting.key}:")


def test_a_stated_level_of_trade_is_traced_to_the_scenarios_line(command):
    chain = json.loads(command("trace", "gap_last_four_quarters_usd_mn", "--scenario", "seed_2025", "--json").out)
    assert Decimal(chain["value_usd_mn"]) == 4 * 27_300
    line = (ROOT / chain["cells"][0]["file"]).read_text(encoding="utf-8").splitlines()[chain["cells"][0]["row"] - 1]
    assert "31400" in line


def test_arrivals_are_traced_to_what_counts_and_what_bounds_them(facts, even):
    low, high = (traced_answer(facts, even, f"arrived_{end}_usd_mn", "VJ-737-200") for end in ("low", "high"))
    assert {cell.file.split("/")[0] for cell in low.cells} == {"timeline", "capacity"}
    assert low.value == 0
    announced, rise = high.parts
    assert abs(min(announced.weight * announced.chain.value, rise.chain.value) - high.value) < Decimal("0.000001")
    assert "landed_in_vietnam.VJ-737-200" in high.note


# --- requests that will not do, and the JSON form -------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("trace gap_usd_mn", "add one: 2025, 2025Q1 or 2025-03"),
        ("trace annual_rate 2025 --scenario even", "annual_rate has no period"),
        ("trace credited_usd_mn", "name the scenario by --scenario"),
        ("trace credited_usd_m --scenario even", "did you mean 'credited_usd_mn'?"),
        ("trace announced_usd_mn VJ-737-20", "did you mean 'VJ-737-200'?"),
        ("trace VJ-737-20O", "did you mean 'VJ-737-200'?"),
        ("trace mirror_ratio_export 2025", "did you mean 'mirror_ratio_exports'?"),
        ("trace additional_usd_mn 2040 --scenario even --draws 10", "from 2026Q3 to 2036Q2"),
        ("trace gap_p50_usd_mn 2040Q1 --scenario even --draws 10", "from 2026Q3 to 2036Q2"),
        ("trace credited_usd_mn aircaft --scenario even --draws 10", "did you mean 'aircraft'?"),
        ("trace arrived_low_usd_mn T1 --scenario even --draws 10", "T1-remainder"),
        ("trace imports_rise_usd_mn 2023", "from 2025Q1 to 2026Q2"),
        ("trace gap_revision_usd_mn 2026", "from 1992-01 to 2024-06"),
        ("trace announced_usd_mn --as-of 2031-01", "use a month up to 2026-10"),
        ("trace announced_usd_mn --as-of 2031", "--as-of"),
        ("trace announced_usd_mn --draws 10", "--scenario"),
        ("trace additional_usd_mn --scenario evne", "did you mean 'even'?"),
    ],
)  # fmt: skip
def test_a_request_that_will_not_do_is_exit_2_and_says_what_would(command, arguments, words):
    outcome = command(*arguments.split())
    assert outcome.code == 2
    assert outcome.out == ""
    assert words in outcome.err
    assert "Traceback" not in outcome.err


def plain_types(found, path=""):
    if isinstance(found, dict):
        return [each for key, value in found.items() for each in plain_types(value, f"{path}.{key}")]
    if isinstance(found, list):
        return [each for value in found for each in plain_types(value, path)]
    return [(path, found)]


@pytest.mark.parametrize(
    "arguments", ["gap_usd_mn 2025Q1", "gap_usd_mn 2025 --reporter VNM", "announced_usd_mn T1",
                  "annual_rate --scenario even --draws 10", "mirror_ratio_imports 2025Q1"]
)  # fmt: skip
def test_the_json_form_is_plain_types_with_decimal_strings(command, arguments):
    chain = json.loads(command("trace", *arguments.split(), "--json").out)
    for path, value in plain_types(chain):
        assert value is None or isinstance(value, str | int), (path, value)
        if isinstance(value, int):
            assert path.endswith(".row")
    Decimal(chain["value"])
    assert "E" not in chain["value"]


def test_a_part_that_stands_in_several_places_is_told_in_full_once(command):
    text = command("trace", "credited_usd_mn", "--scenario", "even", "--draws", "10").out
    assert text.count("commitments.csv:2 value") == 1
    assert "as above" in text
