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

import numpy as np
import pandas as pd

from .benchmark import (
    SIGNS,
    Array,
    Settings,
    System,
    fit,
    leave_one_out,
    predict,
    quarter_pattern,
    span_pattern,
    system,
)
from .fragments import Fragment
from .terms import Flow, Origin

# A fragment this many standard errors from what all the others say is in conflict with them: about one in twenty of
# Gaussian errors is.
CONFLICT, BY_CHANCE = 2.0, 0.0455


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

    @property
    def conflicts(self) -> pd.DataFrame:
        """The residuals of the fragments in conflict with the others, the worst first."""
        apart = self.residuals["z"].abs()
        return self.residuals[apart > CONFLICT].sort_values("z", key=abs, ascending=False, kind="stable")

    def total(self, signs: Mapping[Flow, int], quarters: Sequence[pd.Period]) -> tuple[float, float, Array]:
        """A signed sum of flows over quarters, its standard error (USD million), and the fragments' weights in it.

        The error is that of the sum: the quarters' errors are tied to one another by the printed years above all.
        """
        pattern = span_pattern(self.system, quarters)[None, :]
        value, error, weights = predict(self.system, self.settings, {f: signs.get(f, 0) * pattern for f in Flow})
        return float(value[0]), float(error[0]), weights[0]


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
        origins = [origin(of, {flow: 1}, [quarter]) for quarter in quarters]
        columns = {"flow": flow, "period": quarters, "value_usd_mn": value, "se_usd_mn": se, "origin": origins}
        tables.append(pd.DataFrame(columns))
        names = [f.id for f in fragments]
        weights.append(pd.DataFrame(by_fragment.T, index=names, columns=[(flow, q) for q in quarters]))
    return Reconciled(
        of, settings, pd.concat(tables, ignore_index=True), _residuals(of, settings), pd.concat(weights, axis=1)
    )


def origin(of: System, signs: Mapping[Flow, int], quarters: Sequence[pd.Period]) -> Origin:
    """Where a signed sum of flows over quarters comes from: published; derived by adding and subtracting printed
    levels; past the last fragment, extrapolated; or else estimated."""
    last = max(quarters).asfreq("M", "end")
    if any(all(f.last < last for f in of.fragments if flow in SIGNS[f.flow]) for flow in signs):
        return Origin.EXTRAPOLATED
    exact = [n for n, f in enumerate(of.fragments) if not (f.is_vague or f.is_estimate or f.against)]
    wanted = np.hstack([span_pattern(of, quarters) * signs.get(f, 0) for f in Flow])
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
