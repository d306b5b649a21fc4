"""How far trade has strayed from a baseline, and draws of the paths it may take: the fan around the path.

A method's errors are those it made: it forecasts from earlier quarters, from the data up to there only (the newest
release's, not what was printed at the time), and its errors are the logs of outturn over forecast. Their size at each
horizon is a root mean square about zero, so that a method that runs low by habit has a wider fan, not a moved one, and
never falls as the horizon grows.

The mixture's errors are pooled over partners (`pool`, data/pooled_errors.csv), because a single record holds few that
do not overlap: sizes are those of the last three whole years on four partners and of the last OWN quarters of the
record itself, their mean squares weighted by how many of the record's errors there are, OWN of them as much as the
pool. Three years and not fifteen, because errors come in regimes: exports' errors a year ahead were 5 to 8 % in
2013-18, 12 to 24 % in 2019-24 and 35 % in 2025. A size from so few is itself not known well, so it is widened as a
Student t with as many degrees of freedom as the pool has errors that do not overlap varies more than a normal. Over the
last 60 origins of the four partners 80 % bands held 79, 80 and 82 % of exports and imports 1, 4 and 8 quarters ahead to
2024, and 81, 78 and 82 % of gaps; in 2025-26 (three partners, six quarters) 75, 69 and 69 %, and 10, 9 and 8 of 18
gaps. The numbers of this (years, weight, widening) were chosen with that record known; two or four years, or half or
twice the record's weight, give the same within four points (two years: 87 % at eight quarters).

Other methods have the errors of their own record only, of ORIGINS quarters, and no more than they show there. So has
the mixture where the pool has no year before the forecast.

Over horizons an error is a random walk scaled to those sizes: size(h) / sqrt(h) times the sum of h standard normal
steps, so that errors h and k quarters ahead correlate by sqrt(h / k). On the US book (60 origins) the size of a
four-quarter mean that follows from it is 0 to 22 % above the observed, 14 % for the exports of sarima and 4 % for
those of hold: bands of yearly sums are a little wide. The steps of exports and imports correlate as the errors at
each horizon did. Beyond the last horizon with enough errors the same walk goes on, so that its size grows with the
square root of time. The mixture's grows from the size of all pooled years that were over, not of the last three, and
is never below that of two years: a regime need not last. From 2009 on bands so made held 84 to 89 % (80 % bands) and
91 to 95 % (5 to 95 %) of exports and imports 12 to 28 quarters ahead, on the four partners; grown from the last three
years' they were wider, and held 77 to 85 and 82 to 90 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import pandas as pd

from . import pool
from .baseline import (
    COLUMNS,
    DEFAULT,
    METHODS,
    SMALLEST_USD_MN,
    STATED,
    WINDOW,
    Baseline,
    above_zero,
    forecast,
    method_of,
)
from .methods import FEWEST_ERRORS, HORIZON, Array
from .nowcast import Nowcast
from .pool import Pooled

ORIGINS = 60  # fifteen years: rare large errors make the size, and spans of eight quarters overlap
OWN = 12  # quarters whose errors the mixture takes from the record itself, as long as the pool's three years
LEAST_APART = 3.0  # errors that do not overlap: a Student t with fewer degrees of freedom has no standard deviation
LARGEST_CORRELATION = 0.95  # of one step: differences of estimates can pass 1, where no walk exists


@dataclass(frozen=True)
class Errors:
    """Sizes of log errors by horizon, their correlation between the flows, and how many errors each rests on.

    `sizes` has a row a flow in the order of COLUMNS; `counts` is the number of origins by horizon. Beyond the last one
    a flow's size grows from that of `far`, where there is one, and is never smaller than at the last.
    """

    sizes: tuple[tuple[float, ...], ...]
    correlations: tuple[float, ...]
    counts: tuple[int, ...]
    far: tuple[float, ...] = ()

    def size(self, quarters: int) -> Array:
        """The size of each flow's error, a column a quarter ahead; a walk's beyond the measured ones."""
        measured, sizes = len(self.counts), np.array(self.sizes)
        ahead = np.arange(1, quarters + 1)
        within = sizes[:, np.minimum(ahead, measured) - 1]
        beyond = np.array(self.far or sizes[:, -1])[:, None] * np.sqrt(ahead / measured)
        return np.where(ahead > measured, np.maximum(within, beyond), within)

    def step_correlation(self, quarters: int) -> Array:
        """The correlation of the two walks' steps, by which the errors correlate as measured."""
        measured = len(self.counts)
        of_sums = np.array([0.0, *self.correlations]) * np.arange(measured + 1)
        steps = np.clip(np.diff(of_sums), -LARGEST_CORRELATION, LARGEST_CORRELATION)
        return np.concatenate([steps, np.full(max(0, quarters - measured), self.correlations[-1])])[:quarters]

    def walk(self, first: Array, own: Array) -> list[Array]:
        """Log errors of exports and imports, a row a quarter, a column a draw, from independent standard normals."""
        quarters = len(first)
        together = self.step_correlation(quarters)
        scale = self.size(quarters) / np.sqrt(np.arange(1, quarters + 1))
        rest = np.sqrt(1 - together**2)
        imports = (
            share * both + left * alone for share, both, left, alone in zip(together, first, rest, own, strict=True)
        )
        walks = accumulate(first), accumulate(imports)
        return [
            np.array([size * at for size, at in zip(sizes, walk, strict=True)]).reshape(first.shape)
            for sizes, walk in zip(scale, walks, strict=True)
        ]


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
        # a quarter's draws side by side: all that follows goes by quarters
        first, own = np.ascontiguousarray(normals.reshape(draws, -1).T).reshape(quarters, flows, draws).swapaxes(0, 1)
        if self.nowcast is None:
            logs = self.errors.walk(first, own)
        else:
            now = self.nowcast.errors(first[:1], own[:1])
            later = self.errors.walk(first[1:], own[1:])
            logs = [np.concatenate([start, start + walk]) for start, walk in zip(now, later, strict=True)]
        exports, imports = (level[:, None] * np.exp(log) for level, log in zip(median, logs, strict=True))
        return exports.T, imports.T

    def draw_pairs(self, normals: Array, draws: int) -> tuple[Array, Array]:
        """As `draw`, so many, each but the last of an odd number followed by the one with every error's sign turned.

        Antithetic draws (Hammersley and Morton 1956): medians of what the normals move one way are met exactly.
        """
        median = self.path[COLUMNS].to_numpy().astype(float).T
        exports, imports = (
            _paired(drawn.T, level[:, None])[:, :draws].T
            for drawn, level in zip(self.draw(normals), median, strict=True)
        )
        return exports, imports

    @property
    def gap(self) -> Array:
        """The path's gap in USD million, rounded to floats only then: what is the same by two methods stays so."""
        return np.asarray(self.path[COLUMNS[0]] - self.path[COLUMNS[1]], dtype=float)

    def draw_gap(self, normals: Array) -> Array:
        """As `draw`, exports less imports."""
        exports, imports = self.draw(normals)
        return exports - imports


def _paired(drawn: Array, median: Array) -> Array:
    """Amounts, a column a draw, each beside that as far on the other side of the median in logs."""
    found = np.empty((len(drawn), 2 * drawn.shape[1]))
    found[:, ::2] = drawn
    np.divide(median**2, drawn, out=found[:, 1::2])
    return found


def fan(
    baseline: Baseline,
    history: pd.DataFrame,
    first: pd.Period,
    quarters: int,
    running: Nowcast | None = None,
    pooled: pd.DataFrame | None = None,
) -> Fan:
    """The path of `path` with the errors its method has made on this history, and the nowcast its own.

    `pooled` are the errors of several partners (`Known.pooled`), which the mixture's rest on too. Raises ValueError
    where the history is too short for the method, or for its errors: a band needs `needed_quarters`.
    """
    found = path(baseline, history, first, quarters, running)
    return Fan(found, None, None) if baseline.is_stated else Fan(found, errors(baseline, history, pooled), running)


def path(
    baseline: Baseline, history: pd.DataFrame, first: pd.Period, quarters: int, running: Nowcast | None = None
) -> pd.DataFrame:
    """The path of `baseline.forecast`; where `first` is a running quarter, its nowcast and the forecast from there."""
    if running is None or baseline.states_amounts:
        return forecast(baseline, history, first, quarters)
    longer = pd.concat([history[COLUMNS], running.path])
    return pd.concat([running.path, forecast(baseline, longer, first + 1, quarters - 1)])


def needed_quarters(method: str) -> int:
    """How many quarters of trade above zero a method's path with its errors needs; the mixture's come from others."""
    return 0 if method in STATED else method_of(method).needs + (0 if method == DEFAULT else FEWEST_ERRORS)


def errors(baseline: Baseline, history: pd.DataFrame, pooled: pd.DataFrame | None = None) -> Errors:
    """What a method's errors were before the end of a history, or up to `estimate_to`. Raises ValueError if too few."""
    known = above_zero(history)[COLUMNS]
    if baseline.estimate_to is not None:
        known = known.loc[: baseline.estimate_to]
    needed = needed_quarters(baseline.method)
    if len(known) < needed:
        raise ValueError(
            f"the errors of baseline {baseline.method!r} need {needed} quarters of history above zero, "
            f"there are {len(known)}"
        )
    origins = range(max(baseline.needs, len(known) - remembered(baseline.method)), len(known))
    return summary(baseline.method, log_errors(baseline.method, known, origins), known.index[-1] + 1, pooled)


def remembered(method: str) -> int:
    """How many origins before a forecast its errors come from."""
    return OWN + HORIZON - 1 if method == DEFAULT else ORIGINS


def summary(method: str, found: Array, first: pd.Period, pooled: pd.DataFrame | None = None) -> Errors:
    """The errors of a method known before a quarter, from those of the origins before it, oldest first.

    By origin, flow and horizon; those of quarters from `first` on are not a number. Raises ValueError where they are
    too few, and for the mixture without a table of `pooled` errors, which may be empty.
    """
    if method == DEFAULT and pooled is None:
        raise ValueError(f"the errors of {method!r} rest on those of several partners too: give the table of them")
    known = pool.before(pooled, first) if method == DEFAULT else None
    if known is not None:
        return _shared(found, known)
    if len(found) < FEWEST_ERRORS:
        reason = f"{FEWEST_ERRORS} errors of its own, as no year before {first} is pooled; there are {len(found)}"
        raise ValueError(f"baseline {method!r} needs {reason}")
    return _own(found)


def _own(found: Array) -> Errors:
    """From the horizons with enough errors."""
    counts = np.isfinite(found[:, 0, :]).sum(axis=0)
    found = found[:, :, counts >= FEWEST_ERRORS]
    squares, products = np.nanmean(found**2, axis=0), np.nanmean(found[:, 0, :] * found[:, 1, :], axis=0)
    return _errors(squares, products, counts[counts >= FEWEST_ERRORS])


def _errors(
    squares: Array, products: Array, counts: Array, widened: Array | float = 1.0, far: tuple[float, ...] = ()
) -> Errors:
    """From mean squares by flow and mean products of the flows, by horizon."""
    both = np.sqrt(squares.prod(axis=0))
    together = products / np.where(both > 0, both, 1.0)
    sizes = np.maximum.accumulate(np.sqrt(squares) * widened, axis=1)
    return Errors(tuple(map(tuple, sizes.tolist())), tuple(together.tolist()), tuple(counts.tolist()), far)


def _shared(found: Array, pooled: Pooled) -> Errors:
    """From the record's errors of the last OWN quarters and the pool's, weighted by their number."""
    origins = np.arange(len(found))[:, None] + np.arange(1, HORIZON + 1)  # the outturn's place after the first origin
    recent = np.where(((origins > len(found) - OWN) & (origins <= len(found)))[:, None, :], found, np.nan)
    counts = np.isfinite(recent[:, 0, :]).sum(axis=0)
    sums = np.nansum(recent**2, axis=0), np.nansum(recent[:, 0, :] * recent[:, 1, :], axis=0)
    of_pool = pooled.squares, pooled.products
    squares, products = ((own + OWN * of) / (counts + OWN) for own, of in zip(sums, of_pool, strict=True))
    apart = np.maximum(pooled.number / np.arange(1, HORIZON + 1), LEAST_APART)
    widened, far = np.sqrt(apart / (apart - 2)), tuple(np.sqrt(pooled.of_all_years).tolist())
    return _errors(squares, products, counts + pooled.number, widened, far)


def log_errors(method: str, history: pd.DataFrame, origins: Sequence[int]) -> Array:
    """Logs of outturn over forecast from the quarters before each origin, by origin, flow and horizon.

    Quarters after the end of the history are not a number. All quarters have to be above zero.
    """
    return against(past_paths(method, history, origins), history, origins)


def past_paths(method: str, history: pd.DataFrame, origins: Sequence[int]) -> Array:
    """A method's paths from the quarters before each origin in USD million, by origin, flow and horizon."""
    values = history[COLUMNS].to_numpy().astype(float).T
    starts = [max(0, origin - WINDOW) for origin in origins]
    lengths = np.array([origin - start for origin, start in zip(origins, starts, strict=True)])
    found = np.empty((len(lengths), len(COLUMNS), HORIZON))
    for length in np.unique(lengths):
        at = np.flatnonzero(lengths == length)
        windows = np.concatenate([values[:, starts[row] : starts[row] + length] for row in at])
        found[at] = METHODS[method].forecast(windows, int(length)).reshape(len(at), len(COLUMNS), HORIZON)
    return np.maximum(found.round(1), float(SMALLEST_USD_MN)) if METHODS[method].is_estimated else found


def against(paths: Array, history: pd.DataFrame, origins: Sequence[int]) -> Array:
    """Logs of outturn over the paths from each origin; not a number after the end of the history."""
    known = np.full((len(COLUMNS), len(history) + HORIZON), np.nan)
    known[:, : len(history)] = history[COLUMNS].to_numpy().astype(float).T
    outturn = np.array([known[:, origin : origin + HORIZON] for origin in origins]).reshape(paths.shape)
    return np.asarray(np.log(outturn) - np.log(paths))
