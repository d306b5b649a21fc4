"""Trade without the deals by every method, how each did in the past, and where they fail."""

from collections.abc import Callable, Mapping

import pandas as pd

from ..assumptions import backtest, fan
from ..assumptions.backtest import HORIZONS, NOMINAL, REFERENCES
from ..assumptions.baseline import METHODS, WINDOW, above_zero
from ..assumptions.methods import HORIZON, QUARTERS_A_YEAR
from ..facts.known import Known
from ..words.terms import HOME, USD_MN_PER_BN, book_name, country_name
from .chart import BLUE, INK, ORANGE, PALE, Axes, Chart, Figure
from .drawing import grid, small_multiples
from .say import billions, percent
from .tables import rows_of, table
from .wording import banded

DOUBT = 0.1  # a difference whose p value is above it is called none
FEW_ORIGINS = 30  # with fewer a choice is called weak: they hold three spans of eight quarters or less


def headline(years: pd.DataFrame) -> str:
    """The finding: how far apart the methods are over the next four quarters."""
    lowest, highest = years["median"].idxmin(), years["median"].idxmax()
    apart = billions(years["median"].max() - years["median"].min())
    return (
        f"The choice of a baseline moves the gap of the next four quarters by ${apart} billion, from "
        f"{billions(years.at[lowest, 'median'])} ({lowest}) to {billions(years.at[highest, 'median'])} ({highest})"
    )


def lead(known: Known, years: pd.DataFrame, found: pd.DataFrame) -> str:
    """Stock against flow, what a baseline is, and which one the backtest chooses on how many origins."""
    chosen = backtest.choice(found)
    row, last = years.loc[chosen], known.first + QUARTERS_A_YEAR - 1
    weak = "With so few origins that choice is weak. " if _origins(found) < FEW_ORIGINS else ""
    return (
        f"{_stock(known)}, ${billions(known.gap_last_four)} billion in the four quarters {known.last_four[0]} to "
        f"{known.last_four[-1]} on the {book_name(known.reporter)}. A baseline is a forecast of it without the deals, "
        f"which nobody can observe. Of {len(years)} methods, "
        f"**{chosen}** ({METHODS[chosen].words}) has erred least in the past by the rule below, over {_origins(found)} "
        f"origins: it gives {_range(row)} billion over {known.first} to {last}, with the {percent(NOMINAL, 0)} band in "
        f"brackets. {weak}Figures: {known.words}; not seasonally adjusted, nominal."
    )


def _stock(known: Known) -> str:
    if HOME in (known.reporter, known.partner):
        deals = f"The deals are one sum of ${billions(known.announced)} billion"
        return f"{deals}; the gap is a flow that comes back every year"
    names = [country_name(code) for code in (known.partner, known.reporter)]
    return (
        f"The gap of this page is that of {names[0]}'s goods trade with {names[1]}, a flow that comes back every year"
    )


def _origins(found: pd.DataFrame) -> int:
    return int(found["origin"].nunique())


def _range(row: pd.Series) -> str:
    return banded(row, "median", "low", "high")


def next_years_table(known: Known, years: pd.DataFrame) -> pd.DataFrame:
    """Each method's gap over the next four quarters with its band, the four after, and without late figures."""
    first, last = known.first, known.first + QUARTERS_A_YEAR - 1
    columns: dict[str, Callable[[pd.Series], str]] = {
        "Method": lambda row: str(row.name),
        f"Gap, {first} to {last}, bn ({percent(NOMINAL, 0)} band)": _range,
        "The year after, bn": lambda row: billions(row["year_after"]),
    }
    if known.dates.before_deals is not None:
        columns[f"If estimated to {known.dates.before_deals}, bn"] = lambda row: billions(row["before_deals"])
    return table(rows_of(years), columns)


def methods_table() -> pd.DataFrame:
    """What each method does, in words."""
    return table(METHODS.values(), {"Method": lambda method: method.name, "What it does": lambda method: method.words})


def gap_scores_table(found: pd.DataFrame) -> pd.DataFrame:
    """The backtest of the gap: a row a horizon and method."""
    columns: dict[str, Callable[[pd.Series], str]] = {
        "Quarters ahead · method": lambda row: " · ".join(map(str, row.name)),
        "Origins": lambda row: f"{row['n']:.0f}",
        "MASE": lambda row: f"{row['mase']:.2f}",
        "RMSE over the better naive": lambda row: f"{row['rmse_ratio']:.2f}",
        "p, equal to it": lambda row: "<0.001" if row["dm_p"] < 0.001 else _number(row["dm_p"], "{:.3f}"),
        f"In the {percent(NOMINAL, 0)} band": _coverage,
        "CRPS, bn": lambda row: _number(row["crps_usd_mn"] / USD_MN_PER_BN, "{:.2f}"),
    }
    return table(rows_of(backtest.scores(found).loc["gap"]), columns)


def flow_scores_table(found: pd.DataFrame) -> pd.DataFrame:
    """Log RMSE of exports and imports by method and horizon."""
    columns = {
        f"{series.capitalize()}: {horizon}": part["log_rmse"].map(lambda value: _number(value, "{:.3f}"))
        for (series, horizon), part in _by_horizon(backtest.scores(found))
        if series != "gap"
    }
    return pd.DataFrame(columns).rename_axis("Log RMSE, quarters ahead")


def coverage_table(found: pd.DataFrame, quiet_to: pd.Period | None) -> pd.DataFrame:
    """How many outturns of the gap fell into the band: a row a sample and method, a column a horizon."""
    parts = [
        pd.DataFrame(
            {horizon: rows.apply(_coverage, axis=1) for horizon, rows in _gap_by_horizon(part).items()}
        ).rename(index=lambda method, words=words: f"{words} · {method}")
        for words, part in samples(found, quiet_to).items()
    ]
    shown = pd.concat(parts).reindex(columns=list(HORIZONS)).fillna("")
    return shown.rename(columns=lambda horizon: f"{_ahead(horizon)} ahead").rename_axis(
        f"In the {percent(NOMINAL, 0)} band"
    )


def _by_horizon(scores: pd.DataFrame) -> list[tuple[tuple[str, int], pd.DataFrame]]:
    """Scores by series and horizon, with a row a method."""
    parts = scores.groupby(level=["series", "horizon"], sort=False)
    return [((str(series), int(horizon)), part.droplevel([0, 1])) for (series, horizon), part in parts]


def _gap_by_horizon(found: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """The scores of the gap by horizon, with a row a method."""
    return {horizon: rows for (series, horizon), rows in _by_horizon(backtest.scores(found)) if series == "gap"}


def samples(found: pd.DataFrame, quiet_to: pd.Period | None) -> Mapping[str, pd.DataFrame]:
    """The outcomes of the quiet years and after, by a name that says so; one without quarters is left out."""
    if quiet_to is None:
        return {"All quarters": found}
    early, late = backtest.split(found, quiet_to)
    parts = {f"To {quiet_to.year}": early}
    if len(late):
        first, last = (quiet_to + 1).year, max(late["quarter"]).year
        parts[f"{first}" if first == last else f"{first}-{last % 100}"] = late
    return {words: part for words, part in parts.items() if len(part)}


def _coverage(row: pd.Series) -> str:
    if not row["n_bands"]:
        return ""
    if pd.isna(row["coverage_low"]):
        return f"{row['covered']:.0f} of {row['n_bands']:.0f}"
    low, high = (f"{row[name] * 100:.0f}" for name in ("coverage_low", "coverage_high"))
    return f"{percent(row['coverage'], 0)} ({low} to {high})"


def _ahead(horizon: int) -> str:
    return f"{horizon} quarter{'s' if horizon > 1 else ''}"


def _number(value: float, form: str) -> str:
    return "" if pd.isna(value) else form.format(value)


def failures(found: pd.DataFrame, quiet_to: pd.Period | None) -> str:
    """What failed in the backtest of the gap, a sentence each as a list; nothing is calibrated away."""
    sentences = [
        *_undercoverage(found, quiet_to),
        *_lost_to_naive(found),
        *_not_told_apart(found),
        *_bias(found, quiet_to),
        *_few(found),
    ]
    return "\n".join(f"- {sentence}" for sentence in sentences) or "- Nothing here failed by the tests above."


def _undercoverage(found: pd.DataFrame, quiet_to: pd.Period | None) -> list[str]:
    """Bands that held less than they say: below it by their own interval, or too few quarters to have one."""
    sentences = []
    for words, part in samples(found, quiet_to).items():
        for horizon, rows in _gap_by_horizon(part).items():
            below = rows[(rows["coverage"] < NOMINAL) & ~(rows["coverage_high"] >= NOMINAL)]
            if len(below):
                held = ", ".join(f"{row.name} {row['covered']:.0f} of {row['n_bands']:.0f}" for row in rows_of(below))
                band = f"the {percent(NOMINAL, 0)} band of the gap held less than its share of outturns"
                sentences.append(f"{words}, {_ahead(horizon)} ahead, {band}: {held}.")
    return sentences


def _lost_to_naive(found: pd.DataFrame) -> list[str]:
    table = backtest.scores(found).loc["gap"]
    sentences = []
    for method in [m for m in table.index.unique("method") if m not in REFERENCES]:
        rows = table.xs(method, level="method")
        lost = [f"{h} (ratio {row['rmse_ratio']:.2f})" for h, row in rows.iterrows() if row["rmse_ratio"] > 1]
        if lost:
            sentences.append(f"{method} loses to the better naive method, in quarters ahead: {', '.join(lost)}.")
    return sentences


def _not_told_apart(found: pd.DataFrame) -> list[str]:
    chosen = backtest.choice(found)
    rows = backtest.scores(found).loc["gap"].xs(chosen, level="method")
    close = [f"{h} (p {row['dm_p']:.2f})" for h, row in rows.iterrows() if row["dm_p"] > DOUBT]
    if not close:
        return []
    return [
        f"The chosen {chosen} may differ from the better naive method by chance, in quarters ahead: {', '.join(close)}."
    ]


def _bias(found: pd.DataFrame, quiet_to: pd.Period | None) -> list[str]:
    """Medians of the chosen method that lay on one side of the outturn in most quarters."""
    chosen, sentences = backtest.choice(found), []
    for words, part in samples(found, quiet_to).items():
        own = part[(part["method"] == chosen) & (part["series"] == "gap")]
        for horizon, one in own.groupby("horizon"):
            low = float((one["median"] < one["outturn"]).mean())
            if len(one) >= QUARTERS_A_YEAR and max(low, 1 - low) >= NOMINAL:
                side, share = ("below", low) if low > 0.5 else ("above", 1 - low)
                count = round(share * len(one))
                sentences.append(
                    f"{words}, {_ahead(int(horizon))} ahead, {chosen}'s median was {side} the outturn in "
                    f"{count} of {len(one)} quarters."
                )
    return sentences


def _few(found: pd.DataFrame) -> list[str]:
    if _origins(found) >= FEW_ORIGINS:
        return []
    table = backtest.scores(found).loc["gap"].xs("naive", level="method")
    counts = ", ".join(f"{row['n']:.0f}" for _, row in table.iterrows())
    bands = ", ".join(f"{row['n_bands']:.0f}" for _, row in table.iterrows())
    return [f"This record is short: {counts} origins by horizon, {bands} of them with a band. No test has power here."]


def rule(known: Known, found: pd.DataFrame) -> str:
    """How the method is chosen, what is estimated on what, and what happens after two years."""
    ranks = backtest.ranks(found)
    listed = ", ".join(f"{method} {rank:.1f}" for method, rank in ranks.sort_values(kind="stable").items())
    years = WINDOW // QUARTERS_A_YEAR
    ahead = f"{', '.join(map(str, HORIZONS[:-1]))} and {HORIZONS[-1]}"
    return (
        f"The rule: the lowest mean rank of the gap's MASE over {ahead} quarters ahead ({listed}). For the gap, "
        f"because the gap is what is reported. Each path is a median, not a mean. What is estimated rests on the last "
        f"{years} years, on logarithms; the bands on the method's own errors from the last {fan.ORIGINS} origins "
        f"before the forecast, exports and imports together. A method forecasts {HORIZON} quarters; after them its "
        f"second year is held and the band widens as a random walk's, since beyond {HORIZON} quarters a baseline is a "
        f"scenario, not a forecast. The backtest knows later revisions of the figures and uses "
        f"{len(above_zero(known.history))} quarters with trade both ways."
    )


def contamination(known: Known, years: pd.DataFrame, found: pd.DataFrame) -> str:
    """What figures since the announcement may do to a baseline, and what was done about it."""
    chosen, before = backtest.choice(found), known.dates.before_deals
    if before is None:
        return "The case names no quarter from which on deliveries may be in the figures, so nothing was tried."
    moved = years.at[chosen, "before_deals"] - years.at[chosen, "median"]
    return (
        f"Figures after {before} may hold deliveries of the deals, which would then count twice: in the "
        f"baseline and as deals. Nothing was subtracted here. With `estimate_to: {before}` in a scenario, "
        f"growth, seasons and errors are estimated on figures to that quarter only, while levels start at the end of "
        f"the data; that moves the next four quarters of {chosen} by {billions(moved)} billion."
    )


PAST = 16  # quarters shown before the forecast: two years back for each year ahead


def fans_chart(known: Known, bands: pd.DataFrame) -> Chart:
    """The gap of the last years and, in a panel each, every method's median and band."""
    past = known.history["gap_usd_mn"].astype(float).iloc[-PAST:] / USD_MN_PER_BN
    amounts = {str(method): part.droplevel("method") for method, part in bands.groupby("method", sort=False)}
    by_method = {method: part / USD_MN_PER_BN for method, part in amounts.items()}
    ends = {method: float(part["median"].iloc[-1]) for method, part in by_method.items()}
    lowest, highest = (pick(ends, key=lambda method: ends[method]) for pick in (min, max))
    top = max(float(past.max()), max(float(part["high"].max()) for part in by_method.values()))

    def draw(figure: Figure) -> None:
        panels = small_multiples(figure, len(by_method), share=True)
        for axes, (method, part) in zip(panels, by_method.items(), strict=True):
            _panel(axes, method, past, part)
        panels[0].set_ylim(min(0.0, float(bands["low"].min()) / USD_MN_PER_BN), top * 1.02)
        starts = [row for row, quarter in enumerate([*past.index, *by_method[lowest].index]) if quarter.quarter == 1]
        panels[0].set_xticks(starts[::2], [str((past.index[0] + row).year) for row in starts[::2]])

    last = by_method[lowest].index[-1]
    return Chart(
        draw,
        heights=(4.0, 7.4),
        title=(
            f"Two years ahead the medians run from ${ends[lowest]:,.0f} billion a quarter ({lowest}) "
            f"to ${ends[highest]:,.0f} billion ({highest})"
        ),
        alt=(
            f"{len(by_method)} panels of the quarterly gap since {past.index[0]} and a method's forecast to {last} "
            f"with its {percent(NOMINAL, 0)} band; the medians end between {ends[lowest]:,.0f} and "
            f"{ends[highest]:,.0f} billion dollars."
        ),
        unit=(
            f"USD billion a quarter, nominal, not seasonally adjusted, {book_name(known.reporter)}; line: median, "
            f"shaded: {percent(NOMINAL, 0)} band from the method's own past errors"
        ),
        sources=known.figure_sources,
        data=pd.DataFrame({method: part.apply(_range, axis=1) for method, part in amounts.items()})
        .rename(index=str)
        .rename_axis("Gap, bn"),
    )


def _panel(axes: Axes, method: str, past: pd.Series, part: pd.DataFrame) -> None:
    start = len(past)
    ahead = range(start, start + len(part))
    axes.plot(range(start), past, color=BLUE, lw=1.4)
    axes.fill_between(ahead, part["low"], part["high"], color=PALE, lw=0)
    axes.plot([start - 1, *ahead], [past.iloc[-1], *part["median"]], color=ORANGE, lw=1.4)
    axes.set_title(method.replace("_", " "), loc="left", fontsize=8.5, color=INK)
    grid(axes)
    axes.tick_params(labelsize=8)
