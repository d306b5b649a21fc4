"""How good a forecast was, once the outturn is known. In the unit of what is forecast; smaller is better.

Sources: Gneiting and Raftery (2007), "Strictly proper scoring rules, prediction, and estimation".
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

LOW, HIGH = 0.05, 0.95  # the points of every band here
OUTSIDE = LOW + 1 - HIGH  # the share that such a band leaves out


def is_inside(low: float, high: float, outturn: float) -> bool:
    """Whether the outturn lies in a band, ends included."""
    return low <= outturn <= high


def interval_score(low: float, high: float, outturn: float) -> float:
    """Winkler's score of a 5 to 95 % band: its width, and 2 / 0.1 times what the outturn lies outside of it."""
    missed = max(low - outturn, 0.0) + max(outturn - high, 0.0)
    return high - low + 2 / OUTSIDE * missed


def crps(draws: Array, outturn: float) -> float:
    """The continuous ranked probability score of a sample: mean |x - y| less half the mean |x - x'|."""
    ordered, n = np.sort(draws.astype(float)), len(draws)
    spread = ((2 * np.arange(1, n + 1) - n - 1) * ordered).sum() / n**2
    return float(np.abs(ordered - outturn).mean() - spread)
