"""A ledger row's terms: pieces firm and optional, the price of one and its year, what comes next, how sure."""

import datetime as dt
from decimal import Decimal

import pytest

from builders import known_on
from tests.facts.test_ledger import TABLE, events, made, the_ledger
from tests.facts.test_ledger_rules import found, ledger
from tradebalance.facts import ledger as ledgers
from tradebalance.pages import commitments
from tradebalance.words import terms
from tradebalance.words.terms import Confidence

PIECES = {"quantity": "40", "quantity_unit": "aircraft"}
HALF = Decimal("0.5")  # paid over list, scenarios/_assumptions.yaml: Beta(24, 24)


@pytest.fixture(scope="module")
def rows():
    return {event.id: event for event in events(the_ledger())}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"firm_quantity": "ten"}, ("not_a_number", 2, "firm_quantity", "ten")),
        ({"option_quantity": "1,5"}, ("ambiguous_number", 2, "option_quantity", "1,5")),
        ({"option_quantity": "-1"}, ("out_of_range", 2, "option_quantity", "-1")),
        ({"firm_quantity": "20", "option_quantity": "19"}, ("inconsistent", 2, "option_quantity", "19")),
        ({"firm_quantity": "41"}, ("inconsistent", 2, "firm_quantity", "41")),
        ({"firm_quantity": "20", "option_quantity": "undisclosed"}, ("inconsistent", 2, "firm_quantity", "20")),
        ({"unit_price": "dear"}, ("not_a_number", 2, "unit_price", "dear")),
        ({"unit_price": "0.03"}, ("inconsistent", 2, "unit_price", "0.03")),
        ({"list_price_year": "2025-03"}, ("bad_date", 2, "list_price_year", "2025-03")),
        ({"list_price_year": "1916"}, ("implausible", 2, "list_price_year", "1916")),
        ({"list_price_year": "2018-2016"}, ("bad_interval", 2, "list_price_year", "2018-2016")),
        ({"next_event": "first jet", "next_event_on": "soon"}, ("bad_date", 2, "next_event_on", "soon")),
        ({"next_event_on": "2030"}, ("inconsistent", 2, "next_event", None)),
        ({"confidence": "sure"}, ("bad_value", 2, "confidence", "sure")),
    ],
)
def test_each_rule_of_the_terms_names_its_cell(change, problem):
    (code, row, column, value), *more = found(ledger(PIECES | change))
    assert (code, row, column, value or None) == problem
    assert not more


@pytest.mark.parametrize(
    "change",
    [
        {"firm_quantity": "25", "option_quantity": "15"},
        {"firm_quantity": "40"},
        {"firm_quantity": "0"},
        {"option_quantity": "40"},
        {"firm_quantity": "undisclosed", "option_quantity": "undisclosed"},
        {"unit_price": "0.025"},
        {"unit_price": "USD 26 million"},
        {"list_price_year": "2016-2018", "confidence": "low"},
        {"next_event": "first jet"},
        {"next_event": "first jet", "next_event_on": "end-2030"},
    ],
)
def test_the_edges_of_the_terms_pass(change):
    assert found(ledger(PIECES | change)) == []


def test_all_problems_of_the_terms_are_told_at_once():
    wrong = {
        "firm_quantity": "x",
        "unit_price": "y",
        "list_price_year": "z",
        "next_event_on": "2030",
        "confidence": "w",
    }
    columns = [column for _, _, column, _ in found(ledger(PIECES | wrong))]
    assert columns == ["firm_quantity", "unit_price", "list_price_year", "confidence", "next_event"]


@pytest.mark.parametrize(
    ("cell", "split"), [({"firm_quantity": "25"}, (25, 15)), ({"option_quantity": "15"}, (25, 15))]
)
def test_firm_pieces_and_options_follow_from_each_other(cell, split):
    (event,) = with_terms({"id": "a", **PIECES, **cell})
    assert (event.firm_quantity, event.option_quantity) == split


def with_terms(*rows):
    """Events of rows with cells that a usual ledger of the tests has no column for."""
    return events([(line, cells | extra) for (line, cells), extra in zip(made(*rows), rows, strict=True)])


def test_the_price_of_one_is_worked_out_unless_it_is_printed():
    each, printed = with_terms(
        {"id": "a", "value": "100", **PIECES}, {"id": "b", "value": "100", **PIECES, "unit_price": "2.6"}
    )
    assert (each.unit_price_usd_mn, printed.unit_price_usd_mn) == (Decimal("2.5"), Decimal("2.6"))


def test_the_ledger_of_the_repository_has_the_columns_and_each_row_a_confidence(rows):
    assert {"firm_quantity", "option_quantity", "list_price_year", "next_event", "next_event_on", "confidence"} <= set(
        TABLE.columns
    )
    assert all(event.confidence in [*Confidence] for event in rows.values())
    assert rows["LPG-PVG-2026"].confidence is Confidence.LOW


def test_nobody_says_how_many_of_the_forty_are_firm_and_all_fifty_of_vietnam_airlines_are(rows):
    sun, fifty = rows["SPA-787"], rows["VNA-737-2026"]
    assert (sun.is_split_undisclosed, sun.firm_quantity, sun.option_quantity) == (True, None, None)
    assert (fifty.is_split_undisclosed, fifty.firm_quantity, fifty.option_quantity) == (False, 50, 0)


def test_a_leaf_has_the_split_of_its_newest_event_that_tells_one():
    (fifty,) = [leaf for leaf in known_on("USA").leaves if leaf.id == "VNA-737-2026"]
    assert (fifty.event.id, fifty.split.id) == ("VNA-737-2023", "VNA-737-2026")


def test_the_year_of_the_list_prices_explains_what_one_737_costs(rows):
    """At half of list a 737 of Vietjet's is 60 USD million and one of Vietnam Airlines' 78: the years differ, the
    price does not. Of the same year, 2025, both are within two per cent; what is left is the variant."""
    old, new = rows["VJ-737-200"], rows["VNA-737-2023"]
    assert (old.unit_price_usd_mn * HALF, new.unit_price_usd_mn * HALF) == (60, 78)
    assert old.list_price_year.latest < new.list_price_year.earliest
    first, second = rows["VJ-737-2016"], rows["VJ-737-2019"]
    assert first.value_usd_mn + second.value_usd_mn == old.value_usd_mn
    assert first.list_price_year.earliest == old.list_price_year.earliest
    assert second.list_price_year.latest == old.list_price_year.latest
    same_year = [rows[name] for name in ("VJ-737-2025-32", "VNA-737-2026", "VJ-GRIFFIN-2026")]
    assert {event.list_price_year.words for event in same_year} == {"2025"}
    prices = [event.unit_price_usd_mn for event in same_year]
    assert max(prices) / min(prices) < Decimal("1.02")


def test_what_comes_next_is_what_was_last_told_of_each_deal_by_then():
    found = with_terms(
        {"id": "a", "value": "1", "signed_on": "2024-01", "next_event": "first", "next_event_on": "2026"},
        {"id": "b", "restates": "a", "signed_on": "2025-01", "next_event": "second", "next_event_on": "2025"},
        {"id": "c", "signed_on": "2024-01", "next_event": "never dated"},
        {"id": "d", "signed_on": "2026-01", "next_event": "later told", "next_event_on": "2024"},
    )
    at = dt.date(2025, 6, 30)
    assert [event.next_event for event in ledgers.next_events(found, at)] == ["second", "never dated"]
    assert [event.next_event for event in ledgers.next_events(found, dt.date(2024, 6, 30))] == ["first", "never dated"]
    assert ledgers.next_events(found, dt.date.max)[0].next_event == "later told"


def test_the_page_says_which_dates_have_passed():
    """Each milestone stands with those ahead or with those whose date has passed, never in both."""
    known = known_on("USA")
    ahead, passed = (commitments.next_events_table(known, passed=passed) for passed in (False, True))
    assert ahead.at["2030", "What comes next"] == "First aircraft"
    assert ahead.at["2028-2031", "Buyer"] == "VietJet Air"
    told = {event.id: event for event in ledgers.next_events(known.events, known.last_day)}
    assert len(ahead) + len(passed) == len(told)
    assert told["GE-LONGSON-2020"].next_event_on.words in passed.index
    before = commitments.next_events_table(known_on("USA", terms.month("2025-05")))
    assert "2030" not in before.index


def test_the_page_shows_pieces_and_the_price_of_one():
    table = commitments.terms_table(known_on("USA"))
    (undisclosed,) = table.loc[table.index == "Sun PhuQuoc Airways", ["Pieces", "Firm, options"]].to_numpy().tolist()
    assert undisclosed == ["40", "undisclosed"]
    newest = table[(table.index == "Vietnam Airlines") & (table["Told"] == "2026-02-18")].iloc[0]
    assert list(newest[["Firm, options", "USD mn a piece", "Prices of"]]) == ["50, 0", "162.0", "2025"]
