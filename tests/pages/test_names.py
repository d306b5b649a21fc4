"""What readers see in place of keys: every deal and every assumption that a shipped scenario uses has words."""

import re
from dataclasses import replace

import pytest

import tradebalance as tb
from tradebalance.case import folder, inputs
from tradebalance.pages import names, say

KEY = re.compile(r"[_`/]|\b[a-z]+\.[a-z]|\b[A-Z]{2,3}-[A-Z0-9]|\bT[123]\b")
CASES = ["", *sorted(folder.cases())]


@pytest.mark.parametrize("case", CASES)
def test_no_part_of_any_case_is_shown_by_its_key(case):
    leaves = tb.load(case).known("USA").leaves
    words = [names.deal_words(leaf) for leaf in leaves]
    assert len(leaves) >= 3
    assert not [each for each in words if KEY.search(each)]
    assert len(set(words)) == len(words)


def test_a_part_named_by_its_key_in_a_text_is_told_in_words():
    leaves = tb.load().known("USA").leaves
    assert names.in_words("the share of VJ-737-200, not VJ-737-200-X", leaves) == (
        "the share of Vietjet: 200 Boeing 737s, not VJ-737-200-X"
    )
    assert names.in_words("nothing", []) == "nothing"


def test_no_source_of_an_assumption_names_a_key_of_the_ledger():
    for case in CASES:
        at_hand = tb.load(case)
        ids = {event.id for event in at_hand.known("USA").events} | {"T1", "T2", "T3"}
        key = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, ids))})(?![\w-])")
        known = inputs.parse_assumptions(inputs.document(at_hand.folder, inputs.ASSUMPTIONS)).by_path
        sources = {path: each.source for path, each in known.items()}
        assert not {path: source for path, source in sources.items() if key.search(source)}


def test_no_assumption_is_shown_by_its_path():
    at_hand = tb.load()
    known = inputs.parse_assumptions(inputs.document(at_hand.folder, inputs.ASSUMPTIONS))
    words = {path: names.assumption_words(path) for path in known.by_path}
    assert len(words) > 80
    assert not {path: said for path, said in words.items() if KEY.search(said) or said[0].islower()}
    undated = {re.sub(r"\d{4}-\d\d-\d\d|in_force|duty_falls", "", path) for path in words}
    assert len(set(words.values())) == len(undated)


def test_no_name_is_left_over():
    """Of a deal that is in no ledger, or of an assumption that nobody makes."""
    own = {leaf.id for case in CASES for leaf in tb.load(case).known("USA").leaves}
    at_hand = inputs.parse_assumptions(inputs.document(tb.load().folder, inputs.ASSUMPTIONS)).by_path
    keys = {key for path in at_hand for key in path.split(".")} | {"arrived", "conversion"}
    for key in say.catalogue()._catalog:
        kind, _, name = str(key).partition(".")
        if kind == "deal" and "-" in name:
            assert name in own
        if kind == "of":
            assert name in keys
        if kind == "assumption" and name not in ("others", "arrived"):
            assert [
                path for path in at_hand if path.startswith(name.replace("_", ".", 1)) or path.startswith(name)
            ] or any(name.endswith(f"_{key}") for key in keys), name


def test_a_deal_without_a_name_is_told_by_buyer_seller_and_pieces():
    leaf = next(each for each in tb.load().known("USA").leaves if each.id == "VJ-737-200")
    assert names.deal_words(replace(leaf, id="NEW-1")) == "VietJet Air: 200 aircraft from Boeing"
    assert names.deal_words(leaf) == "Vietjet: 200 Boeing 737s"
