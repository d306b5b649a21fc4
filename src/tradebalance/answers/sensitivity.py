"""What moves the answer: one assumption at a time (tornado), and all together (Sobol indices).

Both follow the components through the model's own equations. The tornado moves an assumption for every component
that looks it up; the indices share the variance out over the assumptions, each of which has one value a draw, and over
luck, a group of random numbers by kind: the deals' coins, and their delays. The outlook says how wide the gap's future
is, in sums of four quarters, and how much of the width the deals account for.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..assumptions import credit
from ..assumptions.delivery import PUBLISHED
from ..assumptions.distributions import Assumption, Mix
from ..assumptions.written import CAPACITY, WINDOW
from . import following, gap
from .draws import Array, Listening, Points, Quantiles, random_blocks
from .following import Source
from .model import Model
from .simulation import four_quarters

NOISE = 1e-6  # USD million squared: a certain path has no variance but for a float's last digits
BANDS = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


@dataclass(frozen=True)
class Outlook:
    """Sums of four quarters, a row for the last of each, in USD million.

    `with_deals`, `without_deals` and `additional` (what the deals take off) have the columns BANDS; both gaps stand
    around the sum of the quarters' medians of the path, as `Simulated.gap_by_year` does. `shares` has the
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
    path = four_quarters(np.array([of.baseline["gap_usd_mn"].astype(float)]))
    for block in of.blocks:
        without, deals = four_quarters(of.draw_without(block)), four_quarters(of.draw_additional(block))
        quantiles.add(np.column_stack([without - deals, without, deals]))
        off = without - path  # from the path, so that the squares keep their digits
        products.append((len(deals), np.stack([f.sum(axis=0) for f in (deals, off, deals**2, off**2, deals * off)])))
    bands = pd.DataFrame({name: quantiles.at(p) for name, p in BANDS.items()})
    n = len(quarters)
    with_deals, without_deals, additional = (bands[at : at + n].set_axis(quarters) for at in (0, n, 2 * n))
    moved = path[0] - without_deals["p50"]
    with_deals, without_deals = with_deals.add(moved, axis=0), without_deals.add(moved, axis=0)
    means = np.add.reduce([sums for _, sums in products]) / sum(size for size, _ in products)
    parts = _parts(means, quarters)
    whole = parts.sum(axis=1)
    spreads = parts[["deals", "trade"]].clip(lower=0) ** 0.5
    return Outlook(with_deals, without_deals, additional, parts.div(whole, axis=0)[whole > NOISE], spreads)


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


LUCK = "luck of the deals"  # whether and in which spell each named one becomes binding, its chance given
OUTCOMES = ("credited", "additional", "closure")
RESAMPLES = 400  # of the bootstrap: the ends of an interval then have a relative error of about a tenth of its width
INTERVAL = (0.05, 0.95)
WIDEST = 0.1  # an interval wider than this leaves open which of two assumptions matters more
DRAWS = 8192


@dataclass(frozen=True)
class Tornado:
    """What each assumption alone moves, all others at their means.

    `table` has a row an assumption by path, largest swing first: `low` and `high` (its 5 and 95 % points, or a fixed
    value's stated range; of a mix none), for each of OUTCOMES the value at either (`additional_low`; USD million,
    closure (i) a fraction; of a mix, where one of its categories is at the 95 % point, the least and the most),
    `source` and `strength`. `mean_path` has the outcomes with everything at its mean, `not_varied` the
    assumptions that act and have no range.
    """

    by: str
    table: pd.DataFrame
    mean_path: Mapping[str, float]
    not_varied: tuple[str, ...]

    @property
    def swings(self) -> pd.Series:
        """By assumption, how far apart the two ends leave the outcome, in its unit."""
        return (self.table[f"{self.by}_high"] - self.table[f"{self.by}_low"]).abs()


def tornado(of: Model, by: str = "additional") -> Tornado:
    """The swings of an outcome of OUTCOMES on the path of means. Raises ValueError for any other outcome."""
    if by not in OUTCOMES:
        raise ValueError(f"{by!r} is not one of {', '.join(OUTCOMES)}")
    used, plan = credit.looked_up(of.components), of.scenario.delivery
    varied = {a.path: a for a in used if a.ends is not None}
    spans = {path: a.ends or (np.nan, np.nan) for path, a in varied.items()}
    mixed = {c.mix.path: c.mix for c in of.included if c.mix is not None}
    points: list[tuple[str, int | str]] = [(path, end) for path in varied for end in (0, 1)]
    points += [(path, category) for path, mix in mixed.items() for category in mix.shares]
    found = outcomes(of, Points((None, *points)))
    rows = {path: _row(found, [n for n, point in enumerate(points, 1) if point[0] == path]) for path in varied}
    for path in mixed:
        rows[path] = _row(found, [n for n, point in enumerate(points, 1) if point[0] == path], ordered=True)
    ends = [f"{name}_{end}" for name in OUTCOMES for end in ("low", "high")]
    table = pd.DataFrame(list(rows.values()), pd.Index(rows, name="assumption", dtype=object), ends)
    said: dict[str, Assumption | Mix] = {**varied, **mixed}
    table = table.assign(
        low=[spans.get(path, (np.nan,))[0] for path in table.index],
        high=[spans.get(path, (np.nan,))[-1] for path in table.index],
        source=[said[path].source for path in table.index],
        strength=[str(said[path].strength) for path in table.index],
    )
    # what has no range: fixed values for which none is stated, and what is no number
    not_varied = [a.path for a in used if a.path not in varied]
    not_varied += [WINDOW] if any(pace.profile == PUBLISHED for pace in (plan, *plan.by_category.values())) else []
    not_varied += [CAPACITY] if of.capacities else []
    mean_path = {name: float(found[name][0]) for name in OUTCOMES}
    result = Tornado(by, table, mean_path, tuple(dict.fromkeys(not_varied)))
    return replace(result, table=table.loc[result.swings.sort_values(ascending=False, kind="stable").index])


def _row(found: Mapping[str, Array], at: Sequence[int], *, ordered: bool = False) -> dict[str, float]:
    """The outcomes at some points: those of the first and last, or in order the least and the most."""
    row: dict[str, float] = {}
    for name in OUTCOMES:
        ends = [float(found[name][n]) for n in at]
        ends = sorted(ends) if ordered else ends
        row |= {f"{name}_low": ends[0], f"{name}_high": ends[-1]}
    return row


def outcomes(of: Model, source: Source) -> dict[str, Array]:
    """OUTCOMES over the horizon, a value a draw: USD million, closure (i) as a fraction."""
    zero = np.zeros(source.size)
    totals = {"credited": zero, "additional": zero}
    for _, traced in following.traces(following.plan(of.components, of.calendar, of.capacities), source):
        totals["credited"] = totals["credited"] + traced.credited
        totals["additional"] = totals["additional"] + traced.added
    today = float(of.gap_last_four)
    rate = gap.annual_rate(totals["additional"], of.calendar.horizon, today) if today > 0 else zero
    return {**totals, "closure": rate}


@dataclass(frozen=True)
class Sobol:
    """Shares of an outcome's variance by input, largest total first.

    `table` has a row an input (an assumption's path; a common factor as `correlation.political`; LUCK), and the columns
    first, total and the ends of their 90 % bootstrap intervals (`first_low`, ...). `first` is what the input explains
    alone, `total` with all that it interacts with. `draws` is the number of rows of each of the matrices, `warnings`
    say what is not settled by it.
    """

    by: str
    draws: int
    table: pd.DataFrame
    first_sum: tuple[float, float, float]  # the sum of the first-order indices and its interval
    warnings: tuple[str, ...]


def sobol(of: Model, by: str = "additional", draws: int | None = None) -> Sobol:
    """First-order and total Sobol indices of `credited` or `additional`, from the scenario's draws, at most DRAWS.

    Without rows where nothing is drawn.
    """
    draws = draws or min(DRAWS, of.inputs.scenario.draws)
    categories = sorted({component.category for component in of.included})
    groups = {category: [c for c in of.included if c.category == category] for category in categories}
    streams = {category: _streams(deals, of) for category, deals in groups.items()}
    labels = list(dict.fromkeys(label for found in streams.values() for label in found))
    names = {label: {name for found in streams.values() for name in found.get(label, ())} for label in labels}
    everything = {name for group in names.values() for name in group}

    def by_category(redrawn: Collection[str], wanted: Iterable[str]) -> dict[str, Array]:
        blocks = [replace(block, redrawn=redrawn) for block in random_blocks(of.scenario.seed, draws)]
        parts = {category: replace(of, components=tuple(groups[category])) for category in wanted}
        return {name: np.concatenate([outcomes(part, block)[by] for block in blocks]) for name, part in parts.items()}

    apart = by_category(frozenset(), groups)
    a, b = _sum(apart), _sum(by_category(everything, groups))
    # with an input only the categories that draw it change
    moved = (by_category(names[label], [each for each in groups if label in streams[each]]) for label in labels)
    mixed = np.array([_sum({**apart, **changed}) for changed in moved])
    return _indices_with_intervals(by, labels, a, b, mixed, of.scenario.seed)


def _streams(deals: Sequence[credit.Component], of: Model) -> dict[str, set[str]]:
    """Input -> the names of the streams that the components of a category draw for it."""
    listening = Listening(0, 0, 1)
    following.trace(deals, listening, of.calendar)
    paths = [a.path for a in credit.looked_up(deals)] + [c.mix.path for c in deals if c.mix is not None]
    certain = {f"coin {c.leaf.id}" for c in deals if c.factors.is_coin and c.factors.conversion.mean in (0, 1)}
    found: dict[str, set[str]] = {}
    for name in listening.names:
        if name not in certain:  # whatever such a coin, it moves nothing
            found.setdefault(_input_of(name, paths), set()).add(name)
    return found


def _input_of(stream: str, paths: Iterable[str]) -> str:
    kind, _, name = stream.partition(" ")
    if kind == "common":
        return f"correlation.{name.split()[0]}"
    if kind in ("coin", "wait"):
        return LUCK
    return max((path for path in paths if f"{stream} ".startswith(f"{path} ")), key=len)


def _sum(by_category: Mapping[str, Array]) -> Array:
    return np.asarray(np.add.reduce(list(by_category.values())))


def _indices_with_intervals(by: str, labels: Sequence[str], a: Array, b: Array, mixed: Array, seed: int) -> Sobol:
    if not labels or not np.ptp(a):
        empty = pd.DataFrame(columns=[f"{kind}{end}" for kind in ("first", "total") for end in ("", "_low", "_high")])
        return Sobol(by, len(a), empty.rename_axis("input"), (0.0, 0.0, 0.0), ())
    counts = np.random.default_rng([seed, len(a)]).multinomial(len(a), np.full(len(a), 1 / len(a)), RESAMPLES)
    again = dict(zip(("first", "total"), indices(a, b, mixed, counts / len(a)), strict=True))
    columns: dict[str, Array] = {}
    for kind, found in zip(("first", "total"), indices(a, b, mixed), strict=True):
        low, high = np.quantile(again[kind], INTERVAL, axis=0)
        columns |= {kind: found[0], f"{kind}_low": low, f"{kind}_high": high}
    table = pd.DataFrame(columns, index=pd.Index(labels, name="input"))
    table = table[table["total"] > 0].sort_values("total", ascending=False, kind="stable")
    ends = np.quantile(again["first"].sum(axis=1), INTERVAL)
    together = (float(table["first"].sum()), float(ends[0]), float(ends[1]))
    return Sobol(by, len(a), table, together, tuple(_unsettled(table, together)))


def indices(a: Array, b: Array, mixed: Array, weights: Array | None = None) -> tuple[Array, Array]:
    """First-order and total indices: a row a row of `weights` (None: one, all rows alike), a column an input.

    `a` and `b` are an outcome's values for two independent samples, `mixed` (inputs x rows) those for the first
    with one input's columns from the second. Saltelli et al. (2010), "Variance based sensitivity analysis of model
    output", Computer Physics Communications 181, table 2: (b) for the first order, Jansen's (f) for the total. scipy
    has the same estimators but no groups, and its bootstrap needs memory with the square of the rows.
    """
    centre = (a.mean() + b.mean()) / 2
    a, b, mixed = a - centre, b - centre, mixed - centre
    weights = np.full((1, len(a)), 1 / len(a)) if weights is None else weights
    variance = (weights @ (a * a + b * b) / 2 - (weights @ (a + b) / 2) ** 2)[:, None]
    first: Array = weights @ (b * (mixed - a)).T / variance
    total: Array = weights @ ((a - mixed) ** 2).T / 2 / variance
    return first, total


def _unsettled(table: pd.DataFrame, first_sum: tuple[float, float, float]) -> Iterable[str]:
    """What the number of draws leaves open: wide intervals, and first-order indices that add up to more than all."""
    for kind in ("first", "total"):
        width = table[f"{kind}_high"] - table[f"{kind}_low"]
        wide = [str(label) for label in table.index[width > WIDEST]]
        if wide:
            yield f"the {kind} index is known to no better than {width.max():.2f} for {', '.join(wide)}: draw more"
    if first_sum[1] > 1:
        yield f"the first-order indices add up to {first_sum[0]:.2f}, more than all of the variance: draw more"
