"""Kept forecasts on the page: what is due is said plainly, scores and milestones stand in tables of words."""

import re

import pytest

from builders import known_on
from tradebalance.case import folder, forecasts
from tradebalance.pages import kept_forecasts, show


def kept(quarters=(), outcomes=("open",)):
    """The JSON of scores: one file, as many milestones as outcomes, two forecast quarters of which some are scored."""
    row = {"method": "hold", "note": "", "reporter": "USA", "flow": "gap", "release": "first", "ahead": 1, "n": 1}
    row |= {"inside": 1, "inside_80": 0, "mean_absolute_error_usd_mn": 1500.0, "interval_score_usd_mn": 9000.0}
    row |= {"crps_usd_mn": 1234.0, "pit": 0.93}
    each = {"deal": "A", "event": "first aircraft", "status": "signed", "by": "2030-12", "as_of": "2026-10"}
    each |= {"confidence": "high", "probability": 0.183}
    done = [outcome for outcome in outcomes if outcome != "open"]
    following = {"due": "2026-11", "reporter": "USA", "quarter": "2026Q3"}
    return {
        "files": [{"file": "USA-2026-10.json", "methods": ["hold"], "scenarios": ["even"], "milestones": 1}],
        "due": {"forecast": 2, "published": len(quarters), "next": following if len(quarters) < 2 else None},
        "trade": [row for _ in quarters],
        "milestones": {
            "kept": len(outcomes),
            "due": len(done),
            "brier": 0.0335 if done else None,
            "each": [each | {"outcome": outcome} for outcome in outcomes],
        },
    }


def test_what_is_not_due_is_said_plainly():
    said = kept_forecasts.forecasts_lead(kept())
    assert "Of 2 quarters that they forecast, both books counted, 0 are published since" in said
    assert "the next to come is 2026Q3 on the US Census book, due in November 2026." in said
    assert "No milestone has come to its date; the first does at the end of December 2030." in said
    assert kept_forecasts.scores_shown(kept()).startswith("No forecast has a score yet")
    nothing = {**kept(outcomes=()), "files": []}
    assert kept_forecasts.forecasts_lead(nothing).startswith("No forecast is kept yet")
    assert kept_forecasts.milestones_shown(nothing, ()) == "No milestone is kept."


def test_scores_stand_by_book_method_quarters_ahead_and_release_and_milestones_with_their_outcome():
    found = kept(["2026Q3", "2026Q4"], ["happened"])
    said = kept_forecasts.forecasts_lead(found)
    assert "All 2 quarters that they forecast are published since." in said
    assert "1 of 1 milestones have come to their date, with a Brier score of 0.03" in said
    table = kept_forecasts.scores_shown(found).reset_index()
    assert list(table.columns[:5]) == ["Book", "Method", "Of", "Quarters ahead", "Release"]
    assert tuple(table.iloc[0, 5:9]) == ("1.23", "0.93", "0 of 1", "1 of 1")
    (row,) = kept_forecasts.milestones_shown(found, ()).reset_index().itertuples(index=False)
    assert tuple(row) == ("A", "first aircraft", "December 2030", "high", "18 %", "happened")


def test_the_chances_of_becoming_firm_are_drawn_by_deal_in_words():
    found, known = forecasts.scores(folder.case()), known_on("USA")
    chart = kept_forecasts.firm_chart(found, known.events, known.ledger_sources)
    firm = [one for one in found["milestones"]["each"] if one["event"] == "becomes binding"]
    last = max(one["by"] for one in firm)
    chances = sorted((100 * one["probability"] for one in firm if one["by"] == last), reverse=True)
    assert [bar.get_width() for bar in chart.figure().axes[0].patches] == pytest.approx(chances)
    assert chart.title == f"The first of {found['milestones']['kept']} kept chances can be judged in October 2027"
    table = show.show(kept_forecasts.milestones_shown(found, known.events))
    for words in (chart.data.to_string(), repr(table)):
        assert re.findall(r"[A-Z]{2,}-[A-Z0-9]{2,}-?\d*|AES SM2|becomes binding", words) == []
    assert "Vietnam Airlines: 30 aircraft from Boeing" in chart.data.index
    nothing = {**found, "milestones": {**found["milestones"], "each": []}}
    assert kept_forecasts.firm_chart(nothing, (), known.ledger_sources) == "No milestone is kept."
