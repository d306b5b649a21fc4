"""The surplus as published, on each book at hand, why books differ, and what was revised."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import partial
from textwrap import fill
from typing import Any, Protocol

import pandas as pd

from ..facts import mirror
from ..facts.benchmark import MEASURES
from ..facts.fragments import Fragment
from ..facts.known import Known
from ..facts.mirror import Z90, Books
from ..facts.own_book import BY_CHANCE, CONFLICT
from ..facts.revisions import Revisions
from ..facts.trade import MONTHS_A_YEAR, TwelveMonths
from ..words.citations import Citation, Citations, cite
from ..words.terms import USD_MN_PER_BN, Frequency
from ..words.terms import period as to_period
from .chart import (
    BLUE,
    INK,
    LINE,
    ORANGE,
    PALE,
    PALE_ORANGE,
    Axes,
    Chart,
    Figure,
    beside,
    grid,
    is_narrow,
    line,
    note,
    year_ticks,
    years_of,
)
from .say import (
    billions,
    label,
    listed,
    month,
    number,
    of_chart,
    opening,
    out_of,
    parts_adding_up,
    period,
    say,
    with_per_cent,
)
from .wording import Cell, captioned, error_words, table, yearly_words


def headline(known: Known) -> str:
    """The answer of the page: the surplus of the newest twelve months, of four quarters on a book without months."""
    twelve = known.twelve_months
    if twelve is None:
        return say("trade_gap.headline_quarters", known=known)
    return say("trade_gap.headline", known=known, twelve=twelve, growth=_growth(twelve))


def _growth(twelve: TwelveMonths) -> str:
    """By how much the surplus of the newest twelve months is above that of the twelve before; nothing where nobody
    can tell."""
    if twelve.growth is None:
        return ""
    share = twelve.growth["gap_usd_mn"]
    return say("trade_gap.up", share=share) if share >= 0 else say("trade_gap.down", share=-share)


def lead(known: Known) -> str:
    """What was sold and bought, on which figures, and stock against flow."""
    twelve = known.twelve_months
    last = {name: known.history[name].iloc[-4:].sum() for name in ("exports_usd_mn", "imports_usd_mn")}
    traded = last if twelve is None else twelve.now
    over = say("trade_gap.over_quarters", known=known) if twelve is None else say("wording.twelve", twelve=twelve)
    stock = say("trade_gap.stock", known=known) if known.announced else ""
    said = {"over": over, "error": error_words(known), "stock": stock, "yearly": yearly_words(known.yearly)}
    return say("trade_gap.lead", known=known, traded=traded, **said)


def how_to_read(known: Known) -> str:
    """What the surplus is, and what a figure of it is worth without its book."""
    return say("trade_gap.how_to_read", pair=known.pair, known=known)


def one_book(known: Known) -> str:
    """That nobody's figures but the reporter's are at hand, under a heading."""
    return say("trade_gap.one_book", side=known.pair.other(known.reporter))


def trade_by_year_table(history: pd.DataFrame, reporter: str, last: int = 10) -> pd.DataFrame:
    """Exports, imports and surplus of the last full calendar years in USD billion."""
    by_year = history.groupby(history.index.year)
    full = by_year[list(COLUMN_WORDS)].sum()[by_year.size() == 4].iloc[-last:]
    cells = (
        full.map(lambda usd_mn: billions(usd_mn, 2))
        .rename(index=str, columns=column_words())
        .rename_axis(label("Year"))
    )
    return captioned(cells, say("trade_gap.by_year.caption", reporter=reporter))


def months_table(known: Known, last: int = 14) -> pd.DataFrame:
    """Exports, imports and gap of the last months in USD billion, each with its change over a year."""
    before = known.months.shift(MONTHS_A_YEAR)

    def level(name: str) -> Callable[[pd.Period], Cell]:
        return lambda month: billions(known.months.at[month, name], 2)

    def change(name: str) -> Callable[[pd.Period], Cell]:
        return lambda month: _change(known.months.at[month, name], before.at[month, name])

    columns: dict[str, Callable[[pd.Period], Cell]] = {"Month": str}
    for name, words in COLUMN_WORDS.items():
        columns |= {words: level(name), say("trade_gap.on_the_year", of=label(FLOW_WORDS[name])): change(name)}
    return table(known.months.index[-last:], columns, say("trade_gap.by_month.caption"))


def _change(now: Decimal, before: Decimal | None) -> Cell:
    if before is None or pd.isna(before) or before <= 0:
        return ""
    return with_per_cent(number((float(now / before) - 1) * 100, "+,.1f"))


COLUMN_WORDS = {"exports_usd_mn": "Exports, bn", "imports_usd_mn": "Imports, bn", "gap_usd_mn": "Surplus, bn"}
FLOW_WORDS = {"exports_usd_mn": "Exports", "imports_usd_mn": "Imports", "gap_usd_mn": "Surplus"}


def column_words() -> dict[str, str]:
    """Heads of the columns of trade, in the reader's language."""
    return {name: label(words) for name, words in COLUMN_WORDS.items()}


def revisions_lead(known: Known) -> str:
    """How much this release changed what the one before had said, under a heading."""
    if known.revisions is None:
        return say("trade_gap.no_revisions", as_of=known.as_of)
    revised, most = known.revisions, ""
    changes = revised.changed["change_usd_mn"]
    if len(changes):
        largest = max(changes.index, key=lambda month: abs(changes[month]))
        most = say("trade_gap.largest_revision", month=largest, change=changes[largest])
    counts = {"changed": len(changes), "held": len(revised.of("gap"))}
    return say("trade_gap.revisions_lead", revised=revised, most=most, moved=sum(changes, Decimal(0)), **counts)


def not_compared(known: Known) -> str:
    """What only one of the two releases holds; nothing where both hold the same."""
    alone = known.revisions.one_sided if known.revisions else ()
    return say("trade_gap.not_compared", what="; ".join(alone)) if alone else ""


def mirror_lead(books: Books) -> str:
    """Two books of one trade: how far apart they are over the same four quarters, and why, as a list."""
    found = mirror.apart(books)
    said: dict[str, Any] = {
        "error": say("trade_gap.mirror_error", error=found.gap_own_se) if found.gap_own_se else "",
        "ratios": _ratio_words(books),
        "lags": books.pieces.settings.lag,
        "parts": parts_adding_up([found.in_exports, found.in_imports]),
    }
    return say("trade_gap.mirror_lead", own=books.reporter, other=books.partner, found=found, **said)


def _ratio_words(books: Books) -> str:
    """How far the ratio of mirror figures moved over the years."""
    years = mirror.by_year(books)
    if len(years) < 2:
        return say("trade_gap.no_factor")
    ratios = years["exports_ratio"].astype(float)
    ends = {"low": ratios.idxmin(), "high": ratios.idxmax()}
    of_ends = {f"{end}_ratio": ratios[year] for end, year in ends.items()}
    return say("trade_gap.ratios", own=books.reporter, other=books.partner, **ends, **of_ends)


class Traced(Protocol):
    """A figure with the raw cells behind it."""

    column: str
    period: str
    value: Decimal

    def all_cells(self) -> Iterable[Any]:
        """Each with `weight`, `printed` in USD million, `file`, `row`, their `place` and, where it was read from one,
        `printed_in`."""


FEW_CELLS = 4  # more of them are told by their number


def founding_lead(figures: Sequence[Traced]) -> str:
    """What the figures are that the question began with."""
    return say("trade_gap.founding_lead", quarter=_period_words(figures[0].period))


def founding_table(figures: Sequence[Traced], citations: Citations) -> pd.DataFrame:
    """Each figure in USD billion, what it adds up from in USD million, and who published that."""
    columns: dict[str, Callable[[Traced], Cell]] = {
        "Figure": _figure,
        "USD bn": lambda one: billions(one.value, 3),
        "Made of, USD mn": _made_of,
        "Source": lambda one: _source(one, citations),
    }
    return table(figures, columns, say("trade_gap.founding.caption"))


def founding_rows_table(figures: Sequence[Traced]) -> pd.DataFrame:
    """The rows that each figure adds up from and the publisher's own documents, for the part of a page that names
    files."""
    columns: dict[str, Callable[[Traced], Cell]] = {
        "Figure": _figure,
        "Row": lambda one: "; ".join(dict.fromkeys(cell.place for cell in _few(one))),
        "Publisher's document": lambda one: "; ".join(
            filter(None, dict.fromkeys(cell.printed_in for cell in _few(one)))
        ),
    }
    return table(figures, columns, say("trade_gap.founding_rows.caption"))


def _figure(figure: Traced) -> Cell:
    return ", ".join(filter(None, (_figure_words(figure.column), _period_words(figure.period))))


def _source(figure: Traced, citations: Citations) -> Cell:
    cited = cite(citations, (f"{cell.file}:{cell.row}" for cell in _few(figure)))
    return cited[0] if len(cited) == 1 else "; ".join(each.title for each in cited)


def _figure_words(column: str) -> str:
    return label(FLOW_WORDS[column]) if column in FLOW_WORDS else say("trade_gap.announced")


def _period_words(written: str) -> str:
    return period(to_period(written)) if written else ""


def _few(figure: Traced) -> list[Any]:
    return [cell for cell in figure.all_cells() if cell.weight][:FEW_CELLS]


def _made_of(figure: Traced) -> Cell:
    cells = [cell for cell in figure.all_cells() if cell.weight]
    if len(cells) > FEW_CELLS:
        return say("trade_gap.founding_rows", rows=len(cells))
    return " ".join(number(cell.weight * cell.printed, "+,.3f") for cell in cells)


def conflicts_lead(books: Books) -> str:
    """How many printed figures contradict the others, and which."""
    found, of = books.pieces.conflicts, len(books.pieces.printed)
    if found.empty:
        return say("trade_gap.no_conflicts", of=of, limit=CONFLICT)
    chance = of * BY_CHANCE
    return say("trade_gap.conflicts_lead", count=len(found), of=of, limit=CONFLICT, chance=chance, own=books.reporter)


def mirror_table(compared: pd.DataFrame, books: Books, last: int | None = None) -> pd.DataFrame:
    """Both books by year or quarter (of `mirror`), USD billion, the ratio of the count to the book in pieces, standard
    errors in brackets, and where the book in pieces has its flows from; what was counted has no error."""
    own, other = books.reporter, books.partner
    is_by_quarter = any("Q" in str(when) for when in compared.index)
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Quarter" if is_by_quarter else "Year": lambda row: period(row.name),
        say("trade_gap.mirror_table.figures", side=other): lambda row: billions(row[f"gap_{other}_usd_mn"]),
        say("trade_gap.mirror_table.figures", side=own): lambda row: (
            f"{billions(row[f'gap_{own}_usd_mn'])}{_error(row[f'gap_{own}_se_usd_mn'], billions)}"
        ),
        "Apart, bn": lambda row: billions(row["difference_usd_mn"]),
        "Exports, ratio": lambda row: _ratio(row, "exports_ratio"),
        "Imports, ratio": lambda row: _ratio(row, "imports_ratio"),
        say("trade_gap.mirror_table.origin", side=own): lambda row: (
            listed([*dict.fromkeys(label(row[f"{flow}_{own}_origin"]) for flow in ("exports", "imports"))])
            if row[f"gap_{own}_se_usd_mn"]
            else say("trade_gap.counted")
        ),
    }
    return table(compared.iloc[-(last or len(compared)) :], columns)


def _ratio(row: pd.Series, name: str) -> Cell:
    return f"{_thousandths(row[name])}{_error(row[f'{name}_se'], _thousandths)}"


def _thousandths(ratio: Decimal) -> str:
    return number(float(ratio), ",.3f")


def _error(value: Decimal, words: Callable[[Decimal], str]) -> str:
    """A standard error in brackets; nothing for a count, which has none."""
    return f" ({words(value)})" if value else ""


def conflicts_table(books: Books) -> pd.DataFrame:
    """Printed figures in conflict with all the others: how far off, in USD million and in standard errors."""
    by_id = {fragment.id: fragment for fragment in books.pieces.system.fragments}
    columns: dict[str, Callable[[tuple[Fragment, pd.Series]], Cell]] = {
        "Figure": lambda both: opening(both[0].subject),
        "Printed": lambda both: both[0].words,
        "Above the others, USD mn": lambda both: number(
            both[1]["printed_usd_mn"] - both[1]["without_it_usd_mn"], "+,.0f"
        ),
        "Standard error, USD mn": lambda both: number(both[1]["se_usd_mn"], ",.0f"),
        "Errors apart": lambda both: number(abs(both[1]["z"]), ".1f"),
        "Source": lambda both: Citation(both[0].source, url=both[0].url),
    }
    rows = [(by_id[str(id_)], row) for id_, row in books.pieces.conflicts.iterrows()]
    return table(rows, columns, say("trade_gap.conflicts.caption"))


def revised_years_table(revised: Revisions | None, last: int = 8) -> pd.DataFrame:
    """What a newer release changed, by year of those with a change, in USD million over the months that both hold."""
    shown = _changes("Year", revised, Frequency.YEARLY, say("trade_gap.revised_years.caption"))
    if revised is None:
        return shown
    months = revised.of("gap", Frequency.YEARLY)
    changed = [out_of(row["revised_months"], row["months"]) for _, row in months.iterrows()]
    shown.insert(0, label("Months changed"), changed)
    return shown[list(months["revised_months"] > 0)].iloc[-last:]


def revised_months_table(revised: Revisions | None, last: int = 12) -> pd.DataFrame:
    """What a newer release changed of the last months that both hold, in USD million."""
    return _changes("Month", revised, Frequency.MONTHLY, say("trade_gap.revised_months.caption")).iloc[-last:]


def _changes(index: str, revised: Revisions | None, frequency: str, caption: str) -> pd.DataFrame:
    if revised is None:
        return table([], {index: str})
    of = {measure: revised.of(measure, frequency) for measure in MEASURES}
    columns: dict[str, Callable[[pd.Period], Cell]] = {
        index: str,
        "Exports, change": lambda when: number(of["exports"].at[when, "change_usd_mn"], "+,.1f"),
        "Imports, change": lambda when: number(of["imports"].at[when, "change_usd_mn"], "+,.1f"),
        "Surplus, change": lambda when: number(of["gap"].at[when, "change_usd_mn"], "+,.1f"),
        "Surplus now": lambda when: number(of["gap"].at[when, "new_usd_mn"]),
    }
    return table(of["gap"].index, columns, caption)


FIVE_YEARS = 20  # quarters


def four_quarter_sums_chart(
    history: pd.DataFrame, reporter: str, sources: Sequence[Citation], first: int = 2005
) -> Chart:
    """Exports and imports of a book as sums of four quarters, and the surplus as what lies between them."""
    sums = history.astype(float).rolling(4).sum().dropna() / USD_MN_PER_BN
    sums = sums[sums.index.year >= min(first, sums.index[-1].year - 4)]
    last, then = sums.iloc[-1], sums.iloc[max(len(sums) - 1 - FIVE_YEARS, 0)]  # a young book has no five years

    def draw(figure: Figure) -> None:
        axes, x = figure.subplots(), years_of(sums.index, at=1)
        exports, imports = sums["exports_usd_mn"], sums["imports_usd_mn"]
        axes.fill_between(x, imports, exports, color=PALE, lw=0, alpha=0.35)
        line(axes, x, exports, INK, say("trade_gap.sums_chart.exports", bn=last["exports_usd_mn"]), lw=1.6)
        line(axes, x, imports, ORANGE, say("trade_gap.sums_chart.imports", bn=last["imports_usd_mn"]), lw=1.6)
        ends = [last["imports_usd_mn"], last["exports_usd_mn"]]
        axes.plot([x[-1], x[-1]], ends, color=BLUE, lw=3.5, solid_capstyle="butt")
        surplus = say("trade_gap.sums_chart.surplus", bn=last["gap_usd_mn"])
        beside(axes, (x[-1], sum(ends) / 2), surplus, color=BLUE, weight="bold")
        axes.set_ylim(bottom=min(0.0, float(sums.min().min())))
        axes.margins(x=0.0)
        year_ticks(axes, 5)
        grid(axes)

    said = {"now": last["gap_usd_mn"], "to": sums.index[-1], "before": then["gap_usd_mn"], "then": then.name}
    flows = {"exports": last["exports_usd_mn"], "imports": last["imports_usd_mn"]}
    words = of_chart("trade_gap.sums_chart", since=sums.index[0].year, reporter=reporter, **said, **flows)
    data = sums.loc[then.name :][::-1].map(number).rename(index=period, columns=column_words())
    return Chart(draw, (2.9, 3.0), **words, sources=sources, data=data.rename_axis(label("Four quarters to")))


def recent_chart(known: Known, sources: Sequence[Citation], years: int = 2) -> Chart:
    """The surplus of the last two years by month, by quarter on a book without months: the newest year beside the one
    before."""
    by_month = len(known.months) >= years * MONTHS_A_YEAR
    table_, a_year = (known.months, MONTHS_A_YEAR) if by_month else (known.history, 4)
    shown = table_.iloc[-years * a_year :]
    gap = shown["gap_usd_mn"].astype(float) / USD_MN_PER_BN
    before, now = gap.iloc[:-a_year], gap.iloc[-a_year:]
    long, short = (month, partial(month, form="yMMM")) if by_month else (period, period)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for year, color, start in ((before, PALE, 0), (now, BLUE, len(before))):
            axes.bar(range(start, start + len(year)), year, color=color, width=0.78)
            words = say("trade_gap.recent_chart.year", sum=year.sum(), last=short(year.index[-1]))
            at = start + (len(year) - 1) / 2
            words = fill(words, 16) if is_narrow(axes) else words
            axes.annotate(words, (at, 0), (0, -6), textcoords="offset points", ha="center", va="top", color=INK)
        for at in (len(before) - 1, len(gap) - 1):  # the same month of both years
            top = max(0.0, *gap.iloc[max(at - 2, 0) : at + 1])  # its words stand above the bars before it too
            axes.annotate(number(gap.iloc[at]), (at + 0.4, top), ha="right", va="bottom")
        axes.set_xticks([])
        axes.spines["left"].set_visible(False)
        axes.yaxis.set_visible(False)

    said = {
        "last": long(gap.index[-1]),
        "end": gap.iloc[-1],
        "start": before.iloc[-1] if len(before) else gap.iloc[0],
    }
    words = of_chart("trade_gap.recent_chart", reporter=known.reporter, **said)
    data = shown[::-1].map(billions).rename(index=period, columns=column_words())
    data = data.rename_axis(label("Month" if by_month else "Quarter"))
    return Chart(draw, (1.9, 2.0), **words, sources=sources, data=data)


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
            words = say("trade_gap.gaps_chart.line", side=name, gap=series.iloc[-1])
            line(axes, x, series, color, words, lw=1.8)
        axes.set_ylim(bottom=min(0.0, float((value - Z90 * error).min())))
        grid(axes)

    last = bound.index[-1]
    said = {"counted": count[last], "value": value[last], "apart": count[last] - value[last]}
    spread = say("trade_gap.gaps_chart.spread", spread=Z90 * error[last]) if error[last] else ""
    loose = say("trade_gap.gaps_chart.loose", last=last) if whole.index[-1] > last else ""
    said |= {"spread": spread, "loose": loose, "first": bound.index[0], "last": last}
    words = of_chart("trade_gap.gaps_chart", own=own, other=other, **said)
    return Chart(draw, (2.6, 2.8), **words, sources=books.sources, data=mirror_table(whole, books, 12))


def ratios_chart(books: Books) -> Chart:
    """The ratio of mirror figures by quarter with its band, exports above and imports below."""
    own, other = books.reporter, books.partner
    bound, years = mirror.by_quarter(books).loc[books.bound], mirror.by_year(books)

    def draw(figure: Figure) -> None:
        panels = zip(figure.subplots(2, 1, sharex=True), ("exports", "imports"), (BLUE, ORANGE), strict=True)
        for axes, flow, color in panels:
            ratio, error = bound[f"{flow}_ratio"].astype(float), bound[f"{flow}_ratio_se"].astype(float)
            _band(axes, ratio, error, color, 0.25)
            line(axes, years_of(bound.index), ratio, color, number(ratio.iloc[-1], ".2f"), lw=1.8)
            axes.axhline(1, color=LINE, lw=1.2)
            note(axes, say("trade_gap.ratios_chart.note", home=own, flow=label(flow)))

    first, last = bound.index[0], bound.index[-1]
    whole = [year for year in years.index if year.asfreq("Q", "end") <= last]
    ends, of = ((whole[0], whole[-1]), years) if len(whole) > 1 else ((first, last), bound)
    then = [float(of["exports_ratio"][end]) for end in ends]
    said: dict[str, Any] = {flow: float(bound[f"{flow}_ratio"][last]) for flow in ("exports", "imports")}
    said |= {"ends": ends, "then": then, "first": first, "last": last}
    words = of_chart("trade_gap.ratios_chart", own=own, other=other, **said)
    return Chart(draw, (3.4, 3.6), **words, sources=books.sources, data=mirror_table(years, books))
