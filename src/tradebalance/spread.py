"""How wide the gap's future is, in sums of four quarters, and how much of the width the deals account for."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import simulation
from .answer import Model
from .draws import Array, Quantiles, random_blocks

NOISE = 1e-6  # USD million squared: a certain path has no variance but for a float's last digits
BANDS = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


@dataclass(frozen=True)
class Outlook:
    """Sums of four quarters, a row for the last of each, in USD million.

    `with_deals`, `without_deals` and `additional` (what the deals take off) have the columns BANDS. `shares` has the
    shares of the variance of the gap with deals that come from the deals, from trade, and from both moving together
    (twice their covariance with its sign; near nothing where they are drawn apart); they add up to 1. It has no rows
    where nothing is drawn. `spreads` has the standard deviations of deals and trade.
    """

    with_deals: pd.DataFrame
    without_deals: pd.DataFrame
    additional: pd.DataFrame
    shares: pd.DataFrame
    spreads: pd.DataFrame


def outlook(of: Model) -> Outlook:
    """The bands of the gap and the shares of its variance. Raises ValueError for a horizon of less than a year."""
    if of.calendar.horizon < 4:
        raise ValueError("a horizon of less than four quarters has no sum of four")
    quarters = of.calendar.quarters[3:]
    quantiles, products = Quantiles(), []
    path = _four(np.array([of.baseline["gap_usd_mn"].astype(float)]))
    for without, deals in _blocks(of):
        quantiles.add(np.column_stack([without - deals, without, deals]))
        off = without - path  # from the path, so that the squares keep their digits
        products.append((len(deals), np.stack([f.sum(axis=0) for f in (deals, off, deals**2, off**2, deals * off)])))
    bands = pd.DataFrame({name: quantiles.at(p) for name, p in BANDS.items()})
    with_deals, without_deals, additional = (
        bands[n * len(quarters) : (n + 1) * len(quarters)].set_axis(quarters) for n in range(3)
    )
    means = np.add.reduce([sums for _, sums in products]) / sum(size for size, _ in products)
    parts = _parts(means, quarters)
    whole = parts.sum(axis=1)
    return Outlook(
        with_deals=with_deals,
        without_deals=without_deals,
        additional=additional,
        shares=parts.div(whole, axis=0)[whole > NOISE],
        spreads=parts[["deals", "trade"]].clip(lower=0) ** 0.5,
    )


def _blocks(of: Model) -> Iterator[tuple[Array, Array]]:
    """Four-quarter sums of the gap without deals and of what they take off it, a row a draw."""
    scenario = of.inputs.scenario
    stated = np.array([of.baseline["gap_usd_mn"].astype(float)])
    for block in random_blocks(scenario.seed, scenario.draws):
        additional = np.zeros((block.size, of.calendar.horizon))
        for _, traced in simulation.traces(of.components, block, of.calendar, of.capacities):
            additional += traced.additional
        without = stated.repeat(block.size, axis=0) if of.paths is None else of.paths(block)
        yield _four(without), _four(additional)


def _four(quarters: Array) -> Array:
    """Sums, of the draws as they fell, of each quarter and the three before it."""
    span = quarters.shape[1] - 3
    sums: Array = np.add.reduce([quarters[:, n : n + span] for n in range(4)])
    return sums


def _parts(means: Array, quarters: pd.PeriodIndex) -> pd.DataFrame:
    """Parts of the gap's variance, from the means of deals, trade, their squares and their product.

    The gap falls with the deals, so a covariance counts against it.
    """
    deals, trade, deals_squared, trade_squared, product = means
    parts = {
        "deals": deals_squared - deals**2,
        "trade": trade_squared - trade**2,
        "together": -2 * (product - deals * trade),
    }
    return pd.DataFrame(parts, index=quarters)
