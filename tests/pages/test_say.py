"""The catalogue of messages: none is missing or left over, and every placeholder has its value."""

import ast
import re
import string
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume
from hypothesis import given as for_any
from hypothesis import strategies as st

from tradebalance.pages import say

SOURCE = Path(say.__file__).parents[1]
PARTS = ("title", "alt", "unit")
NAMES = (
    "deal.",
    "of.",
    "assumption.",
    "delivery_scenario.measure_",
    "delivery_scenario.step_",
    "index.step_",
    "index.ask_",
    "index.due_",
    "index.word_",
    "index.means_",
    "page.before",
    "page.next",
    "page.other_",
)


@cache
def asked() -> list[tuple[list[str], set[str] | None]]:
    """The code's calls for messages: their keys, and the names of the values; None where some come in a mapping."""
    found: list[tuple[list[str], set[str] | None]] = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            if node.func.id not in ("say", "of_chart") or not isinstance(node.args[0], ast.Constant):
                continue
            names = {keyword.arg for keyword in node.keywords}
            key = str(node.args[0].value)
            keys = [f"{key}.{part}" for part in PARTS] if node.func.id == "of_chart" else [key]
            found.append((keys, None if None in names else {name for name in names if name}))
    for path in SOURCE.rglob("*.j2"):
        found += [([key], None) for key in re.findall(r"say\(\"([^\"]+)\"", path.read_text(encoding="utf-8"))]
    return found


@cache
def messages() -> dict[str, list[str]]:
    """Every message by key, the forms of a plural together."""
    found: dict[str, list[str]] = {}
    for key, text in say.catalogue()._catalog.items():
        name = key[0] if isinstance(key, tuple) else key
        if name and "\x04" not in name:  # which stands after a label's context
            found.setdefault(name, []).append(text)
    return found


def placeholders(key: str) -> set[str]:
    """The values that a message takes."""
    fields = [name for text in messages()[key] for _, name, _, _ in string.Formatter().parse(text) if name]
    return {re.split(r"[.\[]", name)[0] for name in fields}


def test_no_message_is_missing_and_none_is_left_over():
    named = {key for key in messages() if key.startswith(NAMES)}  # keys made up: see test_names, test_index
    assert {key for keys, _ in asked() for key in keys} - named == set(messages()) - named


@pytest.mark.parametrize("key", sorted(messages()))
def test_every_placeholder_of_a_message_has_a_value(key):
    for keys, handed in asked():
        if key in keys and handed is not None:
            assert placeholders(key) <= handed <= {"count"}.union(*map(placeholders, keys))


@for_any(amounts=st.lists(st.integers(-90_000, 90_000), max_size=20), digits=st.sampled_from([0, 1, 2]))
def test_parts_as_printed_add_up_to_their_sum_as_printed(amounts, digits):
    assume(sum(amounts) * 10**digits % 1000 != 500)  # halves go to either side
    parts = say.parts_adding_up(amounts, digits)
    assert sum(Decimal(f"{part:.{digits}f}") for part in parts) == Decimal(f"{sum(amounts) / 1000:.{digits}f}")
    assert all(abs(part - amount / 1000) <= 10**-digits for part, amount in zip(parts, amounts, strict=True))


def test_parts_keep_what_they_round_to_where_that_adds_up():
    assert say.parts_adding_up([5_840, 2_678], 0) == [6, 3]
    assert say.parts_adding_up([1_400, 1_400, 1_400], 0) == [2, 1, 1]  # 1.4 + 1.4 + 1.4 is 4


def test_a_number_is_printed_in_the_form_that_the_message_names():
    fill = say.Filler()
    assert fill.format("{gap:bn} {gap:bn2} {share:pct1}", gap=210_930, share=0.1234) == "210.9 210.93 12.3 %"
    assert fill.format("{who:country}, {who:book}", who="USA") == "the United States, US Census book"
    assert fill.format("{usa:whose}, {vnm:whose}", usa="USA", vnm="VNM") == "US, Vietnam's"
    assert fill.format("{group:group}, {share:pct1}", group="goods_ex_aircraft", share=None) == (
        "goods without aircraft, an unknown share"
    )


def test_a_message_that_is_not_there_or_lacks_a_value_is_an_error():
    with pytest.raises(KeyError, match="no message 'nobody"):
        say.say("nobody")
    with pytest.raises(KeyError):
        say.say("trade_gap.headline")


def test_a_book_is_called_its_figures_on_a_page():
    assert say.Filler().format("{reporter:figures}", reporter="USA") == "US Census figures"
    assert say.Filler().format("{reporter:figures}", reporter="VNM") == "Vietnam Customs figures"


def test_a_chance_is_told_in_tens():
    assert say.Filler().format("{nominal:in_ten}", nominal=0.8) == "eight times in ten"
    assert say.times_in_ten(1) == "ten times in ten"
