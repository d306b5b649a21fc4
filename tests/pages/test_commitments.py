"""The ledger as a picture: every part once in one stage, deals told again as dated events, arrivals between bounds."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from builders import known_on
from releases import CASE
from tests import builders
from tests.report.test_rendering import Elements, assert_is_inert, charts_of, page_of
from tradebalance.case import asof, track_inputs
from tradebalance.facts import ledger
from tradebalance.pages import commitments, svg, track_record, wording
from tradebalance.words import terms
from tradebalance.words.cells import vague_date
from tradebalance.words.terms import Stage


@pytest.fixture(scope="module")
def known():
    return known_on("USA")


@pytest.fixture(scope="module")
def page():
    return page_of(CASE, "02_commitments")


def test_stages_add_up_to_the_announced_sum_exactly_with_every_part_once(known):
    sums = commitments.stage_sums(known.leaves)
    assert sums.at["sum", "sum"] == Decimal("90300.00")
    inner = sums.drop(index="sum", columns="sum")
    assert inner.to_numpy().sum() == Decimal("90300.00")
    assert list(inner.sum()) == [Decimal("50150.00"), Decimal("4150.00"), Decimal("36000")]
    assert {stage: sums.at[stage, "sum"] for stage in Stage} == {
        Stage.SIGNED: 2_100, Stage.TALKED_ABOUT: 0, Stage.RESTATED: 39_800, Stage.UNNAMED: 48_400,
    }  # fmt: skip
    assert sum((leaf.value_usd_mn for leaf in known.leaves), Decimal(0)) == sums.at["sum", "sum"]


def test_a_deal_known_from_one_row_is_not_yet_told_again():
    """In May 2025 the 50 aircraft of Vietnam Airlines had one row, a memorandum."""
    known = known_on("USA", terms.month("2025-05"))
    (fifty,) = [leaf for leaf in known.leaves if leaf.id == "VNA-737-2026"]
    assert ledger.stage(fifty) is Stage.TALKED_ABOUT
    assert "VNA-737-2026" not in [deal.id for deal in commitments.told_again(known)]
    assert commitments.stage_sums(known.leaves).at[Stage.TALKED_ABOUT, "sum"] == 7_800


def test_the_deals_told_again_keep_their_dated_values(known):
    told = {deal.id: [event.value_usd_mn for event in deal.events] for deal in commitments.told_again(known)}
    assert told == {
        "VJ-737-200": [11_300, 12_700, 24_000, 32_000, 25_000],
        "VJ-CFM-2024": [3_580, 5_300, 8_000],
        "VNA-737-2026": [7_800, 8_000, 8_100],
    }


def test_one_count_of_aircraft_printed_at_several_values_shows_their_range(known):
    """The halves of 2016 and 2019 were for 100 aircraft each; what is printed of the 200 is 24, 32 and 25."""
    printed = commitments.leaves_table(known.leaves)["Printed, bn"]
    assert printed["VJ-737-200"] == "24.00 to 32.00"
    assert printed["VNA-737-2026"] == "7.80 to 8.10"
    assert printed["VJ-CFM-2024"] == "8.00"  # 215 engines, and an order without a number, are other purchases
    in_may = known_on("USA", terms.month("2025-05"))
    assert commitments.leaves_table(in_may.leaves)["Printed, bn"]["VJ-737-200"] == "24.00"


def test_a_window_says_which_of_its_ends_is_not_stated(known):
    windows = commitments.leaves_table(known.leaves)["Window printed"]
    assert windows["T3-remainder"] == windows["VJ-CFM-2024"] == "from 2025, end not stated"
    assert windows["VNA-737-2026"] == "2030 to 2032"
    assert windows["VNA-PW-2019"] == "none"
    assert windows["VJ-737-200"] == "2025 to 2028 or 2031 for first 50; rest not stated"
    (leaf,) = [leaf for leaf in known.leaves if leaf.id == "VNA-737-2026"]
    closed = replace(leaf, now=replace(leaf.now, delivery_start=vague_date("not disclosed")))
    assert commitments.leaves_table([closed])["Window printed"].item() == "start not stated, to 2032"


def test_what_was_not_found_is_said_with_the_day_of_the_search(known):
    said = (
        "No signed agreement, no US LNG purchase contract and no Boeing delivery to Vietnam Airlines was found to "
        "9 October 2026."
    )
    assert commitments.lead(known).endswith(said)
    assert "was found" not in commitments.lead(known_on("USA", terms.month("2026-09")))
    found = [each for each in known.timeline if "LNG" not in each.statement]
    assert "No signed agreement and no Boeing delivery" in commitments.lead(replace(known, timeline=tuple(found)))


def test_the_ledger_says_what_was_printed_of_the_newest_deals(known):
    events = {event.id: event for event in known.events}
    engines, farm = events["VJ-PW-2026"], events["AG-TOTAL"]
    assert (engines.date.words, engines.delivery_start.words) == ("2026-02-04", "2026-07")
    assert (farm.value_usd_mn, farm.quantity) == (2_900, 20)
    assert commitments.events_table([farm, engines])["USD bn"].tolist() == ["2.90 (over 2.9)", "5.40"]
    assert events["VJ-737-THAI50"].delivery_end.latest == dt.date(2031, 12, 31)


def test_the_pictures_label_exact_values(known):
    chart = commitments.stages_chart(known)
    texts = {text.get_text() for axes in chart.figure().axes for text in axes.texts}
    assert {"50.15", "4.15", "36", "39.8 told again", "36 unnamed", "2.1", "8.25"} <= texts
    filled = [
        point
        for axes in commitments.told_chart(known).figure().axes
        for point in axes.collections
        if tuple(point.get_facecolor()[0][:3]) != (1, 1, 1)
    ]
    assert len(filled) == 3


def test_a_ledger_without_totals_still_has_its_pictures():
    known = known_on("USA", terms.month("2018-06"))
    assert not known.leaves
    for chart in (commitments.stages_chart(known), commitments.told_chart(known)):
        assert svg.whole(chart)


def test_the_page_shows_stages_arrivals_and_the_bridge_with_their_sources_as_links(page):
    html, record = page
    assert_is_inert(html)
    elements = Elements(html)
    heads = [element["text"] for element in elements.of("h2")]
    for words in ("Signed, talked about, told again, unnamed", "What has arrived so far", "additional imports"):
        assert any(words in head for head in heads), words
    assert sum(e.get("role") == "img" for e in elements.of("div")) == charts_of(CASE, "02_commitments") >= 4
    links = {element["href"] for element in elements.of("a")}
    assert (
        "https://vietnamleads.com/to-foreigner/vietnam-has-significant-demand-for-us-goods-trade-minister.vnl" in links
    )
    assert "https://www.census.gov/foreign-trade/balance/country.xlsx" in links
    assert "tradebalance trace announced_usd_mn" in elements.text
    assert "nothing is counted in dated rows as landed in Vietnam of the announced parts" in elements.text
    assert "1 million barrels WTI, received 14 Nov 2025" in elements.text
    assert {"data/arrivals.yaml", "data/raw/timeline/2026-11/timeline.csv", "scenarios/slipped.yaml"} <= set(
        record["inputs"]
    )


def test_one_number_can_have_arrived_on_every_page_and_command(page, command):
    """Pages 02 and 07, `track` and `run` on either book say the same, and what it is not."""
    rise = track_inputs.rise_of(builders.shipped())
    said = wording.at_most(rise)
    assert f"At most ${float(rise.at_most) / 1000:.1f} billion" in said
    assert "additional purchases, not deliveries" in said
    assert said in Elements(page[0]).text
    assert said in track_record.rise_lead(rise)
    assert said in command("track").out
    assert said in command("run", "even", "--draws", "10").out
    for arguments in (
        ["track"],
        ["run", "even", "--draws", "10"],
        ["run", "even", "--draws", "10", "--reporter", "VNM"],
    ):
        found = json.loads(command(*arguments, "--json").out)["can_have_arrived"]
        assert found["at_most_usd_mn"] == pytest.approx(float(rise.at_most), abs=1e-3)
        assert (found["reporter"], found["from"], found["over"]) == ("USA", "2025-03", 2024)
    assert json.loads(command("track", "--json").out)["can_have_arrived"]["through"] == str(rise.through)
    early = json.loads(command("run", "even", "--draws", "10", "--as-of", "2025-12", "--json").out)["can_have_arrived"]
    assert early == json.loads(command("track", "--as-of", "2025-12", "--json").out)["can_have_arrived"]
    assert early["at_most_usd_mn"] < float(rise.at_most)


# --- goods by kind --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def goods():
    return asof.goods_of(case=builders.shipped())


@pytest.fixture(scope="module")
def parts():
    return builders.solved("even", draws=200).components


def test_the_table_by_kind_holds_every_line_and_adds_up(goods, parts):
    shown = commitments.goods_table(goods, parts)
    found = goods.compared()
    assert shown.loc["All", "Jan to Jul 2026"] == f"{sum(found['now']):,.0f}" == "13,312"
    assert shown.loc["Other transport equipment incl. aircraft", ["Jan to Jul 2025", "Jan to Jul 2026"]].tolist() == [
        "299", "287",
    ]  # fmt: skip
    numbers = shown.drop(index="All")["Jan to Jul 2026"].map(lambda text: int(text.replace(",", "")))
    assert abs(sum(numbers) - 13_312) <= len(numbers) / 2
    assert "VJ-737-200" in shown.loc["Other transport equipment incl. aircraft", "Can hold"]
    assert shown.loc["Plastics in primary form", "Can hold"] == "nothing announced"
    assert shown.loc["Computers, electronics and parts", "Can hold"] == "unnamed in T3"


def test_the_lead_splits_the_rise_by_what_can_stand_in_it(goods, parts):
    said = commitments.goods_lead(goods, parts)
    found = goods.compared()
    by_kind = {goods.kind(name)[1]: name for name in found.index}
    named = [by_kind["Machinery and equipment"], by_kind["Other transport equipment incl. aircraft"]]
    cables = by_kind["Electric wires and cables"]
    rises = found["now"] - found["before"]
    assert f"${float(sum(rises[named])) / 1000:.1f} billion of it is in lines in which a named part" in said
    assert "no airliner shows on this book" in said
    assert "LPG" in said
    assert not [leaf for leaf in commitments._can_stand(goods, cables, parts) if not leaf.is_remainder]


def test_months_by_kind_add_up_to_the_countrys_total(goods):
    shown = commitments.goods_months_table(goods)
    assert list(shown.index)[-1] == "2026-07"
    assert len(shown) == 13
    for _, row in shown.iterrows():
        *parts_, whole = (int(text.replace(",", "")) for text in row)
        assert abs(sum(parts_) - whole) <= len(parts_) / 2


def test_a_case_without_bulletins_says_so_and_shows_no_table():
    known, solved = known_on("USA"), builders.solved("even", draws=200)
    none = asof.goods_of(terms.month("2022-12"), case=builders.shipped())
    assert commitments.goods_lead(none, solved.components).startswith("No bulletin by commodity is at hand")
    assert commitments.goods_table(none, solved.components).empty
    assert commitments.goods_months_table(none).empty
    assert "CRD-BSR-1" in commitments.documented(known)


def test_the_charts_by_kind_name_every_bar(goods):
    for chart in (commitments.goods_chart(goods, ["a"]), commitments.goods_months_chart(goods, ["a"])):
        assert svg.whole(chart)
    panels = commitments.goods_months_chart(goods, ["a"]).figure().axes
    assert any("aircraft" in axes.get_title(loc="left") for axes in panels)


class Leads(HTMLParser):
    """The text of every list item."""

    def __init__(self, html):
        super().__init__()
        self.items, self._inside = [], False
        self.feed(html)

    def handle_starttag(self, tag, _attrs):
        if tag == "li":
            self.items.append("")
            self._inside = True

    def handle_endtag(self, tag):
        self._inside = self._inside and tag != "li"

    def handle_data(self, data):
        if self._inside:
            self.items[-1] += data


def test_every_part_has_its_bounds_and_reasons_on_the_page(page, known):
    text = " ".join(Leads(page[0]).items)
    for leaf in known.leaves:
        assert f"{leaf.id} (" in text
    assert "went to Thailand" in text
    assert "its printed window opens in 2030" in text


def test_hostile_words_of_the_ledger_stay_words(small_case):
    import hashlib

    from tradebalance.case import folder, store

    case = small_case("even")
    where = folder.case(str(case))
    file = where.raw / "commitments" / "2026-11" / "commitments.csv"
    before = file.read_bytes()
    old = b"Vietnam Air signs US$7.8 billion deal: White House,https://www.channelnewsasia.com"
    new = b'"<script>alert(1)</script> [x](javascript:alert(1))",javascript:alert(1)//'
    assert old in before
    file.write_bytes(before.replace(old, new))
    beside = file.with_name("commitments.source.yaml")
    sums = [hashlib.sha256(content).hexdigest() for content in (before, file.read_bytes())]
    beside.write_text(beside.read_text(encoding="utf-8").replace(*sums), encoding="utf-8")
    store.build(where)
    html, _ = page_of(case, "02_commitments")
    assert_is_inert(html)
    assert "<script>alert(1)</script> [x](javascript:alert(1))" in Elements(html).text


def test_labels_of_values_printed_within_a_year_stand_apart(known):
    """The 25 of September 2025 is under the 32 of the day before, and the 12.7 under the 24 of the same day."""
    panel = commitments.told_chart(known).figure().axes[0]
    above = {text.get_text(): text.get_va() == "bottom" for text in panel.texts}
    assert above == {"11.3": True, "12.7": False, "24": True, "32": True, "25": False}
