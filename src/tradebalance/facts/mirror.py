"""Two books of one trade side by side: the flows and the gap on each, how far apart, and the ratio of mirror figures.

Counts are added exactly. Where the reporter's own were not published, its book is pieced together (`own_book`) and has
standard errors. A ratio is the other side over the own; its error is by the delta method, to first order ratio x
se / value, as all of it comes from what is pieced together. The error of a year is that of the year's sum under the
fragments' joint covariance: the quarters of a printed year miss by opposite amounts, so theirs would say too much.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from ..words.citations import Citation
from ..words.terms import OTHER_SIDE, Flow, Frequency, Origin, book_name
from . import trade
from .benchmark import MEASURES
from .own_book import Reconciled, origins, sums
from .trade import Snapshot

Z90 = 1.645  # 90 % of a Gaussian lie within so many standard errors
Span = Sequence[pd.Period]


@dataclass(frozen=True, repr=False)
class Books:
    """A reporter's own book and its partner's count of the same trade, as known at one time, `words` saying of which
    release, with the sources of both and the files behind them with their sha256.

    `pieces` are the quarters that were pieced together, those before the reporter's customs published its counts;
    `own` are the quarters of the whole book as rows of the long table of flows, `counted_from` the first that is one.
    """

    reporter: str
    partner: str
    pieces: Reconciled
    own: Snapshot
    counted_from: pd.Period | None
    counted: Snapshot
    words: str
    sources: tuple[Citation, ...]
    files: Mapping[str, str]

    def __repr__(self) -> str:
        return f"{book_name(self.reporter)}: {self.words}\n{book_name(self.partner)}: {self.counted.words}"

    @property
    def bound(self) -> list[pd.Period]:
        """The quarters of both books that were counted or that printed figures bind, oldest first: extrapolated ones
        are no observation."""
        table = self.own.flows
        loose = set(table.loc[table["origin"] == Origin.EXTRAPOLATED, "period"])
        return [quarter for quarter in self.shared if quarter not in loose]

    @property
    def shared(self) -> list[pd.Period]:
        """The quarters that both books hold, oldest first: one may be out before the other."""
        own, counted = (
            set(flows.loc[flows["frequency"] == Frequency.QUARTERLY, "period"])
            for flows in (self.own.flows, self.counted.flows)
        )
        return sorted(own & counted)

    def pieced(self, span: Span) -> Span:
        """The quarters of a span that were pieced together."""
        return [quarter for quarter in span if self.counted_from is None or quarter < self.counted_from]


def by_quarter(books: Books) -> pd.DataFrame:
    """`compare` by quarter, oldest first; extrapolated quarters are there and say so in their origin."""
    return compare(books, {quarter: [quarter] for quarter in books.shared})


def by_year(books: Books) -> pd.DataFrame:
    """`compare` by calendar year, oldest first: every year of which all quarters are known, and before them those
    of which a figure of the whole year was printed."""
    of = books.pieces.system
    known = set(books.shared)
    levels = [(f.first, f.last) for f in of.fragments if f.against is None]
    whole = {first.year for first, last in levels if first.month == 1 and last == first + 11}
    spans = {}
    for year in sorted({*of.months.year, *(quarter.year for quarter in known)}):
        quarters = list(pd.period_range(f"{year}Q1", periods=4, freq="Q"))
        if set(quarters) <= known or (year in whole and min(known) > quarters[-1]):
            spans[pd.Period(str(year), freq="Y")] = quarters
    return compare(books, spans)


def compare(books: Books, spans: Mapping[Any, Span]) -> pd.DataFrame:
    """Both books over spans of quarters: a row a span, its name the index; money in USD million.

    For exports, imports and gap, from the side of the reporter's book: `<measure>_<reporter>_usd_mn`, its
    `_se_usd_mn` and `_origin`, and `<measure>_<partner>_usd_mn`, the exact count of the other side. For the two flows
    `<flow>_ratio`, other over own, and `<flow>_ratio_se`; for the gap `difference_usd_mn`, other minus own. Errors are
    those of the quarters pieced together, 0 of a count; sums of these are of quarters to 0.1 USD million, so that
    quarters add up to years.
    """
    columns: dict[str, list[object]] = {}
    counted = {(row.flow, row.period): row for row in books.counted.flows.itertuples()}
    rounded = _own(books, {quarter for span in spans.values() for quarter in span})
    pieced = [books.pieced(span) for span in spans.values()]
    for measure, signs in MEASURES.items():
        own, other = f"{measure}_{books.reporter}", f"{measure}_{books.partner}"
        values = [
            sum((sign * rounded[flow, quarter] for flow, sign in signs.items() for quarter in span), Decimal(0))
            for span in spans.values()
        ]
        errors = [Decimal(float(error)) for error in sums(books.pieces.system, books.pieces.settings, signs, pieced)[1]]
        counts = [_count(counted, signs, span) for span in spans.values()]
        columns[f"{own}_usd_mn"] = [*values]
        columns[f"{own}_se_usd_mn"] = [round(error, 1) for error in errors]
        columns[f"{own}_origin"] = [*_origins(books, signs, spans.values())]
        columns[f"{other}_usd_mn"] = [*counts]
        if measure == "gap":
            columns["difference_usd_mn"] = [count - value for count, value in zip(counts, values, strict=True)]
        else:
            ratios = [count / value for count, value in zip(counts, values, strict=True)]
            relative = [error / value for error, value in zip(errors, values, strict=True)]
            columns[f"{measure}_ratio"] = [round(ratio, 4) for ratio in ratios]
            columns[f"{measure}_ratio_se"] = [round(r * e, 4) for r, e in zip(ratios, relative, strict=True)]
    return pd.DataFrame(columns, index=pd.Index(list(spans), dtype=object), dtype=object)


class Apart(NamedTuple):
    """Two books over the same four quarters, USD million: the reporter's gap with its standard error, the partner's,
    how much the partner's is larger, and what of that lies in the reporter's exports and in its imports."""

    first: pd.Period
    last: pd.Period
    gap_own: Decimal
    gap_own_se: Decimal
    gap_other: Decimal
    apart: Decimal
    in_exports: Decimal
    in_imports: Decimal


def apart(books: Books) -> Apart:
    """How far two books are apart over the last four quarters that both hold and that are bound."""
    own, other, quarters = books.reporter, books.partner, books.bound[-4:]
    row = compare(books, {"last": quarters}).loc["last"]
    return Apart(
        quarters[0],
        quarters[-1],
        gap_own=row[f"gap_{own}_usd_mn"],
        gap_own_se=row[f"gap_{own}_se_usd_mn"],
        gap_other=row[f"gap_{other}_usd_mn"],
        apart=row["difference_usd_mn"],
        in_exports=row[f"exports_{other}_usd_mn"] - row[f"exports_{own}_usd_mn"],
        in_imports=row[f"imports_{own}_usd_mn"] - row[f"imports_{other}_usd_mn"],
    )


def _own(books: Books, quarters: Iterable[pd.Period]) -> dict[tuple[Flow, pd.Period], Decimal]:
    """Each flow and quarter of the reporter's book: exact counts, and what is pieced together to 0.1 USD million."""
    of, ordered = books.pieces, books.pieced(sorted(quarters))
    found = {(Flow(row.flow), row.period): row.value_usd_mn for row in books.own.flows.itertuples()}
    for flow in Flow if ordered else ():
        values = sums(of.system, of.settings, {flow: 1}, [[quarter] for quarter in ordered])[0]
        found |= {(flow, quarter): Decimal(f"{value:.1f}") for quarter, value in zip(ordered, values, strict=True)}
    return found


def _origins(books: Books, signs: Mapping[Flow, int], spans: Iterable[Span]) -> list[Origin]:
    """Where the reporter's figures over spans come from: the weakest origin of what they are made of."""
    pieced = {tuple(part): Origin.DERIVED for span in spans if (part := books.pieced(span))}
    pieced |= zip(pieced, origins(books.pieces.system, signs, pieced), strict=True) if pieced else {}
    found = []
    for span in spans:
        part = tuple(books.pieced(span))
        counted = [Origin.DERIVED] if len(part) < len(span) else []
        found.append(max([*counted, *([pieced[part]] if part else [])], key=list(Origin).index))
    return found


def _count(counted: Mapping[tuple[Flow, pd.Period], Any], signs: Mapping[Flow, int], span: Span) -> Decimal:
    """The other side's count of the same trade over a span, exact. Raises ValueError where a quarter is missing."""
    keys = {flow: [(OTHER_SIDE[flow], quarter) for quarter in span] for flow in signs}
    if missing := {key[1] for each in keys.values() for key in each} - {period for _, period in counted}:
        raise ValueError(f"the other book has no figures of {', '.join(map(str, sorted(missing)))}")
    return sum((sign * trade.total([counted[key] for key in keys[flow]]) for flow, sign in signs.items()), Decimal(0))
