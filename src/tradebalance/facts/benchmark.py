"""Fragments as a Gaussian system over monthly ratios to a mirror series, and how its settings are found.

Each fragment is one linear statement about unknown months x = c r, where c is what the other side recorded and r a
ratio that drifts as a random walk. What fragments leave open is predicted under the settings (the drift, the months
that goods travel, how far counts and estimates miss) that best predict what was counted later.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..words.terms import Flow
from .fragments import Fragment

Array = np.ndarray[Any, Any]
Rows = dict[Flow, Array]
Fits = Mapping[str, Sequence[float]]  # what a fit rests on -> where the search ended
SIGNS: dict[str, dict[Flow, int]] = {
    "export": {Flow.EXPORT: 1},
    "import": {Flow.IMPORT: 1},
    "balance": {Flow.EXPORT: 1, Flow.IMPORT: -1},
}
MEASURES = {"exports": SIGNS["export"], "imports": SIGNS["import"], "gap": SIGNS["balance"]}
# The ratio's start is left open: mirror figures of one trade differ by tens of per cent, not by factors.
RATIO_START, RATIO_START_SD = 1.0, 0.5
# Goods leave before they arrive: the mirror of an export is booked later, that of an import earlier.
MIRROR_SHIFT = {Flow.EXPORT: -1, Flow.IMPORT: 1}
# "Nearly 134" and "over 6" stop somewhere within the next unit: twice the half unit of a rounded figure.
VAGUE_WIDTH = 2.0
# Where the search for the settings starts and what it may not leave: drifts and errors by their logarithms.
SEARCH = {
    "drift_export": (-3.0, (-7.0, 0.0)),
    "drift_import": (-3.0, (-7.0, 0.0)),
    "lag_export": (0.5, (0.0, 1.0)),
    "lag_import": (0.5, (0.0, 1.0)),
    "count_error": (-6.0, (-9.0, -2.0)),
    "estimate_extra_error": (-5.0, (-9.0, -2.0)),
}


@dataclass(frozen=True)
class Settings:
    """What the likelihood settles: the ratio's monthly drift and the months that goods travel, by flow,
    and the relative errors of a count and, larger, of an estimate printed before the count.

    `found` is where the search among SEARCH ended, which all of them follow from, `rests_on` the checksum of what it
    was searched in."""

    drift: Mapping[Flow, float]
    lag: Mapping[Flow, float]
    count_error: float
    estimate_error: float
    found: tuple[float, ...] = ()
    rests_on: str = ""


@dataclass(frozen=True)
class Moments:
    """What the fragments' covariance is made of for one flow, whatever the lag and the drift.

    Each statement loads on the ratio's start (`starts`, a row without and a row with the lag's month)
    and on its later steps; `products` are those loadings' products: without by without, mixed, with by
    with. The likelihood then needs matrices of the fragments' number only, too small for an
    arithmetic library to hand to threads that wait for one another on a busy machine.
    """

    starts: Array
    products: tuple[Array, Array, Array]

    def covariance(self, drift: float, lag: float) -> Array:
        """The fragments' covariance by what is unknown of the ratio, in USD million squared."""
        start = (1 - lag) * self.starts[0] + lag * self.starts[1]
        shares = ((1 - lag) ** 2, lag * (1 - lag), lag**2)
        steps = sum(share * product for share, product in zip(shares, self.products, strict=True))
        found: Array = RATIO_START_SD**2 * np.outer(start, start) + drift**2 * steps
        return found

    def mean(self, lag: float) -> Array:
        """What the fragments would print if the ratio stayed at its start."""
        found: Array = RATIO_START * ((1 - lag) * self.starts[0] + lag * self.starts[1])
        return found


@dataclass(frozen=True)
class System:
    """Fragments as statements about monthly ratios: `printed` = patterns x mirror x ratio + error, in USD million.

    `patterns` has a row a fragment and a column a month: 1 in a level's span, minus 1 + growth in the
    span that a growth rate is over. `mirror` and `shifted` are the other side's months, and the same
    a month on.
    """

    fragments: tuple[Fragment, ...]
    months: pd.PeriodIndex
    patterns: Rows
    mirror: Mapping[Flow, Array]
    shifted: Mapping[Flow, Array]
    printed: Array
    size: Array
    half_unit: Array
    moments: Mapping[Flow, Moments]

    def rows(self, patterns: Rows, settings: Settings) -> Rows:
        """Patterns as coefficients of the monthly ratios."""
        return {
            flow: pattern * ((1 - settings.lag[flow]) * self.mirror[flow] + settings.lag[flow] * self.shifted[flow])
            for flow, pattern in patterns.items()
        }

    def error_variance(self, settings: Settings) -> Array:
        """A uniform rounding error, and a relative one that is larger for estimates than for counts."""
        vague = np.array([VAGUE_WIDTH if f.is_vague else 1.0 for f in self.fragments])
        relative = [settings.estimate_error if f.is_estimate else settings.count_error for f in self.fragments]
        variance: Array = (self.half_unit * vague) ** 2 / 3 + (np.array(relative) * self.size) ** 2
        return variance


def system(fragments: Sequence[Fragment], mirror: pd.DataFrame) -> System:
    """The statements that fragments make, on the mirror's months (columns export and import, USD million)."""
    first = min(month for fragment in fragments for month in fragment.months)
    months = pd.period_range(first, mirror.index[-1], freq="M")
    c = {flow: mirror[flow].astype(float) for flow in Flow}
    values = {flow: c[flow].reindex(months).to_numpy() for flow in Flow}
    shifted = {flow: c[flow].shift(MIRROR_SHIFT[flow]).fillna(c[flow]).reindex(months).to_numpy() for flow in Flow}
    patterns = {flow: np.array([_pattern(fragment, flow, months) for fragment in fragments]) for flow in Flow}
    growth = np.array([fragment.against is not None for fragment in fragments])
    value = np.array([float(fragment.value) for fragment in fragments])
    reference = sum(np.minimum(patterns[flow], 0) @ values[flow] for flow in Flow)
    size = np.where(growth, np.abs(reference), np.abs(value))
    half = np.array([float(fragment.half_unit) for fragment in fragments]) * np.where(growth, size, 1.0)
    printed = np.where(growth, 0.0, value)
    moments = {flow: _moments(patterns[flow] * values[flow], patterns[flow] * shifted[flow]) for flow in Flow}
    return System(tuple(fragments), months, patterns, values, shifted, printed, size, half, moments)


def _moments(without: Array, with_lag: Array) -> Moments:
    whole = _from_month_on(without), _from_month_on(with_lag)
    one, two = (each[:, 1:] for each in whole)
    starts = np.array([each[:, 0] for each in whole])
    return Moments(starts, (one @ one.T, one @ two.T + two @ one.T, two @ two.T))


def _from_month_on(rows: Array) -> Array:
    """For each month the sum of a row from it on: what a step of the ratio in that month moves."""
    sums: Array = rows[:, ::-1].cumsum(axis=1)[:, ::-1]
    return sums


def _pattern(fragment: Fragment, flow: Flow, months: pd.PeriodIndex) -> Array:
    sign = SIGNS[fragment.flow].get(flow, 0)
    row: Array = sign * ((months >= fragment.first) & (months <= fragment.last)).astype(float)
    if fragment.against:
        then = (months >= fragment.against[0]) & (months <= fragment.against[1])
        row = row - sign * (1 + float(fragment.value)) * then
    return row


def reference_patterns(of: System) -> Rows:
    """The span that each growth rate is over, a row a fragment: the flow's sign in its months, 0 for a level."""
    spans = [f.against or (of.months[0], of.months[0] - 1) for f in of.fragments]
    inside = np.array([(of.months >= first) & (of.months <= last) for first, last in spans], dtype=float)
    signs = {flow: np.array([SIGNS[f.flow].get(flow, 0) for f in of.fragments]) for flow in Flow}
    return {flow: signs[flow][:, None] * inside for flow in Flow}


def span_pattern(of: System, quarters: Sequence[pd.Period]) -> Array:
    """1 in the months of the quarters."""
    pattern: Array = of.months.asfreq("Q").isin(list(quarters)).astype(float)
    return pattern


def _loadings(rows: Rows, settings: Settings) -> Array:
    """How rows load on what is unknown: the ratio's start, then its step in each month, by flow."""
    parts = []
    for flow, row in rows.items():
        from_month_on = _from_month_on(row)
        parts += [RATIO_START_SD * from_month_on[:, :1], settings.drift[flow] * from_month_on[:, 1:]]
    return np.hstack(parts)


def mirror_mean(rows: Rows) -> Array:
    """What rows of coefficients come to at the ratio expected before anything is printed, in USD million."""
    total: Array = RATIO_START * sum(row.sum(axis=1) for row in rows.values())
    return total


def predict(
    of: System, settings: Settings, patterns: Rows, keep: Sequence[int] | None = None
) -> tuple[Array, Array, Array]:
    """Value, standard error (USD million) and the fragments' weights of sums of months, a row a pattern.

    `keep` are the numbers of the fragments to use; default all.
    """
    used = np.arange(len(of.fragments)) if keep is None else np.asarray(keep, dtype=int)
    own = of.rows(of.patterns, settings)
    data, data_mean = _loadings(own, settings)[used], mirror_mean(own)[used]
    wanted = of.rows(patterns, settings)
    target = _loadings(wanted, settings)
    covariance = data @ data.T + np.diag(of.error_variance(settings)[used])
    weights = np.linalg.solve(covariance, data @ target.T).T
    value = mirror_mean(wanted) + weights @ (of.printed[used] - data_mean)
    variance = (target**2).sum(axis=1) - (weights * (target @ data.T)).sum(axis=1)
    return value, np.sqrt(np.maximum(variance, 0.0)), weights


def leave_one_out(of: System, settings: Settings) -> tuple[Array, Array]:
    """Each fragment's error when predicted from all others, and that prediction's variance (USD million)."""
    covariance = np.diag(of.error_variance(settings))
    mean = np.zeros_like(of.printed)
    for flow, moments in of.moments.items():
        covariance = covariance + moments.covariance(settings.drift[flow], settings.lag[flow])
        mean = mean + moments.mean(settings.lag[flow])
    inverse = np.linalg.inv(covariance)
    precision = np.diag(inverse)
    return inverse @ (of.printed - mean) / precision, 1 / precision


Truth = Mapping[tuple[Flow, pd.Period], float]  # a flow and quarter that was counted later, in USD million


def rests_on(of: System, truth: Truth) -> str:
    """A checksum of what the settings follow from: every fragment, month of the mirror and quarter counted later."""
    months = "".join(f"{flow}{of.mirror[flow].tolist()}" for flow in Flow)
    return hashlib.sha256(f"{of.fragments}{months}{sorted(truth.items())}".encode()).hexdigest()


def fit(of: System, kept: Fits, truth: Truth) -> Settings:
    """The settings under which fragments alone best predict the quarters counted later; where none was, those under
    which each fragment is best predicted by the others (Gaussian likelihoods, in USD million).

    What the office counted later is the harder judge: fragments agree with one another where they repeat one release.
    Rounded to two digits, which the likelihood cannot tell apart, so that another machine's last bit moves no figure.
    What is `kept` of an earlier search over the same is not searched again.
    """
    of_what = rests_on(of, truth)
    if kept_ := kept.get(of_what):
        return _settings(np.array(kept_), of_what)
    from scipy import optimize

    patterns = {flow: np.array([span_pattern(of, [q]) * (each is flow) for each, q in truth]) for flow in Flow}

    def loss(vector: Array) -> float:
        settings = _settings(vector)
        if truth:
            value, error, _ = predict(of, settings, patterns)
            miss, variance = np.array([*truth.values()]) - value, error**2
        else:
            miss, variance = leave_one_out(of, settings)
        return float(0.5 * np.sum(np.log(variance) + miss**2 / variance))

    starts, bounds = zip(*SEARCH.values(), strict=True)
    options = {"maxiter": 4000, "xatol": 1e-3, "fatol": 1e-3, "adaptive": True}
    found = optimize.minimize(loss, starts, method="Nelder-Mead", bounds=bounds, options=options)
    return _settings(np.round(found.x, 2), of_what)


def _settings(vector: Array, of_what: str = "") -> Settings:
    at = dict(zip(SEARCH, (float(v) for v in vector), strict=True))
    return Settings(
        drift={Flow.EXPORT: float(np.exp(at["drift_export"])), Flow.IMPORT: float(np.exp(at["drift_import"]))},
        lag={Flow.EXPORT: at["lag_export"], Flow.IMPORT: at["lag_import"]},
        count_error=float(np.exp(at["count_error"])),
        estimate_error=float(np.exp(at["count_error"]) + np.exp(at["estimate_extra_error"])),
        found=tuple(at.values()),
        rests_on=of_what,
    )
