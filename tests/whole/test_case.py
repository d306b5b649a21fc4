"""A case is about any pair: what its case.yaml says, and the second one, about China's agreed purchases."""

import csv
import html
import json
import shutil
from decimal import Decimal
from fractions import Fraction as F
from pathlib import Path

import pytest

from tradebalance.answers import replay
from tradebalance.answers.answer import solve
from tradebalance.assumptions import backtest
from tradebalance.case import asof, folder, inputs, store, track_inputs
from tradebalance.facts import trade
from tradebalance.facts.known import Dates
from tradebalance.pages import baseline, commitments
from tradebalance.reading import readers
from tradebalance.report import batch
from tradebalance.trace import ask
from tradebalance.words import schema
from tradebalance.words.problems import Refused
from tradebalance.words.terms import Pair, quarter

ROOT = Path(__file__).resolve().parents[2]
PHASE_ONE = folder.case("phase-one")
WRITTEN = (ROOT / "case.yaml").read_text(encoding="utf-8")


def parse(text):
    return schema.read(folder.Declaration, readers.yaml_document(text.encode(), "case.yaml"))


# --- case.yaml ------------------------------------------------------------------------------------


def test_both_cases_say_what_they_are_about():
    assert folder.declared(folder.case()).pair == Pair("VNM", "USA")
    assert folder.declared(PHASE_ONE).pair == Pair("CHN", "USA")
    assert (folder.declared(folder.case()).books, folder.declared(PHASE_ONE).books) == (["USA", "VNM"], ["USA"])


def test_a_case_may_be_given_by_its_name():
    assert folder.case("phase-one") == folder.case(PHASE_ONE) == PHASE_ONE
    by_name = inputs.gather("as_agreed", case="phase-one")
    assert by_name.known.pair == Pair("CHN", "USA")
    assert asof.known("USA", case="phase-one").pair == Pair("CHN", "USA")


def test_a_build_reads_what_the_case_is_about(tmp_path):
    shutil.copytree(PHASE_ONE.root / "data", tmp_path / "data", copy_function=shutil.copyfile)
    text = (PHASE_ONE.root / "case.yaml").read_text(encoding="utf-8")
    (tmp_path / "case.yaml").write_text(text.replace("partner: USA", "partner: USAA"), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        store.build(folder.case(tmp_path))
    (problem,) = (problem for problem in refused.value.problems if problem.column == "partner")
    assert (problem.code, problem.file, problem.value) == ("unknown_country", "case.yaml", "USAA")


def test_a_case_with_neither_figures_nor_a_ledger_is_not_built(tmp_path):
    (tmp_path / "data" / "raw").mkdir(parents=True)
    with pytest.raises(Refused, match="neither figures nor a ledger"):
        store.build(folder.case(tmp_path))
    assert not (tmp_path / "data" / "processed").exists()


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("home: VNM", "home: Vietnam", "home"),
        ("partner: USA", "partner: USAA", "partner"),
        ("home: VNM", "home: VNN", "home"),
        ("partner: USA", "partner: VNM", None),
        ("books: [USA, VNM]", "books: [USA, CHN]", None),
        ("path: linear", "path: straight", "track.path"),
        ("from: 2025-05", "from: May 2025", "track.windows.T3.from"),
        ("months: 120", "months: 0", "track.windows.T1.months"),
        ("column: value", "column: price", "track.anchors.11.column"),
        ("never_tested:", "untested:", "track.untested"),
        ("  base_year: 2024 ", "  # ", "track"),
    ],
)
def test_a_case_file_that_will_not_do_is_refused_at_its_key(old, new, column):
    assert old in WRITTEN
    with pytest.raises(Refused) as refused:
        parse(WRITTEN.replace(old, new))
    assert column in {problem.column for problem in refused.value.problems}


def test_a_case_without_its_own_file_is_about_the_same_as_the_checkout(small_case):
    case = folder.case(str(small_case("even")))
    assert folder.declared(case) == folder.declared(folder.case())


def test_a_case_need_not_follow_a_pledge(small_case, command):
    """Its page on pledges shows those of the main case; `track` says what is missing."""
    case = small_case("even")
    (case / "case.yaml").write_text("name: mine\nhome: VNM\npartner: USA\nbooks: [USA, VNM]\n", encoding="utf-8")
    where = folder.case(str(case))
    assert folder.declared(where).track is None
    refused = command("track", "--case", case)
    assert (refused.code, refused.out) == (2, "")
    assert "case.yaml: track: this case follows no pledge. add track with groups or windows [empty]" in refused.err
    replay, rise = track_inputs.both(where)
    assert (replay.about.case, rise.about.case) == ("phase-one", "vietnam")


def test_a_total_without_a_window_is_refused_by_its_name(small_case):
    case = small_case("even")
    lines = WRITTEN.splitlines(keepends=True)
    (case / "case.yaml").write_text("".join(line for line in lines if not line.startswith("    T3:")))
    with pytest.raises(Refused, match="'T3'"):
        track_inputs.gather(folder.case(str(case)))


# --- any pair -------------------------------------------------------------------------------------


def test_a_pair_knows_its_sides():
    pair = Pair("CHN", "USA")
    assert (pair.other("USA"), pair.other("CHN"), pair.other("VNM")) == ("CHN", "USA", "")
    assert (pair.home_name, pair.partner_name, pair.words) == ("China", "the United States", "China–United States")


def test_the_gap_is_the_home_countrys_surplus_on_either_case():
    china = asof.known("USA", case=PHASE_ONE)
    row = china.history.loc[quarter("2019Q3")]
    assert row["gap_usd_mn"] == row["exports_usd_mn"] - row["imports_usd_mn"] == Decimal("95340.355004")
    chain = ask.trace(store.facts(PHASE_ONE), "gap_usd_mn", quarter("2019Q3"), "USA")
    assert chain.value_usd_mn == row["gap_usd_mn"]
    assert asof.others(china, case=PHASE_ONE) == []


def test_seen_from_the_other_home_the_gap_changes_its_sign():
    facts = store.facts(PHASE_ONE)
    snapshot = trade.as_of(facts.flows, "USA", "CHN")
    ours, theirs = (trade.observed(snapshot, "USA", home)["gap_usd_mn"] for home in ("CHN", "USA"))
    assert (ours == -theirs).all()


def test_a_reporter_without_a_book_in_the_case_is_refused(command):
    outcome = command("run", "as_agreed", "--case", "phase-one", "--reporter", "VNM")
    assert outcome.code == 2
    assert "use 'USA'" in outcome.err


# --- the case phase-one ---------------------------------------------------------------------------


def test_the_processed_data_of_the_case_are_what_a_build_gives(tmp_path):
    store.build(PHASE_ONE, out=tmp_path)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert built == {path.name: path.read_bytes() for path in PHASE_ONE.processed.iterdir()}


def test_the_china_file_is_the_same_in_both_cases():
    name = "us-census/2024-08/china.csv"
    assert (PHASE_ONE.raw / name).read_bytes() == (folder.case().raw / name).read_bytes()


def test_the_ledger_says_what_the_agreement_says():
    with (PHASE_ONE.raw / "phase-one/2020-01/agreement.csv").open(encoding="utf-8", newline="") as lines:
        agreed = {
            (r["group"][:3].upper(), r["year"]): F(r["additional_over_2017_usd_bn"]) for r in csv.DictReader(lines)
        }
    known = asof.known("USA", case=PHASE_ONE)
    leaves = {tuple(leaf.id.split("-")): F(leaf.value_usd_mn) / 1000 for leaf in known.leaves}
    assert leaves == agreed
    assert sum(leaves.values()) == 200


def test_every_agreed_dollar_closes_the_sum_over_nine_quarters(command):
    outcome = command("run", "as_agreed", "--case", "phase-one", "--json")
    assert outcome.code == 0
    found = json.loads(outcome.out)
    assert (found["home"], found["partner"], found["reporter"], found["as_of"]) == ("CHN", "USA", "USA", "2020-01")
    assert (found["first_quarter"], found["last_quarter"]) == ("2019Q4", "2021Q4")
    assert found["additional_usd_mn"]["mean"] == 200_000
    today = found["gap_last_four_quarters_usd_mn"]
    assert found["closure"]["annual_rate"]["mean"] == pytest.approx(200_000 * 4 / 9 / today)
    by_year = {row["year"]: row["additional_mean_usd_mn"] for row in found["by_year"]}
    assert by_year == {"2019": 0, "2020": pytest.approx(76_700), "2021": pytest.approx(123_300)}


def test_its_text_and_table_speak_of_china(command):
    said = command("run", "discounted", "--case", "phase-one", "--set", "draws=200").out
    assert "China sold the United States" in said
    assert "Vietnam" not in said
    table = command("compare", "as_agreed", "discounted", "--case", "phase-one", "--set", "draws=200")
    assert table.code == 0
    assert "as_agreed" in table.out


def test_a_ledger_of_which_every_part_is_documented_is_not_called_unnamed_or_inferred():
    known = asof.known("USA", case=PHASE_ONE)
    assert commitments.headline(known) == "Every one of the $200.0 billion announced has a name"
    assert "$200.0 billion (documented) stands under a name of its own" in commitments.lead(known)
    assert "inference" not in commitments.lead(known)


def test_its_pages_are_rendered_and_speak_of_china(tmp_path):
    pages = batch.report(PHASE_ONE, ["as_agreed"], out=tmp_path, case_folder="phase-one")
    assert [page.name for page in pages if not page.record] == []
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "How much of China's goods surplus with the United States" in html.unescape(index)
    for page in pages:  # the track record stands beside the other case's on purpose
        if not page.name.startswith("07"):
            text = (tmp_path / f"{page.name}.html").read_text(encoding="utf-8")
            assert "Vietnam" not in text, page.name
    gap_page = (tmp_path / "01_trade_gap.html").read_text(encoding="utf-8")
    assert "China–United States goods trade" in gap_page
    assert "Only one book is at hand" in gap_page
    record = json.loads((tmp_path / "records" / "07_track_record.json").read_text(encoding="utf-8"))["record"]
    assert (record["replay"]["case"], record["rise"]["case"]) == ("phase-one", "vietnam")


def test_a_copy_of_the_case_elsewhere_works_the_same(command, tmp_path):
    folder = tmp_path / "copied"
    shutil.copytree(PHASE_ONE.root, folder)
    for arguments in (("track", "--json"), ("run", "as_agreed", "--json")):
        assert command(*arguments, "--case", folder) == command(*arguments, "--case", "phase-one")


def test_the_quarters_of_change_are_the_cases_own(small_case):
    """Each is read from case.yaml: moved there, what rests on it moves."""
    assert folder.declared(PHASE_ONE).dates == Dates()
    root = small_case("published")
    moved = WRITTEN.replace("before_deals: 2025Q1", "before_deals: 2024Q1").replace("_from: 2026Q3", "_from: 2025Q3")
    (root / "case.yaml").write_text(moved.replace("replayed_from: 2021Q4", "replayed_from: 2023Q4"))
    known = asof.known("USA", case=folder.case(root))
    assert str(replay.months(known)[0]) == "2024-02"
    assert "If estimated to 2024Q1, bn" in baseline.next_years_table(known, backtest.next_years(known))
    then, now = (solve(inputs.gather("published", case=folder.case(path))) for path in ("", root))
    late = {c.leaf.id: max(c.schedule) for c in then.components if not c.leaf.now.delivery_end.words}
    assert {c.leaf.id: max(c.schedule) - 4 for c in now.components if c.leaf.id in late} == late
