"""What one release of a book says otherwise than another, by flow and period; a figure in one of them only is named."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any

import pandas as pd

from ..words.terms import HOME, OTHER_SIDE, Flow, Frequency
from . import trade
from .benchmark import MEASURES

# The same flow printed to 0.1 USD million and to more digits differs by up to half of that, a gap by twice as much.
PRINTED_DIGITS_USD_MN = Decimal("0.05")
COLUMNS = ["measure", "period", "months", "revised_months", "old_usd_mn", "new_usd_mn", "change_usd_mn"]


@dataclass(frozen=True)
class Revisions:
    """What changed from one vintage of a pair's figures to another, from the side of `home`.

    `before` and `after` are the rows of the long table that are compared, `partners` those that the book has in each
    vintage (None: what only one of them holds is not told). Compared when it is first asked for.
    """

    reporter: str
    partner: str
    old: pd.Period
    new: pd.Period
    home: str
    before: pd.DataFrame
    after: pd.DataFrame
    partners: tuple[Collection[str], Collection[str]] | None = None

    @cached_property
    def months(self) -> pd.DataFrame:
        """A row a measure (exports, imports, gap) and month that both hold: `old_usd_mn`, `new_usd_mn` and
        `change_usd_mn`, exact."""
        return _held_by_both(_by_key(self.before), _by_key(self.after), self.reporter, self.home)

    @cached_property
    def one_sided(self) -> tuple[str, ...]:
        """In words, what only one of the two holds."""
        return tuple(_one_sided(self)) if self.partners else ()

    def by(self, frequency: str) -> pd.DataFrame:
        """The changes by month, quarter (Q) or year (Y) with the columns COLUMNS, oldest first.

        A quarter or year is the exact sum of the months that both vintages hold; `months` says how many those are,
        `revised_months` how many of them changed by more than the digits that a release may be printed with.
        """
        printed = {measure: PRINTED_DIGITS_USD_MN * len(signs) for measure, signs in MEASURES.items()}
        months = self.months
        each = months.assign(
            measure=pd.Categorical(months["measure"], [*MEASURES]),
            period=[period.asfreq(frequency) for period in months["period"]],
            months=1,
            revised_months=months["change_usd_mn"].map(abs) > months["measure"].map(printed),
        )
        sums = each.groupby(["period", "measure"], observed=True, as_index=False)[COLUMNS[2:]].sum()
        return sums[COLUMNS].astype(object)

    def of(self, measure: str, frequency: str = Frequency.MONTHLY) -> pd.DataFrame:
        """One measure as in `by`, indexed by period."""
        table = self.by(frequency)
        return table[table["measure"] == measure].drop(columns="measure").set_index("period")

    @property
    def changed(self) -> pd.DataFrame:
        """The months, as `of` has them, whose gap changed by more than the digits that it may be printed with."""
        months = self.of("gap")
        return months[months["revised_months"] > 0]


def between(
    table: pd.DataFrame, reporter: str, partner: str, old: pd.Period, new: pd.Period, home: str = HOME
) -> Revisions:
    """What two vintages in the long table say of a pair, month by month, from the side of `home`.

    Raises ValueError for a vintage that does not hold the pair by month, naming those that do.
    """
    monthly = table[(table["reporter"] == reporter) & (table["frequency"] == Frequency.MONTHLY)]
    pair = monthly[monthly["partner"] == partner]
    held = sorted(set(pair["vintage"]))
    for vintage in (old, new):
        if vintage not in held:
            there = _spans(held) or "none"
            raise ValueError(f"no release of {vintage} holds months of {reporter} with {partner}; there are {there}")
    before, after = (trade.as_of(pair, reporter, partner, vintage).flows for vintage in (old, new))
    was, now = ({*monthly.loc[monthly["vintage"] == vintage, "partner"]} for vintage in (old, new))
    return Revisions(reporter, partner, old, new, home, before, after, (was, now))


def since_first(table: pd.DataFrame, reporter: str, partner: str, new: pd.Period, home: str = HOME) -> Revisions:
    """What a vintage says of each month of a pair against what was first published of it, from the side of `home`.

    Raises ValueError as `between` does.
    """
    monthly = table[(table["reporter"] == reporter) & (table["frequency"] == Frequency.MONTHLY)]
    pair = monthly[(monthly["partner"] == partner) & (monthly["vintage"] <= new)].sort_values("vintage")
    first = min(pair["vintage"], default=new)
    found = between(table, reporter, partner, first, new, home)
    before, after = pair.drop_duplicates(["flow", "period"]), pair[pair["vintage"] == new]
    return replace(found, before=before, after=after, partners=None)


Rows = Mapping[tuple[Flow, pd.Period], Any]  # a month of a flow -> its row of the long table


def _by_key(flows: pd.DataFrame) -> Rows:
    return {(Flow(row.flow), row.period): row for row in flows.itertuples()}


def _held_by_both(before: Rows, after: Rows, reporter: str, home: str) -> pd.DataFrame:
    """Each measure and month that both sides hold, what each says, and the change."""
    both, rows = before.keys() & after.keys(), []
    for month in sorted({month for _, month in both}):
        for measure, signs in MEASURES.items():
            keys = {(on_book(flow, reporter, home), month): sign for flow, sign in signs.items()}
            if keys.keys() <= both:
                was, now = (_signed(found, keys) for found in (before, after))
                rows.append((measure, month, was, now, now - was))
    return pd.DataFrame(rows, columns=["measure", "period", *COLUMNS[-3:]], dtype=object)


def on_book(flow: Flow, reporter: str, home: str) -> Flow:
    """The home side's flow on a book; the other way round it is the same."""
    return flow if reporter == home else OTHER_SIDE[flow]


def _signed(found: Mapping[tuple[Flow, pd.Period], Any], keys: Mapping[tuple[Flow, pd.Period], int]) -> Decimal:
    return sum((sign * trade.total([found[key]]) for key, sign in keys.items()), Decimal(0))


def _one_sided(of: Revisions) -> Iterable[str]:
    """In words, the partners of the book, and the months of the pair by flow, that only one of two vintages holds."""
    keys = [{*_by_key(rows)} for rows in (of.before, of.after)]
    sides = list(zip((of.old, of.new), of.partners or (), keys, strict=True))
    for (vintage, partners, held), (_, by_partners, by_other) in (sides, sides[::-1]):
        if alone := sorted({*partners} - {*by_partners}):
            yield f"partner {', '.join(alone)} only in the release of {vintage}"
        spans = {flow: _spans(month for of_flow, month in held - by_other if of_flow is flow) for flow in Flow}
        if spans[Flow.EXPORT] == spans[Flow.IMPORT]:
            words = {"months": spans[Flow.EXPORT]}
        else:
            words = {f"{on_book(flow, of.reporter, of.home)}s of": months for flow, months in spans.items()}
        yield from (f"{what} {months} only in the release of {vintage}" for what, months in words.items() if months)


def _spans(months: Iterable[pd.Period]) -> str:
    """Months as spans in words: `2024-07 to 2026-08, 2026-10`."""
    runs = groupby(enumerate(sorted(months)), key=lambda numbered: numbered[1].ordinal - numbered[0])
    spans = [[month for _, month in run] for _, run in runs]
    return ", ".join(str(span[0]) if len(span) == 1 else f"{span[0]} to {span[-1]}" for span in spans)
