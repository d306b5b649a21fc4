"""The numbers of docs/method.md are those of the code, the data and the pages; what costs more is held by the tests of
its module (bands in tests/assumptions/test_pool, pieces of a book in tests/facts/test_own_book)."""

import re
from collections import Counter
from pathlib import Path

import pytest

from builders import gather, known_on
from tradebalance.answers.answer import solve
from tradebalance.answers.model import model

ROOT = Path(__file__).resolve().parents[2]
METHOD = " ".join((ROOT / "docs" / "method.md").read_text(encoding="utf-8").split())
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "golden" / "pages").glob("*.txt")}


@pytest.fixture(scope="module")
def central():
    return model(gather("slipped"))


def row(page, start, after=""):
    """The cells of the first line of a page's words that starts so, after some words."""
    lines = PAGES[page][PAGES[page].index(after) :].splitlines()
    return next(line for line in lines if line.startswith(start))[len(start) :].split()


def test_it_is_four_pages_long():
    assert len(METHOD.split()) <= 2_150


def test_the_naive_reading():
    found = solve(gather("as_announced"))
    announced, gap = float(found.known.announced) / 1000, float(found.gap_last_four) / 1000
    share, last = 100 * float(found.annual_rate.mean), found.known.last_four[-1]
    said = (
        f"{announced:.1f} / 5 = {announced / 5:.2f} billion a year, {share:.2f} % of the {gap:.1f} billion of the four"
    )
    assert f"{said} quarters to {last}" in METHOD
    unnamed = sum(float(leaf.value_usd_mn) for leaf in found.known.leaves if leaf.is_remainder) / 1000
    assert f"{unnamed:.1f} of the {announced:.1f} billion have no buyer" in METHOD


def test_the_two_books_of_2025():
    books = [known_on(reporter).history.loc["2025Q1":"2025Q4", "gap_usd_mn"].sum() for reporter in ("USA", "VNM")]
    assert "({:.1f} and {:.1f} billion in 2025)".format(*(float(gap) / 1000 for gap in books)) in METHOD


def test_assumptions(central):
    strengths = Counter(assumption.strength for assumption in central.assumptions)
    said = (
        f"Of the {len(central.assumptions)} assumptions that the central scenario looks up {strengths['judgement']} are"
    )
    assert f"{said} judgement and {strengths['weak']} rest" in METHOD
    written = central.inputs.assumptions.by_path
    late, rises = written["late_conversion.default"], written["escalation_per_year.aircraft"]
    assert f"{float(late.mean):.0%} by value".replace("%", " %") in METHOD
    a, b = (float(number) for number in written["escalation_per_year.aircraft"].parameters[:2])
    assert a == b  # so that the mean is half of the most
    assert 60 * (1 + float(rises.mean)) ** 6 == pytest.approx(71, abs=0.5)
    for kind, path in {"equipment": "default", "farm goods": "agriculture"}.items():
        shape = ", ".join(f"{float(number):.2f}" for number in written[f"conversion.mou.{path}"].parameters)
        assert f"{kind} Beta({shape})" in METHOD
    days = ["2025-04-09", "2025-08-07", "2026-02-24", "2026-07-24"]
    shares = [float(written[f"tariff_effect.covered_share.{day}"].mean) for day in days]
    said = "{:.2f} under the 10 % of 2025, {:.2f} under 20 %, {:.2f} under Section 122, {:.2f} under Section 301"
    assert said.format(*shares) in METHOD
    assert f"median of {float(written['tariff_effect.elasticity'].parameters[0])}," in METHOD
    assert f"US book has {float(written['books.USA.capture.default'].mean):.2f}:" in METHOD
    assert f"are at {float(written['inflation_per_year'].mean):.0%}".replace("%", " %") in METHOD


def test_what_page_03_says_of_the_mixture():
    """A ratio and its p value by quarters ahead, one, four and eight."""
    seasonal, drift = (row("03_baseline", name, "\nAgainst") for name in ("Seasonal model", "Last year, growing"))
    assert f"eight quarters (Diebold-Mariano, p {seasonal[5]}), and cannot be told from drift" in METHOD
    assert f"(p {drift[3]} at four, {drift[5]} at eight)" in METHOD
    inside = re.findall(r"\d of 6", " ".join(row("03_baseline", "2025-26: mean of three")))
    assert f"| of these, Vietnam's on the US book | {' | '.join(inside)} |" in METHOD
    assert len(re.findall(r"in 6 of 6 quarters \d quarters? ahead", PAGES["03_baseline"])) == 3


def test_what_page_07_says_of_past_pledges():
    pledges = PAGES["07_track_record"]
    assert "Of 14 tests" in pledges
    assert "the others cover 14 by their 10 to 90 % range" in pledges
    assert "these hold 88 %" in pledges
    assert "12 different episodes" in pledges
    assert "Of 14 tests (12 episodes, each held out of every kind it stands in) 14 fall into their 10 to 90 %" in METHOD
    assert "hold 88 %" in METHOD
    equipment = row("07_track_record", "conversion to binding within 24 months: MoU/LOI/MOI", "How many past pledges")
    assert "0.00 to 0.78" in " ".join(equipment)
    assert "between nothing and 0.78" in METHOD


def test_what_page_06_says_moves_the_answer_most():
    ranked = PAGES["06_uncertainty"].split("Strength\n")[1].splitlines()[:4]
    names = [line.split(" | ")[0] for line in ranked]
    assert names == [
        "Delay of aircraft",
        "Share of aircraft that would not have been bought anyway",
        "Share of Vietjet: 200 Boeing 737s that lands in the buyer's country",
        "Share of the unnamed rest under negotiation that becomes firm within two years",
    ]
