"""The deals' part of `even` in other people's ways, for `make bench`: what tradebalance's draws are timed against.

The model is small enough to be the same in all of them, by the parts and numbers of `even` itself:

    additional[d, q] = V goods landed price C capture additionality exp(-hazard q / 4) / 40,    q = 0 ... 39

Each unknown is one number a draw that all parts share which look it up; C is a share, or a coin of a part. Left out on
all sides are prices that rise, what becomes binding after 24 months, what has arrived, drawn mixes and common factors.
tradebalance works out the bridge, the gap and every mean beside what the peers do, and is timed with them.
"""

import importlib
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tradebalance.answers.answer import answered
from tradebalance.answers.model import Model
from tradebalance.assumptions.credit import CERTAIN, NOTHING, Component
from tradebalance.assumptions.distributions import Assumption

PACKAGES = ("squigglepy==0.30", "pathos", "dill", "multiprocess", "ppft", "pox", "msgspec")
FOLDER = Path(__file__).resolve().parents[1] / "build" / "peers"
FACTORS = ("goods", "landed", "price", "conversion", "hazard", "capture", "additionality")
CERTAINLY = dict.fromkeys(("firm", "exercise", "valuation", "concentration"), CERTAIN)
WITHOUT = {"late": NOTHING, "escalation": NOTHING, "arrived": NOTHING, "political": 0.0, "seller": 0.0, "lag": 0}
FAR = 4.5  # standard errors: of the fifty numbers that are compared one is farther off once in some thousand runs
POINTS = {"p05": 0.05, "p95": 0.95}
Draw = Callable[[Assumption], Any]


@dataclass(frozen=True)
class Found:
    """Additional imports, USD million: `table` has mean, p05 and p95 of all of it (`total`) and of each calendar year
    (rows), from so many draws; `sample` a peer's own, a row a draw."""

    table: pd.DataFrame
    draws: int
    sample: pd.DataFrame | None = None


def install() -> None:
    """Put the peers beside the project, once, and read them; nothing of the project imports them."""
    sys.path.append(str(FOLDER))
    if not (FOLDER / "squigglepy").is_dir():
        uv = [Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--no-deps", "--python"]
        subprocess.run([*uv, sys.executable, "--target", FOLDER, *PACKAGES], check=True)
    importlib.import_module("squigglepy")


def simplified(of: Model) -> Model:
    """A model with the factors of the equation above and no others, and a certain path without deals."""
    return replace(of, components=tuple(map(_simplified, of.included)), paths=None, capacities={})


def _simplified(part: Component) -> Component:
    kept = replace(part.factors, **CERTAINLY, **WITHOUT)  # type: ignore[arg-type]
    factors = replace(kept, conversion=part.factors.conversion.aged(part.factors.age_months), age_months=0)
    return replace(part, factors=factors, mix=None, hits=(), arrived=part.arrived * 0)


def ours(of: Model) -> Found:
    """tradebalance's, of the scenario's draws: means worked out, points from the draws."""
    found = answered(of).simulated
    table = pd.concat([found.totals.loc[["additional"]].set_axis(["total"]), found.by_year])
    return Found(table.astype(float), found.draws)


def summed(additional: np.ndarray, of: Model) -> Found:
    """A peer's, from its draws x quarters."""
    years = of.calendar.quarters.year
    by_year = {year: additional[:, years == year].sum(axis=1) for year in of.calendar.years}
    sample = pd.DataFrame({"total": additional.sum(axis=1)} | by_year)
    points = sample.quantile([0.05, 0.95]).set_axis(["p05", "p95"]).T
    return Found(points.assign(mean=sample.mean()), len(sample), sample)


def squiggle(of: Model, draws: int) -> np.ndarray:
    """squigglepy's distributions, a vector of samples an unknown; what they say of quarters is numpy's."""
    import squigglepy as sq  # type: ignore[import-not-found]

    def draw(unknown: Assumption) -> Any:
        first, *rest = map(float, unknown.parameters)
        if unknown.form == "beta":
            return float(unknown.at_most) * sq.sample(sq.beta(first, rest[0]), n=draws)
        return sq.sample(sq.gamma(first, rest[0] / first), n=draws)

    sq.set_seed(of.scenario.seed)
    values = _drawn(of.components, draw)
    years, total = np.arange(of.calendar.horizon) / 4, np.zeros((draws, of.calendar.horizon))
    for part in of.components:
        goods, landed, price, bound, hazard, capture, added = (values[path] for path in _paths(part))
        if part.factors.is_coin:
            bound = sq.sample(sq.uniform(0, 1), n=draws) < bound
        amount = float(part.value_usd_mn) * goods * landed * price * bound * capture * added / len(years)
        total += np.reshape(amount, (-1, 1)) * np.exp(-np.reshape(hazard, (-1, 1)) * years)
    return total


def whole_arrays(of: Model, draws: int) -> np.ndarray:
    """numpy: one array of draws x deals x quarters."""
    rng = np.random.default_rng(of.scenario.seed)
    values = _drawn(of.components, _by_numpy(rng, draws))
    by_factor = zip(*map(_paths, of.components), strict=True)
    goods, landed, price, bound, hazard, capture, added = (
        np.stack([np.broadcast_to(values[path], draws) for path in paths], axis=1) for paths in by_factor
    )
    is_coin = np.array([part.factors.is_coin for part in of.components])
    bound = np.where(is_coin, rng.random(bound.shape) < bound, bound)
    announced = np.array([float(part.value_usd_mn) for part in of.components])
    quarters = of.calendar.horizon
    amounts = announced * goods * landed * price * bound * capture * added
    delivered = amounts[:, :, None] * np.exp(-hazard[:, :, None] * np.arange(quarters) / 4) / quarters
    return np.asarray(delivered.sum(axis=1))


def pandas_loop(of: Model, draws: int) -> np.ndarray:
    """pandas: a draw at a time, a row of the table of deals at a time, a Series of quarters a deal."""
    rng = np.random.default_rng(of.scenario.seed)
    deals = pd.DataFrame([dict(zip(FACTORS, _paths(part), strict=True)) for part in of.components])
    deals["announced"] = [float(part.value_usd_mn) for part in of.components]
    deals["is_coin"] = [part.factors.is_coin for part in of.components]
    years = pd.Series(np.arange(of.calendar.horizon) / 4, index=of.calendar.quarters)
    found = []
    for _ in range(draws):
        values, total = _drawn(of.components, _by_numpy(rng, None)), pd.Series(0.0, index=years.index)
        for _, deal in deals.iterrows():
            bound = values[deal["conversion"]]
            if deal["is_coin"]:
                bound = rng.random() < bound
            credited = (
                deal["announced"] * values[deal["goods"]] * values[deal["landed"]] * values[deal["price"]] * bound
            )
            delivered = credited / len(years) * np.exp(-values[deal["hazard"]] * years)
            total = total + delivered * values[deal["capture"]] * values[deal["additionality"]]
        found.append(total)
    return pd.DataFrame(found).to_numpy()


PEERS = {
    "squigglepy 0.30": squiggle,
    "whole-array numpy": whole_arrays,
    "a pandas loop over draws and deals": pandas_loop,
}


def _paths(part: Component) -> list[tuple[str, str]]:
    """What the factors are looked up by, in the order of FACTORS: a path, and the words of what is drawn there."""
    return [(found.path, found.words) for found in (getattr(part.factors, name) for name in FACTORS)]


def _drawn(parts: Sequence[Component], draw: Draw) -> Mapping[tuple[str, str], Any]:
    """Every unknown's value or vector of draws, each drawn once."""
    unknowns = {(u.path, u.words): u for part in parts for u in (getattr(part.factors, name) for name in FACTORS)}
    return {path: float(u.mean) if u.is_fixed else draw(u) for path, u in unknowns.items()}


def _by_numpy(rng: np.random.Generator, draws: int | None) -> Draw:
    def draw(unknown: Assumption) -> Any:
        first, *rest = map(float, unknown.parameters)
        if unknown.form == "beta":
            return float(unknown.at_most) * rng.beta(first, rest[0], draws)
        return rng.gamma(first, rest[0] / first, draws)

    return draw


def disagreements(one: Found, peer: Found) -> list[str]:
    """What a peer says that is farther from ours than sampling explains: means, and the shares of its draws that are
    below our outer points; a line a number, none where they agree."""
    if peer.sample is None:
        raise ValueError("a peer has draws")
    errors = peer.sample.std() / peer.draws**0.5
    off = {"mean": (peer.table["mean"] - one.table["mean"]) / errors}
    for point, share in POINTS.items():
        error = (share * (1 - share) * (1 / peer.draws + 1 / one.draws)) ** 0.5
        off[point] = ((peer.sample < one.table[point]).mean() - share) / error
    found = pd.DataFrame(off).stack()
    return [
        f"{point} of {row}: {found[row, point]:+.1f} standard errors from ours"
        for row, point in found.index[found.abs() > FAR]
    ]
