"""What was traded, as published: one long table with a row a figure, and how to read it.

Columns are `terms.FLOW_COLUMNS`; `period` is a pandas Period (monthly or quarterly by `frequency`), `vintage` a monthly
Period, `value_usd_mn` an exact Decimal, never negative, `se_usd_mn` its standard error (None for a published count),
and `ids` the `file:line` of each raw row behind the figure, joined by spaces.
"""

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pandas as pd

from ..words.citations import Place
from ..words.phrase import Phrase
from ..words.problems import Problem
from ..words.terms import FLOW_COLUMNS, FLOW_KEY, HOME, SCALE_JUMP, Flow, Frequency, Origin

# Figures that differ in one of these are no parts of one sum, whatever their unit says.
ALIKE = [column for column in FLOW_KEY if column != "period"]
MONTHS_A_YEAR = 12
FRESH_MONTHS = 3  # a vintage this stale or less still is what a reader knew
PUBLICATION_LAG_MONTHS = {"USA": 2, "VNM": 1}  # Census prints a month in the second month after it


@dataclass(frozen=True)
class Source:
    """The part of a sidecar that a reader of figures needs; `status` by year: preliminary, revised or final,
    `partner` the one of a file that names none."""

    file: str
    vintage: pd.Period
    last_period: pd.Period
    status: Mapping[int, str]
    partner: str = ""


@dataclass(frozen=True)
class Snapshot:
    """What was known at the end of a month: the flows, their vintage, and how the cut was made."""

    flows: pd.DataFrame
    as_of: pd.Period
    vintage: pd.Period
    truncated: bool

    @property
    def words(self) -> str:
        return release_words(self.vintage, self.as_of if self.truncated else None)


def release_words(release: pd.Period, cut_at: pd.Period | None) -> str:
    """One clause for a page: which release, and whether it is a true vintage or cut to what was out by a month."""
    if cut_at is None:
        return Phrase("release of {release:%B %Y}", release=release)
    template = "release of {release:%B %Y} cut to what was out by {cut_at:%B %Y}, with hindsight"
    return Phrase(template, release=release, cut_at=cut_at)


def combine(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All monthly figures, then the quarters, of complete months or given as such, each in key order."""
    given = pd.concat([pd.DataFrame(columns=FLOW_COLUMNS), *tables], ignore_index=True)
    is_monthly = given["frequency"] == Frequency.MONTHLY
    quarterly = pd.concat([quarters(given[is_monthly]), given[~is_monthly]], ignore_index=True)
    parts = [part.sort_values(FLOW_KEY).astype({"period": object}) for part in (given[is_monthly], quarterly)]
    return pd.concat(parts, ignore_index=True)


def carried(flows: pd.DataFrame, files: Collection[str]) -> tuple[pd.DataFrame, list[Problem]]:
    """The months that a printed table does not give, of the release before it, as months of its own: a table of a month
    is no book of one month. A warning for each file that says so or, where months are then missing, that it stands
    alone. `files` are the printed tables, `flows` what they and all others hold.
    """
    monthly, warnings, rows = flows[flows["frequency"] == Frequency.MONTHLY], [], [flows.iloc[:0]]
    series = [column for column in ALIKE if column != "vintage"]
    for _, one in monthly.groupby(series) if files else ():
        for vintage in sorted({*one["vintage"]}):
            release, older = one[one["vintage"] == vintage], one[one["vintage"] < vintage]
            before, own, file = older["vintage"].max(), {*release["period"]}, _place(release.iloc[0]).file
            rest = older[(older["vintage"] == before) & ~older["period"].isin(own)]
            if file not in files or rest.empty:
                continue
            months = own | {*rest["period"]}
            is_whole = max(months) - min(months) == (len(months) - 1) * min(months).freq
            told = f"months that it does not give are those of the release of {before}"
            alone = (
                f"it stands alone: months are missing between it and the release of {before}, to {max(rest['period'])}"
            )
            reason, fix = told if is_whole else alone, "none needed, or give them too"
            warnings.append(Problem("kept_apart", file, reason, fix, severity="warning"))
            rows.append(rest.assign(vintage=vintage).iloc[: len(rest) if is_whole else 0])
            one = pd.concat([one, rows[-1]])
    return pd.concat(rows), list(dict.fromkeys(warnings))


def total(rows: pd.DataFrame | Sequence[Any]) -> Decimal:
    """The exact sum of figures of the long table in USD million: the one way in which published flows are added.

    `rows` is a part of the table, or its rows as named tuples. Raises ValueError where there are none, and where
    `refuse_mixed` does.
    """
    figures = _figures(rows)
    if not figures:
        raise ValueError("there are no figures to add up")
    refuse_mixed(figures)
    return sum((figure.value_usd_mn for figure in figures), Decimal(0))


def refuse_mixed(rows: pd.DataFrame | Sequence[Any]) -> None:
    """Raise ValueError for figures that are not of one series: of two books, flows, valuations, bases, frequencies or
    vintages, or over periods that overlap. The message names them all."""
    if isinstance(rows, pd.DataFrame):
        values, periods = {name: {*rows[name].unique()} for name in ALIKE}, list(rows["period"])
    else:
        values = {name: {getattr(figure, name) for figure in rows} for name in ALIKE}
        periods = [figure.period for figure in rows]
    mixed = [f"{name} {' and '.join(sorted(map(str, found)))}" for name, found in values.items() if len(found) > 1]
    if mixed := mixed + _overlaps(periods):
        raise ValueError(f"these figures are not parts of one sum: {'; '.join(mixed)}")


def _figures(rows: pd.DataFrame | Sequence[Any]) -> Sequence[Any]:
    return list(rows.itertuples(index=False)) if isinstance(rows, pd.DataFrame) else rows


def _overlaps(periods: Sequence[pd.Period]) -> list[str]:
    """In words, the periods that are there twice or inside another."""
    if len({each.freqstr for each in periods}) == 1 and len({*periods}) == len(periods):
        return []
    months = [{*pd.period_range(p.asfreq("M", "start"), p.asfreq("M", "end"), freq="M")} for p in periods]
    found = [
        f"{periods[one]} is there twice" if periods[one] == periods[two] else f"{periods[one]} overlaps {periods[two]}"
        for one, two in itertools.combinations(range(len(periods)), 2)
        if months[one] & months[two]
    ]
    return list(dict.fromkeys(found))


def quarters(monthly: pd.DataFrame) -> pd.DataFrame:
    """Quarterly flows as exact sums of three months; a quarter with a month missing is left out."""
    return _sums(monthly, Frequency.QUARTERLY, 3)


def years(quarterly: pd.DataFrame) -> pd.DataFrame:
    """Yearly flows as exact sums of four quarters, for display; a year with a quarter missing is left out.

    Without standard errors: the quarters of a book pieced together miss together, so theirs do not add up.
    """
    return _sums(quarterly, Frequency.YEARLY, 4)


def _sums(parts: pd.DataFrame, frequency: str, needed: int) -> pd.DataFrame:
    """Flows as exact sums of so many parts; a sum with a part missing is left out."""
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for figure in parts.itertuples(index=False):
        key = (figure.period.asfreq(frequency), *(getattr(figure, name) for name in ALIKE))
        groups.setdefault(key, []).append(figure)
    rows = []
    for (period, *_), group in groups.items():
        if needed == len(group) == len({figure.period for figure in group}):  # a period twice is for checks to refuse
            ids = " ".join(dict.fromkeys(" ".join(figure.ids for figure in group).split()))
            status = " and ".join(dict.fromkeys(figure.status for figure in group))
            weakest = max([Origin.DERIVED, *(figure.origin for figure in group)], key=list(Origin).index)
            sums = {"frequency": frequency, "period": period, "value_usd_mn": total(group), "se_usd_mn": None}
            rows.append({**group[0]._asdict(), **sums, "status": status, "origin": weakest, "ids": ids})
    return pd.DataFrame(rows, columns=FLOW_COLUMNS)


def _of_pair(flows: pd.DataFrame, reporter: str, partner: str) -> pd.DataFrame:
    return flows[(flows["reporter"] == reporter) & (flows["partner"] == partner)]


def as_of(flows: pd.DataFrame, reporter: str, partner: str, at: pd.Period | None = None) -> Snapshot:
    """What was known of one pair at the end of month `at` (default: the newest vintage).

    A true vintage if one is at most three months stale; else the newest one, cut to the months
    that the publication lag had let out by then. Raises ValueError naming the books there are, if there is none.
    """
    pair = _of_pair(flows, reporter, partner)
    if pair.empty:
        pairs = sorted({f"{r}/{p}" for r, p in zip(flows["reporter"], flows["partner"], strict=True)})
        with_whom = f" with {partner}" if partner else ""
        raise ValueError(f"no figures of {reporter}{with_whom}; there are {', '.join(pairs) or 'none'}")
    newest = pair["vintage"].max()
    at = at or newest
    fresh = [v for v in pair["vintage"].unique() if v <= at and (at - v).n <= FRESH_MONTHS]
    vintage = max(fresh, default=newest)
    chosen = pair[pair["vintage"] == vintage]
    truncated = not fresh and at < newest
    if truncated:
        last = at - lag(reporter)
        chosen = chosen[[p.asfreq("M", how="end") <= last for p in chosen["period"]]]
    return Snapshot(chosen.reset_index(drop=True), at, vintage, truncated)


def known_to(at: pd.Period, release: pd.Period, last: pd.Period, reporter: str) -> pd.Period:
    """The last month out by the end of `at`: all of a release to `last` once it was there, else what the lag let out.

    A release is one file, revised since: an earlier month is judged by it with hindsight.
    """
    return last if at >= release else min(last, at - lag(reporter))


def releases(flows: pd.DataFrame, reporter: str, partner: str) -> list[pd.Period]:
    """The vintages of a pair that hold months, oldest first."""
    pair = _of_pair(flows, reporter, partner)
    return sorted(set(pair.loc[pair["frequency"] == Frequency.MONTHLY, "vintage"]))


def older_vintage(flows: pd.DataFrame, reporter: str, partner: str, vintage: pd.Period) -> pd.Period | None:
    """The newest vintage of a pair before a given one, both with months to compare; or None."""
    monthly = releases(flows, reporter, partner)
    return max((each for each in monthly if each < vintage), default=None) if vintage in monthly else None


def first_forecast_quarter(at: pd.Period, reporter: str) -> pd.Period:
    """The first quarter not complete in what the publication lag had let out by the end of `at`."""
    return (at - lag(reporter) + 1).asfreq("Q")


def lag(reporter: str) -> int:
    """Months from a month to its figures; of a reporter that is not listed the longest known."""
    return PUBLICATION_LAG_MONTHS.get(reporter, max(PUBLICATION_LAG_MONTHS.values()))


def series(snapshot: Snapshot, flow: Flow, frequency: Frequency = Frequency.QUARTERLY) -> pd.Series:
    """One flow of a snapshot in USD million, exact Decimals indexed by period, oldest first.

    Raises ValueError where the snapshot holds more than one series of it.
    """
    flows = snapshot.flows
    chosen = flows[(flows["flow"] == flow) & (flows["frequency"] == frequency)].sort_values("period")
    refuse_mixed(chosen)
    return pd.Series(list(chosen["value_usd_mn"]), index=pd.PeriodIndex(chosen["period"], freq=frequency), dtype=object)


def flow_problems(flows: pd.DataFrame) -> list[Problem]:
    """Two figures for one key, two series of one flow in a release, months missing inside a series, and figures that
    two releases have in other units, over the long table of `flows`."""
    return [*_duplicates(flows), *_second_series(flows), *_gaps(flows), *_other_units(flows)]


def _other_units(flows: pd.DataFrame) -> Iterable[Problem]:
    """The first figure of a file that is hundreds of times, or hundredths of, what an earlier release has."""
    first: dict[tuple[Any, ...], Decimal] = {}
    told: set[str] = set()
    for row in flows.sort_values("vintage").itertuples():
        before = first.setdefault((row.reporter, row.partner, row.flow, row.period), row.value_usd_mn)
        small, large = sorted((before, row.value_usd_mn))
        if small < 1 or large < SCALE_JUMP * small or _place(row).file in told:
            continue
        told.add(_place(row).file)
        reason = f"{row.reporter}/{row.partner} {row.flow} {row.period} is hundreds of times what another release has"
        yield _problem(row, "scale_jump", reason, "check its unit: bn for mn, or mn for bn?", row.value_usd_mn)


def _second_series(flows: pd.DataFrame) -> Iterable[Problem]:
    """A flow of a book that one release values or covers in two ways, which no answer could choose between."""
    one_way = [column for column in ALIKE if column not in ("valuation", "basis")]
    for key, rows in flows.groupby(one_way):
        first, *others = rows.drop_duplicates(["valuation", "basis"]).itertuples()
        for row in others:
            reason = f"{row.valuation} on {row.basis} basis, where {_place(first).file} has "
            reason += f"{first.valuation} on {first.basis} basis of {key[0]}/{key[1]} {key[2]}, vintage {key[-1]}"
            yield _problem(row, "valuation_mix", reason, "keep one of the two in a release", row.valuation)


def _duplicates(flows: pd.DataFrame) -> Iterable[Problem]:
    for row in flows[flows.duplicated(FLOW_KEY, keep="first")].itertuples():
        reason = f"a second figure for {row.reporter}/{row.partner} {row.flow} {row.period}, vintage {row.vintage}"
        yield _problem(row, "duplicate_key", reason, "keep one file for each partner and vintage", row.value_usd_mn)


def _place(figure: Any) -> Place:
    """The first raw row behind a figure."""
    return Place.of(figure.ids.split()[0])


def _problem(figure: Any, code: str, reason: str, fix: str, value: object) -> Problem:
    place = _place(figure)
    return Problem(code, place.file, reason, fix, place.row, value=str(value))


def _gaps(flows: pd.DataFrame) -> Iterable[Problem]:
    for _, one in flows[flows["frequency"] == Frequency.MONTHLY].groupby(ALIKE):
        found = set(one["period"])
        missing = [p for p in pd.period_range(min(found), max(found), freq="M") if p not in found]
        if missing:
            reason = f"{len(missing)} months missing inside the series, the first {missing[0]}"
            fix = "add the rows, or drop the years before the gap"
            yield Problem("missing_period", _place(one.iloc[0]).file, reason, fix)


def observed(
    snapshot: Snapshot, reporter: str, home: str = HOME, frequency: Frequency = Frequency.QUARTERLY
) -> pd.DataFrame:
    """Exports, imports and gap by quarter or month as published or reconciled: Decimals in USD million, oldest first.

    The home country's exports are the reporter's imports on any book but its own. Extrapolated quarters are
    no observation and are left out.
    """
    snapshot = replace(snapshot, flows=snapshot.flows[snapshot.flows["origin"] != Origin.EXTRAPOLATED])
    out, back = (Flow.EXPORT, Flow.IMPORT) if reporter == home else (Flow.IMPORT, Flow.EXPORT)
    sides = {"exports_usd_mn": out, "imports_usd_mn": back}
    return with_gap(pd.DataFrame({name: series(snapshot, flow, frequency) for name, flow in sides.items()}).dropna())


def with_gap(trade: pd.DataFrame) -> pd.DataFrame:
    """The table with the column `gap_usd_mn`, exports minus imports."""
    return trade.assign(gap_usd_mn=trade["exports_usd_mn"] - trade["imports_usd_mn"])


def by_year(history: pd.DataFrame, path: pd.DataFrame) -> pd.DataFrame:
    """Exports, imports and gap by calendar year in USD million, published quarters and those of a path after them.

    A row a whole year, from two before the path's first on: columns as of the two tables (exact where they are),
    `exports_growth` and `imports_growth`, fractions over the year before (not a number without it), and `forecast`,
    how many of its quarters are the path's.
    """
    columns = ["exports_usd_mn", "imports_usd_mn", "gap_usd_mn"]
    both = pd.concat([history[columns].map(Fraction), path[columns].map(Fraction)])
    years = both.groupby(both.index.year)
    sums = years.agg(lambda quarters: sum(quarters, Fraction(0)))[years.size() == 4]
    growth = sums.astype(float).pct_change()
    ahead = pd.Series(1, index=path.index).groupby(path.index.year).sum().reindex(sums.index, fill_value=0)
    found = sums.assign(
        exports_growth=growth["exports_usd_mn"], imports_growth=growth["imports_usd_mn"], forecast=ahead
    )
    return found[found.index >= path.index[0].year - 2].rename_axis("year")


class TwelveMonths(NamedTuple):
    """The newest twelve months: the last of them, exports, imports and gap over all in USD million, and by how much of
    itself each is above the twelve months before (None where those are not all known)."""

    last: pd.Period
    now: pd.Series
    growth: pd.Series | None


def twelve_months(months: pd.DataFrame) -> TwelveMonths | None:
    """The newest twelve of a table of months, exact; None where there are not so many."""
    if len(months) < MONTHS_A_YEAR:
        return None
    now, before = (months.iloc[end - MONTHS_A_YEAR : end].sum() for end in (len(months), len(months) - MONTHS_A_YEAR))
    is_whole = len(months) >= 2 * MONTHS_A_YEAR and bool((before > 0).all())
    return TwelveMonths(months.index[-1], now, now / before - 1 if is_whole else None)
