"""The US Census Bureau's own layout, country.xlsx: a row a partner and year, I* and E* months.

I* are imports of the United States, E* its exports; a month not published yet is stored as 0.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import groupby

import pandas as pd

from ..words.cells import Cells, Rows, amount, missing_columns
from ..words.citations import Place
from ..words.problems import Problem, attempt, few, raise_errors, refuse
from ..words.terms import CENSUS_COUNTRIES, CENSUS_VALUATION, FLOW_COLUMNS, Basis, Flow, Frequency, Origin
from .trade import Source

YEAR = re.compile(r"(19|20)\d\d")
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
COLUMNS = ["year", "CTY_CODE", "CTYNAME", *[f"I{m}" for m in MONTHS], "IYR", *[f"E{m}" for m in MONTHS], "EYR"]
is_layout = {"CTY_CODE", "IJAN", "EDEC"}.issubset  # by a file's columns
SIDES = {"I": Flow.IMPORT, "E": Flow.EXPORT}
FIGURE = re.compile(r"[1-9]")  # any digit but 0 makes a cell a figure
OF_ALL = {
    "reporter": "USA", "basis": Basis.CUSTOMS, "frequency": Frequency.MONTHLY, "origin": Origin.PUBLISHED,
    "se_usd_mn": None,
}  # fmt: skip
MUST_SAY = {"reporter": "USA", "unit": "USD million"}  # of a sidecar, since the layout prints nothing else


def says(rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What the sidecar of a file says beside release and checksum; empty where the file does not tell."""
    last = last_published(rows)
    return {
        "title": "U.S. Trade in Goods by Country",
        "producer": "U.S. Census Bureau, Foreign Trade Division",
        "url": "https://www.census.gov/foreign-trade/balance/country.xlsx",
        "licence": "public domain (US government work)",
        **MUST_SAY,
        "frequency": "monthly",
        "basis": "customs",
        "valuation": "{export: fas, import: customs_value}",
        "seasonally_adjusted": "false",
        "last_period": str(last or ""),
        "status": f"to {last.year - 1} revised, {last.year} preliminary" if last else "",
    }


def unsaid(rows: Rows, file: str, horizon: pd.Period | None) -> tuple[Source, list[Problem]]:
    """What a sidecar would say, from the file: its last month that is not 0, told in a warning.

    Raises Refused where there is none, and where it is after `horizon`, the release that the future is judged by.
    """
    last = last_published(row for _, row in rows)
    if last is None:
        _refuse_years(rows, file)
        refuse("no_rows", file, "no month has a figure other than 0", "download the file again")
    if horizon is not None and last > horizon:
        line, row = next((line, row) for line, row in rows if row["year"].strip() == str(last.year))
        reason, fix = f"{last} is after {horizon}", "state the vintage of a newer file"
        refuse("future_period", file, reason, fix, line, "year", row["year"])
    reason = "no sidecar says the last published month: the 0s after the last other figure are taken as not yet"
    fix = "state last_period in a sidecar beside the file"
    told = Problem("missing_value", file, reason, fix, None, "last_period", str(last), "warning")
    return Source(file, horizon or last, last, dict.fromkeys(range(1900, last.year + 1), "")), [told]


def _refuse_years(rows: Rows, file: str) -> None:
    """Raise Refused with each year that is none, such as the 2024.0 of a data frame."""
    check = Cells(file)
    for line, row in rows:
        if not YEAR.fullmatch(row.get("year", "")):
            check.note("bad_period", line, "year", row.get("year"), "not a year of four digits")
    raise_errors(check.problems)


def last_published(rows: Iterable[Mapping[str, str]]) -> pd.Period | None:
    """The last month with a figure other than 0; None if there is none."""
    months = [
        pd.Period(year=int(row["year"]), month=number, freq="M")
        for row in rows
        if YEAR.fullmatch(row.get("year", ""))
        for number, name in enumerate(MONTHS, 1)
        if FIGURE.search(row.get(f"I{name}", "")) or FIGURE.search(row.get(f"E{name}", ""))
    ]
    return max(months, default=None)


def column_of(flow: Flow, period: pd.Period) -> str:
    """The layout's column for a flow of the US in a month: IAPR is its imports of April."""
    return f"{'I' if flow is Flow.IMPORT else 'E'}{MONTHS[period.month - 1]}"


def behind(rows: Mapping[Place, object], flow: Flow, period: pd.Period) -> list[tuple[Place, str, int]]:
    """The one cell behind a month: its row, its column, and 1."""
    return [(place, column_of(flow, period), 1) for place in rows]


def printed_in(_: Mapping[str, str], __: int) -> str:
    """Nothing: the file is the publisher's own."""
    return ""


def usd_mn(text: str) -> Decimal:
    """A printed cell in USD million; a copy may leave blank what the publisher prints as 0."""
    return Decimal(text.strip() or 0)


def read(files: Iterable[tuple[Rows, Source]]) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Monthly flows of files in the publisher's own layout, each with its source, as `read_one` says.

    Raises Refused with the problems of every file.
    """
    tried = [attempt(partial(read_one, rows, source)) for rows, source in files]
    raise_errors(problem for _, problems in tried for problem in problems)
    found = [each for each, _ in tried if each]
    flows = pd.concat([pd.DataFrame(columns=FLOW_COLUMNS), *(flows for flows, _ in found)], ignore_index=True)
    return flows, [row for _, aside in found for row in aside]


def read_one(rows: Rows, source: Source) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Monthly flows from one file in the publisher's own layout.

    Returns the long table and the rows kept aside because their partner is not in the table of codes. Months after
    `source.last_period` are stored as 0 there and are left out. Raises Refused for a missing column, a cell that is no
    number, a negative value, a value after the last period, or a year whose months do not add up to its printed total.
    """
    _check_layout(rows, source)
    kept: list[dict[str, object]] = []
    aside: list[dict[str, str]] = []
    check = Cells(source.file)
    for line, row in rows:
        code = row["CTY_CODE"].removesuffix(".0")  # as a data frame writes it
        name, partner = CENSUS_COUNTRIES.get(code, (None, ""))
        if row["CTYNAME"].strip() != name:
            aside.append({"file": source.file, "row": str(line), "code": row["CTY_CODE"], "name": row["CTYNAME"]})
            continue
        ids = f"{source.file}:{line}"
        for side, flow in SIDES.items():
            key = {"partner": partner, "flow": flow, "valuation": CENSUS_VALUATION[flow], "ids": ids}
            kept += [
                key | {"period": period, "value_usd_mn": value, "status": source.status[period.year]}
                for period, value in _year(check, line, row, side, source)
            ]
    if aside and not kept:
        reason = f"{aside[0]['name']} is not in the table of partners by this code, and no other row is"
        check.note("unknown_country", int(aside[0]["row"]), "CTY_CODE", aside[0]["code"], reason, "correct the code")
    elif not any(row["value_usd_mn"] for row in kept if row["period"] == source.last_period):
        # 0 is how the layout prints 'not yet'
        reason = f"nothing is published for the sidecar's last_period {source.last_period}"
        fix = "set last_period to the last published month"
        check.problems.append(Problem("missing_period", source.file, reason, fix))
    raise_errors(check.problems)
    return pd.DataFrame(kept, columns=FLOW_COLUMNS).assign(**OF_ALL, vintage=source.vintage)[FLOW_COLUMNS], aside


def aside_warnings(aside: Sequence[Mapping[str, str]]) -> list[Problem]:
    """What is said of the rows kept aside: one line a file, with their number and the first partners."""
    by_file = {file: [*rows] for file, rows in groupby(aside, key=lambda row: row["file"])}
    return [_aside_warning(file, rows) for file, rows in by_file.items()]


def _aside_warning(file: str, rows: Sequence[Mapping[str, str]]) -> Problem:
    names = {row["name"]: None for row in rows}
    reason = f"{len(rows)} rows of {len(names)} partners are kept aside, whose code and name are not in the table of "
    reason += f"partners, or not together: {few(names)}"
    fix = "add them to terms.CENSUS_COUNTRIES if a partner is wanted"
    first = rows[0]
    return Problem("unknown_country", file, reason, fix, int(first["row"]), "CTY_CODE", first["code"], "warning")


def _check_layout(rows: Rows, source: Source) -> None:
    """Raise Refused for a missing column, or a year that the sidecar's status does not cover."""
    fix = "download the file again; the layout has a column for each month and the year, I* and E*"
    problems = missing_columns(source.file, COLUMNS, rows[0][1] if rows else COLUMNS, fix)
    years = {int(row["year"]) for _, row in rows if YEAR.fullmatch(row.get("year", ""))}
    uncovered = sorted(year for year in years if year <= source.last_period.year and year not in source.status)
    if uncovered:
        reason = f"the sidecar's status does not cover {uncovered[0]} to {uncovered[-1]}"
        fix = "say which years are final, revised, preliminary"
        problems.append(Problem("missing_value", source.file, reason, fix))
    raise_errors(problems)


def _year(
    check: Cells, line: int, row: Mapping[str, str], side: str, source: Source
) -> Iterator[tuple[pd.Period, Decimal]]:
    if not YEAR.fullmatch(row["year"]):
        check.note("bad_period", line, "year", row["year"], "not a year of four digits")
        return
    total = Decimal(0)
    for number, name in enumerate(MONTHS, 1):
        column = side + name
        period = pd.Period(year=int(row["year"]), month=number, freq="M")
        if period > source.last_period and not row[column].strip():
            continue  # a copy may leave blank what the publisher prints as 0
        value = check.read(line, row, column, amount)
        value = Decimal(0) if value is None else value  # one that cannot be read is told
        total += value
        if period <= source.last_period:
            yield period, value
        elif value:
            reason = f"a figure after the last period published, {source.last_period}"
            check.note("future_period", line, column, row[column], reason, "correct last_period in the sidecar")
    column = side + "YR"
    printed = check.read(line, row, column, amount) or Decimal(0)
    if abs(total - printed) > Decimal("0.65"):  # twelve months and the total, each rounded to 0.1
        reason = f"the months add up to {total}"
        check.note("annual_mismatch", line, column, row[column], reason, "download the file again")
