"""Two books of one trade and two releases of one book, in sentences and tables ready to show.

Every number in a sentence is computed. Money is in billions of dollars, revisions in millions; heading cells say so.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

import pandas as pd

from . import mirror
from .fragments import Fragment
from .known import Known
from .mirror import Books
from .quarterly import BY_CHANCE, CONFLICT
from .revisions import MEASURES, Revisions
from .sentences import billions
from .terms import USD_MN_PER_BN, Flow, Frequency, book_name

Cell = str
Row = TypeVar("Row")

QUARTERS_LEAD = (
    "The same by quarter, the last ones; `tradebalance table mirror --by quarter` has them all. A quarter that is only "
    "extrapolated stands here for completeness; no headline rests on it."
)


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
    lags = books.own.settings.lag
    return (
        f"Over {quarters[0]} to {quarters[-1]}, the last quarters that printed figures bind on the {book_name(own)}, "
        f"the gap is ${billions(row[f'gap_{other}_usd_mn'])} billion on the {book_name(other)} and "
        f"${billions(row[f'gap_{own}_usd_mn'])} billion (standard error {billions(row[f'gap_{own}_se_usd_mn'])}) on "
        f"the {book_name(own)}. Of the ${billions(row['difference_usd_mn'])} billion between them, "
        f"{billions(exports)} lie in Vietnam's exports and {billions(row['difference_usd_mn'] - exports)} in its "
        f"imports. The books differ in the price point (Vietnam counts exports free on board and imports with freight "
        f"and insurance, the United States exports alongside ship and imports at customs value), in goods that pass "
        f"through third places and are booked to Vietnam on one side only, and in the time that goods are on the way "
        f"(by the fit, {lags[Flow.EXPORT]:.1f} months for Vietnam's exports and {lags[Flow.IMPORT]:.1f} for its "
        f"imports). {_ratio_words(books)}"
    )


def _ratio_words(books: Books) -> str:
    """How far the ratio of mirror figures moved over the years."""
    years = mirror.by_year(books)
    if len(years) < 2:
        return "No constant factor turns one into the other."
    ratios = years["exports_ratio"]
    ends = [min(ratios.index, key=lambda year: ratios[year]), max(ratios.index, key=lambda year: ratios[year])]
    low, high = (f"{ratios[year]:.2f} ({years.at[year, 'exports_ratio_se']:.3f}) in {year}" for year in ends)
    return (
        f"The ratio of the {book_name(books.partner)} to the {book_name(books.reporter)} moves, from {low} to {high} "
        f"for Vietnam's exports (standard errors in brackets), so no constant factor turns one into the other."
    )


def conflicts_lead(books: Books) -> str:
    """How many printed figures contradict the others, and which."""
    found, count = books.own.conflicts, len(books.own.system.fragments)
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
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        f"Gap, {two} book, bn": lambda row: billions(row[f"gap_{other}_usd_mn"]),
        f"Gap, {one} book, bn": lambda row: _with_error(
            row, f"gap_{own}_usd_mn", f"gap_{own}_se_usd_mn", USD_MN_PER_BN, 1
        ),
        "Apart, bn": lambda row: billions(row["difference_usd_mn"]),
        "Exports, ratio": lambda row: _with_error(row, "exports_ratio", "exports_ratio_se", 1, 3),
        "Imports, ratio": lambda row: _with_error(row, "imports_ratio", "imports_ratio_se", 1, 3),
        f"{one}'s exports / imports": lambda row: _origins(row, own),
    }
    rows = {str(when): row for when, row in list(compared.iterrows())[-(last or len(compared)) :]}
    return _listing("Quarter" if any("Q" in when for when in rows) else "Year", rows, columns)


def _origins(row: pd.Series, own: str) -> Cell:
    exports, imports = (str(row[f"{flow}_{own}_origin"]) for flow in ("exports", "imports"))
    return exports if exports == imports else f"{exports} / {imports}"


def _with_error(row: pd.Series, value: str, error: str, scale: int, digits: int) -> Cell:
    return f"{float(row[value]) / scale:,.{digits}f} ({float(row[error]) / scale:,.{digits}f})"


def conflicts(books: Books) -> pd.DataFrame:
    """Printed figures in conflict with all the others: how far off, in USD million and in standard errors."""
    by_id = {fragment.id: fragment for fragment in books.own.system.fragments}
    columns: dict[str, Callable[[tuple[Fragment, pd.Series]], Cell]] = {
        "Printed": lambda both: both[0].words,
        "Above the others, mn": lambda both: f"{both[1]['printed_usd_mn'] - both[1]['without_it_usd_mn']:+,.0f}",
        "Standard error, mn": lambda both: f"{both[1]['se_usd_mn']:,.0f}",
        "Errors apart": lambda both: f"{abs(both[1]['z']):.1f}",
        "Source": lambda both: both[0].source,
    }
    found = [(by_id[str(name)], row) for name, row in books.own.conflicts.iterrows()]
    return _listing("Figure", {f"{both[0].id}: {both[0].subject}": both for both in found}, columns)


def revised_years(revised: Revisions | None, last: int = 8) -> pd.DataFrame:
    """What a newer release changed, by year of those with a change, in USD million over the months that both hold."""
    if revised is None:
        return _listing("Year", {}, {})
    months = revised.of("gap", Frequency.YEARLY)
    changed = [year for year, row in months.iterrows() if row["revised_months"]][-last:]
    counts = [f"{row['revised_months']} of {row['months']}" for _, row in months.loc[changed].iterrows()]
    table = _changes("Year", revised, Frequency.YEARLY, changed)
    table.insert(0, "Months changed", counts)
    return table


def revised_months(revised: Revisions | None, last: int = 12) -> pd.DataFrame:
    """What a newer release changed of the last months that both hold, in USD million."""
    if revised is None:
        return _listing("Month", {}, {})
    return _changes("Month", revised, Frequency.MONTHLY, list(revised.of("gap").index[-last:]))


def _changes(index: str, revised: Revisions, frequency: str, periods: list[pd.Period]) -> pd.DataFrame:
    of = {measure: revised.of(measure, frequency) for measure in MEASURES}
    columns: dict[str, Callable[[pd.Period], Cell]] = {
        "Exports, change, mn": lambda when: f"{of['exports'].at[when, 'change_usd_mn']:+,.1f}",
        "Imports, change, mn": lambda when: f"{of['imports'].at[when, 'change_usd_mn']:+,.1f}",
        "Gap before, mn": lambda when: f"{of['gap'].at[when, 'old_usd_mn']:,.1f}",
        "Gap after, mn": lambda when: f"{of['gap'].at[when, 'new_usd_mn']:,.1f}",
        "Gap, change, mn": lambda when: f"{of['gap'].at[when, 'change_usd_mn']:+,.1f}",
    }
    return _listing(index, {str(when): when for when in periods}, columns)


def _listing(index: str, rows: Mapping[str, Row], columns: Mapping[str, Callable[[Row], Cell]]) -> pd.DataFrame:
    """A table of text cells: a row each, named by its key, and a column each, filled by its function."""
    cells = {name: [cell(row) for row in rows.values()] for name, cell in columns.items()}
    return pd.DataFrame(cells, index=pd.Index(list(rows), name=index), dtype=str)
