"""A country's trade under dated tariff steps: a scenario's choice, never a default.

ln X[t] = ln X0[t] - e sum[k] dln(1 + s[k] tau[k]) phase(t - t[k]): e is the elasticity of import quantity, s the
share of trade that the rate falls on (measured from the duties collected under it) and that competitors do not bear
too, and a step's effect grows in a straight line over the phase. The reference is what the baseline's own window
already bears, so that nothing counts twice. Imports answer to the country's own rates in the same way; those are
stated as they fall on all goods of the partner and on nobody else's, so that their s is 1.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Annotated, Any, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from ..facts import duties
from ..facts.duties import Covered, Duty
from ..words.schema import Day, Number, Strict, Words, wrong
from ..words.terms import Strength
from .distributions import Assumption, Dated, TariffPath, stated
from .methods import Array
from .overrides import UNSAID
from .written import ALWAYS, COVERED_SHARE, RELATIVE_SHARE, Assumptions

DAYS_A_QUARTER = 365.25 / 4
NONE, IN_FORCE = "none", "in_force"
Rates = Annotated[dict[Day, Annotated[Number, Field(ge=0, le=10)]], Field(min_length=1)]
Value = Callable[[Assumption, str], Array]  # an assumption and whose it is -> its value in each draw
WHOLE = stated("tariff.imports", 1, "the scenario's: its rates are those on all goods of the partner alone")


class TariffChoice(Strict):
    """What a scenario says of tariffs; a bare name is short for {path: NAME}.

    `rates` take the place of those of `path` from their first day on: before it, and where no path is named, the rates
    in force hold. `imports` are the country's own rates on the partner's goods, the first of them as before its day.
    """

    path: Words | None = None
    rates: Rates | None = None
    imports: Rates | None = None

    @model_validator(mode="before")
    @classmethod
    def _named(cls, written: Any) -> Any:
        return {"path": written} if isinstance(written, str) else written

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.path or self.rates or self.imports):
            raise wrong("empty", "nothing is said of tariffs", "give path, rates or imports, or leave the key out")
        if self.imports is not None and len(self.imports) == 1:
            fix = "give two days at least: the rate that held before, and the one that follows"
            raise wrong("wrong_type", "one rate of imports is no change", fix)
        return self

    @property
    def name(self) -> str:
        """The path that holds, or does until the first of the stated rates."""
        return self.path or (IN_FORCE if self.rates else NONE)

    def __str__(self) -> str:
        said = [self.name, *(f"{key}: {_path('', of).words}" for key, of in self.stated.items())]
        return ", then ".join(said) if self.rates else ", ".join(said)

    @property
    def stated(self) -> dict[str, Rates]:
        """The rates that the scenario itself states, by key."""
        return {key: of for key, of in (("rates", self.rates), ("imports", self.imports)) if of is not None}


@dataclass(frozen=True)
class Tariff:
    """Paths of rates and the numbers that turn them into an effect on trade; `records` are the paths as stated."""

    path: TariffPath | None
    imports: TariffPath | None
    elasticity: Assumption
    covered_share: Dated
    relative_share: Dated
    phase_quarters: Assumption
    takes_effect: Assumption
    records: tuple[TariffPath, ...] = ()

    @property
    def assumptions(self) -> list[Assumption]:
        """What acts on the paths: of what is stated by days, that of the days of the steps."""
        days = [day for day, _ in self.path.rates] if self.path else []
        dated = [on(of, day) for of in (self.covered_share, self.relative_share) for day in days]
        return [self.elasticity, *dict.fromkeys(dated), self.phase_quarters, self.takes_effect]

    @property
    def is_certain(self) -> bool:
        """Whether nothing of the effect is drawn."""
        return all(each.is_fixed for each in self.assumptions) and self.takes_effect.mean in (0, 1)


def tariff(choice: TariffChoice, known: Assumptions) -> Tariff | None:
    """What a scenario's choice comes to by the assumptions, a range stated around a number drawn over; None for none.

    Raises Refused for a path that is not there.
    """
    named = None if choice.name == NONE else known.tariff_path(choice.name)
    own = _path("tariff.rates", choice.rates) if choice.rates else None
    imports = _path("tariff.imports", choice.imports) if choice.imports else None
    records = tuple(path for path in (named, own, imports) if path)
    if not records:
        return None
    covered, relative = (
        tuple((day, each.over_its_range) for day, each in known.dated(path)) for path in (COVERED_SHARE, RELATIVE_SHARE)
    )
    elasticity, phase, effect = (
        known.first_of(f"tariff_effect.{name}") for name in ("elasticity", "phase_quarters", "takes_effect")
    )
    return Tariff(
        path=_continued(named, own),
        imports=imports,
        elasticity=elasticity.over_its_range,
        covered_share=covered,
        relative_share=relative,
        phase_quarters=phase,
        takes_effect=effect.over_its_range,
        records=records,
    )


def _path(name: str, rates: Rates) -> TariffPath:
    return TariffPath(name, UNSAID["from"], Strength.JUDGEMENT, tuple(sorted(rates.items())))


def _continued(named: TariffPath | None, own: TariffPath | None) -> TariffPath | None:
    """A path with its rates from the first of one's own on replaced by those."""
    if named is None or own is None:
        return named or own
    return replace(own, rates=(*(step for step in named.rates if step[0] < own.rates[0][0]), *own.rates))


def collected(path: TariffPath, months: Sequence[Duty], at: dt.date) -> list[Covered]:
    """What was collected under each rate of a path that had begun by a day, oldest first."""
    begun = {day.date(): Fraction(rate) for day, rate in path.rates if day.date() <= at}
    return duties.covered(months, begun)


@dataclass(frozen=True)
class Burden:
    """What a path lays on trade, as ln(1 + effective rate) less that of the baseline's window, whatever the shares.

    `steps` have a rate each, with the part of the goods that bears it and that competitors do not bear too; `phased`
    is how far each has phased in, a row a step, a column a quarter, less its mean over the window.
    """

    steps: tuple[tuple[float, Assumption, Assumption], ...]
    phased: Array

    def at(self, value: Value) -> Array:
        """The burden by draw and quarter, of shares that `value` gives; one draw of a share serves all its steps."""
        each = [np.log1p(value(bears, "") * value(alone, "") * rate) for rate, bears, alone in self.steps]
        levels = np.broadcast_arrays(*each)
        return np.asarray(np.diff(np.stack(levels, axis=1), axis=1, prepend=0.0) @ self.phased)


def burden(of: Tariff, quarters: pd.PeriodIndex, reference: pd.PeriodIndex) -> Burden | None:
    """What the rates on a country's exports lay on them; None without any."""
    if of.path is None:
        return None
    steps = tuple((float(r), on(of.covered_share, day), on(of.relative_share, day)) for day, r in of.path.rates)
    return Burden(steps, _phased([day for day, _ in of.path.rates], of, quarters, reference))


def burden_of_imports(of: Tariff, quarters: pd.PeriodIndex, reference: pd.PeriodIndex) -> Burden | None:
    """What the country's own rates lay on its imports; None without any."""
    if of.imports is None:
        return None
    (_, before), *later = of.imports.rates
    rates = [(ALWAYS.start_time, before), *later]
    return Burden(
        tuple((float(rate), WHOLE, WHOLE) for _, rate in rates),
        _phased([day for day, _ in rates], of, quarters, reference),
    )


def on(dated: Dated, day: pd.Timestamp) -> Assumption:
    """What holds on a day; before the first, the first."""
    return next((one for since, one in reversed(dated) if since <= day), dated[0][1])


def _phased(days: Sequence[pd.Timestamp], of: Tariff, quarters: pd.PeriodIndex, reference: pd.PeriodIndex) -> Array:
    phase = float(of.phase_quarters.mean)
    found, before = (
        np.array([[_phased_in(day, quarter, phase) for quarter in span] for day in days])
        for span in (quarters, reference)
    )
    return np.asarray(found - before.mean(axis=1, keepdims=True))


def _phased_in(day: pd.Timestamp, quarter: pd.Period, phase: float) -> float:
    since = np.arange((quarter.start_time - day).days, (quarter.end_time - day).days + 1) + 1
    return float((since > 0).mean() if not phase else np.clip(since / (phase * DAYS_A_QUARTER), 0, 1).mean())
