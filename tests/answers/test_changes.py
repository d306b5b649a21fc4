"""What a release changed: months added, the same period revised, and each headline by both, from other sums."""

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest

from builders import shipped
from tradebalance import api
from tradebalance.answers import timing
from tradebalance.case import asof
from tradebalance.words.problems import Refused
from tradebalance.words.terms import month


@pytest.fixture(scope="module")
def case() -> api.Case:
    return api.Case(shipped())


@pytest.fixture(scope="module")
def found(case):
    return case.changes("VNM", "2026-07", "2026-08", ["even"])


def by_measure(found):
    return {one.measure: one for one in found.headlines}


def test_the_month_that_came_in_is_told_and_no_other(found):
    assert list(found.added.index) == [month("2026-07")]
    assert found.added["gap_usd_mn"].iloc[0] == found.after.months["gap_usd_mn"].iloc[-1]


def test_a_headline_is_what_each_release_says_and_the_same_period_by_the_newer(found):
    gap = by_measure(found)["gap_last_four_quarters_usd_mn"]
    was, now = (asof.known("VNM", month(at), case=shipped()) for at in ("2026-07", "2026-08"))
    year = pd.period_range("2025-07", "2026-06", freq="M")
    sums = [sum(map(Fraction, each.months.loc[year, "gap_usd_mn"])) for each in (was, now)]
    assert (gap.was, gap.now) == tuple(sums)
    assert gap.revised == gap.now  # both end with 2026Q2, so that all of the change is revision
    assert gap.change == gap.now - gap.was < 0
    assert (gap.was_of, gap.is_of) == ("to 2026Q2", "to 2026Q2")
    twelve = by_measure(found)["gap_twelve_months_usd_mn"]
    assert (twelve.was_of, twelve.is_of) == ("to 2026-06", "to 2026-07")
    assert twelve.revised == sums[1] != twelve.was
    assert twelve.now - twelve.revised == Fraction(
        now.months["gap_usd_mn"].iloc[-1] - now.months["gap_usd_mn"].iloc[-13]
    )


def test_revisions_of_the_months_add_up_to_that_of_the_year(found):
    months = found.revisions.of("gap")["change_usd_mn"]
    gap = by_measure(found)["gap_last_four_quarters_usd_mn"]
    assert (
        sum(months[months.index >= month("2025-07")], Decimal(0))
        == Decimal(gap.change.numerator) / gap.change.denominator
    )


def test_a_scenarios_headlines_are_its_answers_as_of_each_release(case, found):
    then, now = (case.scenario("even").set(reporter="VNM", as_of=at).solve() for at in ("2026-07", "2026-08"))
    told, over = by_measure(found), timing.years_of_delivery(then, now)
    assert told["even: additional_usd_mn"].was == Fraction(then.additional.mean)
    share = told["even: share_a_year"]
    assert (share.was, share.now) == tuple(Fraction(timing.share_of_a_year(each, over)) for each in (then, now))
    assert share.was_of == share.is_of == f"{over[0]} to {over[-1]}"
    assert share.is_share


def test_by_default_the_newest_release_is_held_against_the_one_before(case):
    found = case.changes()
    assert (found.revisions.old, found.revisions.new) == (month("2024-08"), month("2026-10"))
    assert len(found.added) == 26


@pytest.mark.parametrize(("old", "new"), [("2026-08", "2026-07"), ("2026-06", "2030-01"), ("2011-01", "2026-08")])
def test_releases_that_are_not_there_or_the_wrong_way_round_are_refused(case, old, new):
    with pytest.raises(Refused, match="no older and newer release of months of VNM"):
        case.changes("VNM", old, new)


def test_a_case_with_one_release_has_none():
    assert api.load("phase-one").changes() is None


def test_the_command_says_the_same_as_text_and_json(command, found):
    import json

    said = json.loads(command("changes", "--reporter", "VNM", "--from", "2026-07", "--to", "2026-08", "--json").out)
    assert said["months_added"] == ["2026-07"]
    told = {row["measure"]: row["change"] for row in said["headlines"]}
    gap = by_measure(found)["gap_last_four_quarters_usd_mn"]
    assert told[gap.measure] == pytest.approx(float(gap.change))
    assert sum(row["change_usd_mn"] for row in said["months_revised"]) == pytest.approx(float(gap.change))
    text = command("changes", "--reporter", "VNM", "--scenario", "stalled").out
    assert f"{float(gap.now) / 1000:,.1f} to 2026Q2" in text
    refused = command("changes", "--from", "2026-13")
    assert refused.code == 2
