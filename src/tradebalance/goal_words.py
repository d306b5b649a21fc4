"""A goal's answer for readers: the finding, why or why not, a table, and plain types for JSON."""

from collections.abc import Iterator

import pandas as pd

from . import __version__
from .answer import Model
from .goal import Sought
from .levers import Lever
from .sentences import billions, percent
from .terms import USD_MN_PER_BN

LEVER_WORDS = {
    "announced_total": "Announced total",
    "conversion": "Becomes binding",
    "additionality": "Not bought anyway",
    "speed": "Speed",
}
ENDS = {
    "conversion": "every deal that counts became binding in full",
    "additionality": "nothing would have been bought anyway",
}


def finding(sought: Sought) -> str:
    """What it would take, or that it is out of reach, in one sentence."""
    goal, total = sought.goal, sought.lever("announced_total")
    aim = f"making the gap {percent(goal.share)} smaller a year by {goal.by}"
    if goal.share > sought.every_dollar:
        return f"What was announced is too little for {aim}"
    if sought.probability >= goal.confidence:
        return f"The scenario as it stands is enough for {aim}"
    if total.needed is not None:
        return (
            f"{aim[0].upper()}{aim[1:]} would take ${billions(total.needed)} billion of announcements, all else equal"
        )
    return f"No lever alone is enough for {aim}"


def reasons(sought: Sought) -> list[str]:
    """As it is, what is out of reach and why, and what the baseline does meanwhile: a sentence each."""
    return list(_reasons(sought))


def prose(sought: Sought) -> str:
    """The reasons in one paragraph, with what the table's words mean."""
    return (
        f"{' '.join(reasons(sought))} Each lever is moved alone, on the same draws; shares are means over the deals, "
        f"weighted by the announced value of goods."
    )


def _reasons(sought: Sought) -> Iterator[str]:
    goal = sought.goal
    sure = f"in {percent(goal.confidence, 0)} of the draws"
    yield (
        f"As the scenario stands, {percent(sought.share)} or more is reached {sure}, and {percent(goal.share)} in "
        f"{percent(sought.probability, 1)} of them."
    )
    if goal.share > sought.every_dollar:
        yield (
            f"Even if every announced dollar that counts arrived as additional goods by {goal.by}, it would be "
            f"{percent(sought.every_dollar)} of today's gap a year over these {sought.quarters} quarters, less than "
            f"the {percent(goal.share)} asked for."
        )
    for lever in sought.levers:
        if not lever.feasible:
            yield f"{_end(lever, sought)}, {percent(lever.share)} would be reached {sure}."
    rise = None if sought.baseline_gap is None else sought.baseline_gap - sought.gap_today
    if rise is not None and rise > goal.share * sought.gap_today:
        yield (
            f"Even then the gap would be larger than today's: without the deals it is ${billions(rise)} billion larger "
            f"in the four quarters to {goal.by}, and the goal takes ${billions(goal.share * sought.gap_today)} billion "
            f"off."
        )


def _end(lever: Lever, sought: Sought) -> str:
    """What a lever's end means, as the condition of a sentence."""
    if lever.name in ENDS:
        return f"Even if {ENDS[lever.name]}"
    if lever.name == "speed":
        what = "within one quarter" if lever.unit.startswith("quarters of") else "in the first quarter"
        waits = ", as far as capacity lets it" if sought.capacity else ""
        return f"Even if everything was due {what}{waits}"
    if sought.capacity:
        return "However much is announced, as capacity limits what arrives in a quarter"
    return f"However much is announced, as too little of it is due by {sought.goal.by} or too often none is binding"


def table(sought: Sought) -> pd.DataFrame:
    """Each lever alone: as it is, as needed, the chance of the goal there or at the lever's end."""
    levers = {LEVER_WORDS[lever.name]: lever for lever in sought.levers}
    columns = {
        "As it is": {name: _level(lever, lever.as_it_is) for name, lever in levers.items()},
        "Needed, alone": {
            name: "not enough" if lever.needed is None else _level(lever, lever.needed)
            for name, lever in levers.items()
        },
        "Chance there or at its end": {name: percent(lever.probability, 0) for name, lever in levers.items()},
        "Share reached": {name: percent(lever.share) for name, lever in levers.items()},
    }
    return pd.DataFrame(columns, dtype=str).rename_axis("Lever")


def _level(lever: Lever, amount: float) -> str:
    if lever.name == "announced_total":
        return f"{amount / USD_MN_PER_BN:,.1f} bn"
    if lever.name == "speed":
        return f"{amount:,.0f} {lever.unit}" if amount else "printed windows"
    return percent(amount, 0)


def as_json(sought: Sought, of: Model) -> dict[str, object]:
    """Plain types for JSON: USD million to a dollar, shares to nine decimals."""
    goal, known, scenario = sought.goal, of.inputs.known, of.inputs.scenario
    return {
        "scenario": scenario.name,
        "reporter": scenario.reporter,
        "as_of": str(known.as_of),
        "changes": {name: str(value) for name, value in of.inputs.changes.items()},
        "close": goal.share,
        "by": str(goal.by),
        "confidence": goal.confidence,
        "quarters": sought.quarters,
        "draws": sought.draws,
        "seed": scenario.seed,
        "announced_usd_mn": round(float(known.announced), 6),
        "gap_last_four_quarters_usd_mn": round(sought.gap_today, 6),
        "baseline_gap_four_quarters_usd_mn": sought.baseline_gap and round(sought.baseline_gap, 6),
        "feasible": sought.feasible,
        "why": reasons(sought),
        "as_it_is": {"probability": sought.probability, "share": round(sought.share, 9)},
        "every_dollar_share": round(sought.every_dollar, 9),
        "levers": [_lever_json(lever) for lever in sought.levers],
        "sources": list(map(str, known.sources)),
        "inputs": dict(known.files),
        "version": __version__,
    }


def _lever_json(lever: Lever) -> dict[str, object]:
    return {
        "lever": lever.name,
        "feasible": lever.feasible,
        "unit": lever.unit,
        "as_it_is": round(lever.as_it_is, 9),
        "needed": None if lever.needed is None else round(lever.needed, 9),
        "times": lever.times if lever.times is None else round(lever.times, 9),
        "probability": lever.probability,
        "share": round(lever.share, 9),
    }
