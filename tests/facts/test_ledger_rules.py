"""The rules of a ledger and of a published series, on files like those found in the wild."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tradebalance.case import folder
from tradebalance.facts import census, ledger_rules, trade
from tradebalance.facts.census import Source
from tradebalance.facts.ledger import figures, read
from tradebalance.facts.ledger_rules import entries
from tradebalance.reading import readers
from tradebalance.report import check
from tradebalance.words.problems import Problem, Refused
from tradebalance.words.terms import FLOW_KEY, month

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "ledger"
EXPECTED = json.loads((CORPUS / "expected.json").read_text(encoding="utf-8"))
WRONG = sorted(name for name, expected in EXPECTED.items() if expected.get("severity") == "error")
RIGHT = sorted(path.name for path in CORPUS.glob("ok*.csv"))
COLUMNS = ledger_rules.LEDGER_COLUMNS
ROW = {
    "id": "a", "part_of": "", "buyer": "B", "seller": "S", "category": "energy",
    "value": "1", "currency": "USD", "unit": "bn", "status": "signed", "source": "a paper",
}  # fmt: skip


def ledger(*rows: dict[str, str]) -> list[Problem]:
    return ledger_rules.ledger_problems(
        [*COLUMNS, "restates"], entries(enumerate([ROW | row for row in rows], 2)), "l.csv"
    )


def found(problems: list[Problem]) -> list[tuple[str, int | None, str | None, str | None]]:
    return [(problem.code, problem.row, problem.column, problem.value) for problem in problems]


def test_the_corpus_is_what_the_tests_below_go_through():
    assert [name[:3] for name in WRONG] == ["l01", "l03", "l06", "l07", "l09", "l12", "l13", "l15", "l18", "l19"]
    assert RIGHT == ["ok01_press_totals.csv", "ok03_parts.csv"]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_ledger_is_refused_at_the_cell_that_is_wrong(name):
    table = readers.table((CORPUS / name).read_bytes(), name)
    rows = [(row.line, row.cells) for row in table.rows]
    must = EXPECTED[name]["must_name"]
    problems = ledger_rules.ledger_problems(table.columns, entries(rows), name)
    assert found(problems) == [(EXPECTED[name]["code"], must["row"], must["column"], must["value"])]
    assert [(problem.file, problem.severity) for problem in problems] == [(name, "error")]
    with pytest.raises(Refused):
        read(table.columns, rows, name)


@pytest.mark.parametrize("name", WRONG)
def test_check_reports_a_wrong_ledger_and_keeps_none_of_its_figures(name):
    (report,) = check.check([CORPUS / name], None, folder.case())
    assert (report["kind"], report["ok"], report["figures"]) == ("ledger", False, [])
    assert report["rows_read"] == report["rows_kept"] + 1
    assert [problem["code"] for problem in report["problems"]] == [EXPECTED[name]["code"]]


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_ledger_gives_its_leaves_exactly(name):
    (report,) = check.check([CORPUS / name], None, folder.case())
    wanted = {tidy["id"]: Decimal(tidy["value_usd_bn"]) * 1000 for tidy in EXPECTED[name]["tidy"]}
    assert {figure["id"]: Decimal(figure["value_usd_mn"]) for figure in report["figures"]} == wanted
    assert len(report["figures"]) == len(wanted)
    assert report["ok"]
    replaced = [problem for problem in report["problems"] if problem["code"] == ledger_rules.REPLACED]
    assert report["rows_read"] == report["rows_kept"] + len(replaced)


@pytest.mark.parametrize("missing", [["value"], ["id", "source"], COLUMNS])
def test_every_missing_column_is_named(missing):
    problems = ledger_rules.ledger_problems(
        [name for name in COLUMNS if name not in missing], entries([(2, ROW)]), "l.csv"
    )
    assert found(problems) == [("missing_column", 1, name, None) for name in missing]


def test_a_ledger_of_a_header_alone_has_no_rows():
    assert found(ledger()) == [("no_rows", 1, None, None)]


@pytest.mark.parametrize("link", ["part_of", "restates"])
def test_links_that_lead_back_are_named_on_every_row_of_the_circle(link):
    links = [("a", "b"), ("b", "c"), ("c", "a"), ("outside", "a")]
    circle = ledger(*({"id": name, link: target, "value": ""} for name, target in links))
    assert found(circle) == [
        ("parent_cycle", 2, link, "b"),
        ("parent_cycle", 3, link, "c"),
        ("parent_cycle", 4, link, "a"),
    ]


@pytest.mark.parametrize("link", ["part_of", "restates"])
def test_a_row_linked_to_itself_or_to_nothing_is_named(link):
    assert ("parent_cycle", 2, link, "a") in found(ledger({link: "a"}))
    assert found(ledger({link: "nobody"})) == [("unknown_parent", 2, link, "nobody")]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"role": "headlines"}, ("bad_value", 2, "role", "headlines")),
        ({"value_kind": "guess"}, ("bad_value", 2, "value_kind", "guess")),
        ({"status": ""}, ("unknown_status", 2, "status", "")),
        ({"status": "Signed"}, ("unknown_status", 2, "status", "Signed")),
        ({"currency": ""}, ("currency_missing", 2, "currency", "")),
        ({"currency": "VND"}, ("unknown_currency", 2, "currency", "VND")),
        ({"unit": "million"}, ("bad_value", 2, "unit", "million")),
        ({"value": "1,234"}, ("ambiguous_number", 2, "value", "1,234")),
        ({"value": "200.001"}, ("implausible", 2, "value", "200.001")),
        ({"source": "  "}, ("source_missing", 2, "source", "  ")),
        ({"delivery_end": "2025-02-30"}, ("bad_date", 2, "delivery_end", "2025-02-30")),
        ({"delivery_start": "2027-2025"}, ("bad_interval", 2, "delivery_start", "2027-2025")),
    ],
)
def test_each_rule_of_a_row_names_its_cell(change, problem):
    assert found(ledger(change)) == [problem]


@pytest.mark.parametrize("change", [{"value": "200"}, {"value": "0"}, {"value": "", "currency": "", "unit": ""}])
def test_the_edges_of_the_rules_pass(change):
    assert found(ledger(change)) == []


def test_all_problems_of_a_ledger_are_told_at_once():
    problems = ledger({"value": "-1", "status": "x", "source": ""}, {"id": "a", "part_of": "z"})
    assert {problem[:3] for problem in found(problems)} == {
        ("out_of_range", 2, "value"),
        ("unknown_status", 2, "status"),
        ("source_missing", 2, "source"),
        ("duplicate_id", 3, "id"),
        ("unknown_parent", 3, "part_of"),
    }


DATES = {"signed_on": "2025-03-13", "delivery_start": "2026Q1", "delivery_end": "2030Q4"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"value": "over $90 billion"}, ("needs_choice", 2, "value", "over $90 billion")),
        ({"value": "about 8"}, ("needs_choice", 2, "value", "about 8")),
        ({"value": "6-5"}, ("needs_choice", 2, "value", "6-5")),
        ({"delivery_end": "2025Q4"}, ("bad_interval", 2, "delivery_end", "2025Q4")),
        ({"delivery_start": "2024Q1"}, ("bad_interval", 2, "delivery_start", "2024Q1")),
        ({"status": "negotiating"}, ("inconsistent", 2, "signed_on", "2025-03-13")),
        ({"value": "$1 billion", "currency": "EUR"}, ("inconsistent", 2, "currency", "EUR")),
        ({"value": "$1 billion", "unit": "mn"}, ("inconsistent", 2, "unit", "mn")),
        ({"signed_on": ""}, ("date_missing", 2, "signed_on", "")),
        ({"delivery_start": "not stated", "delivery_end": ""},
         ("delivery_dates_missing", 2, "delivery_start", "not stated")),
    ],
)  # fmt: skip
def test_each_rule_between_the_cells_of_a_row_names_one_of_them(change, problem):
    assert found(ledger(DATES | change)) == [problem]


@pytest.mark.parametrize(
    ("value", "figure"),
    [
        ("4–5 billion", ("4000", "5000")),
        ("$20-30 billion", ("20000", "30000")),
        ("4 to 5", ("4000", "5000")),
        ("over $90 billion", ("90000", None)),
        ("nearly 50", (None, "50000")),
    ],
)
def test_a_range_or_an_undated_bound_is_kept_with_its_ends_and_cannot_be_scheduled(value, figure):
    row = ROW | {"value": value}
    assert ledger_rules.ledger_problems(COLUMNS, entries([(2, row)]), "l.csv") == []
    low, high = figure
    assert figures(entries([(2, row)]), "l.csv") == [{"id": "a", "low_usd_mn": low, "high_usd_mn": high}]
    with pytest.raises(Refused) as caught:
        read(COLUMNS, [(2, row)], "l.csv")
    assert [problem.code for problem in caught.value.problems] == ["needs_choice"]


def test_a_bound_with_a_value_chosen_is_that_value():
    row = ROW | DATES | {"value": "over $90 billion", "currency": "", "unit": "", "value_used": "90.3"}
    (event,) = read([*COLUMNS, *DATES, "value_used"], [(2, row)], "l.csv")
    assert event.value_usd_mn == Decimal(90300)


def test_a_total_among_the_deals_is_refused_and_a_deal_given_twice_is_asked_about():
    rows = [
        {"id": "a", "value": "6"},
        {"id": "b", "seller": "T", "value": "4"},
        {"id": "c", "seller": "U", "value": "10"},
    ]
    assert found(ledger(*rows)) == [("double_count", 4, "value", "10")]
    twice = [{"id": "a"}, {"id": "b"}, {"id": "c", "value": "5"}]
    assert found(ledger(*twice)) == [("possible_double_count", 3, "id", "b")]
    assert found(ledger({"id": "a"}, {"id": "b", "same_as": "a"}, {"id": "c", "value": "5"})) == []


# --- series ---------------------------------------------------------------------------------------


def series(file: str, years: range, vintage: str = "2026-11"):
    """Monthly flows of one file of the Census layout, every month 1 USD million."""
    one = {f"{side}{name}": "1" for side in "IE" for name in census.MONTHS} | {"IYR": "12", "EYR": "12"}
    rows = [(line, {"year": str(y), "CTY_CODE": "5520", "CTYNAME": "Vietnam"} | one) for line, y in enumerate(years, 2)]
    last = month(f"{years[-1]}-12")
    return census.read(rows, Source(file, month(vintage), last, dict.fromkeys(range(1900, 2100), "final")))[0]


def test_a_whole_series_has_no_problem():
    assert trade.flow_problems(trade.combine([series("a.csv", range(2020, 2023))])) == []


def test_two_files_that_give_the_same_figure_are_refused_at_the_second():
    both = trade.combine([series("a.csv", range(2020, 2022)), series("b.csv", range(2021, 2023))])
    problems = [problem for problem in trade.flow_problems(both) if problem.file == "b.csv"]
    assert {(problem.code, problem.row) for problem in problems} == {("duplicate_key", 2)}
    monthly = both[(both["frequency"] == "M") & both.duplicated(FLOW_KEY)]
    assert len(monthly) == 24
    assert {str(period) for period in monthly["period"]} <= {
        word for p in problems for word in p.reason.replace(",", "").split()
    }


def test_the_same_figures_in_two_vintages_are_not_duplicates():
    vintages = [series("a.csv", range(2020, 2022), "2026-10"), series("b.csv", range(2020, 2022), "2026-11")]
    assert trade.flow_problems(trade.combine(vintages)) == []


def test_a_gap_inside_a_monthly_series_is_named_with_its_first_month():
    whole = series("a.csv", range(2020, 2023))
    gap = whole[~((whole["flow"] == "import") & whole["period"].isin([month("2021-03"), month("2021-07")]))]
    (problem,) = trade.flow_problems(trade.combine([gap]))
    assert (problem.code, problem.file, problem.severity) == ("missing_period", "a.csv", "error")
    assert "2 months" in problem.reason
    assert "2021-03" in problem.reason


def test_months_missing_at_either_end_are_no_gap():
    whole = series("a.csv", range(2020, 2023))
    inner = whole[whole["period"].isin([month("2021-03"), month("2021-04"), month("2021-05")])]
    assert trade.flow_problems(trade.combine([inner])) == []
