"""Vietnam Customs' monthly bulletins: exports (5X, form 020.T) and imports (5N, form 021.T) by country and main
commodity, each with the month and the year to date, in dollars.

`lines` reads the office's own PDF. The place of every letter on the page tells which column it stands in, so that a
cell printed only in the year to date is not taken for the month's. Nothing is guessed: a country whose commodities do
not add up to its total, for the month and for the year to date, is refused with the difference.
"""

import re
import zlib
from bisect import bisect
from collections.abc import Container, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import groupby, product
from typing import Any, NamedTuple

import pandas as pd

from ..words import terms
from ..words.cells import CellError, Cells, Rows, amount
from ..words.citations import Place
from ..words.problems import Problem, few, raise_errors, refuse
from ..words.terms import FLOW_COLUMNS, Basis, Flow, Frequency, Origin, Valuation
from .trade import Source

PDF_MARK = b"%PDF-"
LINES_A_PAGE = 1000  # a row of a PDF is its page times this, plus its line on the page
FORM = re.compile(r"Biểu số\s+(02[01])\.T")
FORMS = {"020": Flow.EXPORT, "021": Flow.IMPORT}
MONTH = re.compile(r"Tháng\s+(\d{1,2})\s+năm\s+(\d{4})")
PRINTED = re.compile(r"Ngày in:\s*(\d{2})/(\d{2})/(\d{4})")
PAGE = re.compile(r"02[01]\.T\s*-\s*trang\s*(\d+)")
MONTHLY = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
NUMBER = re.compile(r"\d{1,3}(\.\d{3})*")
COLUMN_NAMES = re.compile(r"ĐVT|Lượng|\(USD\)")
VALUES = ("quantity_month", "usd_month", "quantity_year_to_date", "usd_year_to_date")
COLUMNS = ("period", "flow", "country", "commodity", "unit", *VALUES)
DOLLARS = ("usd_month", "usd_year_to_date")
VALUATION = {Flow.EXPORT: Valuation.FOB, Flow.IMPORT: Valuation.CIF}
USD_IN_MN = 1_000_000
MUST_SAY = {"unit": "USD", "reporter": "VNM"}  # of a sidecar
# A bulletin unpacks to 1 MB, on some 40 pages of 5,000 letters.
MOST_UNPACKED, MOST_PAGES, MOST_LETTERS = 10_000_000, 200, 50_000
STREAM = re.compile(rb"stream\r?\n")
SLACK_USD = 10  # what a total may differ from its parts: each is rounded to a dollar
# Points: letters this near to one another in height stand on one line; the last letter of a cell begins at most so far
# right of that of its column's name, and a unit at most so far left of its own.
SAME_LINE, OVERHANG, UNIT_MARGIN = 1.5, 12.0, 4.0

# The office's own spellings, in capitals; a name in two lines is joined by a blank.
PRINTED_COUNTRIES = (
    "ARG ÁCHENTINA|IRL AILEN|IND ẤN ĐỘ|GBR ANH|AUT ÁO|SAU ARẬP XÊÚT|POL BA LAN|BGD BĂNGLAĐÉT|BEL BỈ|CIV BỜ BIỂN NGÀ|"
    "PRT BỒ ĐÀO NHA|BRA BRAXIN|BRN BRUNÂY|BGR BUNGARI|ARE TIỂU VƯƠNG QUỐC ARẬP THỐNG NHẤT|KHM CAMPUCHIA|CAN CANAĐA|"
    "CHL CHI LÊ|KWT CÔOÉT|HRV CRÔATIA|TWN ĐÀI LOAN|DNK ĐAN MẠCH|DEU ĐỨC|EST EXTÔNIA|GHA GANA|NLD HÀ LAN|KOR HÀN QUỐC|"
    "USA HOA KỲ|HKG HỒNG KÔNG|HUN HUNGARI|GRC HY LẠP|IDN INĐÔNÊXIA|ITA ITALIA|ISR ISRAEN|LAO LÀO|LVA LATVIA|"
    "LTU LÍTVA|LUX LÚCXĂMBUA|MYS MALAIXIA|MLT MANTA|MEX MÊ HI CÔ|MMR MIANMA|NOR NAUY|ZAF NAM PHI|NZL NIUZILÂN|"
    "RUS NGA|JPN NHẬT BẢN|NGA NIGIÊRIA|AUS ÔXTRÂYLIA|PAK PAKIXTAN|PER PÊRU|FIN PHẦN LAN|FRA PHÁP|PHL PHILIPPIN|"
    "ROU RUMANI|CZE SÉC|SGP SINGAPO|CYP SÍP|SVK XLÔVAKIA|SVN XLÔVENHIA|TZA TANZANIA|ESP TÂY BAN NHA|THA THÁI LAN|"
    "TUR THỔ NHĨ KỲ|SWE THỤY ĐIỂN|CHE THỤY SỸ|CHN TRUNG QUỐC|UKR UCRAINA|KAZ CADẮCXTAN|BLR BÊLARUT|ARM ACMENIA|"
    "EGY AI CẬP|DZA ANGIÊRI|AGO ĂNGGÔLA|COL CÔLÔMBIA|TLS ĐÔNG TIMO|IRQ IRẮC|KEN KÊNIA|MOZ MÔDĂMBÍC|PAN PANAMA|"
    "LKA SRILANCA|TGO TÔGÔ|SEN XÊNÊGAN|ISL AIXƠLEN|KGZ KIECGIKISTAN|CMR CAMƠRUN|COG CỘNG HÒA CÔNG GÔ|QAT QUATA|"
    "TUN TUYNIDI"
)
COUNTRIES = {each[4:]: each[:3] for each in PRINTED_COUNTRIES.split("|")}


class Letter(NamedTuple):
    """One printed letter and where it begins, in points from the left and the foot of the page."""

    text: str
    x: float
    y: float


Pages = dict[int, list[list[Letter]]]  # the lines of each page that is not blank, by its number in the file


def lines(content: bytes, file: str) -> list[tuple[int, dict[str, str]]]:
    """The rows of a bulletin's PDF by COLUMNS: a country's total, without commodity, then its commodities.

    A row's number is its page x LINES_A_PAGE + its line on the page. Numbers are as printed but for their points;
    blank where nothing is. Raises Refused with every problem: another form, a page that is missing, a number in no
    known shape, a country whose commodities do not add up.
    """
    pages = _pages(content, file)
    first = "\n".join(_text(line) for line in next(iter(pages.values()), []))
    form, month = FORM.search(first), MONTH.search(first)
    if not (form and month):
        reason = "not a bulletin of exports (form 020.T) or imports (021.T) by country and main commodity"
        refuse("unknown_layout", file, reason, "download 5X or 5N of the month from the customs office again")
    said = {"period": f"{month[2]}-{int(month[1]):02d}", "flow": FORMS[form[1]].value}
    check = Cells(file)
    _note_missing_pages(pages, check)
    rows = [(row, said | cells) for row, cells in _rows(pages, check)]
    _note_wrong_sums(rows, check)
    raise_errors(check.problems)
    return rows


def _pages(content: bytes, file: str) -> Pages:
    """The lines of each page that is not blank, by its number in the file."""
    import pypdfium2

    _refuse_bomb(content, file)
    try:
        with pypdfium2.PdfDocument(content) as document:
            if len(document) > MOST_PAGES:
                refuse("too_large", file, f"{len(document):,} pages (limit {MOST_PAGES})", "give the bulletin alone")
            pages = {number: _page_lines(page, file) for number, page in enumerate(document, 1)}
    except pypdfium2.PdfiumError:
        refuse("not_a_table", file, "the PDF cannot be opened", "download it again")
    return {number: page for number, page in pages.items() if page}


def _refuse_bomb(content: bytes, file: str) -> None:
    """Raise Refused for a PDF whose parts unpack to more than MOST_UNPACKED, also those that are packed twice."""
    left = MOST_UNPACKED
    for found in STREAM.finditer(content):
        part = content[found.end() : content.find(b"endstream", found.end())]
        while part[:1] == b"\x78" and left >= 0:  # what every packed part begins with (RFC 1950)
            try:
                part = zlib.decompressobj().decompress(part, left + 1)
            except zlib.error:
                break
            left -= len(part)
        if left < 0:
            reason = f"{len(content):,} bytes unpack to more than {MOST_UNPACKED:,}"
            refuse("decompression_ratio", file, reason, "give the bulletin alone")


def _page_lines(page: Any, file: str) -> list[list[Letter]]:
    """The letters of a page by line from the top, each line from the left."""
    import ctypes

    from pypdfium2 import raw

    text_page = page.get_textpage()
    if (count := text_page.count_chars()) > MOST_LETTERS:
        refuse("too_large", file, f"a page of {count:,} letters (limit {MOST_LETTERS:,})", "give the bulletin alone")
    x, y = ctypes.c_double(), ctypes.c_double()
    letters = []
    for at, text in enumerate(text_page.get_text_range()):
        if text.isspace() and raw.FPDFText_IsGenerated(text_page, at):
            continue  # put between runs of letters by the reader of the PDF, not printed
        raw.FPDFText_GetCharOrigin(text_page, at, x, y)
        letters.append(Letter(text, x.value, y.value))
    found: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda each: -each.y):
        if found and found[-1][0].y - letter.y < SAME_LINE:
            found[-1].append(letter)
        else:
            found.append([letter])
    return [sorted(line, key=lambda each: each.x) for line in found]


def _text(line: list[Letter]) -> str:
    return "".join(letter.text for letter in line)


def _note_missing_pages(pages: Pages, check: Cells) -> None:
    numbers = [int(found[1]) for page in pages.values() for line in page if (found := PAGE.search(_text(line)))]
    if numbers != [*range(1, len(pages) + 1)]:
        reason = f"{len(pages)} pages, numbered {', '.join(map(str, numbers)) or 'nowhere'}"
        check.problems.append(Problem("missing_page", check.file, reason, "download the whole bulletin again"))


def _rows(pages: Pages, check: Cells) -> list[tuple[int, dict[str, str]]]:
    """Totals and commodities; a name without unit and numbers is the rest of the country's name above it."""
    rows: list[tuple[int, dict[str, str]]] = []
    country: dict[str, str] = {}
    for page, page_lines in pages.items():
        top = next((at for at, line in enumerate(page_lines) if _text(line).count("Lượng") == 2), len(page_lines))
        ends = _column_ends(page_lines[: top + 1])
        for at, line in enumerate(page_lines[top + 1 :], top + 2):
            text, row = _text(line), page * LINES_A_PAGE + at
            if PAGE.search(text) or PRINTED.search(text):
                continue
            name, unit, *numbers = _cells(line, ends)
            values = dict(zip(VALUES, numbers, strict=True))
            for column, number in values.items():
                if number and not NUMBER.fullmatch(number):
                    check.note("not_a_number", row, column, number, f"no number as the office prints it: {text}")
            plain = {column: number.replace(".", "") for column, number in values.items()}
            if not unit and any(numbers):
                country = {"country": name, "commodity": "", "unit": "USD", **plain}
                rows.append((row, country))
            elif unit and country:
                rows.append((row, {**country, "commodity": name, "unit": unit, **plain}))
            elif rows and rows[-1][1] is country and not unit:
                country["country"] += f" {name}"
            else:
                check.note("bad_value", row, "country", text, "neither a country's total nor a commodity below one")
    return rows


def _column_ends(header: list[list[Letter]]) -> list[float]:
    """Where a page's columns end: name, unit, and the numbers in the order of VALUES; letters begin before it."""
    found = [(match, line) for line in header for match in COLUMN_NAMES.finditer(_text(line))]
    unit = next((line[match.start()].x for match, line in found if match[0] == "ĐVT"), 0.0)
    return [unit - UNIT_MARGIN, *(line[match.end() - 1].x + OVERHANG for match, line in found)]


def _cells(line: list[Letter], ends: list[float]) -> list[str]:
    """The texts of a line by column; a number is what stands in its column, however its digits are spaced."""
    texts = [""] * len(ends)
    for letter in line:
        texts[min(bisect(ends, letter.x), len(ends) - 1)] += letter.text
    return [" ".join(text.split()) for text in texts[:2]] + ["".join(text.split()) for text in texts[2:]]


def _note_wrong_sums(rows: list[tuple[int, dict[str, str]]], check: Cells) -> None:
    """Countries whose commodities do not add up to the total, for the month or for the year to date."""
    for country, group in groupby(rows, key=lambda each: each[1]["country"]):
        (row, total), *parts = group
        for column in DOLLARS:
            printed, added = int(total[column] or 0), sum(int(cells[column] or 0) for _, cells in parts)
            if abs(printed - added) > SLACK_USD:
                reason = f"{country}: the commodities add up to {added:,} USD, {added - printed:+,} from the total"
                check.note("total_mismatch", row, column, total[column], reason, "download the bulletin again")


# --- months and vintages --------------------------------------------------------------------------


def says(rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What the sidecar of a bulletin says beside release and checksum; without a column of countries also whose."""
    rows = list(rows)
    last = last_published(rows)
    return {
        "title": "Exports (5X) and imports (5N) by country and main commodity, monthly bulletin",
        "producer": "Vietnam Customs (Department of Customs, Ministry of Finance)",
        "url": "https://www.customs.gov.vn/",
        "licence": "figures (facts)",
        "reporter": "VNM",
        **({} if all("country" in row for row in rows) else {"partner": ""}),
        "unit": "USD",
        "frequency": "monthly",
        "basis": "customs",
        "valuation": "{export: fob, import: cif}",
        "seasonally_adjusted": "false",
        "last_period": str(last or ""),
        "status": f"{last.year} preliminary" if last else "",
    }


def unsaid(rows: Rows, file: str, horizon: pd.Period | None) -> tuple[Source, list[Problem]]:
    """What a sidecar would say: a bulletin names its month. Raises Refused for one after `horizon`, if there is one."""
    last = last_published(row for _, row in rows)
    if last is None:
        refuse("no_rows", file, "no row names a month", "download the file again")
    if horizon is not None and last > horizon:
        refuse(
            "future_period", file, f"{last} is after {horizon}", "state the vintage of a newer file", value=str(last)
        )
    return Source(file, last + 1, last, dict.fromkeys(range(1900, last.year + 1), "preliminary")), []


def last_published(rows: Iterable[Mapping[str, str]]) -> pd.Period | None:
    """The newest month of a file; None where no row names one."""
    texts = {row.get("period", "") for row in rows}
    return max((terms.month(text) for text in texts if MONTHLY.fullmatch(text)), default=None)


class Total(NamedTuple):
    """What a bulletin prints of a flow with one country: the month (None where blank) and the year to date, in USD."""

    month: int | None
    to_date: int
    status: str
    id: str


Totals = dict[tuple[str, Flow, pd.Period], Total]  # by partner, flow and month


def is_layout(columns: Iterable[str]) -> bool:
    """Whether a file is a bulletin, or a table of what several print, by its columns."""
    return {"period", "flow", *DOLLARS} <= {*columns}


def read(files: Iterable[tuple[Rows, Source]]) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Every month of every partner as known after each bulletin: rows of the long table, and rows kept aside.

    A bulletin is out in the month after its own, which is the vintage. A month is first what its own bulletin prints.
    The next bulletin's year to date, less its own month, is what the year had come to before: what that differs by
    from the sum of the months is a revision, set down to the newest of them, so that the months add up to the newest
    year to date. A month whose own bulletin is not there follows in the same way. Raises Refused with every problem.
    """
    problems: list[Problem] = []
    aside: list[dict[str, str]] = []
    found: Totals = {}
    for rows, source in files:
        check = Cells(source.file)
        aside += _read_totals(rows, source, check, found)
        problems += check.problems
    raise_errors(problems)
    table = pd.DataFrame(_vintages(found), columns=FLOW_COLUMNS)
    return table, aside


def _read_totals(rows: Rows, source: Source, check: Cells, found: Totals) -> list[dict[str, str]]:
    """Add a file's totals to those found; returns the rows of countries that are not in the table of names."""
    aside = []
    for line, row in rows:
        if row.get("commodity"):
            continue
        partner = partner_of(row, source)
        if source.partner not in ("", partner):
            continue  # the sidecar asks for one country only
        if not partner and "country" not in row:
            reason, fix = "no column names the country", "add partner to the sidecar"
            refuse("missing_value", source.file, reason, fix, None, "partner")
        if not partner:
            aside.append({"file": source.file, "row": str(line), "code": "", "name": row.get("country", "")})
            continue
        period = check.read(line, row, "period", terms.month)
        flow = check.read(line, row, "flow", Flow)
        month, to_date = (check.read(line, row, column, dollars) for column in DOLLARS)
        if period is None or flow is None or to_date is None:
            continue
        total = Total(month, to_date, source.status.get(period.year, ""), f"{source.file}:{line}")
        before = found.setdefault((partner, flow, period), total)
        if (before.month, before.to_date) != (month, to_date):
            check.note("duplicate_key", line, "usd_month", row["usd_month"], f"{before.id} prints another figure")
        if not total.status:
            check.note("missing_value", line, "period", row["period"], "the sidecar's status does not cover the year")
    return aside


def partner_of(row: Mapping[str, str], source: Source) -> str:
    """The country that a row is of, by its name or, of a file without names, by the sidecar; "" for one not listed."""
    return COUNTRIES.get(row["country"], "") if "country" in row else source.partner


def aside_warnings(aside: Iterable[Mapping[str, str]]) -> list[Problem]:
    """One warning a file: the countries whose names are not in the table."""
    by_file = {file: [*rows] for file, rows in groupby(aside, key=lambda row: row["file"])}
    fix = "add them to customs_vn.COUNTRIES if a partner is wanted"
    return [
        Problem("unknown_country", file, f"{len(rows)} countries are kept aside, whose names are not in the table: "
                f"{few(row['name'] for row in rows)}", fix, int(rows[0]["row"]), "country", rows[0]["name"],
                "warning")
        for file, rows in by_file.items()
    ]  # fmt: skip


def dollars(text: str) -> int | None:
    """Whole dollars, None for a blank. Raises CellError."""
    if not text:
        return None
    value = amount(text)
    if value != int(value):
        raise CellError("bad_value", "no whole number of dollars", "write what the bulletin prints")
    return int(value)


def _vintages(found: Totals) -> Iterator[dict[str, object]]:
    """The months of each partner and flow as known after each bulletin; a missing one leaves what was known before."""
    ends = {partner: [*group] for partner, group in groupby(sorted(found), key=lambda key: key[0])}
    for (partner, keys), flow in product(ends.items(), Flow):
        printed = {period: found[partner, flow, period] for _, of, period in keys if of is flow}
        known: dict[pd.Period, dict[str, object]] = {}
        for period in sorted({period for _, _, period in keys}):
            known |= _learnt(period, printed) if period in printed else {}
            for month, figure in known.items():
                yield {
                    "reporter": "VNM", "partner": partner, "flow": flow, "valuation": VALUATION[flow],
                    "basis": Basis.CUSTOMS, "frequency": Frequency.MONTHLY, "period": month, "vintage": period + 1,
                    "se_usd_mn": None, **figure,
                }  # fmt: skip


def _learnt(period: pd.Period, printed: Mapping[pd.Period, Total]) -> dict[pd.Period, dict[str, object]]:
    """What the bulletin of a month tells: its own month and, by the year to date, the one before."""
    total, before, cells = printed[period], period - 1, earlier(period, printed)
    if total.month is None:
        return {}
    own = {period: _figure(total.month, Origin.PUBLISHED, total.status, [total])}
    value = sum(weight * (getattr(printed[at], name) or 0) for at, name, weight in cells)
    if not cells or (before in printed and value == printed[before].month):
        return own
    return {before: _figure(value, Origin.DERIVED, total.status, [printed[at] for at, _, _ in cells])} | own


def _figure(usd: int, origin: Origin, status: str, behind: Iterable[Total]) -> dict[str, object]:
    ids = " ".join(dict.fromkeys(total.id for total in behind))
    return {"value_usd_mn": Decimal(usd) / USD_IN_MN, "origin": origin, "status": status, "ids": ids}


def earlier(period: pd.Period, printed: Container[pd.Period]) -> list[tuple[pd.Period, str, int]]:
    """The month before a bulletin's as its year to date has it: (bulletin, field of Total, sign) of what adds up to it.

    None in January, where the year to date is the month, and where two bulletins in a row are not there.
    """
    before, this = period - 1, [(period, "to_date", 1), (period, "month", -1)]
    if before.month == 1:
        return this  # the year to date begins with it
    if period.month == 1 or (before not in printed and period - 2 not in printed):
        return []
    return [
        *this,
        *([(before, "to_date", -1), (before, "month", 1)] if before in printed else [(period - 2, "to_date", -1)]),
    ]


def behind(rows: Mapping[Place, Mapping[str, str]], _: Flow, period: pd.Period) -> list[tuple[Place, str, int]]:
    """The cells that a month's figure is made of, from the rows behind it: row, column, and 1 or -1."""
    by_month = {terms.month(row["period"]): place for place, row in rows.items()}
    if [*by_month] == [period]:
        return [(by_month[period], "usd_month", 1)]
    columns = {"month": "usd_month", "to_date": "usd_year_to_date"}
    return [(by_month[at], columns[name], sign) for at, name, sign in earlier(period + 1, by_month)]


def usd_mn(text: str) -> Decimal:
    """A printed cell in USD million."""
    return Decimal(text or 0) / USD_IN_MN


def printed_in(row: Mapping[str, str], line: int) -> str:
    """The bulletin that a row of figures was read from; of a bulletin's own row its page and line."""
    page, of_page = divmod(line, LINES_A_PAGE)
    return row.get("bulletin", "") or (f"page {page}, line {of_page}" if page else "")
