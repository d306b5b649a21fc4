"""What acted on an answer besides the numbers of each deal: mixes, windows, limits, tariff rates, correlations.

A page that lists the numbers alone would hide half of what was assumed.
"""

from collections.abc import Iterable, Sequence

from .assumption_entries import Mix, Record
from .assumptions import Assumptions
from .credit import Component, assumed_window, is_window_assumed
from .distributions import Assumption
from .scenario import Scenario
from .tariff import Tariff


def settings(
    components: Iterable[Component], scenario: Scenario, known: Assumptions, duty: Tariff | None
) -> list[Record]:
    """The records that acted on the included components, each once, in the order the bridge applies them."""
    included = [component for component in components if component.included]
    plan = scenario.delivery.schedule()
    categories = list(dict.fromkeys(component.category for component in included))
    found: list[Record] = [*_mixes(included, known)]
    found += [assumed_window(c.category, known) for c in included if is_window_assumed(c.leaf, plan, c.category)]
    if plan.is_limited:
        section = "capacity_usd_mn_per_quarter"
        found += [known.steps_of(f"{section}.{category}", f"{section}.default") for category in categories]
    found += [duty.path] if duty else []
    found += _correlations(included, known, slips=plan.slips)
    return list({record.path: record for record in found}.values())


def _mixes(included: Sequence[Component], known: Assumptions) -> list[Mix]:
    tranches = [component.leaf.event.id for component in included if component.leaf.is_remainder]
    paths = dict.fromkeys(f"category_mix.{tranche}" for tranche in tranches)
    return [record for path in paths if isinstance(record := known.by_path.get(path), Mix)]


def _correlations(included: Sequence[Component], known: Assumptions, *, slips: bool) -> list[Assumption]:
    """The common factors by which two deals move together, where there is a draw for them to move."""
    names = {
        "political": any(c.factors.political for c in included),
        "seller": slips and any(c.factors.seller for c in included),
    }
    return [known.first_of(f"correlation.{name}") for name, acts in names.items() if acts]
