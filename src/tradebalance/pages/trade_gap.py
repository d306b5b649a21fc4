"""The gap as published on both countries' books, why they differ, and what was revised."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from ..facts import mirror
from ..facts.benchmark import MEASURES
from ..facts.fragments import Fragment
from ..facts.known import Known
from ..facts.mirror import Z90, Books
from ..facts.own_book import BY_CHANCE, CONFLICT
from ..facts.revisions import Revisions
from ..words.citations import Citation
from ..words.terms import USD_MN_PER_BN, Flow, Frequency, book_name, country_name
from .chart import BLUE, LINE, ORANGE, PALE_ORANGE, SOFT, Chart, grid, line, note, year_ticks, years_of
from .wording import Cell, billions, error_words, rows_of, sold, table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def headline(known: Known) -> str:
    """The finding of the page on the gap."""
    pair = known.pair
    return (
        f"{pair.home_name}'s goods surplus with {pair.partner_name} is ${billions(known.gap_last_four)} billion over "
        f"the four quarters to {known.last_four[-1]} on the {book_name(known.reporter)}"
    )


def lead(known: Known) -> str:
    """Stock against flow, on a named book, and where the figures come from."""
    exports, imports = (known.history[name].iloc[-4:].sum() for name in ("exports_usd_mn", "imports_usd_mn"))
    return (
        f"The gap is a flow that comes back every year, the announced deals one sum of ${billions(known.announced)} "
        f"billion: on the {book_name(known.reporter)}, {sold(known)} ${billions(exports)} billion of "
        f"goods in the four quarters {known.last_four[0]} to {known.last_four[-1]} and bought ${billions(imports)} "
        f"billion there{error_words(known)}. Figures: {known.words}; not seasonally adjusted, nominal."
    )


def how_to_read(known: Known) -> str:
    """What the gap is, and what a figure of it is worth without its book, under a heading."""
    return (
        f"## How to read this\n\nThe gap is {known.pair.home_name}'s exports to {known.pair.partner_name} minus its "
        "imports from there. The two countries' books disagree about it; a figure without its book is half a figure, "
        "and nothing here adds across books. A month that is not published yet is absent, and a quarter needs all its "
        "three months."
    )


def one_book(known: Known) -> str:
    """That nobody's figures but the reporter's are at hand."""
    side = country_name(known.pair.other(known.reporter))
    return f"Only one book is at hand: there are no figures that {side} publishes of this trade."


def trade_by_year_table(history: pd.DataFrame, last: int = 10) -> pd.DataFrame:
    """Exports, imports and gap of the last full calendar years in USD billion."""
    by_year = history.groupby(history.index.year)
    full = by_year[list(COLUMN_WORDS)].sum()[by_year.size() == 4].iloc[-last:]
    return full.map(lambda usd_mn: billions(usd_mn, 2)).rename(index=str, columns=COLUMN_WORDS).rename_axis("Year")


COLUMN_WORDS = {"exports_usd_mn": "Exports, bn", "imports_usd_mn": "Imports, bn", "gap_usd_mn": "Gap, bn"}
QUARTERS_LEAD = "The same by quarter, the last ones; `tradebalance table mirror --by quarter` has them all."


def revisions_lead(known: Known) -> str:
    """How much this release changed what the one before had said, and what only one of the two holds."""
    if known.revisions is None:
        return f"No two releases of this book were out by {known.as_of:%B %Y} to tell what was revised."
    revised = known.revisions
    months = revised.of("gap")
    changed_months = months[months["revised_months"] > 0]
    held = (
        f"The release of {revised.new:%B %Y} changed the gap of {len(changed_months)} of the {len(months)} months that "
        f"the one of {revised.old:%B %Y} also held by more than the digits they are printed with"
    )
    if len(changed_months):
        largest = max(changed_months.index, key=lambda month: abs(changed_months.at[month, "change_usd_mn"]))
        held += f", most that of {largest}, by {changed_months.at[largest, 'change_usd_mn']:+,.1f} million dollars"
    alone = f" Not compared: {'; '.join(revised.one_sided)}." if revised.one_sided else ""
    return f"{held}.{alone} In USD million over the months that both hold:"


def mirror_lead(books: Books) -> str:
    """Two books of one trade: how far apart they are over the same four quarters, and why."""
    quarters = books.bound[-4:]
    row = mirror.compare(books, {"last": quarters}).loc["last"]
    own, other = books.reporter, books.partner
    exports = row[f"exports_{other}_usd_mn"] - row[f"exports_{own}_usd_mn"]
    lags, here, there = books.pieces.settings.lag, country_name(own), country_name(other)
    error = row[f"gap_{own}_se_usd_mn"]
    spread = f" (standard error {billions(error)})" if error else ""
    return (
        f"Over {quarters[0]} to {quarters[-1]}, the last quarters that both books hold, "
        f"the gap is ${billions(row[f'gap_{other}_usd_mn'])} billion on the {book_name(other)} and "
        f"${billions(row[f'gap_{own}_usd_mn'])} billion{spread} on the {book_name(own)}. "
        f"Of the ${billions(row['difference_usd_mn'])} billion between them, {billions(exports)} lie in {here}'s "
        f"exports and {billions(row['difference_usd_mn'] - exports)} in its "
        f"imports. The books differ in the price point ({here} counts exports free on board and imports with freight "
        f"and insurance, {there} exports alongside ship and imports at customs value), in goods that pass "
        f"through third places and are booked to {here} on one side only, and in the time that goods are on the way "
        f"(by the fit, {lags[Flow.EXPORT]:.1f} months for {here}'s exports and {lags[Flow.IMPORT]:.1f} for its "
        f"imports). {_ratio_words(books)}"
    )


def _ratio_words(books: Books) -> str:
    """How far the ratio of mirror figures moved over the years."""
    years = mirror.by_year(books)
    if len(years) < 2:
        return "No constant factor turns one into the other."
    ratios = years["exports_ratio"].astype(float)
    ends = (ratios.idxmin(), ratios.idxmax())
    low, high = (f"{years.at[year, 'exports_ratio']:.2f} in {year}" for year in ends)
    return (
        f"The ratio of the {book_name(books.partner)} to the {book_name(books.reporter)} moves, from {low} to {high} "
        f"for {country_name(books.reporter)}'s exports, so no constant factor turns one into the other."
    )


def conflicts_lead(books: Books) -> str:
    """How many printed figures contradict the others, and which."""
    found, count = books.pieces.conflicts, len(books.pieces.printed)
    if found.empty:
        return (
            f"None of the {count} printed figures contradicts the others by more than {CONFLICT:.0f} standard errors."
        )
    named = ", ".join(map(str, found.index))
    return (
        f"Of the {count} printed figures that the {book_name(books.reporter)} is pieced together from, {len(found)} "
        f"{'lies' if len(found) == 1 else 'lie'} more than {CONFLICT:.0f} standard errors from what all the others say "
        f"({named}); by chance alone it would be about {count * BY_CHANCE:.0f}. They are kept, at the weight of their "
        f"rounding and agency:"
    )


def mirror_table(compared: pd.DataFrame, books: Books, last: int | None = None) -> pd.DataFrame:
    """Both books by year or quarter (of `mirror`), USD billion, the ratio of the count to the book in pieces, standard
    errors in brackets, and where the book in pieces has its flows from."""
    own, other = books.reporter, books.partner
    one, two = (book_name(name).split()[0] for name in (own, other))
    is_by_quarter = any("Q" in str(when) for when in compared.index)
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Quarter" if is_by_quarter else "Year": lambda row: str(row.name),
        f"Gap, {two} book, bn": lambda row: billions(row[f"gap_{other}_usd_mn"]),
        f"Gap, {one} book, bn": lambda row: (
            f"{billions(row[f'gap_{own}_usd_mn'])}{_error(row[f'gap_{own}_se_usd_mn'], billions)}"
        ),
        "Apart, bn": lambda row: billions(row["difference_usd_mn"]),
        "Exports, ratio": lambda row: _ratio(row, "exports_ratio"),
        "Imports, ratio": lambda row: _ratio(row, "imports_ratio"),
        f"{one}'s exports / imports": lambda row: " / ".join(
            dict.fromkeys(str(row[f"{flow}_{own}_origin"]) for flow in ("exports", "imports"))
        ),
    }
    return table(rows_of(compared.iloc[-(last or len(compared)) :]), columns)


def _ratio(row: pd.Series, name: str) -> Cell:
    return f"{float(row[name]):,.3f}{_error(row[f'{name}_se'], lambda error: f'{float(error):,.3f}')}"


def _error(value: Decimal, words: Callable[[Decimal], str]) -> str:
    """A standard error in brackets; nothing for a count, which has none."""
    return f" ({words(value)})" if value else ""


def conflicts_table(books: Books) -> pd.DataFrame:
    """Printed figures in conflict with all the others: how far off, in USD million and in standard errors."""
    by_id = {fragment.id: fragment for fragment in books.pieces.system.fragments}
    columns: dict[str, Callable[[tuple[Fragment, pd.Series]], Cell]] = {
        "Figure": lambda both: f"{both[0].id}: {both[0].subject}",
        "Printed": lambda both: both[0].words,
        "Above the others, mn": lambda both: f"{both[1]['printed_usd_mn'] - both[1]['without_it_usd_mn']:+,.0f}",
        "Standard error, mn": lambda both: f"{both[1]['se_usd_mn']:,.0f}",
        "Errors apart": lambda both: f"{abs(both[1]['z']):.1f}",
        "Source": lambda both: both[0].source,
    }
    return table([(by_id[str(row.name)], row) for row in rows_of(books.pieces.conflicts)], columns)


def revised_years_table(revised: Revisions | None, last: int = 8) -> pd.DataFrame:
    """What a newer release changed, by year of those with a change, in USD million over the months that both hold."""
    shown = _changes("Year", revised, Frequency.YEARLY)
    if revised is None:
        return shown
    months = revised.of("gap", Frequency.YEARLY)
    shown.insert(0, "Months changed", [f"{row['revised_months']} of {row['months']}" for row in rows_of(months)])
    return shown[list(months["revised_months"] > 0)].iloc[-last:]


def revised_months_table(revised: Revisions | None, last: int = 12) -> pd.DataFrame:
    """What a newer release changed of the last months that both hold, in USD million."""
    return _changes("Month", revised, Frequency.MONTHLY).iloc[-last:]


def _changes(index: str, revised: Revisions | None, frequency: str) -> pd.DataFrame:
    if revised is None:
        return table([], {index: str})
    of = {measure: revised.of(measure, frequency) for measure in MEASURES}
    columns: dict[str, Callable[[pd.Period], Cell]] = {
        index: str,
        "Exports, change, mn": lambda when: f"{of['exports'].at[when, 'change_usd_mn']:+,.1f}",
        "Imports, change, mn": lambda when: f"{of['imports'].at[when, 'change_usd_mn']:+,.1f}",
        "Gap before, mn": lambda when: f"{of['gap'].at[when, 'old_usd_mn']:,.1f}",
        "Gap after, mn": lambda when: f"{of['gap'].at[when, 'new_usd_mn']:,.1f}",
        "Gap, change, mn": lambda when: f"{of['gap'].at[when, 'change_usd_mn']:+,.1f}",
    }
    return table(of["gap"].index, columns)


def four_quarter_sums_chart(
    history: pd.DataFrame, reporter: str, sources: Sequence[Citation], first: int = 2010
) -> Chart:
    """Exports, imports and gap of a book as sums of four quarters."""
    sums = history.astype(float).rolling(4).sum().dropna() / USD_MN_PER_BN
    sums = sums[sums.index.year >= first]
    styles = {"exports_usd_mn": ("exports", SOFT), "imports_usd_mn": ("imports", ORANGE), "gap_usd_mn": ("gap", BLUE)}
    earlier = sums[sums.index.year < sums.index[-1].year - 4]
    last, then = sums.iloc[-1], earlier.iloc[-1] if len(earlier) else sums.iloc[0]  # a young book has no five years

    def draw(figure: "Figure") -> None:
        axes, x = figure.subplots(), years_of(sums.index)
        for column, (word, color) in styles.items():
            width = 2.2 if word == "gap" else 1.4
            line(axes, x, sums[column], color, f"{word} {last[column]:,.0f}", lw=width)
        axes.set_ylim(bottom=min(0.0, float(sums.min().min())))
        axes.margins(x=0.0)
        axes.grid(axis="y", color=LINE, lw=0.5)

    return Chart(
        draw,
        heights=(3.4, 3.4),
        title=(
            f"The gap is ${last['gap_usd_mn']:,.0f} billion over the four quarters to {sums.index[-1]}, "
            f"{last['gap_usd_mn'] / then['gap_usd_mn']:,.1f} times that to {then.name}"
        ),
        alt=(
            f"Lines of four-quarter sums since {sums.index[0].year}: exports {last['exports_usd_mn']:,.0f}, imports "
            f"{last['imports_usd_mn']:,.0f}, gap {last['gap_usd_mn']:,.0f} billion dollars at the end."
        ),
        unit=f"USD billion, nominal, sums of four quarters, not seasonally adjusted, {book_name(reporter)}",
        sources=sources,
        data=sums[::-1][:12].map(lambda bn: f"{bn:,.1f}").rename(columns=COLUMN_WORDS).rename_axis("Four quarters to"),
    )


def quarters_chart(history: pd.DataFrame, reporter: str, sources: Sequence[Citation], last: int = 20) -> Chart:
    """The gap by quarter over the last years, as published."""
    gap = history["gap_usd_mn"].astype(float).iloc[-last:] / USD_MN_PER_BN

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        axes.bar(range(len(gap)), gap, color=BLUE, width=0.75)
        starts = [row for row, quarter in enumerate(gap.index) if quarter.quarter == 1]
        axes.set_xticks(starts, [str(gap.index[row].year) for row in starts])
        axes.annotate(
            f"{gap.iloc[-1]:,.1f}", (len(gap) - 1, gap.iloc[-1]), ha="center", va="bottom", annotation_clip=False
        )
        grid(axes)

    return Chart(
        draw,
        heights=(2.6, 2.8),
        title=f"The gap of the last quarter, {gap.index[-1]}, is ${gap.iloc[-1]:,.1f} billion",
        alt=f"Bars by quarter, {gap.iloc[0]:,.1f} in {gap.index[0]} to {gap.iloc[-1]:,.1f} billion in {gap.index[-1]}.",
        unit=f"USD billion, nominal, not seasonally adjusted, {book_name(reporter)}",
        sources=sources,
        data=history[::-1][:last].map(billions).rename(columns=COLUMN_WORDS).rename_axis("Quarter"),
    )


BAND = "band: 90 % from the standard errors"


def gaps_chart(books: Books) -> Chart:
    """The quarterly gap on two books, the one in pieces with its band."""
    own, other = books.reporter, books.partner
    whole = mirror.by_quarter(books)
    bound = whole.loc[books.bound]
    value, error, count = (
        bound[f"gap_{name}_usd_mn"].astype(float) / USD_MN_PER_BN for name in (own, f"{own}_se", other)
    )

    def draw(figure: "Figure") -> None:
        axes, x = figure.subplots(), years_of(bound.index)
        axes.fill_between(x, value - Z90 * error, value + Z90 * error, color=PALE_ORANGE, lw=0, alpha=0.6)
        for series, color, name in ((count, BLUE, other), (value, ORANGE, own)):
            line(axes, x, series, color, f"{book_name(name).split()[0]} {series.iloc[-1]:,.1f}", lw=1.8)
        axes.set_ylim(bottom=min(0.0, float((value - Z90 * error).min())))
        note(axes, f"Gap by quarter, USD billion; {BAND}")
        axes.margins(x=0.0)
        year_ticks(axes, 5)

    last = bound.index[-1]
    apart, spread = count[last] - value[last], Z90 * error[last]
    loose = whole.index[-1] > last
    until = f", of which quarters after {last} are extrapolated and not drawn" if loose else ", where it is not counted"
    return Chart(
        draw,
        heights=(3.2, 3.4),
        title=f"The gaps of the two books are ${apart:,.1f} billion apart in {last}"
        + (f", give or take {spread:,.1f}" if spread else ""),
        alt=(
            f"Lines of the quarterly gap on both books, {bound.index[0]} to {last}: at the end {count[last]:,.1f} "
            f"billion dollars on the {book_name(other)} and {value[last]:,.1f} on the {book_name(own)}, in a band."
        ),
        unit=(
            f"USD billion a quarter, nominal, not seasonally adjusted; two books, never added; {BAND} of the "
            f"{book_name(own)}{until}"
        ),
        sources=books.sources,
        data=mirror_table(whole, books, 12),
    )


def ratios_chart(books: Books) -> Chart:
    """The ratio of mirror figures by quarter with its band, exports above and imports below."""
    own, other, home = books.reporter, books.partner, country_name(books.reporter)
    bound, years = mirror.by_quarter(books).loc[books.bound], mirror.by_year(books)

    def draw(figure: "Figure") -> None:
        panels = zip(figure.subplots(2, 1, sharex=True), ("exports", "imports"), (BLUE, ORANGE), strict=True)
        for axes, flow, color in panels:
            ratio, error = bound[f"{flow}_ratio"].astype(float), bound[f"{flow}_ratio_se"].astype(float)
            x = years_of(bound.index)
            axes.fill_between(x, ratio - Z90 * error, ratio + Z90 * error, color=color, lw=0, alpha=0.25)
            line(axes, x, ratio, color, f"{ratio.iloc[-1]:.2f}", lw=1.8)
            axes.axhline(1, color=LINE, lw=1.2)
            note(axes, f"{home}'s {flow}: {book_name(other)} over {book_name(own)}")
            axes.margins(x=0.0)
            year_ticks(axes, 5)

    first, last = bound.index[0], bound.index[-1]
    ends = bound["exports_ratio"].astype(float)
    found = f"{ends[last]:.2f} times {home}'s own exports in {last}, {ends[first]:.2f} times in {first}"
    whole = [year for year in years.index if year.asfreq("Q", "end") <= last]
    if len(whole) > 1:
        at = [years["exports_ratio"][year] for year in (whole[0], whole[-1])]
        found = f"{at[1]:.2f} times {home}'s own exports in {whole[-1]}, {at[0]:.2f} times in {whole[0]}"
    return Chart(
        draw,
        heights=(4.2, 4.4),
        title=f"The {book_name(other)} holds {found}",
        alt=(
            f"Two lines by quarter, {first} to {last}: for exports the ratio of the {book_name(other)} to the "
            f"{book_name(own)} ends at {ends[last]:.2f}, for imports at {bound['imports_ratio'][last]:.2f}."
        ),
        unit=(
            f"Ratio of the {book_name(other)} to the {book_name(own)}; {BAND} by the delta method, wide where no "
            f"printed figure ties a quarter down; 1 means that both say the same"
        ),
        sources=books.sources,
        data=mirror_table(years, books),
    )
