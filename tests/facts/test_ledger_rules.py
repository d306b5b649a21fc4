"""The rules of a ledger and of a published series, on files like those found in the wild."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from builders import table_of
from tradebalance.case import folder
from tradebalance.facts import census, ledger_rules, trade
from tradebalance.facts.ledger import figures, read
from tradebalance.facts.ledger_rules import entries
from tradebalance.facts.trade import Source
from tradebalance.report import check
from tradebalance.words import money
from tradebalance.words.problems import Problem, Refused
from tradebalance.words.terms import FLOW_KEY, month

Rows = list[tuple[int, dict[str, str]]]
CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "ledger"
EXPECTED = json.loads((CORPUS / "expected.json").read_text(encoding="utf-8"))
WRONG = sorted(name for name, expected in EXPECTED.items() if expected.get("severity") == "error")
RIGHT = sorted(path.name for path in CORPUS.glob("ok*.csv"))
COLUMNS = ledger_rules.LEDGER_COLUMNS
ROW = {
    "id": "a", "part_of": "", "buyer": "B", "seller": "S", "category": "energy",
    "value": "1", "currency": "USD", "unit": "bn", "status": "signed", "source": "a paper",
}  # fmt: skip


YEAR = {"delivery_start": "2025-10", "delivery_end": "2026-09"}


def ledger(*rows: dict[str, str]) -> list[Problem]:
    return ledger_rules.ledger_problems(
        [*COLUMNS, "restates"], entries(enumerate([ROW | row for row in rows], 2)), "l.csv"
    )


def judged(rows: Rows) -> list[tuple[str, int | None, str | None, str | None]]:
    """What is wrong with the ledger of a docstring."""
    return found(ledger_rules.ledger_problems(rows[0][1], entries(rows), "l.csv"))


def found(problems: list[Problem]) -> list[tuple[str, int | None, str | None, str | None]]:
    return [(problem.code, problem.row, problem.column, problem.value) for problem in problems]


def test_the_corpus_is_what_the_tests_below_go_through():
    assert [name[:3] for name in WRONG] == ["l01", "l03", "l06", "l07", "l09", "l12", "l13", "l15", "l18", "l19"]
    assert RIGHT == ["ok01_press_totals.csv", "ok03_parts.csv"]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_ledger_is_refused_at_the_cell_that_is_wrong(name):
    table = table_of((CORPUS / name).read_bytes(), name)
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


def test_a_part_without_an_id_is_named(rows):
    """A row of a tranche that nobody could refer to.

    id, role,     part_of, value
    T,  headline, ,        100
    ,   deal,     T,       60
    """
    assert judged(rows) == [("inconsistent", 3, "id", "")]


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
        ({"recurs": "monthly"}, ("bad_value", 2, "recurs", "monthly")),
        ({"status": ""}, ("unknown_status", 2, "status", "")),
        ({"status": "Signed"}, ("unknown_status", 2, "status", "Signed")),
        ({"currency": ""}, ("currency_missing", 2, "currency", "")),
        ({"currency": "VND"}, ("unknown_currency", 2, "currency", "VND")),
        ({"unit": "million"}, ("bad_value", 2, "unit", "million")),
        ({"value": "1,234"}, ("ambiguous_number", 2, "value", "1,234")),
        ({"value": "200.001"}, ("implausible", 2, "value", "200.001")),
        ({"value": "1000.001", "role": "headline"}, ("implausible", 2, "value", "1000.001")),
        ({"recurs": "yearly", **YEAR, "delivery_end": "2026-10"}, ("bad_interval", 2, "delivery_end", "2026-10")),
        ({"recurs": "yearly", "delivery_start": "2025-10"}, ("bad_interval", 2, "delivery_end", "")),
        ({"source": "  "}, ("source_missing", 2, "source", "  ")),
        ({"delivery_end": "2025-02-30"}, ("bad_date", 2, "delivery_end", "2025-02-30")),
        ({"delivery_start": "2027-2025"}, ("bad_interval", 2, "delivery_start", "2027-2025")),
    ],
)
def test_each_rule_of_a_row_names_its_cell(change, problem):
    assert found(ledger(change)) == [problem]


@pytest.mark.parametrize(
    "change",
    [
        {"value": "200"},
        {"value": "0"},
        {"value": "", "currency": "", "unit": ""},
        {"value": "500", "role": "headline"},
        {"recurs": "yearly", **YEAR},
    ],
)
def test_the_edges_of_the_rules_pass(change):
    assert found(ledger(change)) == []


def test_all_problems_of_a_ledger_are_told_at_once(rows):
    """Three cells of one row, and two links of the next.

    id, part_of, value, status, source
    a,  ,        -1,    x,
    a,  z,       1,     signed, a paper
    """
    assert judged(rows) == [
        ("out_of_range", 2, "value", "-1"),
        ("unknown_status", 2, "status", "x"),
        ("source_missing", 2, "source", ""),
        ("duplicate_id", 3, "id", "a"),
        ("unknown_parent", 3, "part_of", "z"),
    ]


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


def test_a_bound_with_a_value_chosen_is_that_value(rows):
    """A scheduled bound, with a choice in the billions that the bound is printed in.

    id, value,            currency, unit, value_used, signed_on,  delivery_start, delivery_end
    a,  over $90 billion, ,         ,     90.3,       2025-03-13, 2026Q1,         2030Q4
    """
    (event,) = read(rows[0][1], rows, "l.csv")
    assert event.value_usd_mn == Decimal(90300)


def test_a_chosen_value_that_cannot_be_read_is_named_where_it_stands(rows):
    """Neither a choice that is a bound again, nor one that is no number.

    id, value,   value_used
    a,  over 90, over 95
    b,  over 90, ninety
    """
    assert judged(rows) == [("not_a_number", 3, "value_used", "ninety")]


def test_a_total_among_the_deals_is_refused(rows):
    """A last row that is the sum of the others.

    id, seller, value
    a,  S,      6
    b,  T,      4
    c,  U,      10
    """
    assert judged(rows) == [("double_count", 4, "value", "10")]


@pytest.mark.parametrize(("bound", "is_total"), [("over 10", True), ("over 9.5", False), ("nearly 10", False)])
def test_a_last_row_that_bounds_the_sum_of_the_others_is_a_total(rows, bound, is_total):
    """A sum that is up to a twentieth above the bound that it is printed as; and one that is more.

    id, seller, value
    a,  S,      6
    b,  T,      4.5
    c,  U,      over 10
    """
    rows[-1][1]["value"] = bound
    assert judged(rows) == ([("double_count", 4, "value", bound)] if is_total else [])


def test_a_deal_given_twice_is_asked_about(rows):
    """Two rows of one buyer, seller, category and value.

    id, value
    a,  1
    b,  1
    c,  5
    """
    assert judged(rows) == [("possible_double_count", 3, "id", "b")]


def test_a_deal_that_says_it_is_another_row_is_not_asked_about(rows):
    """As above, with the link.

    id, same_as, value
    a,  ,        1
    b,  a,       1
    c,  ,        5
    """
    assert judged(rows) == []


def test_parts_equal_to_their_whole_stand_in_its_place_and_one_more_dollar_is_refused(rows):
    """A total whose two parts fill it.

    id, role,     part_of, value
    T,  headline, ,        100
    a,  deal,     T,       60
    b,  deal,     T,       40
    """
    assert judged(rows) == [(ledger_rules.REPLACED, 2, "value", "100")]
    rows[-1][1]["value"] = "40.000001"
    assert judged(rows) == [("parts_sum", 2, "value", "100")]


@pytest.mark.parametrize(
    ("signed", "start", "end", "problem"),
    [
        ("2026-03-31", "2026Q1", "2026-01-01", []),
        ("2026-04-01", "2026Q1", "2026-01-01", [("bad_interval", 2, "delivery_start", "2026Q1")]),
        ("2026", "2026Q1", "2025-12-31", [("bad_interval", 2, "delivery_end", "2025-12-31")]),
        ("before 2026-01-01", "2025", "end-2025", []),
    ],
)
def test_dates_are_out_of_order_only_where_no_reading_puts_them_right(rows, signed, start, end, problem):
    """Signing, start and end of delivery, as vague as they are printed.

    id, value, signed_on, delivery_start, delivery_end
    a,  1,     ,          ,
    """
    rows[0][1].update(signed_on=signed, delivery_start=start, delivery_end=end)
    assert judged(rows) == problem


@pytest.mark.parametrize(("rows_above", "problems"), [(20, []), (21, ["inconsistent"])])
def test_a_chain_of_links_has_twenty_levels_at_most(rows_above, problems):
    links = [{"id": f"r{n}", "part_of": f"r{n - 1}" if n else "", "value": ""} for n in range(rows_above + 1)]
    assert [problem.code for problem in ledger(*links)] == problems


def test_each_cell_of_a_ledger_is_read_once(rows, monkeypatch):
    """A tranche with a part, a chosen bound, a range, and a deal without a value.

    id, role,     part_of, value,   value_used
    T,  headline, ,        100,
    a,  deal,     T,       60,
    b,  deal,     ,        over 90, 95
    c,  deal,     ,        4-5,
    d,  deal,     ,        ,
    """
    parsed: list[str] = []
    monkeypatch.setattr(money, "value", lambda text, *rest, to=money.value: parsed.append(text) or to(text, *rest))
    figures(entries(rows), "l.csv")
    assert parsed == ["100", "60", "95", "4-5", ""]
    judged(rows)
    assert len(parsed) == 10


# --- series ---------------------------------------------------------------------------------------


def series(file: str, years: range, vintage: str = "2026-11"):
    """Monthly flows of one file of the Census layout, every month 1 USD million."""
    one = {f"{side}{name}": "1" for side in "IE" for name in census.MONTHS} | {"IYR": "12", "EYR": "12"}
    rows = [(line, {"year": str(y), "CTY_CODE": "5520", "CTYNAME": "Vietnam"} | one) for line, y in enumerate(years, 2)]
    last = month(f"{years[-1]}-12")
    source = Source(file, month(vintage), last, dict.fromkeys(range(1900, 2100), "final"))
    return census.read([(rows, source)])[0]


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
