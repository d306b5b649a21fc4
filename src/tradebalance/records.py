"""Facts and answers as plain types for JSON: USD million to a dollar, shares to nine decimals."""

from collections.abc import Iterable, Mapping

import pandas as pd

from . import __version__, backtest
from .answer import Answer, Known, contributions
from .simulation import Number
from .sources import Citation


def all_files(*books: Known) -> dict[str, str]:
    """Every input file of books shown side by side, those behind their revisions too -> sha256."""
    return {file: sha256 for book in books for file, sha256 in {**book.files, **book.revision_files}.items()}


def known_as_json(
    known: Known, *others: Known, sources: Iterable[Citation] = (), files: Mapping[str, str] | None = None
) -> dict[str, object]:
    """The facts as plain types for JSON, in USD million, with the sources and inputs of other books shown beside.

    `sources` and `files` (name to sha256) are those of whatever else is shown.
    """
    books = (known, *others)
    cited = [*(each for book in books for each in book.sources), *sources]
    return {
        "reporter": known.reporter,
        "home": known.pair.home,
        "partner": known.pair.partner,
        "as_of": str(known.as_of),
        "known": known.words,
        "announced_usd_mn": _plain(known.announced),
        "gap_last_four_quarters_usd_mn": _plain(known.gap_last_four),
        "last_four_quarters": [str(quarter) for quarter in known.last_four],
        "sources": [str(source) for source in dict.fromkeys(cited)],
        "inputs": {**all_files(*books), **(files or {})},
        "version": __version__,
    }


def baselines_as_json(known: Known, years: pd.DataFrame, found: pd.DataFrame) -> dict[str, object]:
    """The facts, each baseline's gap over the next four quarters in USD million, and the backtest's scores."""
    table = backtest.scores(found).round(6)
    rows = [dict(zip(table.index.names, key, strict=True)) | _numbers(row) for key, row in table.iterrows()]
    return {
        **known_as_json(known),
        "partner": known.partner,
        "chosen": backtest.choice(found),
        "origins": int(found["origin"].nunique()),
        "next_four_quarters_gap_usd_mn": {str(method): _numbers(row.round(1)) for method, row in years.iterrows()},
        "backtest": rows,
    }


def _numbers(row: pd.Series) -> dict[str, float | None]:
    """A row's numbers; None for one that is not a number, which JSON lacks."""
    return {str(name): None if pd.isna(value) else float(value) for name, value in row.items()}


def as_json(answer: Answer) -> dict[str, object]:
    """The answer as plain types for JSON: USD million to a dollar, shares to nine decimals."""
    simulated, scenario, known = answer.simulated, answer.scenario, answer.known
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "reporter": scenario.reporter,
        "home": known.pair.home,
        "partner": known.pair.partner,
        "as_of": str(known.as_of),
        "known": known.words,
        "changes": {name: str(value) for name, value in answer.inputs.changes.items()},
        "draws": simulated.draws,
        "seed": scenario.seed,
        "first_quarter": str(answer.calendar.first),
        "last_quarter": str(answer.calendar.quarters[-1]),
        "announced_usd_mn": _plain(known.announced),
        "bridge": [_step(step, row) for step, row in simulated.steps.iterrows()],
        **{f"{name}_usd_mn": _plain_range(simulated.totals.loc[row]) for name, row in TOTAL_KEYS.items()},
        "gap_last_four_quarters_usd_mn": _plain(answer.gap_last_four),
        "gap_last_four_quarters_se_usd_mn": known.gap_error and _plain(known.gap_error),
        "last_four_quarters": [str(quarter) for quarter in known.last_four],
        "closure": {
            "annual_rate": _plain_range(answer.annual_rate),
            "best_year": _plain_range(answer.best_year_rate),
            "best_year_label": str(answer.best_year),
        },
        "months_of_todays_gap": _plain_range(answer.months_of_todays_gap),
        "probability_closed": simulated.probability_closed,
        "probability_at_or_below": _probabilities(answer),
        "by_quarter": [_quarter(answer, quarter) for quarter in answer.calendar.quarters],
        "by_year": [
            {"year": str(year), **{f"additional_{k}_usd_mn": v for k, v in (_plain_range(row) or {}).items()}}
            for year, row in simulated.by_year.iterrows()
        ],
        "contributions": [
            {"category": str(category), "additional_mean_usd_mn": _plain(amount)}
            for category, amount in contributions(answer)["additional"].items()
        ],
        "warnings": [str(warning) for warning in answer.warnings],
        "sources": [str(source) for source in known.sources],
        "inputs": dict(known.files),
        "version": __version__,
    }


TOTAL_KEYS = {"credited": "credited", "delivered_in_horizon": "delivered", "additional": "additional"}


def _step(step: object, row: pd.Series) -> dict[str, object]:
    """A step's mean, its 5 and 95 % points, and its mean whatever the order."""
    low_high = {f"{point}_usd_mn": _plain(row[point]) for point in ("p05", "p95")}
    return {
        "step": str(step),
        "usd_mn": _plain(row["mean"]),
        **low_high,
        "order_free_usd_mn": _plain(row["order_free"]),
    }


def _probabilities(answer: Answer) -> list[dict[str, object]]:
    """The chance that four quarters' gap is at or below a share of today's, by the last quarter of each year."""
    table = answer.simulated.at_or_below
    return [
        {
            "four_quarters_to": str(quarter),
            "level_usd_mn": _plain(level),
            "probability": _plain(table.at[quarter, level]),
        }
        for quarter in table.index
        if quarter.quarter == 4
        for level in table.columns
    ]


def _quarter(answer: Answer, quarter: pd.Period) -> dict[str, object]:
    row, without = answer.simulated.gap.loc[quarter], answer.simulated.without_deals.loc[quarter]
    return {
        "quarter": str(quarter),
        "baseline_gap_p05_usd_mn": _plain(without["p05"]),
        "baseline_gap_p50_usd_mn": _plain(without["p50"]),
        "baseline_gap_p95_usd_mn": _plain(without["p95"]),
        "gap_p05_usd_mn": _plain(row["p05"]),
        "gap_p50_usd_mn": _plain(row["p50"]),
        "gap_p95_usd_mn": _plain(row["p95"]),
        "additional_mean_usd_mn": _plain(answer.simulated.by_component[quarter].sum()),
    }


def _plain_range(amounts: Mapping[str, Number] | pd.Series | None) -> dict[str, float] | None:
    return None if amounts is None else {str(name): _plain(amount) for name, amount in amounts.items()}


def _plain(amount: Number) -> float:
    return round(float(amount), 9)
