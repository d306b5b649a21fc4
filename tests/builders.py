"""Small pieces of a model for tests, and hypothesis strategies for them."""

import csv
import dataclasses
import io
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache

import pandas as pd
import pytest
from hypothesis import strategies as st

from tradebalance.answers import gap, model
from tradebalance.answers.answer import Solution, solve
from tradebalance.answers.model import Inputs, Model
from tradebalance.assumptions.credit import Component, Factors
from tradebalance.assumptions.delivery import PROFILES, Pace, schedule
from tradebalance.assumptions.distributions import Assumption
from tradebalance.assumptions.events import Hit
from tradebalance.case import asof, folder, inputs, pooled, store
from tradebalance.case.folder import Folder
from tradebalance.facts.known import Known
from tradebalance.facts.ledger import Event, Leaf
from tradebalance.facts.trade import with_gap
from tradebalance.reading import grids, printed, readers
from tradebalance.reading.options import Options
from tradebalance.reading.readers import Table
from tradebalance.report import check
from tradebalance.words.cells import VagueDate
from tradebalance.words.terms import Role, Status, Strength, ValueKind, quarter

FIRST = quarter("2026Q3")
UNDATED = VagueDate(None, None, "")
FLAT = {"method": "fixed", "exports_usd_mn": 60_000, "imports_usd_mn": 10_000}


def shipped() -> Folder:
    """The repository's case at the releases of a test's numbers, its facts read and checked once a process."""
    return held_once(folder.case())


# of the shipped case, which no test changes
held_once, known_once, document_once = cache(store.hold), cache(asof.known), cache(inputs.document)


def gather(name: str, **changes: object) -> Inputs:
    """The inputs of a shipped scenario, as `inputs.gather` says, from files and facts that are read once."""
    with pytest.MonkeyPatch.context() as kept:
        kept.setattr(asof, "known", known_once)
        kept.setattr(inputs, "document", document_once)
        return inputs.gather(name, case=shipped(), **changes)


@cache
def _solved(_: Folder, name: str, **changes: object) -> Solution:
    return solve(gather(name, **changes))


def solved(name: str, **changes: object) -> Solution:
    """A shipped scenario's answer, solved once a process."""
    return _solved(shipped(), name, **changes)


def known_on(reporter: str, as_of: pd.Period | None = None) -> Known:
    """What is known on a book of the shipped case, as `asof.known` says, worked out once a process."""
    return known_once(reporter, as_of, case=shipped())


@cache
def pooled_errors() -> pd.DataFrame:
    """The shipped table of errors on several partners, which the mixture's errors ask for."""
    return pooled.table(shipped())


def table_of(content: bytes, file: str) -> Table:
    """A CSV file with commas, or an XLSX file, as a table of strings, as a case reads one of its own."""
    return readers.rectangular(grids.grid(content, file, Options(), delimiter=","))


def visible(markdown: str) -> str:
    """What a reader sees of a sentence: its words without the marks of headings, lists, bold, links and escapes."""
    text = re.sub(r"(?<!\\)\[([^]]*)\]\([^)]*\)", r"\1", markdown)
    text = re.sub(r"^(#+|-) |(?<!\\)(\*\*|`)", "", text, flags=re.MULTILINE)
    return " ".join(re.sub(r"\\([^A-Za-z0-9\s])", r"\1", text).split())


def figures(content: bytes, file: str, given: Options, newest: pd.Period | None = None) -> printed.Result:
    """The figures of a file's bytes. Raises Refused where the bytes are no table, or not those of the checksum."""
    return printed.read(check.grid(content, file, given), given, newest)


def restored(text: str) -> str:
    """The text that `plain.defused` was given."""
    text = text[1:] if re.match(r"''*[\t\r]", text) else text
    return re.sub(r"((?:^|[\r\n;\t])[\s\u00a0\u200b\ufeff]*)'('*[=+\-@＝＋－＠|%])", r"\1\2", text)


def csv_rows(text: str) -> list[list[str]]:
    """The cells of a CSV that `plain.csv_text` wrote, header first, as a reader has them without the guards."""
    return [[restored(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]


def fixed(value: object, path: str = "test") -> Assumption:
    return Assumption(path, "a test", Strength.JUDGEMENT, "value", (Decimal(str(value)),))


def beta(a: object, b: object, path: str, at_most: object = 1) -> Assumption:
    parameters = (Decimal(str(a)), Decimal(str(b)))
    return Assumption(path, "a test", Strength.JUDGEMENT, "beta", parameters, Decimal(str(at_most)))


def slip(*regimes: object, path: str = "slip") -> Assumption:
    """A delay from (weight, median in months, sigma) one after the other."""
    return Assumption(path, "a test", Strength.JUDGEMENT, "slip", tuple(Decimal(str(r)) for r in regimes))


def trade(exports: Iterable[float], imports: Iterable[float], last: str = "2026Q2") -> pd.DataFrame:
    """A book's quarters up to `last`: exact exports, imports and gap to 0.1 USD million."""
    flows = {"exports_usd_mn": exports, "imports_usd_mn": imports}
    table = pd.DataFrame({name: [Decimal(f"{v:.1f}") for v in values] for name, values in flows.items()}, dtype=object)
    index = pd.period_range(end=last, periods=len(table), freq="Q")
    return with_gap(table.set_axis(index))


def leaf(name: str = "A", value: object = 1000, *, is_remainder: bool = False) -> Leaf:
    event = Event(
        id=name, role=Role.DEAL, part_of="", restates="", tranche="T", attribution="",
        category="aircraft", nature="goods",
        buyer="buyer", seller="seller", description="", quantity=None,
        value_usd_mn=Decimal(str(value)), value_kind=ValueKind.LIST,
        date=UNDATED, status=Status.SIGNED, delivery_start=UNDATED, delivery_end=UNDATED,
        source="a test", source_url="", source_id="test:2",
    )  # fmt: skip
    return Leaf(name, "T", Decimal(str(value)), is_remainder=is_remainder, event=event, now=event)


def component(
    name: str = "A",
    value: object = 1000,
    due: Mapping[pd.Period, Fraction] | None = None,
    *,
    included: bool = True,
    is_coin: bool = False,
    lag: int = 0,
    political: float = 0.0,
    seller: float = 0.0,
    age: int = 0,
    priced_in: int | None = None,
    before: object = 0,
    hits: tuple[Hit, ...] = (),
    **factors: Assumption,
) -> Component:
    """A component whose factors are all 1, and nothing cancelled, but for those given."""
    one = fixed(1)
    names = ("goods", "landed", "price", "firm", "exercise", "conversion", "capture", "valuation", "additionality")
    whole = dict.fromkeys(names, one) | dict.fromkeys(("hazard", "slip", "late", "escalation"), fixed(0))
    return Component(
        leaf=leaf(name, value),
        category="aircraft",
        value_usd_mn=Fraction(str(value)),
        included=included,
        factors=Factors(
            **{**whole, **factors}, is_coin=is_coin, lag=lag, political=political, seller=seller, age_months=age
        ),
        schedule=dict(due or schedule(Pace(quarters=8), FIRST)),
        priced_in=priced_in,
        arrived=Fraction(str(before)),
        hits=hits,
    )


shares = st.decimals(0, 1, places=3).map(fixed)
paces = st.builds(
    Pace,
    profile=st.sampled_from(sorted(PROFILES)),
    quarters=st.integers(1, 24),
    delay_quarters=st.integers(0, 12),
)
windows = st.builds(
    lambda start, quarters: pd.period_range(FIRST + start, periods=quarters, freq="Q"),
    st.integers(-16, 8),
    st.integers(1, 24),
)
components = st.builds(
    component,
    name=st.text("ABCDEFGH", min_size=1, max_size=3),
    value=st.integers(0, 50_000),
    due=st.builds(schedule, paces, st.just(FIRST), st.none() | windows),
    included=st.booleans(),
    lag=st.integers(0, 3),
    slip=st.integers(0, 6).map(fixed),
    goods=shares,
    landed=shares,
    price=shares,
    firm=shares,
    exercise=shares,
    conversion=shares,
    late=st.sampled_from([fixed(0), fixed("0.04"), fixed(1)]),
    escalation=st.sampled_from([fixed(0), fixed("0.028"), fixed("-0.01")]),
    priced_in=st.none() | st.integers(2016, 2027),
    before=st.sampled_from(["0", "0.2", "0.5"]),
    arrived=st.sampled_from([fixed(0), fixed("0.3"), fixed("0.5")]),
    hazard=st.sampled_from([fixed(0), fixed("0.03")]),
    hits=st.lists(
        st.builds(
            Hit,
            st.sampled_from("xyz"),
            st.integers(0, 14),
            st.just(Fraction(1)),
            st.fractions(0, 1, max_denominator=20),
        ),
        max_size=2,
        unique_by=lambda hit: hit.name,
    ).map(tuple),
    capture=shares,
    valuation=st.decimals("0.5", 2, places=2).map(fixed),
    additionality=shares,
)


def model_of(found: Iterable[Component], calendar: gap.Calendar, today: object = 200_000, **changes: object) -> Model:
    """The model of `even` with other components, calendar and today's gap, and any other of its parts."""
    whole = model.model(gather("even", draws=changes.pop("draws", 2000), baseline=FLAT))
    own = {
        "baseline": whole.baseline.iloc[: calendar.horizon],
        "components": tuple(found),
        "calendar": calendar,
        "gap_last_four": Fraction(str(today)),
    }
    return dataclasses.replace(whole, **{**own, **changes})
