"""The measures that one scenario is held against another by, a row each, named by their path in `run --json`."""

from typing import Any

from ..words.plain import plain
from .answer import Range, Solution, of_which

POINTS = ("mean", "p05", "p50", "p95")
COLUMNS = ("measure", "year", *POINTS)
MN = "_usd_mn"
ADDITIONAL = f"additional{MN}"


def measures(answer: Solution) -> list[list[Any]]:
    """Rows of COLUMNS: sums in USD million, shares as fractions, to nine decimals; a calendar year, or None for what is
    of the whole horizon. Points are None where a measure has no range, and all where it is not defined."""
    ranges: dict[str, Range | None] = {
        f"credited{MN}": answer.credited,
        f"delivered_in_horizon{MN}": answer.delivered,
        ADDITIONAL: answer.additional,
        "closure.annual_rate": answer.annual_rate,
        "closure.best_year": answer.best_year_rate,
        "closure.against_baseline": answer.baseline_closure,
        "months_of_todays_gap": answer.months_of_todays_gap,
    }
    split = of_which(answer)
    alone = {} if split is None else {f"of_which.{name}{MN}": part for name, part in split._asdict().items()}
    alone |= {f"gap_last_four_quarters{MN}": answer.gap_last_four}
    alone |= {"probability_closed": answer.simulated.probability_closed}
    years = answer.by_year[[f"additional_{point}{MN}" for point in POINTS]]
    return [
        *([name, None, *_points(found)] for name, found in ranges.items()),
        *([name, None, plain(value), None, None, None] for name, value in alone.items()),
        *([f"by_year.{ADDITIONAL}", int(year), *map(plain, row)] for year, *row in years.itertuples()),
    ]


def _points(found: Range | None) -> list[Any]:
    return [None] * len(POINTS) if found is None else [plain(found.points[point]) for point in POINTS]
