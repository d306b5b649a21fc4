"""The ledger and its arrivals in tables and words: stages, deals told again, what has come so far."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

import pandas as pd

from . import commitments
from .arrivals import Arrival, Rise, day_of
from .commitments import Deal, Leaf
from .known import Known
from .sentences import billions, plain_text
from .tables import Cell, table_of
from .terms import USD_MN_PER_BN, Stage, book_name

STAGE_WORDS = {
    Stage.SIGNED: "signed",
    Stage.TALKED_ABOUT: "talked about",
    Stage.RESTATED: "told again",
    Stage.UNNAMED: "unnamed",
}


def deal_words(deal: Deal) -> str:
    """A deal by its id, buyer and seller, without what stands in brackets."""
    event = next((event for event in deal.events if event.id == deal.id), deal.events[-1])
    buyer, seller = (name.partition(" (")[0] for name in (event.buyer, event.seller))
    return f"{deal.id}: {buyer} from {seller}"


def stage_sums(found: Iterable[Leaf]) -> pd.DataFrame:
    """The announced sum by stage (rows) and tranche (columns), each part once, with their sums: USD million, exact."""
    found = list(found)
    tranches = sorted({leaf.tranche for leaf in found})

    def total(stages: Iterable[Stage], names: Iterable[str]) -> Decimal:
        wanted, inside = set(stages), set(names)
        amounts = [x.value_usd_mn for x in found if commitments.stage(x) in wanted and x.tranche in inside]
        return sum(amounts, Decimal(0))

    rows: dict[str, list[Stage]] = {**{str(stage): [stage] for stage in Stage}, "sum": [*Stage]}
    columns = {**{name: [name] for name in tranches}, "sum": tranches}
    cells = {name: [total(stages, names) for stages in rows.values()] for name, names in columns.items()}
    return pd.DataFrame(cells, index=list(rows), dtype=object)


def stages(found: Iterable[Leaf]) -> pd.DataFrame:
    """The announced sum by stage and tranche in USD billion."""
    sums = stage_sums(found).rename(columns={"sum": "Together"})
    words = [STAGE_WORDS[Stage(row)] if row in [*Stage] else "Together" for row in sums.index]
    return sums.map(lambda value: billions(value, 2)).set_axis(words).rename_axis("USD bn")


def arrivals(found: Iterable[Arrival]) -> pd.DataFrame:
    """What has arrived of each part, from the least to the most in USD billion, why no less nor more, and the rows."""
    columns: dict[str, Callable[[Arrival], Cell]] = {
        "Announced, bn": lambda each: billions(each.leaf.value_usd_mn, 2),
        "Least, bn": lambda each: billions(each.low_usd_mn, 2),
        "Most, bn": lambda each: billions(each.high_usd_mn, 2),
        "Why no less, and no more": lambda each: f"{each.low_why}; at most {each.high_why}",
        "Rows": lambda each: ", ".join(_short_row(row) for row in each.rows) or "none",
    }
    found = list(found)
    return table_of("Part", {name: {each.leaf.id: cell(each) for each in found} for name, cell in columns.items()})


def _short_row(row: str) -> str:
    """`timeline:23` for `timeline/2026-11/timeline.csv:23`."""
    file, _, line = row.rpartition(":")
    return f"{file.split('/')[0]}:{line}"


def imports_rise(most: Rise | None) -> pd.DataFrame:
    """How far all imports from the US rose over the base year's same quarters, USD billion, by quarter and in sums."""
    if most is None:
        return table_of("Period", {"No year to compare with, bn": {}})
    by_quarter = most.by_quarter
    of_years = {str(year): part.sum() for year, part in by_quarter.groupby(by_quarter.index.year) if len(part) == 4}
    rows = {
        **{str(quarter): value for quarter, value in by_quarter.items()},
        **of_years,
        **({"the last four quarters": by_quarter.iloc[-4:].sum()} if len(by_quarter) >= 4 else {}),
        f"all since {most.base}": most.total,
    }
    cells = {name: f"{float(value) / USD_MN_PER_BN:+,.2f}" for name, value in rows.items()}
    return table_of("Period", {f"Over the same quarters of {most.base}, bn": cells})


def stages_lead(known: Known) -> str:
    """What the stages mean, and that every part stands in one of them."""
    return (
        f"Every part of the {billions(known.announced, 2)} billion stands in one stage: a named deal signed and told "
        "once, a named deal only talked about, a named deal told more than once, or the rest of a total that nobody "
        "itemised. A whole tranche may be called signed and still have no name inside."
    )


def arrivals_lead(known: Known, found: Sequence[Arrival], most: Rise | None) -> str:
    """What has arrived so far: the least that is counted, and why the rise of imports is a bound and no measure."""
    low = sum((each.low_usd_mn for each in found), Decimal(0))
    what = f"${billions(low, 2)} billion is" if low else "nothing is"
    counted = f"{what} counted in dated rows as landed in Vietnam"
    if most is None:
        return f"By {day_of(known):%B %Y}, {counted}."
    rise = most.by_quarter
    return (
        f"By {day_of(known):%B %Y}, {counted}: that is what is known, not what there is. At most, all parts together, "
        f"imports have risen by ${billions(most.total)} billion over the same quarters of {most.base} "
        f"(${billions(rise.iloc[-4:].sum())} billion of it in the last four quarters, on the "
        f"{book_name(known.reporter)}): an upper bound if other purchases did not fall, and no measure, since they may "
        f"have risen on their own. A base year with a month out of line makes the bound too low; the page on the "
        f"track record looks for one, goes to the newest month and prints the larger bound. "
        f"The most of single parts is bounded by printed windows, counts, the seller's rate and that rise; these do "
        f"not add up to it. In billions of dollars:"
    )


def arrival_reasons(found: Sequence[Arrival]) -> str:
    """Why each part's least is no less and its most no more, as a list; parts with the same reasons together."""
    together: dict[tuple[str, str], list[Arrival]] = {}
    for each in found:
        together.setdefault((each.low_why, each.high_why), []).append(each)
    lines = []
    for (low_why, high_why), parts in together.items():
        names = ", ".join(f"{plain_text(each.leaf.id)} ({_bounds(each)})" for each in parts)
        lines.append(f"- **{names}**: {plain_text(low_why)}; at most {plain_text(high_why)}.")
    return "\n".join(lines)


def _bounds(each: Arrival) -> str:
    return f"{billions(each.low_usd_mn, 2)} to {billions(each.high_usd_mn, 2)} of {billions(each.leaf.value_usd_mn, 2)}"
