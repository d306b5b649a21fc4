"""A case is about any pair: what its case.yaml says, and the second one, about China's agreed purchases."""

import csv
import hashlib
import html
import json
import shutil
from calendar import month_abbr
from decimal import Decimal
from fractions import Fraction as F
from pathlib import Path

import pytest

import tradebalance as tb
from tradebalance.answers import replay
from tradebalance.answers.answer import solve
from tradebalance.assumptions import backtest
from tradebalance.case import asof, folder, inputs, store, track_inputs
from tradebalance.facts import trade
from tradebalance.facts.known import Dates
from tradebalance.pages import baseline, commitments, track_record
from tradebalance.pages.say import pair_words
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


@pytest.mark.parametrize(("case", "name"), [("", "slipped"), ("phase-one", "discounted"), ("taiwan", "discounted")])
def test_a_case_says_whose_answer_its_first_sentences_tell(case, name):
    found = tb.load(case)
    assert found.central == found.about.central == name
    assert found.scenario().name == name


def test_a_central_scenario_has_to_be_one_of_the_case(small_case):
    case = small_case("as_announced", "even", "stalled")
    where = folder.case(str(case))
    assert inputs.central(where) == "even"  # the shipped file's is not here: the first by name that credits the deals
    (case / "case.yaml").write_text(WRITTEN.replace("central: slipped", "central: stald"), encoding="utf-8")
    with pytest.raises(Refused, match="did you mean 'stalled'") as refused:
        inputs.central(where)
    (problem,) = refused.value.problems
    assert (problem.file, problem.column, problem.value) == ("case.yaml", "central", "stald")
    (case / "case.yaml").write_text(WRITTEN.replace("central: slipped", "central: stalled"), encoding="utf-8")
    assert inputs.central(where) == tb.load(str(case)).scenario().name == "stalled"
    (case / "case.yaml").write_text(WRITTEN.replace("central: slipped", "# central: slipped"), encoding="utf-8")
    assert inputs.central(where) == "even"


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
    assert (pair.home_name, pair.partner_name, pair_words(pair)) == (
        "China",
        "the United States",
        "China–United States",
    )


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
    by_year = {row["year"]: row["additional_usd_mn"]["mean"] for row in found["by_year"]}
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
    assert "$200.0 billion (documented) stands under a name of its own" in commitments.counting(known)
    assert "inference" not in commitments.counting(known)


def test_its_pages_are_rendered_and_speak_of_china(tmp_path):
    copied = shutil.copytree(PHASE_ONE.root, tmp_path / "phase-one")  # a report leaves its forecasts in the case
    pages = batch.report(folder.case(copied), ["as_agreed"], out=tmp_path, case_folder=str(copied))
    assert [page.name for page in pages if not page.record] == []
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<h1>China's $200 billion of purchases" in html.unescape(index)
    for page in pages:  # these two stand beside other cases on purpose
        if not page.name.startswith(("07", "08")):
            text = (tmp_path / f"{page.name}.html").read_text(encoding="utf-8")
            assert "Vietnam" not in text, page.name
    gap_page = (tmp_path / "01_trade_gap.html").read_text(encoding="utf-8")
    assert "China–United States goods trade" in gap_page
    assert "Figures of one side only" in gap_page
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
    moved = WRITTEN.replace("before_deals: 2025Q1", "before_deals: 2024Q1")
    (root / "case.yaml").write_text(moved.replace("replayed_from: 2021Q4", "replayed_from: 2023Q4"))
    known = asof.known("USA", case=folder.case(root))
    assert str(replay.months(known)[0]) == "2024-02"
    assert "If estimated to 2024Q1" in baseline.next_years_table(known, backtest.next_years(known))


# --- live cases -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("taiwan", {"A3-ENE": 44_400, "A3-AIR": 15_200, "A3-PWR": 25_200}),
        ("thailand", {"T-AGR": 2_600, "T-ENE": 5_400, "T-AIR-80": 18_800}),
    ],
)
def test_the_ledger_of_a_live_case_says_what_was_announced(name, parts):
    known = asof.known("USA", case=name)
    assert {leaf.id: leaf.value_usd_mn for leaf in known.leaves} == parts
    assert all(event.source and event.source_url.startswith("https://") for event in known.events)
    assert known.yearly == (8_000 if name == "thailand" else 0)


def test_a_case_with_three_files_has_the_scenarios_of_every_such_case():
    where = folder.case("taiwan")
    assert not (where.root / "scenarios").exists()
    assert inputs.names(where) == ["as_agreed", "discounted"]
    answer = solve(inputs.gather("as_agreed", case="taiwan"))
    # of the sixty months from 2025-01 the quarters to 2026Q2 are past: 14 of 20 quarters are left
    assert answer.delivered.mean == pytest.approx(84_800 * 14 / 20)


def test_pages_of_a_live_case_speak_of_it_alone(tmp_path):
    copied = shutil.copytree(folder.case("thailand").root, tmp_path / "thailand")
    pages = batch.report(folder.case(copied), ["discounted"], case_folder=str(copied))
    assert [page.reason for page in pages if not page.record] == []
    written = {page.name: (copied / "reports" / f"{page.name}.html").read_text(encoding="utf-8") for page in pages}
    texts = {name: html.unescape(text) for name, text in written.items()}
    for name, text in texts.items():
        if not name.startswith(("07", "08")):
            for word in ("Vietnam", "vietnam", "China", "Taiwan", "list prices", "three tranches"):
                assert word not in text, (name, word)
        assert "printed nowhere" not in text
    assert "$8.0 billion was announced for every year" in texts["01_trade_gap"]
    assert "none, a value a year" in texts["02_commitments"]
    assert "at most the elapsed part of its first year" in texts["02_commitments"]
    assert "part of its printed window" not in texts["02_commitments"]
    assert "At most $6.0 of the $7.3 billion due by August 2026 can be new" in texts["07_track_record"]
    assert (
        "Not in it, as no window is printed or assumed: $18.80 billion of the announced sum."
        in texts["07_track_record"]
    )
    assert "services included" not in texts["07_track_record"]


def test_what_is_said_of_windows_follows_the_case():
    said = {name: track_record.rise_lead(track_inputs.gather(folder.case(name))) for name in ("", "taiwan", "thailand")}
    assert "over an assumed 120 months from March 2025" in said[""]
    assert "over the 60 months from January 2025 that are printed for it" in said["taiwan"]
    assert "every 12 months, counted from October 2025, end not stated" in said["thailand"]
    assert "assumed" not in said["taiwan"]
    chart = track_record.rise_chart(track_inputs.gather(folder.case("taiwan")))
    assert "due: all that is announced over 5 printed years, evenly" in chart.unit


def test_the_most_that_arrived_counts_from_before_a_printed_window_opens():
    """Taiwan signed in February 2026 for purchases from January 2025 on: their rise is over 2024."""
    rise = track_inputs.rise_of(folder.case("taiwan"))
    assert (rise.base_year, str(rise.first)) == (2024, "2025-01")


def test_the_page_on_baselines_tells_of_the_deals_of_its_own_pair_only():
    assert asof.known("USA", case="taiwan").is_of_deals
    assert not asof.known("USA", case="vietnam", partner="CHN").is_of_deals


# --- a case of three files, made up ---------------------------------------------------------------

CASE = """name: mine
home: MYS
partner: USA
books: [USA]
track: {reporter: USA, path: linear, base_year: 2024}
"""
WHEN = "signed,2025-12-15,2026-01,2027-12,a test"
DATES = "signed_on,delivery_start,delivery_end"
LEDGER = f"""id,part_of,role,category,value,unit,status,{DATES},source,buyer,seller,nature,currency
M,,headline,mixed,12,bn,{WHEN},Malaysia,United States,goods,USD
M-GAS,M,deal,energy,8,bn,{WHEN},Malaysia,United States,goods,USD
"""


def released(path: Path, text: str, **said: object) -> None:
    """A raw file with its sidecar."""
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    told = {
        "title": "made up", "producer": "a test", "url": "https://example.org/", "licence": "none",
        "vintage": path.parent.name, "sha256": hashlib.sha256(text.encode()).hexdigest(), **said,
    }  # fmt: skip
    path.with_suffix(".source.yaml").write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """case.yaml, a ledger, and trade of 100 a month each way, exports 150 from 2026 on."""
    root = tmp_path_factory.mktemp("mine")
    (root / "case.yaml").write_text(CASE, encoding="utf-8")
    released(root / "data/raw/commitments/2025-12/commitments.csv", LEDGER, unit="USD billion")
    names = [f"{flow}{m.upper()}" for flow in "IE" for m in [*list(month_abbr)[1:], "yr"]]
    rows = []
    for year in range(2014, 2027):
        bought, months = (150 if year == 2026 else 100), (8 if year == 2026 else 12)
        sold = [300 + 5 * (year - 2014) + m for m in range(months)] + [0] * (12 - months)
        exports = [bought] * months + [0] * (12 - months)
        rows.append([year, 5570, "Malaysia", *sold, sum(sold), *exports, sum(exports)])
    table = "\n".join(",".join(map(str, row)) for row in [["year", "CTY_CODE", "CTYNAME", *names], *rows]) + "\n"
    census = {"reporter": "USA", "unit": "USD million", "frequency": "monthly", "basis": "customs",
              "valuation": {"export": "fas", "import": "customs_value"}, "last_period": "2026-08",
              "seasonally_adjusted": False, "status": "to 2025 revised, 2026 preliminary"}  # fmt: skip
    released(root / "data/raw/us-census/2026-10/malaysia.csv", table, **census)
    store.build(folder.case(root))
    return root


def test_a_new_case_is_three_files_and_no_line_of_code(command, mine):
    files = [path for path in mine.rglob("*") if path.is_file() and "processed" not in path.parts]
    assert sorted(path.name for path in files if not path.name.endswith(".source.yaml")) == [
        "case.yaml", "commitments.csv", "malaysia.csv"
    ]  # fmt: skip
    assert command("build", "--case", mine).code == 0
    assert command("check", mine / "data/raw/commitments/2025-12/commitments.csv", "--case", mine).code == 0
    answer = json.loads(command("run", "as_agreed", "--case", mine, "--json").out)
    assert (answer["home"], answer["announced_usd_mn"]) == ("MYS", 12_000)
    assert answer["additional_usd_mn"]["mean"] == pytest.approx(12_000 * 6 / 8)  # of eight quarters two are past
    for arguments in (("run", "discounted"), ("trace", "announced_usd_mn"), ("list",), ("track",)):
        outcome = command(*arguments, "--case", mine)
        assert outcome.code == 0, outcome.err
        assert "Vietnam" not in outcome.out


def test_it_is_followed_by_the_window_that_its_ledger_prints(command, mine):
    tracked = json.loads(command("track", "--case", mine, "--json").out)
    (row,) = tracked["groups"]
    assert (row["first"], row["through"]) == ("2026-01", "2026-08")
    assert row["increment_usd_mn"] == 8 * 50
    assert row["path_usd_mn"] == 12_000 * 8 / 24
    assert tracked["windows"][0]["is_printed"] is True
    beside = json.loads(command("pledges", "--case", mine, "--json").out)["pledges"]
    assert [each["case"] for each in beside] == ["mine", "taiwan", "thailand", "vietnam"]
    assert beside[0]["increment_ratio"] == pytest.approx(400 / 4000)


@pytest.mark.slow
def test_its_pages_are_rendered(mine, tmp_path):
    pages = batch.report(folder.case(mine), ["as_agreed"], out=tmp_path, case_folder=str(mine))
    assert {page.name: page.reason for page in pages if not page.record} == {}
    for page in pages:
        text = html.unescape((tmp_path / f"{page.name}.html").read_text(encoding="utf-8"))
        assert "Malaysia" in text, page.name
