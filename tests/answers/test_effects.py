"""Every key of a scenario and every shipped assumption moves an answer: what moves none fails here."""

import datetime as dt
from decimal import Decimal
from typing import get_origin

import pytest
from pydantic import BaseModel

from builders import gather
from tradebalance.answers import model
from tradebalance.answers.answer import solve
from tradebalance.assumptions.baseline import Baseline
from tradebalance.assumptions.delivery import Pace
from tradebalance.assumptions.scenario import ScenarioSpec
from tradebalance.case import folder, inputs

WORDS = {"name", "title", "about", "references"}  # what a reader is told, and no number
LEVEL = {"method": "fixed", "exports_usd_mn": 60_000, "imports_usd_mn": 10_000}
GROWING = {"method": "growth", "exports": Decimal("0.06"), "imports": Decimal("0.04")}
HOLD = {"method": "hold"}
# key -> a scenario, what is changed beside the key in both runs, and the key's other value
EFFECTS = {
    "reporter": ("even", {}, "VNM"),
    "as_of": ("even", {"baseline": HOLD}, "2026-03"),
    "baseline.method": ("even", {}, "naive"),
    "baseline.exports_usd_mn": ("even", {"baseline": LEVEL}, 61_000),
    "baseline.imports_usd_mn": ("even", {"baseline": LEVEL}, 11_000),
    "baseline.exports": ("even", {"baseline": GROWING}, Decimal("0.07")),
    "baseline.imports": ("even", {"baseline": GROWING}, Decimal("0.05")),
    "baseline.estimate_to": ("even", {"baseline": {"method": "sarima"}}, "2024Q4"),
    "baseline.imports_estimate_to": ("even", {"baseline": {"method": "sarima"}}, "2024Q4"),
    "horizon.quarters": ("even", {}, 36),
    "credit": ("even", {}, "none"),
    "include.status": ("even", {}, ["signed"]),
    "include.remainders": ("even", {}, False),
    "include.fill": ("even", {}, {"T3": ["SPA-787"]}),
    "delivery.from": ("even", {}, "announced"),
    "delivery.profile": ("even", {}, "back_loaded"),
    "delivery.milestones": (
        "even",
        {"delivery": {"from": "now", "milestones": {"2027Q1": 1}}},
        {"2027Q1": Decimal("0.4"), "2028Q1": Decimal("0.6")},
    ),
    "delivery.quarters": ("even", {}, 20),
    "delivery.delay_quarters": ("even", {}, 2),
    "delivery.slip": ("published", {}, "assumptions"),
    "delivery.capacity": ("front_loaded", {"delivery.quarters": 4}, "assumptions"),
    "delivery.by_category": (
        "even",
        {},
        {"aircraft": {"profile": "front_loaded"}},
    ),  # a pace, by the keys of the general
    "tariff.path": ("even", {"baseline": HOLD}, "in_force"),
    "tariff.rates": ("even", {"baseline": HOLD}, {dt.date(2027, 1, 1): Decimal("0.46")}),
    "tariff.imports": (
        "even",
        {"baseline": HOLD},
        {dt.date(2026, 1, 1): Decimal("0.08"), dt.date(2027, 1, 1): Decimal(0)},
    ),
    "prices.dollars_of": ("even", {}, 2024),
    "set": ("even", {}, {"additionality.aircraft": Decimal("0.2")}),
    "deals": ("even", {}, {"VJ-737-200": {"price": Decimal("0.4")}}),
    "events": ("even", {}, [{"name": "crisis", "cancels": Decimal("0.5")}]),  # its keys: tests/assumptions/test_events
    "draws": ("even", {}, 600),
    "seed": ("even", {}, 2),
}
# Shipped assumptions that wait for a row of the ledger, and paths that a scenario has to name.
WAITING = {
    "additionality.defence",  # no part of the totals is defence
    "goods_share.defence",
    "conversion.delivered",  # nor delivered, only planned, or a valued memorandum on energy
    "conversion.planned",
    "conversion.mou.lng",
    "conversion.mou.energy",
    "conversion.mou.default",  # acts in a replay of May 2025, when an order was a memorandum still
    "price_paid_of_announced.contract",  # nor priced by contract
    "tariff_path.duty_falls",
}
NUMBERS = {
    "books.USA.lag_quarters",
    "books.VNM.lag_quarters",
    "inflation_per_year",
}  # looked up as numbers, not records


def keys(of: type[BaseModel], above: str = "") -> set[str]:
    """Every key of a declaration with those below it, but for what stands in lists and tables of its own."""
    found = set()
    for name, field in of.model_fields.items():
        path = f"{above}{field.alias or name}"
        held = () if get_origin(field.annotation) is list else getattr(field.annotation, "__args__", ())
        inner = [each for each in (field.annotation, *held) if _is_record(each)]
        found |= keys(inner[0], f"{path}.") if inner else {path}
    return found


def _is_record(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def figures(name: str, changes: dict[str, object]) -> list[object]:
    """What an answer says in numbers: by quarter, by step, in all."""
    found = solve(gather(name, **{"draws": 500, **changes}))
    tables = found.by_quarter, found.bridge
    return [list(map(str, found.calendar.quarters)), *(table.to_numpy().tolist() for table in tables)]


def test_every_key_of_a_scenario_is_tried():
    tried = {*EFFECTS, "baseline.path"}  # a file of one's own: tests/assumptions/test_baseline.py
    of_categories = {key for key in keys(ScenarioSpec) if key.startswith("delivery.by_category.")}
    assert of_categories == {f"delivery.by_category.{key}" for key in keys(Pace)}
    assert keys(ScenarioSpec) - WORDS - of_categories == tried - {"delivery.by_category"}
    assert keys(Baseline) == {key.partition(".")[2] for key in tried if key.startswith("baseline.")}


@pytest.mark.parametrize("key", EFFECTS)
def test_a_key_moves_the_answer(key):
    name, beside, value = EFFECTS[key]
    assert figures(name, {**beside, key: value}) != figures(name, beside)


def test_every_shipped_assumption_acts_in_a_shipped_scenario_or_is_known_to_wait():
    acting: set[str] = set()
    shipped: set[str] = set()
    for name in inputs.names(folder.case()):
        for book in ("USA", "VNM"):
            if name == "seed_2025" and book == "USA":
                continue  # the level of trade that it states is one of Vietnam's book
            of = model.model(gather(name, reporter=book, baseline=LEVEL if name != "seed_2025" else None))
            shipped |= set(of.inputs.assumptions.by_path)
            acting |= {record.path for record in (*of.assumptions, *of.settings)}
    assert shipped - acting - NUMBERS == WAITING
