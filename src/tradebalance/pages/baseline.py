"""Trade without the deals: what it is put at, how each way to forecast it did in the past, and where they fail."""

from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from ..assumptions import backtest, fan, pool
from ..assumptions.backtest import HORIZONS, NOMINAL, REFERENCES, SERIES
from ..assumptions.baseline import DAMPING, DEFAULT, METHODS, WINDOW, above_zero
from ..assumptions.methods import HORIZON, QUARTERS_A_YEAR
from ..facts.known import Known
from ..words.terms import USD_MN_PER_BN
from .chart import (
    BLUE,
    INK,
    LINE,
    ORANGE,
    PALE,
    PALE_ORANGE,
    SOFT,
    Axes,
    Chart,
    Figure,
    bars,
    beside,
    either_side,
    grid,
    is_narrow,
    note,
    year_ticks,
    years_of,
)
from .names import method_words
from .say import (
    banded,
    between,
    billions,
    label,
    label_if_any,
    number,
    of_chart,
    opening,
    out_of,
    percent,
    period,
    say,
    span,
    with_per_cent,
    within,
)
from .trade_gap import COLUMN_WORDS as HEADS
from .wording import captioned, table

DOUBT = 0.1  # a difference whose p value is above it is called none
FEW_ORIGINS = 30  # with fewer a choice is called weak: they hold three spans of eight quarters or less
PAST = 16  # quarters shown before the forecast: two years back for each year ahead


def headline(known: Known, years: pd.DataFrame) -> str:
    """The answer: the surplus of the next four quarters without the deals."""
    return say("baseline.headline", pair=known.pair, year=years.at[DEFAULT, "median"])


def lead(known: Known, years: pd.DataFrame) -> str:
    """By which forecast, how sure, and against what was published."""
    year = years.loc[DEFAULT]
    said = {"method": label_if_any(METHODS[DEFAULT].words), "low": year["low"], "high": year["high"]}
    return say("baseline.lead", known=known, nominal=NOMINAL, **said)


def _range(row: pd.Series) -> str:
    return banded(row, "median", "low", "high")


def next_years_table(known: Known, years: pd.DataFrame) -> pd.DataFrame:
    """Each method's surplus over the next four quarters with its band, the four after, and without late figures."""
    first, last = known.first, known.first + QUARTERS_A_YEAR - 1
    columns: dict[str, Callable[[pd.Series], str]] = {
        "Method": _method,
        between(period(first), period(last)): lambda row: billions(row["median"]),
        say("baseline.band", nominal=NOMINAL): lambda row: span(row["low"], row["high"], 1),
        "The year after": lambda row: billions(row["year_after"]),
    }
    if known.dates.before_deals is not None:
        columns[say("baseline.if_estimated", to=known.dates.before_deals)] = lambda row: billions(row["before_deals"])
    return table(years, columns, say("baseline.next_years.caption"))


def _method(row: pd.Series) -> str:
    return method_head(str(row.name))


def method_head(name: str) -> str:
    """A method at the head of a row: `Mean of three`."""
    return opening(method_words(name))


def by_year_table(trade: pd.DataFrame, first: pd.Period) -> pd.DataFrame:
    """Exports, imports and surplus without the deals by calendar year, and their growth; published quarters in them
    before the `first` projected one."""

    def grown(name: str) -> Callable[[pd.Series], str]:
        return lambda row: "" if pd.isna(row[name]) else with_per_cent(number(row[name] * 100, "+.1f"))

    columns: dict[str, Callable[[pd.Series], str]] = {
        "Year": lambda row: str(row.name),
        "Exports, bn": lambda row: billions(row["exports_usd_mn"]),
        "Growth of exports": grown("exports_growth"),
        "Imports, bn": lambda row: billions(row["imports_usd_mn"]),
        "Growth of imports": grown("imports_growth"),
        "Surplus, bn": lambda row: billions(row["gap_usd_mn"]),
    }
    return table(trade, columns, say("baseline.by_year.caption", last=first - 1))


def by_year_note() -> str:
    """What the years beyond the forecast's two are, under a heading."""
    return say("baseline.by_year_note", years=HORIZON // QUARTERS_A_YEAR, fades=1 - DAMPING)


def methods_table() -> pd.DataFrame:
    """What each method does, in words."""
    columns: dict[str, Callable[[str], str]] = {
        "Method": method_head,
        "What it does": lambda name: label_if_any(METHODS[name].words),
    }
    return table(METHODS, columns, say("baseline.methods.caption"))


def scores_words() -> str:
    """What the scores of the tables below mean."""
    return say("baseline.scores_words")


def gap_scores_table(found: pd.DataFrame) -> pd.DataFrame:
    """The backtest of the surplus: a row a horizon and method."""
    columns: dict[str, Callable[[pd.Series], str]] = {
        "Quarters ahead and method": lambda row: f"{row.name[0]}: {method_words(row.name[1])}",
        "Origins": lambda row: number(row["n"], ".0f"),
        "MASE": lambda row: number(row["mase"], ".2f"),
        "RMSE over the better naive": lambda row: number(row["rmse_ratio"], ".2f"),
        "p, equal to it": lambda row: _chance(row["dm_p"]),
        say("baseline.in_band", nominal=NOMINAL): _coverage,
        "CRPS, bn": lambda row: _number(row["crps_usd_mn"] / USD_MN_PER_BN, ".2f"),
    }
    return table(_of_gap(found), columns, say("baseline.gap_scores.caption"))


def against_table(found: pd.DataFrame) -> pd.DataFrame:
    """The default method's surplus against every other one's: the ratio of errors and the chance of such a
    difference."""
    compared = backtest.against(found)
    shown = compared.apply(lambda column: column.map(_chance if column.name[0] == "p" else _ratio))
    heads = {"ratio": label("RMSE ratio"), "p": "p"}
    named = shown.rename(index=method_head).set_axis(
        [f"{heads[measure]}, {say('baseline.ahead', count=ahead)}" for measure, ahead in shown.columns], axis=1
    )
    caption = say("baseline.against.caption", method=method_words(DEFAULT))
    return captioned(named.rename_axis(label("Against")), caption)


def _ratio(value: float) -> str:
    return number(value, ".2f")


def _chance(p: float) -> str:
    return f"<{number(0.001, '.3f')}" if p < 0.001 else _number(p, ".3f")


def flow_scores_table(found: pd.DataFrame) -> pd.DataFrame:
    """Log RMSE of exports and imports by method and horizon."""
    by_flow = backtest.scores(found)["log_rmse"].drop("gap", level="series").map(lambda value: _number(value, ".3f"))
    shown = by_flow.unstack(["series", "horizon"], sort=False).rename(index=method_head)
    heads = [f"{label(series.capitalize())}: {horizon}" for series, horizon in shown.columns]
    return captioned(shown.set_axis(heads, axis=1).rename_axis(label("Method")), say("baseline.flow_scores.caption"))


def coverage_table(found: pd.DataFrame, quiet_to: pd.Period | None) -> pd.DataFrame:
    """How many outturns of the surplus fell into the band: a row a sample and method, a column a horizon."""
    parts = {words: _of_gap(part).apply(_coverage, axis=1) for words, part in samples(found, quiet_to).items()}
    shown = pd.concat(parts).unstack("horizon", sort=False).reindex(columns=list(HORIZONS)).fillna("")
    heads = [say("baseline.ahead", count=horizon) for horizon in HORIZONS]
    rows = [f"{sample}: {method_words(method)}" for sample, method in shown.index]
    shown.index = pd.Index(rows, name=label("Period and method"))
    return captioned(shown.set_axis(heads, axis=1), say("baseline.coverage.caption", nominal=NOMINAL))


def in_band(found: pd.DataFrame) -> tuple[int, int]:
    """How many outturns of the surplus lay in the bands of the method that scenarios stand on, and of how many."""
    held, of = _of_gap(found).xs(_used(found), level="method")[["covered", "n_bands"]].sum()
    return int(held), int(of)


def _of_gap(found: pd.DataFrame) -> pd.DataFrame:
    """The scores of the gap: a row a horizon and method."""
    scores: pd.DataFrame = backtest.scores(found).loc["gap"]
    return scores


def samples(found: pd.DataFrame, quiet_to: pd.Period | None) -> Mapping[str, pd.DataFrame]:
    """The outcomes of the quiet years and after, by a name that says so; one without quarters is left out."""
    if quiet_to is None:
        return {label("All quarters"): found}
    early, late = backtest.split(found, quiet_to)
    parts = {say("baseline.to_year", year=quiet_to.year): early}
    if len(late):
        first, last = (quiet_to + 1).year, max(late["quarter"]).year
        parts[f"{first}" if first == last else f"{first}-{last % 100}"] = late
    return {words: part for words, part in parts.items() if len(part)}


def _coverage(row: pd.Series) -> str:
    if not row["n_bands"]:
        return ""
    if pd.isna(row["coverage_low"]):
        return out_of(number(row["covered"], ".0f"), number(row["n_bands"], ".0f"))
    low, high = (number(row[name] * 100, ".0f") for name in ("coverage_low", "coverage_high"))
    return within(percent(row["coverage"], 0), low, high)


def _number(value: float, form: str) -> str:
    return "" if pd.isna(value) else number(value, form)


def failures(found: pd.DataFrame, quiet_to: pd.Period | None) -> str:
    """What failed in the backtest of the method that scenarios stand on, a sentence each as a list; nothing is
    calibrated away."""
    by_sample, used = samples(found, quiet_to), _used(found)
    sentences = [*_undercoverage(by_sample, [used]), *_lost_to_naive(found, [used]), *_not_told_apart(found)]
    return _list([*sentences, *_bias(by_sample, used), *_few(found)])


def failures_of_others(found: pd.DataFrame, quiet_to: pd.Period | None) -> str:
    """What failed of the other methods, as a list."""
    others = [method for method in dict.fromkeys(found["method"]) if method != _used(found)]
    return _list([*_undercoverage(samples(found, quiet_to), others), *_lost_to_naive(found, others)])


def _list(sentences: list[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences or [say("baseline.nothing_failed")])


def _used(found: pd.DataFrame) -> str:
    """The method that scenarios stand on; of outcomes without it, the one with the lowest mean rank."""
    return DEFAULT if DEFAULT in set(found["method"]) else backtest.choice(found)


def _undercoverage(by_sample: Mapping[str, pd.DataFrame], methods: list[str]) -> Iterator[str]:
    """Bands that held less than they say: below it by their own interval, or too few quarters to have one."""
    for sample, part in by_sample.items():
        scores = _of_gap(part[part["method"].isin([*methods, *REFERENCES])])
        scores = scores[scores.index.get_level_values("method").isin(methods)]
        is_below = (scores["coverage"] < NOMINAL) & ~(scores["coverage_high"] >= NOMINAL)
        for horizon, rows in scores[is_below].groupby(level="horizon"):
            said = {"sample": sample, "ahead": say("baseline.ahead", count=horizon), "nominal": NOMINAL}
            if len(methods) == 1:
                yield say("baseline.own_undercoverage", row=rows.iloc[0], **said)
            else:
                held = [say("baseline.held", row=row, method=method_words(row.name[1])) for _, row in rows.iterrows()]
                yield say("baseline.undercoverage", held=held, **said)


def _lost_to_naive(found: pd.DataFrame, methods: list[str]) -> Iterator[str]:
    ratios = _of_gap(found)["rmse_ratio"].drop(list(REFERENCES), level="method", errors="ignore")
    for method, own in ratios.groupby(level="method", sort=False):
        lost = [say("baseline.lost", ahead=ahead, ratio=ratio) for (ahead, _), ratio in own[own > 1].items()]
        if lost and method in methods:
            yield say("baseline.lost_to_naive", method=method_words(method), lost=lost)


def _not_told_apart(found: pd.DataFrame) -> Iterator[str]:
    chances = _of_gap(found)["dm_p"].xs(_used(found), level="method")
    close = [say("baseline.close", ahead=ahead, p=p) for ahead, p in chances[chances > DOUBT].items()]
    if close:
        yield say("baseline.not_told_apart", close=close)


def _bias(by_sample: Mapping[str, pd.DataFrame], chosen: str) -> Iterator[str]:
    """Periods in which medians of the chosen method lay on one side of the outturn in most quarters."""
    for sample, part in by_sample.items():
        own = part[(part["method"] == chosen) & (part["series"] == "gap")]
        sides: dict[str, list[str]] = {"low": [], "high": []}
        for horizon, is_below in (own["median"] < own["outturn"]).groupby(own["horizon"]):
            of, below = len(is_below), int(is_below.sum())
            ahead = say("baseline.ahead", count=horizon)
            for side, count in (("low", below), ("high", of - below)):
                if of >= QUARTERS_A_YEAR and count / of >= NOMINAL:
                    sides[side].append(say("baseline.side", count=count, of=of, ahead=ahead))
        if sides["low"]:
            yield say("baseline.low_bias", sample=sample, sides=sides["low"])
        if sides["high"]:
            yield say("baseline.high_bias", sample=sample, sides=sides["high"])


def _few(found: pd.DataFrame) -> Iterator[str]:
    if found["origin"].nunique() < FEW_ORIGINS:
        by_horizon = _of_gap(found).xs("naive", level="method")
        origins, bands = (", ".join(number(count, ".0f") for count in by_horizon[name]) for name in ("n", "n_bands"))
        yield say("baseline.few", origins=origins, bands=bands)


def rule(known: Known, found: pd.DataFrame) -> str:
    """How the method is chosen, what is estimated on what, and what happens after two years."""
    ranks, origins = backtest.ranks(found).sort_values(kind="stable"), found["origin"].nunique()
    ranked = "; ".join(f"{method_words(method)} {number(rank)}" for method, rank in ranks.items())
    weak = say("baseline.weak") if origins < FEW_ORIGINS else ""
    return say("baseline.rule", ranks=ranked, weak=weak, origins=origins, horizons=HORIZONS, **estimated_on(known))


def estimated_on(known: Known) -> dict[str, int]:
    """What methods and their bands are estimated on: spans of the record, origins of errors, quarters ahead."""
    return {
        "years": WINDOW // QUARTERS_A_YEAR,
        "quarters_used": len(above_zero(known.history)),
        "error_origins": fan.ORIGINS,
        "pooled_years": pool.YEARS,
        "own_quarters": fan.OWN,
        "quarters_ahead": HORIZON,
    }


def contamination(known: Known, years: pd.DataFrame) -> str:
    """What figures since the announcement may do to a baseline, and what was done about it, under a heading; nothing
    where the figures end before, or the trade is not that of the deals."""
    before = known.dates.before_deals
    if before is None:
        return say("baseline.nothing_tried")
    if not known.is_of_deals or known.first <= before + 1:
        return ""
    year = years.loc[DEFAULT]
    said = {"imports": year["imports"], "of_all": year["imports_of_all"]}
    return say("baseline.contamination", before=before, moved=year["before_deals"] - year["median"], **said)


# --- pictures -------------------------------------------------------------------------------------


def fan_chart(known: Known, bands: pd.DataFrame) -> Chart:
    """The surplus of the last years and what it is put at for the next two, with its band."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _fan(axes, known, bands, "gap", ends=True)
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))

    end = bands.loc["gap"].iloc[-1] / USD_MN_PER_BN
    said = {"last": bands.index[-1][1], "first": known.history.index[-PAST:][0], "nominal": NOMINAL}
    said |= {"low": end["low"], "median": end["median"], "high": end["high"], "reporter": known.reporter}
    words = of_chart("baseline.fan_chart", **said)
    shown = bands.apply(_range, axis=1).unstack("series", sort=False)[list(SERIES)].rename(index=period)
    data = shown.set_axis([label(head) for head in HEADS.values()], axis=1).rename_axis(label("Quarter"))
    return Chart(draw, (2.9, 3.0), **words, sources=known.figure_sources, data=data)


def flows_chart(known: Known, bands: pd.DataFrame) -> Chart:
    """Exports and imports as the surplus, each on a scale of its own."""

    def draw(figure: Figure) -> None:
        down, across = (2, 1) if is_narrow(figure) else (1, 2)
        for axes, flow in zip(figure.subplots(down, across, squeeze=False).ravel(), SERIES[:2], strict=True):
            _fan(axes, known, bands, flow)
            axes.set_ylim(bottom=0.0)
            note(
                axes, say("baseline.flows_chart.exports") if flow == SERIES[0] else say("baseline.flows_chart.imports")
            )

    moved = backtest.moved(known, bands)
    ends = {flow: bands.at[(flow, moved.last), "median"] for flow in SERIES[:2]}
    words = of_chart("baseline.flows_chart", moved=moved, reporter=known.reporter, **ends)
    past = known.history.iloc[-PAST:][::-1].map(billions).rename(index=period)
    named = {name: label(head) for name, head in HEADS.items()}
    data = past[list(named)].rename(columns=named).rename_axis(label("Published, quarter"))
    return Chart(draw, (1.9, 3.6), **words, sources=known.figure_sources, data=data)


def _fan(axes: Axes, known: Known, bands: pd.DataFrame, series: str, ends: bool = False) -> None:
    """What was published, and the median in its band from there, in billions; `ends` has words at the band's too."""
    past = known.history[f"{series}_usd_mn"].astype(float).iloc[-PAST:] / USD_MN_PER_BN
    part = bands.loc[series] / USD_MN_PER_BN
    x, ahead = years_of(past.index, 0.5), years_of(part.index, 0.5)
    start = past.iloc[-1]
    joined = [x[-1], *ahead]
    axes.fill_between(joined, [start, *part["low"]], [start, *part["high"]], color=PALE_ORANGE, lw=0, alpha=0.45)
    axes.plot(joined, [start, *part["median"]], color=ORANGE, lw=1.8)
    axes.plot(x, past, color=BLUE, lw=1.8)
    last = part.iloc[-1]
    beside(axes, (ahead[-1], last["median"]), number(last["median"]), color=ORANGE, weight="bold")
    if ends:
        for end in ("low", "high"):
            beside(axes, (ahead[-1], last[end]), number(last[end]), color=SOFT)
        middle = len(x) // 2
        published = say("baseline.fan_chart.published")
        axes.annotate(
            published, (x[middle], past.iloc[middle]), (0, 12), textcoords="offset points", color=BLUE, ha="center"
        )
        axes.annotate(
            say("baseline.fan_chart.projected"),
            (x[-1], start),
            (-6, 4),
            textcoords="offset points",
            color=ORANGE,
            ha="right",
        )
    axes.margins(x=0.0)
    year_ticks(axes, 4)
    grid(axes)


def methods_apart(years: pd.DataFrame) -> float:
    """How far the highest method's surplus of the next four quarters is above the lowest one's, in USD million."""
    return float(years["median"].max() - years["median"].min())


def methods_chart(known: Known, years: pd.DataFrame) -> Chart:
    """What each method puts the surplus of the next four quarters at, with its band."""
    ordered = years.sort_values("median", ascending=False)
    shown = ordered[["median", "low", "high"]] / USD_MN_PER_BN
    colours = [ORANGE if name == DEFAULT else PALE for name in ordered.index]

    def marks(axes: Axes) -> None:
        for row, (_, one) in enumerate(shown.iterrows()):
            axes.plot([one["low"], one["high"]], [row, row], color=INK, lw=1.4)

    labels = [(one["high"], number(one["median"])) for _, one in shown.iterrows()]
    names = [method_head(str(name)) for name in ordered.index]
    first, last = known.first, known.first + QUARTERS_A_YEAR - 1
    said = {"first": first, "last": last, "nominal": NOMINAL, "reporter": known.reporter}
    said |= {"high": method_words(ordered.index[0]), "low": method_words(ordered.index[-1])}
    words = of_chart("baseline.methods_chart", apart=methods_apart(years), methods=len(ordered), **said)
    heights = (0.3 * len(names) + 0.3, 0.4 * len(names) + 0.3)
    draw = bars(names, [{"width": list(shown["median"]), "color": colours}], labels, marks=marks)
    return Chart(draw, heights, **words, sources=known.figure_sources, data=next_years_table(known, years))


def a_year_ahead(found: pd.DataFrame, last: int = 16) -> pd.DataFrame:
    """What the method that scenarios stand on had put the surplus of the last quarters at a year before: median, low
    and high in USD million by quarter, the outturn, and whether it was `inside` and `above` the median."""
    used = _used(found)
    own = found[(found["method"] == used) & (found["series"] == "gap") & (found["horizon"] == QUARTERS_A_YEAR)]
    shown = own.dropna(subset=["low"]).sort_values("quarter").iloc[-last:].set_index("quarter")
    is_inside = shown["outturn"].between(shown["low"], shown["high"])
    amounts = shown[["median", "low", "high", "outturn"]]
    return amounts.assign(inside=is_inside, above=shown["outturn"] > shown["median"])


def record_chart(known: Known, found: pd.DataFrame) -> Chart:
    """The surplus as it came, and what the method that scenarios stand on had put it at a year before."""
    shown = a_year_ahead(found)
    bn = shown[["median", "low", "high", "outturn"]] / USD_MN_PER_BN

    def draw(figure: Figure) -> None:
        axes, x = figure.subplots(), years_of(bn.index, 0.5)
        spread = either_side(bn, "median", "low", "high")
        axes.errorbar(x, bn["median"], yerr=spread, fmt="s", ms=3, color=ORANGE, ecolor=PALE_ORANGE, elinewidth=2.5)
        axes.plot(x, bn["outturn"], color=INK, lw=1.8)
        came, put = bn["outturn"].iloc[-1], bn["median"].iloc[-1]
        sides = ("bottom", "top") if came >= put else ("top", "bottom")  # however near they are
        beside(axes, (x[-1], came), say("baseline.record_chart.came"), color=INK, va=sides[0])
        beside(axes, (x[-1], put), say("baseline.record_chart.put"), color=ORANGE, va=sides[1])
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        year_ticks(axes, 6)
        grid(axes)

    said = {"inside": shown["inside"].sum(), "above": shown["above"].sum(), "of": len(shown)}
    said |= {"nominal": NOMINAL, "reporter": known.reporter}
    words = of_chart("baseline.record_chart", first=bn.index[0], last=bn.index[-1], **said)
    columns: dict[str, Callable[[pd.Series], str]] = {
        "Quarter": lambda row: period(row.name),
        "A year before, bn": _range,
        "As it came, bn": lambda row: billions(row["outturn"]),
    }
    return Chart(draw, (2.5, 2.7), **words, sources=known.figure_sources, data=table(shown[::-1], columns))


def coverage_chart(known: Known, found: pd.DataFrame, quiet_to: pd.Period | None) -> Chart:
    """The share of outturns inside the band of the method that scenarios stand on, by period and horizon."""
    used = _used(found)
    rows = [
        (sample, horizon, row)
        for sample, part in samples(found, quiet_to).items()
        for horizon, row in _of_gap(part).xs(used, level="method").iterrows()
        if row["n_bands"]
    ]

    def marks(axes: Axes) -> None:
        axes.axvline(NOMINAL, color=LINE, lw=1.5)
        for at, (_, _, row) in enumerate(rows):
            if not pd.isna(row["coverage_low"]):
                axes.plot([row["coverage_low"], row["coverage_high"]], [at, at], color=PALE, lw=2.5)
            axes.plot([row["coverage"]], [at], color=BLUE, marker="o", ms=6)

    def last(axes: Axes) -> None:
        axes.set_xlim(0, 1.3 if is_narrow(axes) else 1.15)

    labels = [(1.02, say("baseline.coverage_chart.held", row=row)) for _, _, row in rows]
    names = [f"{sample}, {say('baseline.ahead', count=horizon)}" for sample, horizon, _ in rows]
    held, of = in_band(found)
    words = of_chart("baseline.coverage_chart", nominal=NOMINAL, held=held, of=of, reporter=known.reporter)
    inside = {label("In the band"): [_coverage(row) for _, _, row in rows]}
    data = pd.DataFrame(inside, index=pd.Index(names, name=label("Period")))
    heights = (0.28 * len(rows) + 0.3, 0.4 * len(rows) + 0.3)
    draw = bars(names, (), labels, marks=marks, last=last)
    return Chart(draw, heights, **words, sources=known.figure_sources, data=data)
