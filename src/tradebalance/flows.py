"""What was traded, as published: one long table with a row a figure, and how to read it.

Columns are `terms.FLOW_COLUMNS`; `period` is a pandas Period (monthly or quarterly by
`frequency`), `vintage` a monthly Period, `value_usd_mn` an exact Decimal, never negative,
`se_usd_mn` its standard error (None for a published count), and `ids` the `file:line` of each
raw row behind the figure, joined by spaces.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from . import cells
from .cells import CellError
from .problems import Problem, raise_errors
from .terms import (
    CENSUS_COUNTRIES,
    FLOW_COLUMNS,
    FLOW_KEY,
    VALUATION,
    Basis,
    Flow,
    Frequency,
    Origin,
)

YEAR = re.compile(r"(19|20)\d\d")
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
CENSUS_COLUMNS = [
    "year", "CTY_CODE", "CTYNAME", *[f"I{m}" for m in MONTHS], "IYR", *[f"E{m}" for m in MONTHS], "EYR",
]  # fmt: skip
CENSUS_SIDES = {"I": Flow.IMPORT, "E": Flow.EXPORT}

FRESH_MONTHS = 3  # a vintage this stale or less still is what a reader knew
PUBLICATION_LAG_MONTHS = {"USA": 2, "VNM": 1}  # Census prints a month in the second month after it


@dataclass(frozen=True)
class Source:
    """The part of a sidecar that a reader of figures needs; `status` by year: preliminary, revised or final."""

    file: str
    vintage: pd.Period
    last_period: pd.Period
    status: Mapping[int, str]


@dataclass(frozen=True)
class Snapshot:
    """What was known at the end of a month: the flows, their vintage, and how the cut was made."""

    flows: pd.DataFrame
    as_of: pd.Period
    vintage: pd.Period
    truncated: bool

    @property
    def words(self) -> str:
        """One clause for a page: which release, and whether it is a true vintage."""
        if self.truncated:
            return f"release of {self.vintage:%B %Y} cut to what was out by {self.as_of:%B %Y}, with hindsight"
        return f"release of {self.vintage:%B %Y}"


def empty() -> pd.DataFrame:
    return pd.DataFrame(columns=FLOW_COLUMNS)


def is_census(columns: Iterable[str]) -> bool:
    """Whether a file has the layout of the Census Bureau's country.xlsx."""
    return {"CTY_CODE", "IJAN", "EDEC"} <= set(columns)


def census_column(flow: Flow, period: pd.Period) -> str:
    """The layout's column for a flow of the US in a month: IAPR is its imports of April."""
    side = next(letter for letter, kind in CENSUS_SIDES.items() if kind is flow)
    return f"{side}{MONTHS[period.month - 1]}"


def from_census(
    rows: Iterable[tuple[int, Mapping[str, str]]], source: Source
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Monthly flows from the publisher's own layout: a row a partner and year, I* and E* months.

    Returns the long table and the rows kept aside because their partner is not in the table of
    codes. Months after `source.last_period` are stored as 0 there and are left out. Raises Refused
    for a missing column, a cell that is no number, a negative value, a value after the last period,
    or a year whose months do not add up to its printed total.
    """
    rows = list(rows)
    _check_layout(rows, source)
    kept: list[dict[str, object]] = []
    aside: list[dict[str, str]] = []
    problems: list[Problem] = []
    for line, row in rows:
        name, partner = CENSUS_COUNTRIES.get(row["CTY_CODE"], (None, ""))
        if row["CTYNAME"].strip() != name:
            aside.append({"file": source.file, "row": str(line), "code": row["CTY_CODE"], "name": row["CTYNAME"]})
            continue
        for side, flow in CENSUS_SIDES.items():
            figures = _census_year(line, row, side, source, problems)
            key = {"reporter": "USA", "partner": partner, "flow": flow, "valuation": VALUATION["USA", flow]}
            key["ids"] = f"{source.file}:{line}"
            kept += [
                key | {"period": period, "value_usd_mn": value, "status": source.status[period.year]}
                for period, value in figures
            ]
    problems += _last_period_problems(kept, source)
    raise_errors(problems)
    return _table(kept, source), aside


def _check_layout(rows: Sequence[tuple[int, Mapping[str, str]]], source: Source) -> None:
    """Raise Refused for a missing column, or a year that the sidecar's status does not cover."""
    present = rows[0][1].keys() if rows else CENSUS_COLUMNS
    fix = "download the file again; the layout has a column for each month and the year, I* and E*"
    problems = [
        Problem("missing_column", source.file, "the column is missing", fix, 1, name)
        for name in CENSUS_COLUMNS
        if name not in present
    ]
    years = {int(row["year"]) for _, row in rows if YEAR.fullmatch(row.get("year", ""))}
    uncovered = sorted(year for year in years if year <= source.last_period.year and year not in source.status)
    if uncovered:
        reason = f"the sidecar's status does not cover {uncovered[0]} to {uncovered[-1]}"
        problems.append(
            Problem("missing_value", source.file, reason, "say which years are final, revised, preliminary")
        )
    raise_errors(problems)


def _census_year(
    line: int, row: Mapping[str, str], side: str, source: Source, problems: list[Problem]
) -> list[tuple[pd.Period, Decimal]]:
    figures: list[tuple[pd.Period, Decimal]] = []
    total = Decimal(0)
    if not YEAR.fullmatch(row["year"]):
        reason, fix = "not a year of four digits", "correct the cell"
        problems.append(Problem("bad_period", source.file, reason, fix, line, "year", row["year"]))
        return figures
    year = int(row["year"])
    for number, name in enumerate(MONTHS, 1):
        column = side + name
        period = pd.Period(year=year, month=number, freq="M")
        if period > source.last_period and not row[column].strip():
            continue  # a copy may leave blank what the publisher prints as 0
        value = _amount(row[column], source.file, line, column, problems)
        total += value
        if period <= source.last_period:
            figures.append((period, value))
        elif value:
            reason = f"a figure after the last period published, {source.last_period}"
            fix = "correct last_period in the sidecar"
            problems.append(Problem("future_period", source.file, reason, fix, line, column, row[column]))
    printed = _amount(row[side + "YR"], source.file, line, side + "YR", problems)
    if abs(total - printed) > Decimal("0.65"):  # twelve months and the total, each rounded to 0.1
        reason = f"the months add up to {total}"
        fix = "download the file again"
        problems.append(Problem("annual_mismatch", source.file, reason, fix, line, side + "YR", row[side + "YR"]))
    return figures


def _amount(text: str, file: str, line: int, column: str, problems: list[Problem]) -> Decimal:
    try:
        value = cells.decimal(text)
    except CellError as error:
        problems.append(Problem(error.code, file, error.reason, error.fix, line, column, text))
        return Decimal(0)
    if value < 0:
        reason = "trade is never negative"
        problems.append(Problem("negative_flow", file, reason, "check the sign", line, column, text))
    return value


def _last_period_problems(kept: list[dict[str, object]], source: Source) -> list[Problem]:
    """An all-zero last month was not published yet: 0 is how the layout prints 'not yet'."""
    last = [row["value_usd_mn"] for row in kept if row["period"] == source.last_period]
    if last and any(last):
        return []
    reason = f"nothing is published for the sidecar's last_period {source.last_period}"
    return [Problem("missing_period", source.file, reason, "set last_period to the last published month")]


def _table(rows: list[dict[str, object]], source: Source) -> pd.DataFrame:
    constant = {
        "basis": Basis.CUSTOMS,
        "frequency": Frequency.MONTHLY,
        "vintage": source.vintage,
        "origin": Origin.PUBLISHED,
        "se_usd_mn": None,
    }
    return pd.DataFrame(rows, columns=FLOW_COLUMNS).assign(**constant)[FLOW_COLUMNS]


def combine(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All monthly figures, then the quarters, of complete months or given as such, each in key order."""
    given = pd.concat([empty(), *tables], ignore_index=True)
    is_monthly = given["frequency"] == Frequency.MONTHLY
    quarterly = pd.concat([quarters(given[is_monthly]), given[~is_monthly]], ignore_index=True)
    parts = [part.sort_values(FLOW_KEY).astype({"period": object}) for part in (given[is_monthly], quarterly)]
    return pd.concat(parts, ignore_index=True)


def quarters(monthly: pd.DataFrame) -> pd.DataFrame:
    """Quarterly flows as exact sums of three months; a quarter with a month missing is left out."""
    by_quarter = monthly.assign(
        frequency=Frequency.QUARTERLY, period=[p.asfreq("Q") for p in monthly["period"]], origin=Origin.DERIVED
    ).groupby([*FLOW_KEY, "status", "origin"], as_index=False, sort=False)
    sums = by_quarter.agg(
        value_usd_mn=("value_usd_mn", "sum"),
        ids=("ids", lambda ids: " ".join(dict.fromkeys(ids))),
        months=("ids", "size"),
    )
    return sums[sums["months"] == 3].assign(se_usd_mn=None)[FLOW_COLUMNS]


def newest_vintage(flows: pd.DataFrame, reporter: str, partner: str) -> pd.Period:
    """The newest vintage of a pair. Raises ValueError naming the books there are, if there is none."""
    vintages = flows.loc[(flows["reporter"] == reporter) & (flows["partner"] == partner), "vintage"]
    if vintages.empty:
        pairs = sorted({f"{r}/{p}" for r, p in zip(flows["reporter"], flows["partner"], strict=True)})
        raise ValueError(f"no figures of {reporter} with {partner}; there are {', '.join(pairs) or 'none'}")
    return vintages.max()


def as_of(flows: pd.DataFrame, reporter: str, partner: str, at: pd.Period | None = None) -> Snapshot:
    """What was known of one pair at the end of month `at` (default: the newest vintage).

    A true vintage if one is at most three months stale; else the newest one, cut to the months
    that the publication lag had let out by then.
    """
    newest = newest_vintage(flows, reporter, partner)
    at = at or newest
    pair = flows[(flows["reporter"] == reporter) & (flows["partner"] == partner)]
    fresh = [v for v in pair["vintage"].unique() if v <= at and (at - v).n <= FRESH_MONTHS]
    vintage = max(fresh, default=newest)
    chosen = pair[pair["vintage"] == vintage]
    truncated = not fresh and at < newest
    if truncated:
        last = at - PUBLICATION_LAG_MONTHS[reporter]
        chosen = chosen[[p.asfreq("M", how="end") <= last for p in chosen["period"]]]
    return Snapshot(chosen.reset_index(drop=True), at, vintage, truncated)


def of_vintage(flows: pd.DataFrame, reporter: str, partner: str, vintage: pd.Period) -> Snapshot:
    """One vintage of a pair, whole."""
    pair = (flows["reporter"] == reporter) & (flows["partner"] == partner) & (flows["vintage"] == vintage)
    return Snapshot(flows[pair].reset_index(drop=True), vintage, vintage, truncated=False)


def older_vintage(flows: pd.DataFrame, reporter: str, partner: str, vintage: pd.Period) -> pd.Period | None:
    """The newest vintage of a pair before a given one, or None."""
    pair = flows[(flows["reporter"] == reporter) & (flows["partner"] == partner) & (flows["vintage"] < vintage)]
    return max(pair["vintage"], default=None)


def first_forecast_quarter(at: pd.Period, reporter: str) -> pd.Period:
    """The first quarter not complete in what the publication lag had let out by the end of `at`."""
    lag = PUBLICATION_LAG_MONTHS.get(reporter, PUBLICATION_LAG_MONTHS["USA"])
    return (at - lag + 1).asfreq("Q")


def series(snapshot: Snapshot, flow: Flow, frequency: Frequency = Frequency.QUARTERLY) -> pd.Series:
    """One flow of a snapshot in USD million, exact Decimals indexed by period, oldest first."""
    flows = snapshot.flows
    chosen = flows[(flows["flow"] == flow) & (flows["frequency"] == frequency)].sort_values("period")
    return pd.Series(list(chosen["value_usd_mn"]), index=pd.PeriodIndex(chosen["period"], freq=frequency), dtype=object)
