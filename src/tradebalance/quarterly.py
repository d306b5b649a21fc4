"""Printed fragments and the mirror series -> a full quarterly series with standard errors.

A book is sometimes printed in pieces only: months, quarters, year to date, years, growth rates,
surpluses. Each piece is one linear statement about unknown months x = c r, where c is what the
other side recorded and r a ratio that drifts. The answer keeps r smooth and the pieces true within
their rounding: proportional Denton benchmarking with noisy benchmarks (IMF, Quarterly National
Accounts Manual, ch. 6), solved as one Gaussian system, exports and imports together, since a
surplus ties them. How fast r drifts, how far pieces miss and how long goods travel are estimated
by leave-one-out likelihood. Any pair with fragments and a mirror series will do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .fragments import Fragment
from .terms import Flow, Origin

Array = np.ndarray[Any, Any]
Rows = dict[Flow, Array]

SIGNS: dict[str, dict[Flow, int]] = {
    "export": {Flow.EXPORT: 1},
    "import": {Flow.IMPORT: 1},
    "balance": {Flow.EXPORT: 1, Flow.IMPORT: -1},
}
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
    and the relative errors of a count and, larger, of an estimate printed before the count."""

    drift: Mapping[Flow, float]
    lag: Mapping[Flow, float]
    count_error: float
    estimate_error: float


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


@dataclass(frozen=True)
class Reconciled:
    """The reconciled book.

    `quarters`: a row a flow and quarter, with value_usd_mn, se_usd_mn and origin. `residuals`: a row a
    fragment, as printed, as fitted, as predicted without it, the prediction's standard error and
    their distance `z` in it. `weights`: how much each fragment (row) moves each flow and quarter
    (column), per USD million printed.
    """

    system: System
    settings: Settings
    quarters: pd.DataFrame
    residuals: pd.DataFrame
    weights: pd.DataFrame

    def total(self, signs: Mapping[Flow, int], quarters: Sequence[pd.Period]) -> tuple[float, float, Array]:
        """A signed sum of flows over quarters, its standard error (USD million), and the fragments' weights in it."""
        pattern = np.sum([quarter_pattern(self.system, quarter) for quarter in quarters], axis=0)[None, :]
        value, error, weights = predict(self.system, self.settings, {f: signs.get(f, 0) * pattern for f in Flow})
        return float(value[0]), float(error[0]), weights[0]


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
    return System(tuple(fragments), months, patterns, values, shifted, printed, size, half)


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


def quarter_pattern(of: System, quarter: pd.Period) -> Array:
    """1 in the quarter's months."""
    pattern: Array = (of.months.asfreq("Q") == quarter).astype(float)
    return pattern


def _loadings(rows: Rows, settings: Settings) -> Array:
    """How rows load on what is unknown: the ratio's start, then its step in each month, by flow."""
    parts = []
    for flow, row in rows.items():
        from_month_on = row[:, ::-1].cumsum(axis=1)[:, ::-1]
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
    own = of.rows(of.patterns, settings)
    data = _loadings(own, settings)
    inverse = np.linalg.inv(data @ data.T + np.diag(of.error_variance(settings)))
    precision = np.diag(inverse)
    return inverse @ (of.printed - mirror_mean(own)) / precision, 1 / precision


def fit(of: System) -> Settings:
    """The settings under which fragments are best predicted by the others (Gaussian leave-one-out likelihood).

    Rounded to two digits, which the likelihood cannot tell apart, so that another machine's last bit moves no figure.
    """
    from scipy import optimize

    def loss(vector: Array) -> float:
        error, variance = leave_one_out(of, _settings(vector))
        return float(0.5 * np.sum(np.log(variance) + error**2 / variance))

    starts, bounds = zip(*SEARCH.values(), strict=True)
    options = {"maxiter": 4000, "xatol": 1e-3, "fatol": 1e-3, "adaptive": True}
    found = optimize.minimize(loss, starts, method="Nelder-Mead", bounds=bounds, options=options)
    return _settings(np.round(found.x, 2))


def _settings(vector: Array) -> Settings:
    at = dict(zip(SEARCH, (float(v) for v in vector), strict=True))
    return Settings(
        drift={Flow.EXPORT: float(np.exp(at["drift_export"])), Flow.IMPORT: float(np.exp(at["drift_import"]))},
        lag={Flow.EXPORT: at["lag_export"], Flow.IMPORT: at["lag_import"]},
        count_error=float(np.exp(at["count_error"])),
        estimate_error=float(np.exp(at["count_error"]) + np.exp(at["estimate_extra_error"])),
    )


def reconcile(fragments: Sequence[Fragment], mirror: pd.DataFrame, first: pd.Period) -> Reconciled:
    """The book's quarters from `first` to the mirror's last full one. Raises ValueError without fragments."""
    if not fragments:
        raise ValueError("no fragments to reconcile")
    of = system(fragments, mirror)
    settings = fit(of)
    quarters = [
        q for q in pd.period_range(first, of.months[-1].asfreq("Q"), freq="Q") if quarter_pattern(of, q).sum() == 3
    ]
    patterns = np.array([quarter_pattern(of, q) for q in quarters])
    zero = np.zeros_like(patterns)
    tables, weights = [], []
    for flow in Flow:
        value, se, by_fragment = predict(of, settings, {f: patterns if f is flow else zero for f in Flow})
        origins = [_origin(of, flow, quarter) for quarter in quarters]
        columns = {"flow": flow, "period": quarters, "value_usd_mn": value, "se_usd_mn": se, "origin": origins}
        tables.append(pd.DataFrame(columns))
        names = [f.id for f in fragments]
        weights.append(pd.DataFrame(by_fragment.T, index=names, columns=[(flow, q) for q in quarters]))
    return Reconciled(
        of, settings, pd.concat(tables, ignore_index=True), _residuals(of, settings), pd.concat(weights, axis=1)
    )


def _origin(of: System, flow: Flow, quarter: pd.Period) -> Origin:
    """Published; derived by adding and subtracting printed levels; past the last fragment; or else estimated."""
    touching = [f for f in of.fragments if flow in SIGNS[f.flow]]
    if quarter.asfreq("M", "end") > max(fragment.last for fragment in touching):
        return Origin.EXTRAPOLATED
    exact = [n for n, f in enumerate(of.fragments) if not (f.is_vague or f.is_estimate or f.against)]
    wanted = np.hstack([quarter_pattern(of, quarter) * (f is flow) for f in Flow])
    levels = np.hstack([of.patterns[f][exact] for f in Flow])
    if (levels == wanted).all(axis=1).any():
        return Origin.PUBLISHED
    combination = np.linalg.lstsq(levels.T, wanted, rcond=None)[0]
    return Origin.DERIVED if np.allclose(combination @ levels, wanted, atol=1e-9) else Origin.ESTIMATED


def _residuals(of: System, settings: Settings) -> pd.DataFrame:
    fitted = predict(of, settings, of.patterns)[0]
    error, variance = leave_one_out(of, settings)
    columns = {
        "printed_usd_mn": of.printed,
        "fitted_usd_mn": fitted,
        "without_it_usd_mn": of.printed - error,
        "se_usd_mn": np.sqrt(variance),
        "z": error / np.sqrt(variance),
    }
    return pd.DataFrame(columns, index=pd.Index([f.id for f in of.fragments], name="fragment"))
