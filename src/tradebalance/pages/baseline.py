"""Trade without the deals by every method, how each did in the past, and where they fail."""

from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from ..assumptions import backtest, fan, pool
from ..assumptions.backtest import HORIZONS, NOMINAL, REFERENCES
from ..assumptions.baseline import DAMPING, DEFAULT, METHODS, WINDOW, above_zero
from ..assumptions.methods import HORIZON, QUARTERS_A_YEAR
from ..facts.known import Known
from ..words.terms import USD_MN_PER_BN
from .chart import BLUE, INK, ORANGE, PALE, Axes, Chart, Figure, grid, small_multiples
from .say import banded, billions, of_chart, percent, say, spaced
from .wording import nowcast_words, table, twelve_months, yearly_words

DOUBT = 0.1  # a difference whose p value is above it is called none
FEW_ORIGINS = 30  # with fewer a choice is called weak: they hold three spans of eight quarters or less


def headline(years: pd.DataFrame) -> str:
    """The finding: how far apart the methods are over the next four quarters."""
    lowest, highest = (years.loc[years["median"].agg(end)] for end in ("idxmin", "idxmax"))
    return say("baseline.headline", apart=highest["median"] - lowest["median"], lowest=lowest, highest=highest)


def lead(known: Known, years: pd.DataFrame, found: pd.DataFrame) -> str:
    """Stock against flow, what a baseline is, which one scenarios stand on, and how it did on how many origins."""
    first, origins = backtest.choice(found), found["origin"].nunique()
    of_deals = say("baseline.stock", known=known) if known.is_of_deals else ""
    stock = of_deals or say("baseline.stock_of_others", known=known)
    weak = say("baseline.weak") if origins < FEW_ORIGINS else ""
    yearly = yearly_words(known.yearly) if known.is_of_deals else ""
    newest = {"twelve": twelve_months(known), "nowcast": nowcast_words(known), "yearly": yearly}
    ranked = say("baseline.ranked_first") if first == DEFAULT else say("baseline.ranked", first=first)
    said = {"stock": stock, "weak": weak, **newest, "method": METHODS[DEFAULT], "year": _range(years.loc[DEFAULT])}
    said |= {"ranked": ranked, "year_after": years.at[DEFAULT, "year_after"]}
    ends = {"last": known.first + QUARTERS_A_YEAR - 1, "nominal": NOMINAL}
    return say("baseline.lead", known=known, methods=len(years), origins=origins, **said, **ends)


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
        columns[f"If all is estimated to {known.dates.before_deals}, bn"] = lambda row: billions(row["before_deals"])
    return table(years, columns)


def by_year_table(trade: pd.DataFrame) -> pd.DataFrame:
    """Exports and imports without the deals by calendar year, published quarters in them, and how they grow."""

    def grown(name: str) -> Callable[[pd.Series], str]:
        return lambda row: "" if pd.isna(row[name]) else f"{row[name] * 100:+.1f} %"

    def year(row: pd.Series) -> str:
        return (
            say("baseline.forecast_year", count=int(row["forecast"]), year=row.name)
            if row["forecast"]
            else f"{row.name}"
        )

    columns: dict[str, Callable[[pd.Series], str]] = {
        "Year": year,
        "Exports, bn": lambda row: billions(row["exports_usd_mn"]),
        "Growth of exports": grown("exports_growth"),
        "Imports, bn": lambda row: billions(row["imports_usd_mn"]),
        "Growth of imports": grown("imports_growth"),
        "Gap, bn": lambda row: billions(row["gap_usd_mn"]),
    }
    return table(trade, columns)


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
        "p, equal to it": lambda row: _chance(row["dm_p"]),
        f"In the {percent(NOMINAL, 0)} band": _coverage,
        "CRPS, bn": lambda row: _number(row["crps_usd_mn"] / USD_MN_PER_BN, "{:.2f}"),
    }
    return table(_of_gap(found), columns)


def against_table(found: pd.DataFrame) -> pd.DataFrame:
    """The default method's gap against every other one's: the ratio of errors and the chance of such a difference."""
    compared = backtest.against(found)
    shown = compared.apply(lambda column: column.map(_chance if column.name[0] == "p" else "{:.2f}".format))
    heads = {"ratio": "RMSE ratio", "p": "p, equal to it"}
    return shown.set_axis(
        [f"{heads[measure]}, {say('baseline.ahead', count=ahead)}" for measure, ahead in shown.columns], axis=1
    ).rename_axis(f"{DEFAULT} against")


def _chance(p: float) -> str:
    return "<0.001" if p < 0.001 else _number(p, "{:.3f}")


def flow_scores_table(found: pd.DataFrame) -> pd.DataFrame:
    """Log RMSE of exports and imports by method and horizon."""
    by_flow = backtest.scores(found)["log_rmse"].drop("gap", level="series").map(lambda value: _number(value, "{:.3f}"))
    shown = by_flow.unstack(["series", "horizon"], sort=False)
    heads = [f"{series.capitalize()}: {horizon}" for series, horizon in shown.columns]
    return shown.set_axis(heads, axis=1).rename_axis("Log RMSE, quarters ahead")


def coverage_table(found: pd.DataFrame, quiet_to: pd.Period | None) -> pd.DataFrame:
    """How many outturns of the gap fell into the band: a row a sample and method, a column a horizon."""
    parts = {words: _of_gap(part).apply(_coverage, axis=1) for words, part in samples(found, quiet_to).items()}
    shown = pd.concat(parts).unstack("horizon", sort=False).reindex(columns=list(HORIZONS)).fillna("")
    heads = [say("baseline.ahead", count=horizon) for horizon in HORIZONS]
    shown.index = pd.Index([" · ".join(row) for row in shown.index], name=f"In the {percent(NOMINAL, 0)} band")
    return shown.set_axis(heads, axis=1)


def _of_gap(found: pd.DataFrame) -> pd.DataFrame:
    """The scores of the gap: a row a horizon and method."""
    scores: pd.DataFrame = backtest.scores(found).loc["gap"]
    return scores


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


def _number(value: float, form: str) -> str:
    return "" if pd.isna(value) else form.format(value)


def failures(found: pd.DataFrame, quiet_to: pd.Period | None) -> str:
    """What failed in the backtest of the gap, a sentence each as a list; nothing is calibrated away."""
    by_sample = samples(found, quiet_to)
    sentences = [*_undercoverage(by_sample), *_lost_to_naive(found), *_not_told_apart(found)]
    sentences += [*_bias(by_sample, _used(found)), *_few(found)]
    return "\n".join(f"- {sentence}" for sentence in sentences or [say("baseline.nothing_failed")])


def _used(found: pd.DataFrame) -> str:
    """The method that scenarios stand on; of outcomes without it, the one with the lowest mean rank."""
    return DEFAULT if DEFAULT in set(found["method"]) else backtest.choice(found)


def _undercoverage(by_sample: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Bands that held less than they say: below it by their own interval, or too few quarters to have one."""
    for sample, part in by_sample.items():
        scores = _of_gap(part)
        is_below = (scores["coverage"] < NOMINAL) & ~(scores["coverage_high"] >= NOMINAL)
        for horizon, rows in scores[is_below].groupby(level="horizon"):
            held = ", ".join(say("baseline.held", row=row) for _, row in rows.iterrows())
            ahead = say("baseline.ahead", count=horizon)
            yield say("baseline.undercoverage", sample=sample, ahead=ahead, nominal=NOMINAL, held=held)


def _lost_to_naive(found: pd.DataFrame) -> Iterator[str]:
    ratios = _of_gap(found)["rmse_ratio"].drop(list(REFERENCES), level="method", errors="ignore")
    for method, own in ratios.groupby(level="method", sort=False):
        lost = ", ".join(say("baseline.lost", ahead=ahead, ratio=ratio) for (ahead, _), ratio in own[own > 1].items())
        if lost:
            yield say("baseline.lost_to_naive", method=method, lost=lost)


def _not_told_apart(found: pd.DataFrame) -> Iterator[str]:
    chosen = _used(found)
    chances = _of_gap(found)["dm_p"].xs(chosen, level="method")
    close = ", ".join(say("baseline.close", ahead=ahead, p=p) for ahead, p in chances[chances > DOUBT].items())
    if close:
        yield say("baseline.not_told_apart", chosen=chosen, close=close)


def _bias(by_sample: Mapping[str, pd.DataFrame], chosen: str) -> Iterator[str]:
    """Medians of the chosen method that lay on one side of the outturn in most quarters."""
    for sample, part in by_sample.items():
        own = part[(part["method"] == chosen) & (part["series"] == "gap")]
        for horizon, is_below in (own["median"] < own["outturn"]).groupby(own["horizon"]):
            of, below = len(is_below), int(is_below.sum())
            said = {"sample": sample, "ahead": say("baseline.ahead", count=horizon), "chosen": chosen, "of": of}
            if of >= QUARTERS_A_YEAR and below / of >= NOMINAL:
                yield say("baseline.low_bias", below=below, **said)
            elif of >= QUARTERS_A_YEAR and 1 - below / of >= NOMINAL:
                yield say("baseline.high_bias", above=of - below, **said)


def _few(found: pd.DataFrame) -> Iterator[str]:
    if found["origin"].nunique() < FEW_ORIGINS:
        by_horizon = _of_gap(found).xs("naive", level="method")
        origins, bands = (", ".join(f"{count:.0f}" for count in by_horizon[name]) for name in ("n", "n_bands"))
        yield say("baseline.few", origins=origins, bands=bands)


def rule(known: Known, found: pd.DataFrame) -> str:
    """How the method is chosen, what is estimated on what, and what happens after two years."""
    ranks = backtest.ranks(found).sort_values(kind="stable")
    ranked = ", ".join(f"{method} {rank:.1f}" for method, rank in ranks.items())
    fitted = {"years": WINDOW // QUARTERS_A_YEAR, "origins": fan.ORIGINS, "used": len(above_zero(known.history))}
    shared = {"pooled": pool.YEARS, "own": fan.OWN, "fades": 1 - DAMPING}
    return say("baseline.rule", horizons=HORIZONS, ranks=ranked, most=HORIZON, **fitted, **shared)


def contamination(known: Known, years: pd.DataFrame, found: pd.DataFrame) -> str:
    """What figures since the announcement may do to a baseline, and what was done about it."""
    before = known.dates.before_deals
    if before is None:
        return say("baseline.nothing_tried")
    year = years.loc[_used(found)]
    said = {"imports": year["imports"], "of_all": year["imports_of_all"]}
    return say("baseline.contamination", before=before, year=year, moved=year["before_deals"] - year["median"], **said)


PAST = 16  # quarters shown before the forecast: two years back for each year ahead


def fans_chart(known: Known, bands: pd.DataFrame) -> Chart:
    """The gap of the last years and, in a panel each, every method's median and band."""
    past = known.history["gap_usd_mn"].astype(float).iloc[-PAST:] / USD_MN_PER_BN
    drawn = bands / USD_MN_PER_BN
    bottom, top = min(0.0, float(drawn["low"].min())), max(float(past.max()), float(drawn["high"].max()))
    by_method = {str(method): part.droplevel("method") for method, part in drawn.groupby("method", sort=False)}
    ends = drawn["median"].groupby("method", sort=False).last()
    quarters = drawn.index.unique("quarter")

    def draw(figure: Figure) -> None:
        panels = small_multiples(figure, len(by_method), share=True)
        for axes, (method, part) in zip(panels, by_method.items(), strict=True):
            _panel(axes, method, past, part)
        panels[0].set_ylim(bottom, top * 1.02)
        starts = [row for row, quarter in enumerate([*past.index, *quarters]) if quarter.quarter == 1]
        panels[0].set_xticks(starts[::2], [str((past.index[0] + row).year) for row in starts[::2]])

    said = {"first": past.index[0], "last": quarters[-1], "nominal": NOMINAL, "reporter": known.reporter}
    said |= {"low": ends.min(), "lowest": ends.idxmin(), "high": ends.max(), "highest": ends.idxmax()}
    words = of_chart("baseline.fans_chart", methods=len(by_method), **said)
    shown = bands.apply(_range, axis=1).unstack("method", sort=False).rename(index=str)
    data = shown.rename_axis(index="Gap, bn", columns=None)
    return Chart(draw, heights=(4.0, 7.4), **words, sources=known.figure_sources, data=data)


def _panel(axes: Axes, method: str, past: pd.Series, part: pd.DataFrame) -> None:
    start = len(past)
    ahead = range(start, start + len(part))
    axes.plot(range(start), past, color=BLUE, lw=1.4)
    axes.fill_between(ahead, part["low"], part["high"], color=PALE, lw=0)
    axes.plot([start - 1, *ahead], [past.iloc[-1], *part["median"]], color=ORANGE, lw=1.4)
    axes.set_title(spaced(method), loc="left", fontsize=8.5, color=INK)
    grid(axes)
    axes.tick_params(labelsize=8)
