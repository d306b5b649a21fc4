"""Facts and answers as plain types for JSON: USD million to a dollar, shares to nine decimals."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import pandas as pd

from . import __version__, backtest
from .answer import Answer, contributions
from .comparison import decisions
from .known import Known
from .replay import Trial, errors_by_horizon
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
        "is_replay": known.is_replay,
        "with_hindsight": list(answer.hindsight),
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
            "against_baseline": _plain_range(answer.baseline_closure),
        },
        "months_of_todays_gap": _plain_range(answer.months_of_todays_gap),
        "first_quarter_closed": answer.first_quarter_closed and str(answer.first_quarter_closed),
        "probability_closed": simulated.probability_closed,
        "probability_at_or_below": _probabilities(answer),
        "by_quarter": [_quarter(answer, quarter) for quarter in answer.calendar.quarters],
        "by_year": [
            {"year": str(year), **{f"additional_{k}_usd_mn": v for k, v in (_plain_range(row) or {}).items()}}
            for year, row in simulated.by_year.iterrows()
        ],
        "contributions": _contributions(answer, "category"),
        "contributions_by_deal": _contributions(answer, "deal"),
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


def _contributions(answer: Answer, by: Literal["category", "deal"]) -> list[dict[str, object]]:
    additional = contributions(answer, by)["additional"]
    return [{by: str(name), "additional_mean_usd_mn": _plain(amount)} for name, amount in additional.items()]


def decisions_as_json(answers: Iterable[Answer]) -> list[dict[str, object]]:
    """What the deals of each scenario do to the gap under each baseline, a pair an entry, in USD million."""
    return [
        {
            "scenario": answer.scenario.name,
            "baseline": str(method),
            **{f"{name}_usd_mn": _plain(row[name]) for name in row.index if name != "closure"},
            "closure": None if row["closure"] is None else _plain(row["closure"]),
        }
        for answer in answers
        for method, row in decisions(answer).iterrows()
    ]


def attribution_as_json(spans: Mapping[str, pd.Series]) -> list[dict[str, object]]:
    """The terms of a change of the gap over each of some named spans, in USD million."""
    return [
        {"quarters": span, **{f"{term}_usd_mn": _plain(amount) for term, amount in terms.items()}}
        for span, terms in spans.items()
    ]


def comparison_as_json(
    answers: Sequence[Answer], spans: Mapping[str, pd.Series], replayed: Trial, successive: pd.DataFrame
) -> dict[str, object]:
    """What a comparison shows as plain types for JSON, in USD million."""
    books = [*(answer.known for answer in answers), replayed.answer.known]
    return {
        **known_as_json(*books),
        "scenarios": [answer.scenario.name for answer in answers],
        "decisions": decisions_as_json(answers),
        "attribution": attribution_as_json(spans),
        "replay": trial_as_json(replayed),
        "errors_by_horizon": [
            {"quarters_ahead": int(ahead), **{name: _plain(amount) for name, amount in row.items()}}
            for ahead, row in errors_by_horizon(successive).iterrows()
        ],
    }


def trial_as_json(found: Trial) -> dict[str, object]:
    """A replay against what was published since: bands and scores of the quarters' sum by baseline, in USD million."""
    return {
        "as_of": str(found.answer.known.as_of),
        "scenario": found.answer.scenario.name,
        "quarters": [str(quarter) for quarter in found.outturn.index],
        "with_hindsight": list(found.answer.hindsight),
        "baselines": [
            {
                "baseline": str(method),
                "is_inside": bool(row["is_inside"]),
                "quarters_inside": int(row["quarters_inside"]),
                **{
                    f"{name}_usd_mn": _plain(row[name])
                    for name in ("p05", "p50", "p95", "outturn", "error", "interval_score", "crps")
                },
            }
            for method, row in found.in_all.iterrows()
        ],
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
