"""The gap as published, on each book at hand, why books differ, and what was revised."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, Protocol

import pandas as pd

from ..facts import mirror
from ..facts.benchmark import MEASURES
from ..facts.fragments import Fragment
from ..facts.known import Known
from ..facts.mirror import Z90, Books
from ..facts.own_book import BY_CHANCE, CONFLICT
from ..facts.revisions import Revisions
from ..facts.trade import MONTHS_A_YEAR
from ..words.citations import Citation
from ..words.terms import USD_MN_PER_BN, Frequency, book_name, country_name
from .chart import BLUE, LINE, ORANGE, PALE_ORANGE, SOFT, Axes, Chart, Figure, grid, line, note, year_ticks, years_of
from .say import billions, of_chart, say, spaced
from .wording import Cell, error_words, nowcast_words, table, yearly_words


def headline(known: Known) -> str:
    """The finding of the page on the gap."""
    twelve = known.twelve_months
    return say("trade_gap.headline", known=known, twelve=say("trade_gap.twelve", twelve=twelve) if twelve else "")


def lead(known: Known) -> str:
    """Stock against flow, on a named book, and where the figures come from."""
    exports, imports = (known.history[name].iloc[-4:].sum() for name in ("exports_usd_mn", "imports_usd_mn"))
    newest = _newest(known) + nowcast_words(known)
    said = {"error": error_words(known), "newest": newest, "yearly": yearly_words(known.yearly)}
    return say("trade_gap.lead", known=known, exports=exports, imports=imports, **said)


def _newest(known: Known) -> str:
    """The newest twelve months, and how they grew; nothing on a book without months."""
    twelve, growth = known.twelve_months, ""
    if twelve is None:
        return ""
    if twelve.growth is not None:
        by = {name.removesuffix("_usd_mn"): f"{float(value) * 100:+,.1f} %" for name, value in twelve.growth.items()}
        growth = say("trade_gap.growth", twelve=twelve, **by)
    return say("trade_gap.newest", twelve=twelve, growth=growth)


def how_to_read(known: Known) -> str:
    """What the gap is, and what a figure of it is worth without its book, under a heading."""
    return say("trade_gap.how_to_read", pair=known.pair)


def one_book(known: Known) -> str:
    """That nobody's figures but the reporter's are at hand."""
    return say("trade_gap.one_book", side=known.pair.other(known.reporter))


def trade_by_year_table(history: pd.DataFrame, last: int = 10) -> pd.DataFrame:
    """Exports, imports and gap of the last full calendar years in USD billion."""
    by_year = history.groupby(history.index.year)
    full = by_year[list(COLUMN_WORDS)].sum()[by_year.size() == 4].iloc[-last:]
    return full.map(lambda usd_mn: billions(usd_mn, 2)).rename(index=str, columns=COLUMN_WORDS).rename_axis("Year")


def months_lead() -> str:
    """What the table by month holds."""
    return say("trade_gap.months_lead")


def months_table(known: Known, last: int = 14) -> pd.DataFrame:
    """Exports, imports and gap of the last months in USD billion, each with its change over a year."""
    before = known.months.shift(MONTHS_A_YEAR)

    def level(name: str) -> Callable[[pd.Period], Cell]:
        return lambda month: billions(known.months.at[month, name], 2)

    def change(name: str) -> Callable[[pd.Period], Cell]:
        return lambda month: _change(known.months.at[month, name], before.at[month, name])

    columns: dict[str, Callable[[pd.Period], Cell]] = {"Month": str}
    for name, words in COLUMN_WORDS.items():
        columns |= {words: level(name), f"{words.split(',')[0]}, on the year": change(name)}
    return table(known.months.index[-last:], columns)


def _change(now: Decimal, before: Decimal | None) -> Cell:
    return "" if before is None or pd.isna(before) or before <= 0 else f"{(float(now / before) - 1) * 100:+,.1f} %"


COLUMN_WORDS = {"exports_usd_mn": "Exports, bn", "imports_usd_mn": "Imports, bn", "gap_usd_mn": "Gap, bn"}


def quarters_lead() -> str:
    """What the table by quarter holds."""
    return say("trade_gap.quarters_lead")


def revisions_lead(known: Known) -> str:
    """How much this release changed what the one before had said, and what only one of the two holds."""
    if known.revisions is None:
        return say("trade_gap.no_revisions", as_of=known.as_of)
    revised, most = known.revisions, ""
    months = revised.of("gap")
    changes = months.loc[months["revised_months"] > 0, "change_usd_mn"]
    if len(changes):
        largest = max(changes.index, key=lambda month: abs(changes[month]))
        most = say("trade_gap.largest_revision", month=largest, change=changes[largest])
    alone = say("trade_gap.not_compared", what="; ".join(revised.one_sided)) if revised.one_sided else ""
    counts = {"changed": len(changes), "held": len(months)}
    return say("trade_gap.revisions_lead", revised=revised, most=most, alone=alone, **counts)


def mirror_lead(books: Books) -> str:
    """Two books of one trade: how far apart they are over the same four quarters, and why."""
    quarters = books.bound[-4:]
    row = mirror.compare(books, {"last": quarters}).loc["last"]
    own, other = books.reporter, books.partner
    exports = row[f"exports_{other}_usd_mn"] - row[f"exports_{own}_usd_mn"]
    gaps = {"gap_own": row[f"gap_{own}_usd_mn"], "gap_other": row[f"gap_{other}_usd_mn"]}
    apart = {"apart": row["difference_usd_mn"], "exports": exports, "imports": row["difference_usd_mn"] - exports}
    error = row[f"gap_{own}_se_usd_mn"]
    spread = say("trade_gap.mirror_error", error=error) if error else ""
    said = {"error": spread, "lags": books.pieces.settings.lag, "ratios": _ratio_words(books)}
    ends = {"first": quarters[0], "last": quarters[-1]}
    return say("trade_gap.mirror_lead", own=own, other=other, **gaps, **apart, **said, **ends)


def _ratio_words(books: Books) -> str:
    """How far the ratio of mirror figures moved over the years."""
    years = mirror.by_year(books)
    if len(years) < 2:
        return say("trade_gap.no_factor")
    ratios = years["exports_ratio"].astype(float)
    ends = (ratios.idxmin(), ratios.idxmax())
    low, high = (f"{ratios[year]:.2f} in {year}" for year in ends)
    return say("trade_gap.ratios", own=books.reporter, other=books.partner, low=low, high=high)


class Traced(Protocol):
    """A figure with the raw cells behind it."""

    column: str
    period: str
    value: Decimal

    def all_cells(self) -> Iterable[Any]:
        """Each with `weight`, `printed` in USD million, `place` and, where it was read from one, `printed_in`."""


FEW_CELLS = 4  # more of them are told by their number


def founding_lead(figures: Sequence[Traced]) -> str:
    """What the figures are that the question began with."""
    return say("trade_gap.founding_lead", quarter=figures[0].period)


def founding_table(figures: Sequence[Traced]) -> pd.DataFrame:
    """Each figure in USD billion, what it adds up from in USD million, and where that is printed."""
    columns: dict[str, Callable[[Traced], Cell]] = {
        "Figure": lambda one: " ".join([spaced(one.column.removesuffix("_usd_mn")), one.period]).strip(),
        "bn": lambda one: billions(one.value, 3),
        "Made of, mn": _made_of,
        "Printed in": lambda one: "; ".join(filter(None, dict.fromkeys(cell.printed_in for cell in _few(one)))),
        "Rows": lambda one: "; ".join(dict.fromkeys(cell.place for cell in _few(one))),
    }
    return table(figures, columns)


def _few(figure: Traced) -> list[Any]:
    return [cell for cell in figure.all_cells() if cell.weight][:FEW_CELLS]


def _made_of(figure: Traced) -> Cell:
    cells = [cell for cell in figure.all_cells() if cell.weight]
    if len(cells) > FEW_CELLS:
        return say("trade_gap.founding_rows", rows=len(cells))
    return " ".join(f"{cell.weight * cell.printed:+,.3f}" for cell in cells)


def conflicts_lead(books: Books) -> str:
    """How many printed figures contradict the others, and which."""
    found, of = books.pieces.conflicts, len(books.pieces.printed)
    if found.empty:
        return say("trade_gap.no_conflicts", of=of, limit=CONFLICT)
    said = {"named": ", ".join(map(str, found.index)), "chance": of * BY_CHANCE, "own": books.reporter}
    return say("trade_gap.conflicts_lead", count=len(found), of=of, limit=CONFLICT, **said)


def mirror_table(compared: pd.DataFrame, books: Books, last: int | None = None) -> pd.DataFrame:
    """Both books by year or quarter (of `mirror`), USD billion, the ratio of the count to the book in pieces, standard
    errors in brackets, and where the book in pieces has its flows from; what was counted has no error."""
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
        f"{one}'s exports / imports": lambda row: (
            " / ".join(dict.fromkeys((row[f"exports_{own}_origin"], row[f"imports_{own}_origin"])))
            if row[f"gap_{own}_se_usd_mn"]
            else say("trade_gap.counted")
        ),
    }
    return table(compared.iloc[-(last or len(compared)) :], columns)


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
    return table([(by_id[str(id_)], row) for id_, row in books.pieces.conflicts.iterrows()], columns)


def revised_years_table(revised: Revisions | None, last: int = 8) -> pd.DataFrame:
    """What a newer release changed, by year of those with a change, in USD million over the months that both hold."""
    shown = _changes("Year", revised, Frequency.YEARLY)
    if revised is None:
        return shown
    months = revised.of("gap", Frequency.YEARLY)
    shown.insert(0, "Months changed", [f"{row['revised_months']} of {row['months']}" for _, row in months.iterrows()])
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
    sums = sums[sums.index.year >= min(first, sums.index[-1].year - 4)]
    styles = {"exports_usd_mn": ("exports", SOFT), "imports_usd_mn": ("imports", ORANGE), "gap_usd_mn": ("gap", BLUE)}
    earlier = sums[sums.index.year < sums.index[-1].year - 4]
    last, then = sums.iloc[-1], earlier.iloc[-1] if len(earlier) else sums.iloc[0]  # a young book has no five years

    def draw(figure: Figure) -> None:
        axes, x = figure.subplots(), years_of(sums.index)
        for column, (word, color) in styles.items():
            width = 2.2 if word == "gap" else 1.4
            line(axes, x, sums[column], color, f"{word} {last[column]:,.0f}", lw=width)
        axes.set_ylim(bottom=min(0.0, float(sums.min().min())))
        axes.margins(x=0.0)
        axes.grid(axis="y", color=LINE, lw=0.5)

    said = {"last": last, "to": sums.index[-1], "times": last["gap_usd_mn"] / then["gap_usd_mn"], "then": then.name}
    words = of_chart("trade_gap.sums_chart", since=sums.index[0].year, reporter=reporter, **said)
    data = sums[::-1][:12].map(lambda bn: f"{bn:,.1f}").rename(columns=COLUMN_WORDS).rename_axis("Four quarters to")
    return Chart(draw, heights=(3.4, 3.4), **words, sources=sources, data=data)


def quarters_chart(history: pd.DataFrame, reporter: str, sources: Sequence[Citation], last: int = 20) -> Chart:
    """The gap by quarter over the last years, as published."""
    gap = history["gap_usd_mn"].astype(float).iloc[-last:] / USD_MN_PER_BN

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.bar(range(len(gap)), gap, color=BLUE, width=0.75)
        starts = [row for row, quarter in enumerate(gap.index) if quarter.quarter == 1]
        axes.set_xticks(starts, [str(gap.index[row].year) for row in starts])
        end = (len(gap) - 1, gap.iloc[-1])
        axes.annotate(f"{gap.iloc[-1]:,.1f}", end, ha="center", va="bottom", annotation_clip=False)
        grid(axes)

    said = {"start": gap.iloc[0], "end": gap.iloc[-1], "first": gap.index[0], "last": gap.index[-1]}
    words = of_chart("trade_gap.quarters_chart", reporter=reporter, **said)
    data = history[::-1][:last].map(billions).rename(columns=COLUMN_WORDS).rename_axis("Quarter")
    return Chart(draw, heights=(2.6, 2.8), **words, sources=sources, data=data)


def _band(axes: Axes, value: pd.Series, error: pd.Series, color: str, alpha: float) -> None:
    """The band of a quarterly series by its standard errors, on axes of years from edge to edge."""
    axes.fill_between(years_of(value.index), value - Z90 * error, value + Z90 * error, color=color, lw=0, alpha=alpha)
    axes.margins(x=0.0)
    year_ticks(axes, 5)


def gaps_chart(books: Books) -> Chart:
    """The quarterly gap on two books, the one in pieces with its band."""
    own, other = books.reporter, books.partner
    whole = mirror.by_quarter(books)
    bound = whole.loc[books.bound]
    value, error, count = (
        bound[f"gap_{name}_usd_mn"].astype(float) / USD_MN_PER_BN for name in (own, f"{own}_se", other)
    )

    def draw(figure: Figure) -> None:
        axes, x = figure.subplots(), years_of(bound.index)
        _band(axes, value, error, PALE_ORANGE, 0.6)
        for series, color, name in ((count, BLUE, other), (value, ORANGE, own)):
            line(axes, x, series, color, f"{book_name(name).split()[0]} {series.iloc[-1]:,.1f}", lw=1.8)
        axes.set_ylim(bottom=min(0.0, float((value - Z90 * error).min())))
        note(axes, say("trade_gap.gaps_chart.note", band=band))

    last, band = bound.index[-1], say("trade_gap.band")
    said = {"counted": count[last], "value": value[last], "apart": count[last] - value[last]}
    spread = say("trade_gap.gaps_chart.spread", spread=Z90 * error[last]) if error[last] else ""
    loose = say("trade_gap.gaps_chart.loose", last=last)
    until = loose if whole.index[-1] > last else say("trade_gap.gaps_chart.counted")
    said |= {"spread": spread, "until": until, "first": bound.index[0], "last": last}
    words = of_chart("trade_gap.gaps_chart", own=own, other=other, band=band, **said)
    return Chart(draw, heights=(3.2, 3.4), **words, sources=books.sources, data=mirror_table(whole, books, 12))


def ratios_chart(books: Books) -> Chart:
    """The ratio of mirror figures by quarter with its band, exports above and imports below."""
    own, other, home = books.reporter, books.partner, country_name(books.reporter)
    bound, years = mirror.by_quarter(books).loc[books.bound], mirror.by_year(books)

    def draw(figure: Figure) -> None:
        panels = zip(figure.subplots(2, 1, sharex=True), ("exports", "imports"), (BLUE, ORANGE), strict=True)
        for axes, flow, color in panels:
            ratio, error = bound[f"{flow}_ratio"].astype(float), bound[f"{flow}_ratio_se"].astype(float)
            _band(axes, ratio, error, color, 0.25)
            line(axes, years_of(bound.index), ratio, color, f"{ratio.iloc[-1]:.2f}", lw=1.8)
            axes.axhline(1, color=LINE, lw=1.2)
            note(axes, f"{home}'s {flow}: {book_name(other)} over {book_name(own)}")

    first, last = bound.index[0], bound.index[-1]
    whole = [year for year in years.index if year.asfreq("Q", "end") <= last]
    ends, of = ((whole[0], whole[-1]), years) if len(whole) > 1 else ((first, last), bound)
    then = [float(of["exports_ratio"][end]) for end in ends]
    said: dict[str, Any] = {flow: float(bound[f"{flow}_ratio"][last]) for flow in ("exports", "imports")}
    said |= {"ends": ends, "then": then, "band": say("trade_gap.band"), "first": first, "last": last}
    words = of_chart("trade_gap.ratios_chart", own=own, other=other, **said)
    return Chart(draw, heights=(4.2, 4.4), **words, sources=books.sources, data=mirror_table(years, books))
