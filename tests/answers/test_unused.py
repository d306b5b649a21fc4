"""A change that moves nothing is told of, with the reason; the oracle is the model itself, with it and without."""

from dataclasses import replace
from decimal import Decimal
from functools import cache, partial

import pytest

from builders import gather
from tradebalance.answers import model, tariffs
from tradebalance.answers.unused import unused
from tradebalance.assumptions import credit, tariff
from tradebalance.case import folder, inputs

FORMS = {
    "category_mix": {"shares": {"defence": 1}},
    "capacity_usd_mn_per_quarter": 123,
    "window_where_none_is_printed": {"first": "2027Q2", "last": "2031Q1"},
    "tariff_path": {"rates": {"2026-01-01": 0.07}},
    "slip_months": {"value": 30},
    "escalation_per_year": Decimal("0.1"),
    "inflation_per_year": Decimal("0.1"),
}
# what brings no goods has no additionality either
ALONE = {"correlation.political": 0.5, "correlation.seller": 0.5, "goods_share.services": 0, "goods_share.finance": 0}


@pytest.fixture(scope="module")
def of():
    """A scenario's model with changes made: its parts and duty anew, its path without deals as it was."""
    made, document = {}, cache(partial(inputs.document, folder.case()))

    def build(name, **changes):
        if name not in made:
            made[name] = model.model(gather(name, baseline={"method": "hold"}))
        before = made[name]
        said = {**before.inputs.changes, **changes}
        parsed, assumed = inputs.parse_scenario(name, document(name), document(inputs.ASSUMPTIONS), said)
        known = before.inputs.known
        return replace(
            before,
            inputs=replace(before.inputs, scenario=parsed, assumptions=assumed, changes=changes),
            calendar=model._calendar(replace(before.inputs, scenario=parsed, assumptions=assumed)),
            components=tuple(credit.components(known, parsed, assumed)),
            capacities=credit.capacities(parsed, assumed, before.calendar.quarters),
            moved=tariffs.effect(tariff.tariff(parsed.tariff, assumed), before.calendar, known, None),
        )

    return build


def moving(part):
    """A part without what moves nothing: the common draw of delays, where none is drawn."""
    factors = part.factors
    return replace(part, factors=replace(factors, seller=0.0)) if factors.slip is credit.ON_TIME else part


def acts(before, after):
    parts = [[moving(part) for part in each.components if part.included] for each in (before, after)]
    kept = [(each.capacities, each.duty, each.calendar) for each in (before, after)]
    return parts[0] != parts[1] or kept[0] != kept[1]


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("even", {}),
        ("even", {"reporter": "VNM"}),
        ("as_announced", {}),
        ("named_deals", {}),
        ("slipped", {"delivery.capacity": "assumptions"}),
        ("published", {"tariff": "in_force", "include.remainders": False}),
        ("slipped", {"prices.dollars_of": 2026}),
    ],
)
def test_a_path_is_unused_exactly_where_the_model_is_the_same_without_it(of, name, beside):
    before = of(name, **beside)
    wrong = []
    for path in before.inputs.assumptions.by_path:
        value = FORMS.get(path.split(".")[0], ALONE.get(path, 1))
        after = of(name, **beside, **{path: value})
        told = [warning for warning in unused(after) if warning.column == path]
        if bool(told) == acts(before, after):
            wrong.append((path, [str(warning) for warning in told]))
    assert not wrong


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("even", {"conversion.mou": 0.3}, "no named part of this ledger is an unsigned memorandum; the unnamed rest "
         "goes by remainder_fraction.T2. set remainder_fraction.T2 instead"),
        ("even", {"conversion.mou.default": 0.3}, "the unnamed rest goes by remainder_fraction.T2"),
        ("even", {"slip_months.aircraft": 3}, "nothing slips in this scenario. set delivery.slip=assumptions too"),
        ("even", {"books.VNM.valuation": 1.1}, "the answer is on the book of USA. set reporter=VNM too"),
        ("even", {"additionality.defence": 0.5}, "no part that counts is defence"),
        ("even", {"additionality.services": 0.5}, "what is services here brings no goods"),
        ("even", {"tariff_effect.elasticity": 2}, "the scenario's tariff is none"),
        ("as_announced", {"additionality.aircraft": 0.5}, "the scenario's credit is none, so that every factor is 1"),
        ("even", {"include.remainders": False, "remainder_fraction.T1": 0.5}, "unnamed rest of T1 does not count"),
        ("seed_2025", {"seed": 5}, "nothing is drawn"),
        ("even", {"delivery.by_category.defence.quarters": 4}, "no part that counts is defence"),
        ("even", {"delivery.profile": {"milestones": {"2027Q1": 1}}, "delivery.quarters": 4}, "milestones of its own"),
    ],
)  # fmt: skip
def test_the_reason_is_told_with_what_acts_instead(name, changes, words):
    found = unused(model.model(gather(name, changes=changes)))
    path = list(changes)[-1]
    assert [(warning.column, warning.file, warning.severity) for warning in found] == [(path, "changes", "warning")]
    assert words in str(found[0])


def test_what_acts_is_not_warned_of(of):
    changes = {"correlation.political": 0, "books.USA.lag_quarters": 1, "delivery.quarters": 8, "seed": 3}
    assert unused(of("even", **changes)) == []
