"""How far trade has strayed from a baseline, and draws of the paths it may take: the fan around the path.

A method's errors are those it made: it forecasts from each of the last ORIGINS quarters before the origin, from the
data up to there only (the newest release's, not what was printed at the time), and its errors are the logs of outturn
over forecast. Their size at each horizon is a root mean square about zero, so that a method that runs low by habit has
a wider fan, not a moved one, and never falls as the horizon grows. Fifteen years of origins, more than the ten that
parameters rest on: rare large errors make the size, and spans of eight quarters overlap, so that sixty origins hold
about seven of them. On the US book an 80 % interval of the gap then held 85, 79 and 87 % of outturns 1, 4 and 8
quarters ahead (sarima, 60 origins); ten years of errors 77, 68 and 68 %, twenty years, with the opening of trade in
them, 90, 86 and 96 %. That record was known when the number was chosen, so its coverage is a fit more than a test.

Over horizons an error is a random walk scaled to those sizes: size(h) / sqrt(h) times the sum of h standard normal
steps, so that errors h and k quarters ahead correlate by sqrt(h / k). On the US book (60 origins) the size of a
four-quarter mean that follows from it is 0 to 22 % above the observed, 14 % for the exports of sarima and 4 % for those
of hold: bands of yearly sums are a little wide. The steps of exports and imports correlate as the errors at each
horizon did. Beyond the last horizon with enough errors the same walk goes on, so that its size grows with the square
root of time: nothing can be measured there, an error that stops growing would claim that trade returns to the path, and
one that grows faster that it runs away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from .baseline import COLUMNS, FIXED, METHODS, WINDOW, Baseline, above_zero, estimated_on, forecast, method_of
from .methods import FEWEST_ERRORS, HORIZON, Array
from .nowcast import Nowcast

ORIGINS = 60
LARGEST_CORRELATION = 0.95  # of one step: differences of estimates can pass 1, where no walk exists


@dataclass(frozen=True)
class Errors:
    """Sizes of log errors by horizon, their correlation between the flows, and how many errors each rests on.

    `sizes` has a row a flow in the order of COLUMNS; `counts` is the number of origins by horizon.
    """

    sizes: tuple[tuple[float, ...], ...]
    correlations: tuple[float, ...]
    counts: tuple[int, ...]

    def size(self, quarters: int) -> Array:
        """The size of each flow's error, a column a quarter ahead; a walk's beyond the measured ones."""
        measured = len(self.counts)
        ahead = np.arange(1, quarters + 1)
        within = np.minimum(ahead, measured)
        return np.array(self.sizes)[:, within - 1] * np.sqrt(ahead / within)

    def step_correlation(self, quarters: int) -> Array:
        """The correlation of the two walks' steps, by which the errors correlate as measured."""
        measured = len(self.counts)
        of_sums = np.array([0.0, *self.correlations]) * np.arange(measured + 1)
        steps = np.clip(np.diff(of_sums), -LARGEST_CORRELATION, LARGEST_CORRELATION)
        return np.concatenate([steps, np.full(max(0, quarters - measured), self.correlations[-1])])[:quarters]

    def walk(self, first: Array, own: Array) -> list[Array]:
        """Log errors of exports and imports, a row a draw, a column a quarter, from independent standard normals."""
        quarters = first.shape[1]
        together = self.step_correlation(quarters)
        scale = self.size(quarters) / np.sqrt(np.arange(1, quarters + 1))
        steps = (first, together * first + np.sqrt(1 - together**2) * own)
        return [size * step.cumsum(axis=1) for size, step in zip(scale, steps, strict=True)]


@dataclass(frozen=True)
class Fan:
    """A path without deals and its errors; `errors` is None where the path is stated, and has none.

    Where the first quarter is a `nowcast`, it has that one's error, and the method's begin after it.
    """

    path: pd.DataFrame
    errors: Errors | None
    nowcast: Nowcast | None = None

    def draw(self, normals: Array) -> tuple[Array, Array]:
        """Exports and imports in USD million, a row a draw, a column a quarter.

        `normals` are independent standard normals, draws x quarters x 2; the caller owns their streams (from uniforms:
        `scipy.special.ndtri`). Normals of zero give the path, which is the median of every quarter's draws.
        """
        median = self.path[COLUMNS].to_numpy().astype(float).T
        draws, quarters, flows = normals.shape
        if (quarters, flows) != (median.shape[1], len(COLUMNS)):
            raise ValueError(f"the normals are for {quarters} quarters of {flows} flows, the path has {median.shape}")
        if self.errors is None:
            exports, imports = (np.tile(row, (draws, 1)) for row in median)
            return exports, imports
        first, own = normals[:, :, 0], normals[:, :, 1]
        if self.nowcast is None:
            logs = self.errors.walk(first, own)
        else:
            now = self.nowcast.errors(first[:, :1], own[:, :1])
            later = self.errors.walk(first[:, 1:], own[:, 1:])
            logs = [np.hstack([start, start + walk]) for start, walk in zip(now, later, strict=True)]
        exports, imports = (level * np.exp(log) for level, log in zip(median, logs, strict=True))
        return exports, imports

    @property
    def gap(self) -> Array:
        """The path's gap in USD million, rounded to floats only then: what is the same by two methods stays so."""
        return np.asarray(self.path[COLUMNS[0]] - self.path[COLUMNS[1]], dtype=float)

    def draw_gap(self, normals: Array) -> Array:
        """As `draw`, exports less imports."""
        exports, imports = self.draw(normals)
        return exports - imports


def fan(
    baseline: Baseline, history: pd.DataFrame, first: pd.Period, quarters: int, running: Nowcast | None = None
) -> Fan:
    """The path of `path` with the errors its method has made on this history, and the nowcast its own.

    Raises ValueError where the history is too short for the method, or for its errors: a band needs `needed_quarters`.
    """
    found = path(baseline, history, first, quarters, running)
    return Fan(found, None, None) if baseline.is_stated else Fan(found, errors(baseline, history), running)


def path(
    baseline: Baseline, history: pd.DataFrame, first: pd.Period, quarters: int, running: Nowcast | None = None
) -> pd.DataFrame:
    """The path of `baseline.forecast`; where `first` is a running quarter, its nowcast and the forecast from there."""
    if running is None or baseline.is_stated:
        return forecast(baseline, history, first, quarters)
    longer = pd.concat([history[COLUMNS], running.path])
    return pd.concat([running.path, forecast(baseline, longer, first + 1, quarters - 1)])


def needed_quarters(method: str) -> int:
    """How many quarters of trade above zero a method's path with its errors needs."""
    return 0 if method == FIXED else method_of(method).needs + FEWEST_ERRORS


def errors(baseline: Baseline, history: pd.DataFrame) -> Errors:
    """What a method's errors were before the end of a history, or up to `estimate_to`. Raises ValueError if too few."""
    known = above_zero(history)[COLUMNS]
    known = known.iloc[: estimated_on(baseline, known)]
    needed = needed_quarters(baseline.method)
    if len(known) < needed:
        raise ValueError(
            f"the errors of baseline {baseline.method!r} need {needed} quarters of history above zero, "
            f"there are {len(known)}"
        )
    return _summary(log_errors(baseline.method, known, range(max(baseline.needs, len(known) - ORIGINS), len(known))))


def _summary(found: Array) -> Errors:
    """From errors by origin, flow and horizon (not a number: not over yet), those horizons with enough of them."""
    counts = np.isfinite(found[:, 0, :]).sum(axis=0)
    found = found[:, :, counts >= FEWEST_ERRORS]
    sizes = np.maximum.accumulate(np.sqrt(np.nanmean(found**2, axis=0)), axis=1)
    exports, imports = found[:, 0, :], found[:, 1, :]
    both = np.sqrt(np.nansum(exports**2, axis=0) * np.nansum(imports**2, axis=0))
    together = np.nansum(exports * imports, axis=0) / np.where(both > 0, both, 1.0)
    enough = counts[counts >= FEWEST_ERRORS]
    return Errors(tuple(map(tuple, sizes.tolist())), tuple(together.tolist()), tuple(enough.tolist()))


def log_errors(method: str, history: pd.DataFrame, origins: Sequence[int]) -> Array:
    """Logs of outturn over forecast from the quarters before each origin, by origin, flow and horizon.

    Quarters after the end of the history are not a number. All quarters have to be above zero.
    """
    columns = [tuple(history[name]) for name in COLUMNS]
    path = np.array([[_path(method, values[max(0, at - WINDOW) : at]) for values in columns] for at in origins])
    known = np.full((len(COLUMNS), len(history) + HORIZON), np.nan)
    known[:, : len(history)] = columns
    outturn = np.stack([known[:, origin : origin + HORIZON] for origin in origins])
    return np.asarray(np.log(outturn) - np.log(path))


@cache
def _path(method: str, values: tuple[Any, ...]) -> Array:
    """A method's path from the quarters of its window, kept: one origin's path serves every later one."""
    exact = [Fraction(value) for value in values]
    return np.array(METHODS[method].forecast(exact, len(exact)), dtype=float)
