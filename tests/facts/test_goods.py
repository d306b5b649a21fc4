"""Goods by kind: every printed line in one kind, all together the country's total, as known after each bulletin."""

import csv
import io
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tests import builders
from tests.bulletin_pdf import bulletin
from tradebalance.case import asof, store
from tradebalance.facts import customs_vn, goods, own_book
from tradebalance.facts.goods import Goods, Kind, Kinds
from tradebalance.facts.trade import Source
from tradebalance.words.problems import Refused
from tradebalance.words.terms import Category, Flow, month

RAW = Path(__file__).resolve().parents[2] / "data/raw/vietnam-customs-bulletins/2026-08"
PRINTED = list(csv.DictReader(io.StringIO((RAW / "usa_by_commodity.csv").read_text(encoding="utf-8"))))
COTTON, OTHER = "Bông các loại", "Hàng hóa khác"
KINDS = Kinds(
    lines=[
        Kind(printed=COTTON, english="Cotton", category="agriculture", reason="a crop"),
        Kind(printed=OTHER, english="Other goods", category="mixed", also=["energy"], reason="all the rest"),
    ]
)


@pytest.fixture(scope="module")
def today() -> Goods:
    return asof.goods_of(case=builders.shipped())


def rows(*printed: tuple[str, str, str, object, object]):
    """Rows of a file from (month, flow, commodity, USD of the month, USD of the year to date)."""
    names = ("period", "flow", "commodity", *customs_vn.DOLLARS)
    return [(line, dict(zip(names, map(str, one), strict=True))) for line, one in enumerate(printed, 2)]


def read(*printed, partner="USA", kinds=KINDS) -> Goods:
    source = Source("b.csv", month("2026-12"), month("2026-11"), {2026: "preliminary"}, "USA")
    return Goods(partner, goods.read([(rows(*printed), source)], partner), kinds)


def values(found: Goods, by: str = "month", flow: Flow = Flow.IMPORT) -> dict[tuple[str, str], Decimal]:
    """USD by period and kind."""
    table = found.table(by)
    return {
        (str(row.period), row.kind): row.value_usd_mn * 1_000_000 for row in table[table["flow"] == flow].itertuples()
    }


# --- the shipped bulletins ------------------------------------------------------------------------


def test_every_printed_line_of_both_flows_is_in_the_table_with_a_reason(today):
    printed = {(row["flow"], row["commodity"]) for row in PRINTED}
    assert {flow: sum(of == flow for of, _ in printed) for flow in ("import", "export")} == {"import": 44, "export": 39}
    assert {name for _, name in printed} <= set(today.kinds.by_name)
    assert goods.not_mapped(today.printed, today.kinds) == []
    assert all(len(kind.reason) > 5 and kind.english != kind.printed for kind in today.kinds.lines)


@pytest.mark.parametrize("at", [None, "2024-07", "2025-02", "2026-01"])
def test_all_kinds_together_are_the_countrys_total_to_the_last_dollar(today, at):
    facts, at = store.facts(builders.shipped()), at and month(at)
    counts = own_book.counts(facts.flows, "VNM", "USA", at).flows
    totals = {(row.flow, row.period): row.value_usd_mn for row in counts.itertuples() if row.period.freqstr == "M"}
    sums = defaultdict(Decimal)
    for row in (today.known(at) if at else today).table().itertuples():
        sums[row.flow, row.period] += row.value_usd_mn
    lines = {key: value for key, value in sums.items() if key != ("export", month("2024-03"))}
    assert lines == {key: totals[key] for key in lines}
    assert len(lines) == (85 if at is None else 2 * (at - month("2023-01")).n - (at > month("2024-03")))
    # the bulletin of exports of 2024-03 is not at hand; it follows from April's, line by line
    if at is None or at > month("2024-04"):
        assert sums["export", month("2024-03")] == totals["export", month("2024-03")]


def test_a_years_months_are_what_its_december_prints_line_by_line(today):
    by_year = values(today, "year")
    december = [row for row in PRINTED if row["period"] == "2025-12" and row["flow"] == "import"]
    found = {today.kind(row["commodity"])[1]: Decimal(row["usd_year_to_date"] or 0) for row in december}
    assert {kind: value for (year, kind), value in by_year.items() if year == "2025" and kind in found} == found
    assert {year for year, _ in by_year} == {"2023", "2024", "2025"}  # 2026 is no whole year


@pytest.mark.parametrize(
    ("kind", "before", "now"),
    [
        ("Computers, electronics and parts", 3106, 3859),
        ("Other goods, not itemised", 1304, 2022),
        ("Machinery and equipment", 671, 977),
        ("Cotton", 940, 1070),
        ("Soybeans", 248, 368),
        ("Animal feed and its materials", 447, 516),
        ("Other transport equipment incl. aircraft", 299, 287),
    ],
)
def test_january_to_july_by_kind_is_that_of_the_methods(today, kind, before, now):
    to_date = values(today, goods.TO_DATE)
    assert [round(to_date[period, kind] / 1_000_000) for period in ("2025-07", "2026-07")] == [before, now]


def test_quarters_are_their_months_and_the_rows_behind_them_are_named(today):
    table = today.table("quarter")
    (row,) = table[(table["kind"] == "Cotton") & (table["period"] == pd.Period("2026Q2"))].itertuples()
    months = values(today)
    assert row.value_usd_mn * 1_000_000 == sum(months[f"2026-0{m}", "Cotton"] for m in (4, 5, 6))
    assert {each.rpartition(":")[0] for each in row.ids.split()} == {
        "vietnam-customs-bulletins/2026-08/usa_by_commodity.csv"
    }
    behind = [PRINTED[int(each.rpartition(":")[2]) - 2] for each in row.ids.split()]
    assert {each["commodity"] for each in behind} == {COTTON}
    assert {"2026-04", "2026-05", "2026-06"} <= {each["period"] for each in behind}


def test_a_replay_knows_no_later_bulletin(today):
    early = today.known(month("2025-08"))
    assert early.last() == month("2025-07")
    (row,) = [
        r for r in PRINTED if (r["period"], r["flow"], r["commodity"]) == ("2025-07", "import", COTTON)
    ]  # fmt: skip
    assert values(early)["2025-07", "Cotton"] == Decimal(row["usd_month"])
    assert today.known(month("2023-01")).last() is None


# --- what newer bulletins can bring ---------------------------------------------------------------


def test_a_month_is_revised_line_by_line_by_the_next_years_to_date():
    found = read(
        ("2026-01", "import", COTTON, 100, 100),
        ("2026-01", "import", OTHER, 50, 50),
        ("2026-02", "import", COTTON, 110, 215),  # January had come to 105
        ("2026-02", "import", OTHER, 60, 110),
    )
    assert values(found) == {
        ("2026-01", "Cotton"): 105, ("2026-01", "Other goods"): 50,
        ("2026-02", "Cotton"): 110, ("2026-02", "Other goods"): 60,
    }  # fmt: skip
    assert values(found.known(month("2026-02")))["2026-01", "Cotton"] == 100


def test_a_line_that_is_renamed_within_a_year_leaves_the_months_before_as_they_were():
    found = read(
        ("2026-01", "import", "", 140, 140),
        ("2026-01", "import", COTTON, 100, 100),
        ("2026-01", "import", "Ngô", 40, 40),
        ("2026-02", "import", "", 160, 302),
        ("2026-02", "import", COTTON, 110, 210),
        ("2026-02", "import", OTHER, 50, 92),  # maize under another name, 2 more of January among it
    )
    assert values(found) == {
        ("2026-01", "Cotton"): 100, ("2026-01", "Ngô"): 40, ("2026-01", "Rounding, and lines that come or go"): 2,
        ("2026-02", "Cotton"): 110, ("2026-02", "Other goods"): 50,
    }  # fmt: skip


def test_a_line_that_is_not_in_the_table_is_named_and_counted_as_not_mapped():
    page = [
        ("HOA KỲ", "", "", "30.400", "", "1.100.900"),
        ("Bông các loại", "Tấn", "1", "10.400", "2", "60.900"),
        ("Tàu bay", "Chiếc", "1", "20.000", "1", "1.040.000"),
    ]
    lines = customs_vn.lines(bulletin("import", "2026-08", [page]), "n.pdf")
    source = Source("n.pdf", month("2026-09"), month("2026-08"), {2026: "preliminary"})
    found = Goods("USA", goods.read([(lines, source)], "USA"), KINDS)
    (warning,) = goods.not_mapped(found.printed, KINDS)
    assert (warning.severity, warning.file, warning.value) == ("warning", "n.pdf", "Tàu bay")
    assert warning.row == lines[2][0]
    table = found.table()
    assert dict(zip(table["commodity"], table["category"], strict=True)) == {
        COTTON: Category.AGRICULTURE, "Tàu bay": goods.NOT_MAPPED,
    }  # fmt: skip
    assert sum(table["value_usd_mn"]) == Decimal("0.0304")


def test_what_the_lines_miss_of_the_total_has_a_line_of_its_own():
    found = read(("2026-01", "import", "", 150, 150), ("2026-01", "import", COTTON, 147, 147))
    assert values(found) == {("2026-01", "Cotton"): 147, ("2026-01", "Rounding, and lines that come or go"): 3}


@pytest.mark.parametrize(("own", "to_date"), [(139, 150), (150, 139), (161, 150)])
def test_a_spoiled_digit_is_found_by_the_total(own, to_date):
    with pytest.raises(Refused, match="over the total"):
        read(("2026-01", "import", "", 150, 150), ("2026-01", "import", COTTON, own, to_date))


def test_two_files_that_print_one_line_otherwise_are_refused():
    with pytest.raises(Refused, match="prints another figure"):
        read(("2026-01", "import", COTTON, 100, 100), ("2026-01", "import", COTTON, 101, 101))


def test_only_the_countrys_own_block_is_read():
    assert read(("2026-01", "import", COTTON, 100, 100), partner="TWN").last() is None


def test_a_name_stands_once_in_the_table():
    again = [*KINDS.lines, KINDS.lines[0]]
    with pytest.raises(ValueError, match="told of twice"):
        Kinds(lines=again)
    assert KINDS.by_name[OTHER].can_hold("energy")
    assert not KINDS.by_name[COTTON].can_hold("energy")
