"""How far a forecast was off: proper scores of a band, of a sample and of a grid of quantiles, in the unit forecast.

The continuous ranked probability score is that of Gneiting and Raftery (2007, "Strictly proper scoring rules,
prediction, and estimation", JASA 102), smaller is better: one score, of draws or of what was kept of them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .methods import Array

LOW, HIGH = 0.05, 0.95  # the points of every band here
OUTSIDE = LOW + 1 - HIGH  # the share that such a band leaves out


def interval_score(low: Any, high: Any, outturn: Any) -> Any:
    """Winkler's score of a 5 to 95 % band: its width, and 2 / 0.1 times what the outturn lies outside of it."""
    return high - low + 2 / OUTSIDE * (np.maximum(low - outturn, 0.0) + np.maximum(outturn - high, 0.0))


def score_of_band(low: float, middle: float, high: float, outturn: float) -> dict[str, Any]:
    """How a 5 to 95 % band and its median did, beside the outturn, in the unit of what was forecast."""
    return {
        "p05": low,
        "p50": middle,
        "p95": high,
        "outturn": outturn,
        "is_inside": low <= outturn <= high,
        "error": abs(outturn - middle),
        "interval_score": float(interval_score(low, high, outturn)),
    }


def crps_of_sample(draws: Array, outturn: float) -> float:
    """The CRPS of draws: mean |x - y| less half the mean |x - x'|."""
    ordered, n = np.sort(draws.astype(float)), len(draws)
    spread = ((2 * np.arange(1, n + 1) - n - 1) * ordered).sum() / n**2
    return float(np.abs(ordered - outturn).mean() - spread)


def crps_of_quantiles(probabilities: Sequence[float], quantiles: Sequence[float], outturn: float) -> float:
    """The CRPS of a grid: twice the pinball loss over all probabilities, each for those nearer to it than to its
    neighbours."""
    levels, points = np.array(probabilities), np.array(quantiles)
    edges = np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2, [1.0]])
    loss = (outturn - points) * (levels - (outturn < points))
    return float(2 * (np.diff(edges) * loss).sum())


def pit_of_quantiles(probabilities: Sequence[float], quantiles: Sequence[float], outturn: float) -> float:
    """The probability integral transform, that of what is below an outturn; 0 or 1 outside the grid."""
    return float(np.interp(outturn, quantiles, probabilities, left=0.0, right=1.0))
