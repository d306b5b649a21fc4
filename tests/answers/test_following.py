"""What following draws takes: memory that does not grow with them, work in proportion to the deals, the same numbers
however many are followed at once."""

import tracemalloc
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from builders import FIRST, beta, component, slip
from tradebalance.answers import following, gap, simulation
from tradebalance.answers.draws import BLOCK, RandomBlock
from tradebalance.answers.following import plan
from tradebalance.answers.gap import Calendar
from tradebalance.assumptions.delivery import Pace, schedule

DRAWN = {
    "goods": beta(6, 3, "goods"),
    "price": beta(12, 4, "price"),
    "conversion": beta(2, 3, "conversion"),
    "late": beta(1, 9, "late"),
    "escalation": beta(14, 14, "escalation", "0.056"),
    "hazard": replace(beta(4, "0.03", "hazard"), form="gamma"),
    "slip": slip("0.75", 9, "0.6", "0.25", 60, "0.3"),
}


def deals(count, quarters=24):
    """So many late deals that may or may not become binding, of three schedules."""
    due = [schedule(Pace(quarters=n), FIRST) for n in (quarters // 4, quarters // 2, quarters)]
    return [component(f"D{n}", 1000, due[n % 3], is_coin=True, seller=0.4, **DRAWN) for n in range(count)]


def peak(count, draws, quarters, room=None):
    """The most memory in bytes that a simulation holds at once."""
    calendar, base = Calendar(FIRST, quarters), [Fraction(50_000)] * quarters
    limits = {} if room is None else {"aircraft": [Fraction(room)] * quarters}
    parts = deals(count, quarters)
    tracemalloc.start()
    try:
        simulation.simulate(parts, base, calendar, draws, 1, capacities=limits)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_draws():
    peak(3, 100, 12)  # fills the tables that a process keeps
    few, many = (peak(3, blocks * BLOCK, 12) for blocks in (2, 6))
    assert many < few + 2**20


@pytest.mark.parametrize("room", [None, 2000])
def test_no_quarter_is_held_of_each_deal_and_draw(room):
    """A deal more takes its luck of a block, three numbers a draw, and less than as much again; not 200 quarters."""
    few, many = (peak(count, BLOCK, 200, room) for count in (70, 100))
    assert many - few < 30 * BLOCK * 8 * 6


def test_work_is_in_proportion_to_the_deals(monkeypatch):
    """Counted by what is drawn and by what is multiplied; of one stretch of draws, whatever its length."""
    drawn, shares = RandomBlock._uniform, gap.times
    counts = []
    monkeypatch.setattr(RandomBlock, "_uniform", lambda *given: counts.append("drawn") or drawn(*given))
    monkeypatch.setattr(gap, "times", lambda *given: counts.append("shares") or shares(*given))
    found = []
    for count in (10, 20, 40):
        counts.clear()
        simulation.run_block(plan(deals(count), Calendar(FIRST, 24)), RandomBlock(1, 0, 50))
        found.append([counts.count("drawn"), counts.count("shares")])
    few, more, most = np.array(found)
    assert (most - more == 2 * (more - few)).all()
    assert more[0] - few[0] == 10 * 3  # its coin, its wait and its delay


@pytest.mark.parametrize("room", [None, 150])
def test_draws_are_the_same_however_many_are_followed_at_once(room, monkeypatch):
    limits = {} if room is None else {"aircraft": [Fraction(room)] * 24}
    of, found = plan(deals(4), Calendar(FIRST, 24), limits), []
    for at_once in (256, 4096):
        monkeypatch.setattr(following, "AT_ONCE", at_once)
        found.append(simulation.run_block(of, RandomBlock(3, 0, 1000), apart=True))
    one, other = found
    np.testing.assert_allclose(one.rows, other.rows, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(one.steps, other.steps, rtol=1e-12, atol=1e-9)
    assert one.order_free == pytest.approx(other.order_free)
    assert {name: list(draws) for name, draws in one.crowded.items()} == {
        name: list(draws) for name, draws in other.crowded.items()
    }
    assert bool(one.crowded) is (room is not None)


def test_together_parts_bring_what_each_brings_alone():
    of = plan(deals(5), Calendar(FIRST, 24), {"aircraft": [Fraction(150)] * 24})
    for together in following.groups(of, RandomBlock(3, 0, 500)):
        each = sum(traced.additional for traced in together.traces)
        np.testing.assert_allclose(together.additional, each, rtol=1e-9, atol=1e-9)
