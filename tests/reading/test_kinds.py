"""Kinds of files found in public that are read wrong by most readers: each reads right, or is refused for its reason.

A row is a file, what is said of it, and the outcome: figures in USD million with the codes of warnings after a plus,
or codes of errors. Where the collected files stand beside the project, they are held to the same.
"""

import io
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from tests import builders
from tests.reading.test_classes import HEADER, OURS, PAIR, page, row, workbook
from tradebalance.case import folder
from tradebalance.reading.options import options
from tradebalance.report import check
from tradebalance.words.problems import Problem, Refused, errors, shown

ALL = "reporter,partner,flow,period,value,unit\n"
SERIES = OURS | {"flow": "export"}
OF_US = {"unit": "US dollars"}


def book(fill, **options_: object) -> bytes:
    """A workbook whose first sheet has the canonical header, and what `fill` writes: book, sheet."""
    content = io.BytesIO()
    made = xlsxwriter.Workbook(content, {"in_memory": True, **options_})
    sheet = made.add_worksheet("Data")
    for at, name in enumerate(HEADER.strip().split(",")):
        sheet.write(0, at, name)
    fill(made, sheet)
    made.close()
    return content.getvalue()


def cells(sheet, line: int, value: object = None, period: str = "2025Q1", style: object = None) -> None:
    for at, cell in enumerate((period, "VNM", "USA", "export", value, "USD bn")):
        if cell is not None:
            sheet.write(line, at, cell, style if at == 4 else None)


def raised(made, sheet) -> None:
    cells(sheet, 1)
    sheet.write_rich_string(1, 4, "31.4", made.add_format({"font_script": 1}), "1")


def struck(made, sheet) -> None:
    cells(sheet, 1)
    sheet.write_rich_string(1, 4, made.add_format({"font_strikeout": True}), "4", made.add_format(), "5")


def all_struck(made, sheet) -> None:
    cells(sheet, 1, 31.4, style=made.add_format({"font_strikeout": True}))


def formula(value: object):
    def fill(_, sheet) -> None:
        cells(sheet, 1)
        sheet.write_formula(1, 4, "=30+1.4", None, value)

    return fill


def shown_as(form: str, value: float = 31.4):
    return lambda made, sheet: cells(sheet, 1, value, style=made.add_format({"num_format": form}))


def hidden_row(_, sheet) -> None:
    cells(sheet, 1, 31.4)
    cells(sheet, 2, 33.0, "2025Q2")
    sheet.set_row(2, None, None, {"hidden": True})


def hidden_column(_, sheet) -> None:
    cells(sheet, 1, 31.4)
    sheet.write_column(0, 6, ["2025Q2", 33.0])
    sheet.set_column(6, 6, None, None, {"hidden": True})


def hidden_sheet(made, sheet) -> None:
    cells(sheet, 1, 31.4)
    made.add_worksheet("Cover").activate()
    sheet.hide()


def beside_a_hidden_one(made, sheet) -> None:
    cells(sheet, 1, 31.4)
    old = made.add_worksheet("old")
    for line, texts in enumerate((HEADER.strip().split(","), ("2025Q1", "VNM", "USA", "export", 30.1, "USD bn"))):
        old.write_row(line, 0, texts)
    old.hide()


def cell_of_page(markup: str) -> str:
    return page("period|exports|imports", f"Q1 2025|{markup}|4.1")


def days(*texts: str) -> str:
    return HEADER + "".join(row(text, str(n)) for n, text in enumerate(texts, 21))


def months(*values: float, first: int = 1) -> str:
    return HEADER + "".join(row(f"2025-{n:02}", str(value)) for n, value in enumerate(values, first))


TIDY = "reporter,partner,flow,period,{},value,unit\nVNM,USA,export,2025Q1,{},31.4,USD bn\n"
KINDS = {
    # text that a browser does not show
    "hidden key.html": (cell_of_page('<span style="display: none;">31</span>31.4'), OURS, "31400 4100"),
    "hidden by attribute.html": (cell_of_page("31.4<b hidden>2</b>"), OURS, "31400 4100"),
    "for readers.html": (cell_of_page('<span class="key sr-only">9</span>31.4'), OURS, "31400 4100"),
    "invisible.html": (cell_of_page('<i style="visibility:hidden">9</i>31.4'), OURS, "31400 4100"),
    "template.html": (cell_of_page("<template>9</template>31.4"), OURS, "31400 4100"),
    "struck out.html": (cell_of_page("<s>31</s> <del>30</del> <strike>3</strike>31.4"), OURS, "31400 4100"),
    "hidden cell.html": (cell_of_page('31.4</td><td style="display:none">99'), OURS, "31400 4100"),
    "hidden row.html": (
        page("period|exports", "Q1 2025|31.4").replace("</table>", "<tr hidden><td>Q2 2025<td>99</tr></table>"),
        OURS,
        "31400",
    ),
    "hidden table.html": (f"<div style='display:none'>{cell_of_page('99')}</div>{cell_of_page('31.4')}", OURS,
                          "31400 4100"),
    # a footnote's digit, and two lines or two elements in one cell
    "lowered.html": (cell_of_page("31.4<sub>1</sub>"), OURS, "31400 4100"),
    "linked note.html": (cell_of_page('31.4<a href="#n2">2</a>'), OURS, "31400 4100"),
    "raised link.html": (cell_of_page('31.4<sup><a href="#n"><span>[</span>1<span>]</span></a></sup>'), OURS,
                         "31400 4100"),
    "small.html": (cell_of_page("31.4 <small>12</small>"), OURS, "31400 4100"),
    "two notes.html": (cell_of_page("31.4<sup>1</sup><sup>2</sup>"), OURS, "31400 4100"),
    "note on a name.html": (page("period|exports<sup>1</sup>|imports*", "Q1 2025|31.4|4.1"), OURS, "31400 4100"),
    "note in brackets on a name": ("period,Exports (1),Imports (2)\n2025Q1,31.4,4.1\n", OURS, "31400 4100"),
    "a link all of it.html": (cell_of_page('<a href="/x">31.4</a>'), OURS, "31400 4100"),
    "a sign between.html": (cell_of_page("<b>31</b><i>.4</i>"), OURS, "31400 4100"),
    "small, no note.html": (page("period|exports", "2025 <small>Q1</small>|31.4"), OURS, "31400"),
    "two elements.html": (cell_of_page("31<span>4</span>"), OURS, "bad_value"),
    "two columns in one.html": (cell_of_page("<span>31</span> <span>119</span>"), OURS, "bad_value"),
    "note before.html": (cell_of_page("<sup>1</sup>31.4"), OURS, "bad_value"),
    **{f"{tag} in a cell.html": (cell_of_page(f"31<{tag}>119"), OURS, "bad_value") for tag in ("br", "p", "div", "li")},
    "lines of a name.html": (page("period|Exports<br>(USD bn)", "Q1<br>2025|31.4"), PAIR, "31400"),
    # what a workbook shows and its values do not say
    "raised.xlsx": (book(raised), {}, "31400"),
    "raised in its cell.xlsx": (book(raised, constant_memory=True), {}, "31400"),
    "struck out.xlsx": (book(struck), {}, "5000"),
    "all of it struck out.xlsx": (book(all_struck), {}, "bad_value"),
    "never calculated.xlsx": (book(formula(0)), {}, "bad_value"),
    "no result.xlsx": (book(formula("")), {}, "bad_value"),
    "calculated.xlsx": (book(formula(31.4)), {}, "31400"),
    "shown in thousands.xlsx": (book(shown_as("#,##0.0,", 31400)), {}, "bad_value"),
    "shown in millions.xlsx": (book(shown_as("#,##0.0,,;-#,##0.0,,", 31.4e6)), {}, "bad_value"),
    "shown in percent.xlsx": (book(shown_as("0.0%", 0.314)), {}, "bad_value"),
    "shown with another unit.xlsx": (book(shown_as('0.0" mn"')), {}, "unit_conflict"),
    "shown with its unit.xlsx": (book(shown_as('#,##0.0" bn"')), {}, "31400"),
    "shown plainly.xlsx": (book(shown_as("#,##0.00;[Red]-#,##0.00")), {}, "31400"),
    "a row hidden.xlsx": (book(hidden_row), {}, "bad_period bad_value unknown_country unknown_flow"),
    "a column hidden.xlsx": (book(hidden_column), {}, "31400 + unknown_column"),
    "all hidden.xlsx": (book(hidden_sheet), {}, "needs_choice"),
    "hidden and meant.xlsx": (book(hidden_sheet), {"sheet": "Data"}, "31400"),
    "the old one hidden.xlsx": (book(beside_a_hidden_one), {}, "31400"),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), {}, "not_text"),
    # a point that may stand for thousands
    "Vietnamese names": ("Tháng,Xuất khẩu (triệu USD)\n2025-01,10.250\n2025-02,9.87\n", PAIR, "10.250 9.87"),
    "Vietnamese names, points": ("Thang,Xuat khau (trieu USD)\n2025-01,10.250\n", PAIR, "ambiguous_number"),
    "Vietnamese above": (f"Đơn vị: triệu USD\n{HEADER[:-6]}\n2025Q1,VNM,USA,export,10.250\n", {}, "ambiguous_number"),
    "Vietnamese unit": (HEADER + row(v="10.250", u="triệu USD") + row("2025Q2", "9"), {}, "ambiguous_number"),
    "all points": (HEADER + row(v="10.250", u="USD mn") + row("2025Q2", "9.870", u="USD mn"), {}, "ambiguous_number"),
    "all points, told": (HEADER + row(v="10.250", u="USD mn"), {"locale": "vi"}, "10250"),
    "one proves the point": (HEADER + row(v="10.250") + row("2025Q2", "9.87"), {}, "10250 9870"),
    "one proves the comma": (
        HEADER.replace(",", ";") + "2025Q1;VNM;USA;export;1.250;USD mn\n2025Q2;VNM;USA;export;1.260,5;USD mn\n",
        {},
        "ambiguous_number",
    ),
    "a rate of points": (
        "period,reporter,partner,flow,value,unit,fx_vnd_per_usd\n2025Q1,VNM,USA,export,785000,VND bn,25.000\n",
        {},
        "ambiguous_number",
    ),
    # a part, a share, an adjusted figure
    **{f"of {name}": (TIDY.format(name, text), {}, "needs_choice") for name, text in (
        ("product", "rice"), ("cmdCode", "03"), ("HS", "8542"), ("Mặt hàng", "Gạo"), ("motCode", "1000"),
        ("customsCode", "C01"), ("partner2Code", "156"), ("indicators", "QUANTITY_IN_100KG"), ("Series Name", "Share"),
        ("Indicator", "Export Partner Share (%)"), ("Category", "Textiles"), ("Region", "South"), ("Chapter", "85"),
        ("typeCode", "S"), ("seasonal adjustment", "SA"),
        ("adjustment", "Seasonally adjusted"), ("price_base", "L"),
    )},
    **{f"all of {name}": (TIDY.format(name, text), {}, "31400") for name, text in (
        ("product", "Total"), ("cmdCode", "TOTAL"), ("HS", ""), ("Mặt hàng", "Tổng số"), ("motCode", "0"),
        ("customsCode", "C00"), ("partner2Desc", "World"), ("indicators", "VALUE_IN_EUROS"), ("typeCode", "C"),
        ("Commodity", "All Commodities"), ("Indicator", "Export (US$ Thousand)"), ("seasonal adjustment", "NSA"),
        ("adjustment", "Not seasonally adjusted"), ("PRODUCT", "_T"),
    )},
    **{name: (f"period,partner,{name}\n2025Q1,USA,31.4\n", SERIES | {"unit": None}, "needs_choice") for name in (
        "Exports of rice (USD bn)", "Goods and services exports (USD bn)", "Re-exports (USD bn)",
        "Exports seasonally adjusted (USD bn)",
    )},
    "adjusted by its title": (f"Exports, seasonally adjusted\n{HEADER}{row()}", {}, "needs_choice"),
    "not adjusted by its title": (f"Exports, not seasonally adjusted\n{HEADER}{row()}", {}, "31400 + preamble_skipped"),
    "balance of payments": (ALL[:-1] + ",basis\nVNM,USA,export,2025Q1,31.4,USD bn,BoP\n", {}, "31400 + kept_apart"),
    "another basis": (ALL[:-1] + ",basis\nVNM,USA,export,2025Q1,31.4,USD bn,landed\n", {}, "bad_value"),
    # units: the multiplier in a column, plain dollars
    **{f"times {text}": (HEADER[:-6] + ",UNIT_MULT\n" + f"2025Q1,VNM,USA,export,31400,{text}\n", OF_US, wanted)
       for text, wanted in (("6", "31400"), ("Millions", "31400"), ("3", "31.4"), ("0", "0.0314"), ("Units", "0.0314"),
                            ("6.0", "31400"), ("", "0.0314"), ("many", "unit_missing"))},
    "two multipliers": (HEADER[:-1] + ",PowerCode Code,PowerCode\n" + row(v="31400", u="US dollars")[:-1]
                        + ",6,Thousands\n", {}, "unit_conflict"),
    "a multiplier and a unit": (HEADER[:-1] + ",UNIT_MULT\n" + row()[:-1] + ",6\n", {}, "unit_conflict"),
    "plain USD": (HEADER + row(v="31400000000", u="USD"), {}, "31400"),
    "plain USD in a name": ("period,Trade Value (US$)\n2025Q1,31400000000\n", SERIES | {"unit": None}, "31400"),
    "plain USD said": (HEADER[:-6] + "\n2025Q1,VNM,USA,export,31400000000\n", {"unit": "USD"}, "31400"),
    "USD as the option's currency": (HEADER[:-6] + "\n2025Q1,VNM,USA,export,31.4\n", {"currency": "USD"},
                                     "unit_missing"),
    "31.4 plain USD": (HEADER + row(u="USD"), {}, "unit_missing"),
    "plain euros": (HEADER + row(v="7000000000", u="EUR"), {"fx_eur_per_usd": "0.92"}, "7608.695652 + inexact_value"),
    "more than anybody trades": (HEADER + row(v="31400", r="THA"), {}, "scale_jump"),
    "a bound": (HEADER[:-6] + '\n2025-01,VNM,USA,export,"hơn 5,151 tỷ USD"\n', {}, "5151 + inexact_value"),
    "a bound of another column": (HEADER + row(v="over 31"), {}, "bad_value"),
    # periods
    **{f"the day {text}": (HEADER + row(text), {}, "ambiguous_period") for text in (
        "2025-01-01", "2024-12-31", "2025-04-01", "2025-02-01", "20250101", "31/01/2025", "1 January 2025",
    )},
    "a day, monthly": (HEADER + row("2025-01-01"), {"frequency": "monthly"}, "31400"),
    "a day, by its column": (HEADER[:-1] + ",freq\n" + row("2025-01-01")[:-1] + ",Q\n", {}, "31400"),
    "days of months.xlsx": (workbook(["period", "exports"], ["2025-01-01", 10.2], ["2025-04-01", 12.1]), OURS,
                            "ambiguous_period"),
    "four days": (days("2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01"), {}, "21000 22000 23000 24000"),
    "three days": (days("2024-01-01", "2024-04-01", "2024-07-01"), {}, "ambiguous_period"),
    "a day among quarters": (days("2024Q4", "2025-03-31"), {}, "21000 22000"),
    "a year, monthly": (HEADER + row("2003"), {"frequency": "monthly"}, "mixed_frequency"),
    "a quarter, monthly": (HEADER + row("2003Q1"), {"frequency": "monthly"}, "mixed_frequency"),
    "a month, quarterly": (HEADER + row("2003-01"), {"frequency": "quarterly"}, "mixed_frequency"),
    "a year, by its column": (HEADER[:-1] + ",freq\n" + row("2003")[:-1] + ",M\n", {}, "mixed_frequency"),
    "an unknown frequency": (HEADER[:-1] + ",freq\n" + row("2003")[:-1] + ",W\n", {}, "bad_value"),
    "T1 of nobody": (HEADER + row("T1 2024") + row("T2 2024"), {}, "ambiguous_period"),
    "T1 of a Vietnamese": (HEADER + row("T1/2024", r="Việt Nam"), {}, "31400"),
    # figures to date
    "a part of a year": (months(10.2, 19.8, 31.4, 42.1, 53.9), {}, "looks_cumulative"),
    "two halves": (HEADER + "".join(row(p, v) for p, v in (("2024Q3", "89.1"), ("2024Q4", "119.5"), ("2025Q1", "31.4"),
                                                           ("2025Q2", "70.9"))), {}, "looks_cumulative"),
    "a part of a year, told": (months(10.2, 19.8, 31.4), {"cumulative": False}, "10200 19800 31400"),
    "a part of a year, to date": (months(10.2, 19.8, 31.4), {"cumulative": True}, "10200 9600 11600"),
    "months that rise": (months(10.2, 11.8, 13.4, 15.1), {}, "10200 11800 13400 15100"),
    "from another month": (months(10.2, 20.4, 30.6, first=3), {}, "10200 20400 30600"),
    "a nought": (HEADER + row() + row("2025Q2", "0") + row("2025Q3", "33"), {}, "31400 0 33000 + scale_jump"),
    # codes and names
    "a date and a series": ("observation_date,IMP5520\n2024-01-01,10500.1\n2024-02-01,.\n",
                            SERIES | {"unit": "USD mn", "frequency": "monthly", "allow_missing": True},
                            "10500.1 None + missing_value"),
    "a date and a part": ("DATE,Rice exports\n2024Q1,5\n", SERIES, "no_header"),
    "a series of nobody": ("DATE,IMPCH\n2024-01-01,10500.1\n", {"frequency": "monthly"}, "no_header"),
    "code and name": (
        "Year,Trade Flow Code,Trade Flow,Reporter Code,Reporter,Reporter ISO,Partner Code,Partner,Trade Value (US$)\n"
        "2017,2,Export,704,Viet Nam,VNM,842,USA,46500000000\n",
        {},
        "46500",
    ),
    "code and name apart": ("Year,Reporter Code,Reporter,Partner,Flow,Value,Unit\n2017,704,China,USA,Export,1,USD bn\n",
                            {}, "duplicate_column"),
    "codes of Comtrade": (HEADER + row(r="381", to="842"), {}, "31400"),
    "NA": (HEADER + row(to="NA"), {}, "ambiguous_country"),
    "columns without a name": (HEADER[:-1] + ",,\n" + row()[:-1] + ",2025Q2,35.4\n", {},
                               "31400 + unknown_column unknown_column"),
    "rows numbered": ("," + HEADER + "0," + row() + "1," + row("2025Q2"), {}, "31400 31400"),
}  # fmt: skip


def outcome(name: str, content: bytes | str, said: dict) -> str:
    """Figures in file order with the codes of warnings, or the distinct codes of errors."""
    content = content.encode() if isinstance(content, str) else content
    try:
        result = builders.figures(content, name if "." in name else "f.csv", options(said))
    except Refused as refusal:
        return " ".join(sorted({p.code for p in errors(refusal.problems)}))
    if wrong := errors(result.problems):
        return " ".join(sorted({problem.code for problem in wrong}))
    figures = " ".join("None" if e.value is None else f"{e.value.normalize():f}" for e in result.entries)
    return figures + "".join([" +", *(f" {p.code}" for p in result.problems)] if result.problems else [])


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_reads_right_or_is_refused_for_its_reason(name):
    content, said, wanted = KINDS[name]
    found = outcome(name, content, said)
    values, _, told = wanted.partition(" + ")
    if values[0].isdigit():
        assert found.partition(" + ")[2] == told, found
        assert [*map(number, found.partition(" + ")[0].split())] == [*map(number, values.split())]
    else:
        assert found == wanted


def number(text: str) -> Decimal | str:
    """A figure; a code of a problem, or None for a figure that is missing, as it is."""
    return Decimal(text) if text[:1].isdigit() else text


@pytest.mark.parametrize(
    ("name", "status"),
    [("raised.xlsx", "note:1"), ("lowered.html", "note:1"), ("linked note.html", "note:2"), ("a bound", "at least")],
)
def test_a_note_or_a_bound_is_told_with_the_figure(name, status):
    content, said, _ = KINDS[name]
    content = content.encode() if isinstance(content, str) else content
    entry, *_ = builders.figures(content, name if "." in name else "f.csv", options(said)).entries
    assert entry.status == status


def test_errors_are_shown_before_warnings_and_in_the_order_of_the_file():
    problems = [Problem("w", "f", "", "", line, severity="warning") for line in range(1, 90)]
    problems.append(Problem("e", "f", "", "", 80))
    found = shown(problems)
    assert [p.row for p in found] == [*range(1, 50), 80]
    assert len(errors(found)) == 1


@pytest.mark.parametrize(("value", "unit", "ok"), [("31400", "USD bn", False), ("31400", "USD", False),
                                                   ("31.4", "USD bn", True)])  # fmt: skip
def test_a_figure_hundreds_of_times_the_case_s_own_is_refused(tmp_path, value, unit, ok):
    file = tmp_path / "f.csv"
    file.write_text(HEADER + row(v=value, u=unit))
    (report,) = check.check([file], None, folder.case())
    assert report["ok"] == ok
    assert {problem["code"] for problem in report["problems"]} == (set() if ok else {"scale_jump"})


CASES = next((p / "shared/reading" for p in Path(__file__).parents if (p / "shared/reading").is_dir()), None)
US_MONTHS = {"reporter": "USA", "partner": "VNM", "flow": "import", "unit": "USD mn", "frequency": "monthly"}
EUROS = {"flow_scheme.1": "import", "flow_scheme.2": "export", "unit": "EUR thousand", "fx_eur_per_usd": "0.92"}
COLLECTED = [  # file, what is said of it, figures in USD million or codes of errors
    *(("01", name, PAIR, wanted) for name, wanted in (("key.html", "31400 4100"), ("sr.html", "31400 4100"),
                                                      ("del.html", "32000 4100"))),
    *(("02", name, PAIR, "31400 4100") for name in ("sub.html", "small.html")),
    *(("03", name, PAIR, "bad_value") for name in ("br.html", "p.html")),
    ("04", "superscript.xlsx", {}, "31400 5000"), ("04", "head.xlsx", {}, "97000 119500"),
    ("05", "vn.csv", {}, "ambiguous_number"), ("05", "vn.xlsx", {}, "ambiguous_number"),
    ("05", "vn.html", PAIR, "ambiguous_number"), ("05", "vn.csv", {"locale": "vi"}, "10250 1120 9870 1050"),
    ("06", "api.csv", OF_US, "needs_choice"), ("06", "vi.csv", {}, "needs_choice"),
    ("06", "comext.csv", EUROS, "needs_choice"), ("06", "total.csv", OF_US, "119500"),
    ("06", "wits.csv", {"flow": "export", "unit": "US$ Thousand"}, "needs_choice"),
    ("06", "rice.csv", {"flow": "export"}, "needs_choice"), ("06", "services.csv", {"flow": "export"}, "needs_choice"),
    ("07", "sdmx.csv", OF_US, "31400"), ("07", "power.csv", {}, "31400"),
    *(("08", f"{name}.csv", {}, "ambiguous_period") for name in ("jan", "year", "year_end")),
    ("08", "excel_months.xlsx", {}, "ambiguous_period"), ("08", "jan.csv", {"frequency": "monthly"}, "12000"),
    ("08", "year.csv", {"frequency": "annual"}, "136000"), ("08", "year_end.csv", {"frequency": "quarterly"}, "136000"),
    ("09", "formula.xlsx", {}, "bad_value"), ("09", "zero.csv", {}, "32100 0 31400"),
    ("10", "format.xlsx", {}, "bad_value"), ("10", "nonsense.csv", {}, "scale_jump"),
    ("11", "part_year.csv", {}, "looks_cumulative"), ("11", "across.csv", {}, "looks_cumulative"),
    ("11", "part_year.csv", {"cumulative": False}, "10200 19800 31400 42100 53900 65700 77800 90100"),
    ("12", "sa.csv", {}, "needs_choice"), ("12", "basis.csv", {}, "27431"),
    ("13", "IMP5520.csv", US_MONTHS, "10500.1 9800.2"),
    ("13", "renamed.csv", US_MONTHS | {"allow_missing": True}, "10500.1 None"),
    ("14", "classic.csv", {}, "46500"), ("14", "usd.csv", {}, "119500"), ("14", "italy.csv", {}, "70000"),
    ("15", "code.csv", {}, "10 " * 12 + "1 " * 12), ("15", "year.csv", {}, "bad_period"),
    ("16", "fr.csv", {}, "ambiguous_period"), ("16", "fr.csv", {"locale": "fr"}, "ambiguous_period"),
    ("17", "old.xls", {}, "not_text"),
    ("18", "hidden.xlsx", {}, "needs_choice"), ("18", "hidden.xlsx", {"sheet": "old"}, "30100"),
    ("19", "na.csv", {}, "ambiguous_country"),
    ("20", "wide.csv", {}, "bad_value"), ("20", "repeats.csv", {}, "not_a_number"),
    ("21", "side.csv", {}, "31400"),
    ("28", "annual.csv", {"frequency": "monthly"}, "mixed_frequency"),
    ("28", "quarter.csv", {"frequency": "monthly"}, "mixed_frequency"), ("28", "column.csv", {}, "mixed_frequency"),
]  # fmt: skip


@pytest.mark.skipif(CASES is None, reason="the files collected in public stand beside the project, not in it")
@pytest.mark.parametrize(("case", "name", "said", "wanted"), COLLECTED, ids=lambda each: str(each)[:20])
def test_a_file_found_in_public_reads_right_or_is_refused_for_its_reason(case, name, said, wanted):
    assert CASES is not None
    (file,) = CASES.glob(f"{case}-*/{name}")
    (report,) = check.check([file], None, folder.case(), said)
    wrong = {problem["code"] for problem in report["problems"] if problem["severity"] == "error"}
    if wanted[0].isdigit():
        assert not wrong
        values = [str(figure["value_usd_mn"]) for figure in report["figures"]]
        assert [*map(number, values)] == [*map(number, wanted.split())]
    else:
        assert wrong == {wanted}
