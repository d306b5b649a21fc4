"""The customs office's bulletins: every cell of a PDF in its column, sums that tie, months as known after each."""

import csv
import io
import zlib
from decimal import Decimal
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from tradebalance.facts import customs_vn
from tradebalance.facts.trade import Source
from tradebalance.words.problems import Refused
from tradebalance.words.terms import Origin, month

from ..bulletin_pdf import bulletin

USA = [
    ("HOA KỲ", "", "", "30.400", "", "1.100.900"),
    ("Cà phê", "Tấn", "1.005", "10.400", "2.000", "60.900"),
    ("Điện thoại các loại và linh kiện", "USD", "", "", "", "1.000.000"),
    ("Hàng hóa khác", "USD", "", "20.000", "", "40.000"),
]
UAE = [
    ("TIỂU VƯƠNG QUỐC", "", "", "7", "", "9"),
    ("ARẬP THỐNG NHẤT", "", "", "", "", ""),
    ("Hàng hóa khác", "USD", "", "7", "", "9"),
]


def lines(pages, **changes):
    return customs_vn.lines(bulletin("export", "2026-07", pages, **changes), "b.pdf")


def codes(refused) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.value) for problem in refused.value.problems]


def test_every_cell_stands_in_its_own_column():
    rows = dict(lines([USA]))
    first = min(rows)
    assert rows[first + 1] == {
        "period": "2026-07", "flow": "export", "country": "HOA KỲ", "commodity": "Cà phê", "unit": "Tấn",
        "quantity_month": "1005", "usd_month": "10400", "quantity_year_to_date": "2000", "usd_year_to_date": "60900",
    }  # fmt: skip
    assert (rows[first]["commodity"], rows[first]["usd_month"], rows[first]["usd_year_to_date"]) == (
        "",
        "30400",
        "1100900",
    )


def test_a_cell_of_the_year_to_date_only_is_not_the_months():
    phones = next(cells for _, cells in lines([USA]) if cells["commodity"].startswith("Điện thoại"))
    assert (phones["usd_month"], phones["usd_year_to_date"]) == ("", "1000000")


def test_a_country_goes_on_over_a_page_and_a_row_says_which_page_it_is_on():
    rows = lines([[*USA[:2]], [*USA[2:], *UAE]])
    assert [cells["country"] for _, cells in rows] == ["HOA KỲ"] * 4 + ["TIỂU VƯƠNG QUỐC ARẬP THỐNG NHẤT"] * 2
    assert [row // customs_vn.LINES_A_PAGE for row, _ in rows] == [1, 1, 2, 2, 2, 2]


@pytest.mark.parametrize(("at", "column"), [(0, 3), (1, 3), (1, 5), (3, 3), (3, 5), (2, 5)])
def test_a_spoiled_digit_is_found_in_total_or_commodity(at, column):
    spoiled = [list(row) for row in USA]
    digits = spoiled[at][column]
    spoiled[at][column] = ("2" if digits[0] != "2" else "3") + digits[1:]
    with pytest.raises(Refused) as refused:
        lines([spoiled])
    assert [code for code, _ in codes(refused)] == ["total_mismatch"]
    assert "HOA KỲ" in str(refused.value)


def test_ten_dollars_are_roundings_and_eleven_are_not():
    def total(dollars):
        return [("HOA KỲ", "", "", dollars, "", "1.100.900"), *USA[1:]]

    assert len(lines([total("30.410")])) == 4
    with pytest.raises(Refused, match=r"\-11 from the total"):
        lines([total("30.411")])


def test_a_number_in_another_form_is_refused_and_never_cut():
    with pytest.raises(Refused) as refused:
        lines([[USA[0], ("Cà phê", "Tấn", "1,005", "10.400", "2.000", "60.900"), *USA[2:]]])
    assert codes(refused) == [("not_a_number", "1,005")]


def test_a_missing_page_is_told_by_the_numbers_of_the_others():
    with pytest.raises(Refused, match="numbered 1, 3"):
        lines([USA, UAE], numbered={2: 3})


def test_another_pdf_is_no_bulletin():
    with pytest.raises(Refused, match="not a bulletin"):
        customs_vn.lines(other_pdf(), "b.pdf")
    with pytest.raises(Refused, match="cannot be opened"):
        customs_vn.lines(b"%PDF-1.4 torn", "b.pdf")


def other_pdf() -> bytes:
    out, page = io.BytesIO(), Figure()
    page.text(0.1, 0.5, "Biểu số 050.T, Tháng 7 năm 2026")
    page.savefig(out, format="pdf")
    return out.getvalue()


# --- the office's own bulletins, where they are at hand -------------------------------------------

BESIDE = next((p / "shared/bulletins" for p in Path(__file__).parents if (p / "shared/bulletins").is_dir()), None)
RAW = Path(__file__).resolve().parents[2] / "data/raw/vietnam-customs-bulletins/2026-08"
at_hand = pytest.mark.skipif(BESIDE is None, reason="the office's PDFs stand beside the project, not in it")


def figures(name: str) -> list[dict[str, str]]:
    with (RAW / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@at_hand
@pytest.mark.parametrize(
    "path", sorted(BESIDE.glob("*.pdf")) if BESIDE else [None], ids=lambda path: path and path.name
)
def test_every_cell_of_a_bulletin_is_what_was_compiled_of_it_and_every_country_ties(path):
    rows = [cells for _, cells in customs_vn.lines(path.read_bytes(), path.name)]
    (period,), (flow,) = ({row[key] for row in rows} for key in ("period", "flow"))
    own = [row for row in rows if customs_vn.COUNTRIES.get(row["country"]) == "USA"]
    (total,) = [row for row in own if not row["commodity"]]
    (printed,) = [row for row in figures("usa_monthly.csv") if (row["period"], row["flow"]) == (period, flow)]
    assert [total[name] for name in customs_vn.DOLLARS] == [printed[name] for name in customs_vn.DOLLARS]
    compiled = {
        row["commodity"]: [row[name] for name in ("unit", *customs_vn.VALUES)]
        for row in figures("usa_by_commodity.csv")
        if (row["period"], row["flow"]) == (period, flow)
    }
    read = {row["commodity"]: [row[name] for name in ("unit", *customs_vn.VALUES)] for row in own if row["commodity"]}
    assert read == compiled
    countries = {row["country"] for row in rows}
    assert len(countries & set(customs_vn.COUNTRIES)) == len(countries) > 45
    for country in countries:
        (whole,), parts = (
            [row for row in rows if row["country"] == country and bool(row["commodity"]) is is_part]
            for is_part in (False, True)
        )
        for name in customs_vn.DOLLARS:
            assert abs(int(whole[name] or 0) - sum(int(row[name] or 0) for row in parts)) <= 10


# --- months as known after each bulletin ----------------------------------------------------------


def known(printed: dict[str, tuple[int, int]], at: str) -> dict[str, tuple[Decimal, Origin]]:
    """Exports in USD as known after the bulletin out in a month, from (month, year to date) by month."""
    source = Source("b.csv", month("2026-12"), month("2026-11"), {2025: "preliminary", 2026: "preliminary"}, "USA")
    rows = [
        (
            line,
            {
                "period": period,
                "flow": "export",
                "usd_month": "" if own is None else str(own),
                "usd_year_to_date": str(to_date),
            },
        )
        for line, (period, (own, to_date)) in enumerate(printed.items(), 2)
    ]
    flows, _ = customs_vn.read([(rows, source)])
    shown = flows[flows["vintage"] == month(at)]
    return {str(row.period): (row.value_usd_mn * 1_000_000, row.origin) for row in shown.itertuples()}


def test_a_month_is_first_what_its_own_bulletin_prints():
    printed = {"2026-01": (100, 100), "2026-02": (50, 155)}
    assert known(printed, "2026-02") == {"2026-01": (100, Origin.PUBLISHED)}


def test_what_the_next_year_to_date_differs_by_is_a_revision_of_the_month_before():
    printed = {"2026-01": (100, 100), "2026-02": (50, 155), "2026-03": (70, 222)}
    assert known(printed, "2026-03") == {"2026-01": (105, Origin.DERIVED), "2026-02": (50, Origin.PUBLISHED)}
    assert known(printed, "2026-04") == {
        "2026-01": (105, Origin.DERIVED), "2026-02": (47, Origin.DERIVED), "2026-03": (70, Origin.PUBLISHED),
    }  # fmt: skip


def test_months_add_up_to_the_newest_year_to_date():
    printed = {"2026-01": (100, 100), "2026-02": (50, 155), "2026-03": (70, 222), "2026-04": (9, 240)}
    assert sum(value for value, _ in known(printed, "2026-05").values()) == 240


def test_a_month_whose_bulletin_is_missing_follows_from_the_next_and_is_known_no_sooner():
    printed = {"2026-01": (100, 100), "2026-02": (50, 150), "2026-04": (9, 229)}
    assert known(printed, "2026-05")["2026-03"] == (70, Origin.DERIVED)
    assert known(printed, "2026-04") == {}


def test_two_missing_bulletins_in_a_row_are_not_guessed():
    assert "2026-04" not in known({"2026-02": (50, 150), "2026-05": (9, 229)}, "2026-06")


def test_a_new_year_begins_anew():
    printed = {"2025-12": (80, 900), "2026-01": (100, 100)}
    assert known(printed, "2026-02") == {"2025-12": (80, Origin.PUBLISHED), "2026-01": (100, Origin.PUBLISHED)}


def test_a_table_without_countries_asks_its_sidecar_for_the_partner():
    row = {"period": "2026-01", "flow": "export", "usd_month": "1", "usd_year_to_date": "1"}
    assert customs_vn.says([row])["partner"] == ""  # a sidecar's blank is to be filled in
    assert "partner" not in customs_vn.says([{**row, "country": "HOA KỲ"}])
    source = Source("b.csv", month("2026-02"), month("2026-01"), {2026: "preliminary"})
    with pytest.raises(Refused, match="no column names the country") as refused:
        customs_vn.read([([(2, row)], source)])
    assert [problem.column for problem in refused.value.problems] == ["partner"]


def test_countries_kept_aside_are_one_line_with_a_count():
    row = {"period": "2026-01", "flow": "export", "usd_month": "1", "usd_year_to_date": "1"}
    rows = [(line, {**row, "country": f"XỨ {line}"}) for line in range(2, 202)]
    _, aside = customs_vn.read([(rows, Source("b.csv", month("2026-02"), month("2026-01"), {2026: "preliminary"}))])
    (warning,) = customs_vn.aside_warnings(aside)
    assert warning.reason.startswith("200 countries are kept aside")
    assert warning.reason.endswith("XỨ 2, XỨ 3, XỨ 4 and 197 more")


def test_two_files_of_one_bulletin_may_agree_and_not_differ():
    def one(dollars):
        return [(2, {"period": "2026-01", "flow": "export", "usd_month": dollars, "usd_year_to_date": dollars})]

    sources = [Source(name, month("2026-02"), month("2026-01"), {2026: "preliminary"}, "USA") for name in ("a", "b")]
    flows, _ = customs_vn.read(zip([one("100"), one("100")], sources, strict=True))
    assert len(flows) == 1
    with pytest.raises(Refused, match="prints another figure"):
        customs_vn.read(zip([one("100"), one("101")], sources, strict=True))


def pdf(stream, pages=1):
    """A PDF of so many pages of one content, which is packed."""
    packed = zlib.compress(stream)
    kids = b" ".join(b"%d 0 R" % (5 + page) for page in range(pages))
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
        *[
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F1 3 0 R >> >>"
            b" /Contents 4 0 R >>"
        ]
        * pages,
    ]
    objects = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, part) for number, part in enumerate(parts, 1))
    return b"%PDF-1.4\n" + objects + b"trailer << /Size %d /Root 1 0 R >>\n%%%%EOF" % (len(parts) + 1)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (pdf(b" " * 10_000_001), "decompression_ratio"),
        (pdf(zlib.compress(b" " * 10_000_001)), "decompression_ratio"),
        (pdf(b"BT /F1 8 Tf 9 9 Td " + b"(a) Tj " * 50_001 + b"ET"), "too_large"),
        (pdf(b"BT /F1 8 Tf 9 9 Td (a) Tj ET", pages=201), "too_large"),
        (pdf(b"BT /F1 8 Tf 9 9 Td (a) Tj ET"), "unknown_layout"),
    ],
    ids=["packed", "packed twice", "letters", "pages", "sound"],
)
def test_a_pdf_larger_than_any_bulletin_is_refused(content, code):
    with pytest.raises(Refused) as refusal:
        customs_vn.lines(content, "f.pdf")
    assert [problem.code for problem in refusal.value.problems] == [code]
