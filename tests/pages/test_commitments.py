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
from tradebalance.case import track_inputs
from tradebalance.facts import ledger
from tradebalance.pages import commitments, svg, track_record, wording
from tradebalance.pages.names import deal_words
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
    printed = commitments.leaves_table(known)["Printed"]
    assert printed["Vietjet: 200 Boeing 737s"] == "24.00 to 32.00"
    assert printed["Vietnam Airlines: 50 Boeing 737s"] == "7.80 to 8.10"
    # 215 engines, and an order without a number, are other purchases
    assert printed["Vietjet: CFM engines and services"] == "8.00"
    in_may = known_on("USA", terms.month("2025-05"))
    assert commitments.leaves_table(in_may)["Printed"]["Vietjet: 200 Boeing 737s"] == "24.00"


def test_a_window_says_which_of_its_ends_is_not_stated(known):
    windows = commitments.leaves_table(known)["Delivery, as printed"]
    assert windows["Unnamed, under negotiation"] == "from 2025, end not stated"
    assert windows["Vietjet: CFM engines and services"] == "from 2025, end not stated"
    assert windows["Vietnam Airlines: 50 Boeing 737s"] == "2030 to 2032"
    assert windows["Vietnam Airlines: Pratt & Whitney engine service"] == "none"
    assert windows["Vietjet: 200 Boeing 737s"] == "2025 to 2028 or 2031 for first 50; rest not stated"
    (leaf,) = [leaf for leaf in known.leaves if leaf.id == "VNA-737-2026"]
    closed = replace(leaf, now=replace(leaf.now, delivery_start=vague_date("not disclosed")))
    shown = commitments.leaves_table(replace(known, leaves=(closed,)))["Delivery, as printed"].item()
    assert shown == "start not stated, to 2032"


def test_the_first_sentences_say_what_has_a_name_and_what_has_none(known):
    assert commitments.headline(known) == "Of $90.3 billion announced, $41.9 billion can be matched to named deals"
    twelve = float(known.twelve_months.now["gap_usd_mn"]) / 1000
    assert commitments.lead(known) == (
        "No list was published: the other $48.4 billion has no buyer, seller or product to its name. The announced "
        f"purchases are one sum. The surplus, ${twelve:,.1f} billion in the twelve months to August 2026 on US Census "
        "figures, comes back every year."
    )
    assert "$33.1 billion (probable) and $8.8 billion (possible) can be matched" in commitments.counting(known)
    early = known_on("USA", terms.month("2018-06"))
    assert commitments.headline(early) == "Nothing was announced by June 2018"
    assert commitments.lead(early).startswith("The surplus, $")


def test_what_was_not_found_is_said_with_the_day_of_the_search(known):
    said = (
        "No signed agreement, no US LNG purchase contract and no Boeing delivery to Vietnam Airlines was found to "
        "9 October 2026."
    )
    assert commitments.next_lead(known).endswith(f"\n{said}")
    assert "was found" not in commitments.next_lead(known_on("USA", terms.month("2026-09")))
    found = [each for each in known.timeline if "LNG" not in each.statement]
    assert "No signed agreement and no Boeing delivery" in commitments.next_lead(replace(known, timeline=tuple(found)))


def test_milestones_ahead_stand_apart_from_those_whose_date_has_passed(known):
    ahead, passed = commitments.next_events_table(known), commitments.next_events_table(known, passed=True)
    assert "First aircraft" in set(ahead["What comes next"])
    assert "The cargo arrives" in set(passed["What comes next"])
    assert len(ahead) + len(passed) == len(ledger.next_events(known.events, known.last_day))


def test_no_key_of_the_ledger_stands_in_a_table_or_a_picture_of_the_page(known, page):
    text = Elements(page[0]).text
    shown = text[: text.index("Files that this page is made from")]
    keys = [event.id for event in known.events if "-" in event.id]
    assert len(keys) > 50
    assert [key for key in keys if key in shown] == []


def test_the_ledger_says_what_was_printed_of_the_newest_deals(known):
    events = {event.id: event for event in known.events}
    engines, farm = events["VJ-PW-2026"], events["AG-TOTAL"]
    assert (engines.date.words, engines.delivery_start.words) == ("2026-02-04", "2026-07")
    assert (farm.value_usd_mn, farm.quantity) == (2_900, 20)
    assert commitments.events_table([farm, engines])["USD bn"].tolist() == ["2.90 (over 2.9)", "5.40"]
    assert events["VJ-737-THAI50"].delivery_end.latest == dt.date(2031, 12, 31)


def test_the_pictures_label_exact_values(known):
    chart = commitments.stages_chart(known)
    assert chart.title == "$39.8 of the $41.9 billion with a name were told more than once"
    texts = {text.get_text() for axes in chart.figure().axes for text in axes.texts}
    assert {"50.15", "4.15", "36", "39.8 told again", "36 unnamed", "2.1 signed", "8.25 unnamed"} <= texts
    filled = [
        point
        for axes in commitments.told_chart(known).figure().axes
        for point in axes.collections
        if len(point.get_facecolor())
    ]
    assert len(filled) == 3


def test_a_ledger_without_totals_still_has_its_pictures():
    known = known_on("USA", terms.month("2018-06"))
    assert not known.leaves
    for chart in (commitments.stages_chart(known), commitments.told_chart(known)):
        assert svg.whole(chart)


def test_the_page_shows_stages_windows_and_arrivals_with_their_sources_as_links(page):
    html, record = page
    assert_is_inert(html)
    elements = Elements(html)
    heads = [element["text"] for element in elements.of("h2")]
    for words in (
        "with a name were told more than once",
        "both ends of the delivery window",
        "counted as landed",
        "What comes",
    ):
        assert any(words in head for head in heads), words
    assert sum(e.get("role") == "img" for e in elements.of("div")) == charts_of(CASE, "02_commitments") >= 4
    links = {element["href"] for element in elements.of("a")}
    assert (
        "https://vietnamleads.com/to-foreigner/vietnam-has-significant-demand-for-us-goods-trade-minister.vnl" in links
    )
    assert "https://www.census.gov/foreign-trade/balance/country.xlsx" in links
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


def test_a_cargo_that_is_no_part_of_a_total_is_documented(known):
    told = wording.unmarked(commitments.documented(known))
    assert "1 million barrels WTI, received 14 Nov 2025 (BSR; no value was printed)" in told


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
        assert f"{deal_words(leaf)} (" in text
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


# --- windows --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answer():
    return builders.solved("slipped", draws=2000)


def bars_of(chart):
    """The bars of a chart by row: where each begins and ends, and whether it is filled."""
    found = {}
    for bar in chart.figure().axes[0].patches:
        row = round(bar.get_y() + bar.get_height() / 2)
        found.setdefault(row, []).append((bar.get_x(), bar.get_x() + bar.get_width(), bar.get_facecolor()[3] > 0))
    return found


def test_a_window_is_filled_where_a_source_printed_it_and_an_outline_where_it_is_assumed(answer):
    chart = commitments.timeline_chart(answer)
    by_name = dict(zip(chart.data.index, (bars_of(chart)[row] for row in range(len(chart.data))), strict=True))
    assert by_name["Vietnam Airlines: 50 Boeing 737s"] == [(2030.0, 2033.0, True)]
    assert by_name["Vietjet: 200 Boeing 737s"] == [(2028.0, 2037.0, False), (2025.0, 2028.0, True)]
    assert [filled for *_, filled in by_name["Vietjet: CFM engines and services"]] == [False, True]
    for rest in ("Unnamed, under negotiation", "Unnamed, called signed before March 2025"):
        assert [filled for *_, filled in by_name[rest]] == [False]
    assert chart.title == "A source printed both ends of the delivery window for $7.8 of $90.3 billion"
    assert chart.data.at["Unnamed, under negotiation", "Window, as printed"] == "from 2025, end not stated"


def test_announced_and_new_add_up_as_printed(answer):
    sums = [text.split(" → ") for text in commitments.timeline_chart(answer).data["Announced → new, bn"]]
    assert sum(Decimal(announced) for announced, _ in sums) == Decimal("90.3")
    assert float(sum(Decimal(new) for _, new in sums)) == pytest.approx(round(answer.additional.mean / 1000, 1))


def test_from_now_on_no_window_is_printed():
    chart = commitments.timeline_chart(builders.solved("even", draws=200))
    assert [filled for bars in bars_of(chart).values() for *_, filled in bars] == [False] * 8
    assert "$0.0 of $90.3 billion" in chart.title


def test_the_record_tells_the_parts_and_what_can_have_arrived(page):
    _, record = page
    assert sum(deal["announced_usd_mn"] for deal in record["deals"]) == 90_300
    assert {deal["deal"] for deal in record["deals"]} == {each["deal"] for each in record["arrived"]}
    assert all(each["at_least_usd_mn"] <= each["at_most_usd_mn"] for each in record["arrived"])
    named = sum(each["named_usd_mn"] for each in record["named_by_attribution"])
    assert named == record["named_usd_mn"] == 90_300 - record["unnamed_usd_mn"]
    assert record["can_have_arrived"]["as_published_usd_mn"] < record["can_have_arrived"]["at_most_usd_mn"]
    jets = next(each for each in record["arrived"] if each["deal"] == "VJ-737-200")["units"]
    made = jets["units"] / jets["backlog"] * jets["a_month"] * jets["months"]
    assert jets["at_most"] == pytest.approx(made - jets["elsewhere"])
