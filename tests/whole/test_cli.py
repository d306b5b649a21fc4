"""The commands as their users meet them: exit codes, messages, and the figures of the JSON they print."""

import csv
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from filelock import FileLock

from releases import CASE
from tradebalance import cli
from tradebalance.answers import answer
from tradebalance.assumptions.baseline import METHODS
from tradebalance.report import batch
from tradebalance.report.rendering import Page

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(path.stem for path in (ROOT / "scenarios").glob("[!_]*.yaml"))
CENSUS = "data/raw/us-census/2026-10/vietnam.csv"
LEDGER = ROOT / "data/raw/commitments/2026-11/commitments.csv"
RUN_KEYS = """scenario reporter as_of draws seed first_quarter last_quarter announced_usd_mn bridge credited_usd_mn
    delivered_in_horizon_usd_mn additional_usd_mn gap_last_four_quarters_usd_mn last_four_quarters closure
    months_of_todays_gap probability_closed by_quarter sources inputs version""".split()
QUARTER_KEYS = """quarter baseline_gap_p50_usd_mn gap_p05_usd_mn gap_p50_usd_mn gap_p95_usd_mn
    additional_mean_usd_mn""".split()
BRIDGE = """announced overlaps left_out_by_the_scenario services_and_finance counted_in_the_aircraft made_elsewhere
    lands_elsewhere list_to_paid_price prices_of_today options_not_exercised not_binding arrived_before
    cancelled cancelled_by_an_event after_the_horizon no_room_in_time
    prices_of_the_delivery_year recorded_after_the_horizon not_recorded_on_this_book bought_anyway""".split()
FILE_KEYS = {"file", "kind", "ok", "rows_read", "rows_kept", "figures", "problems"}
PROBLEM_KEYS = {"severity", "code", "row", "column", "value", "reason", "fix"}


def answer_of(command, scenario, *options):
    outcome = command("run", scenario, "--json", *options)
    assert outcome.code == 0
    assert all(line.startswith("warning: ") for line in outcome.err.splitlines())
    return json.loads(outcome.out)


def in_a_process(*arguments, seed="0"):
    """The bytes and the exit code of the command as a process of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.run(arguments, capture_output=True, env=environment, check=False)


def census_gap(file, months):
    """The gap from the raw file alone: imports from Vietnam minus exports there, over (year, month) pairs."""
    names = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
    with (ROOT / file).open(encoding="utf-8", newline="") as lines:
        rows = {int(row["year"]): row for row in csv.DictReader(lines) if row["CTY_CODE"] == "5520"}
    cells = [(rows[year], names[month - 1]) for year, month in months]
    return sum(Decimal(row[f"I{name}"]) - Decimal(row[f"E{name}"]) for row, name in cells)


# --- the command itself ---------------------------------------------------------------------------


def test_module_and_console_script_print_the_same_bytes_for_the_same_seed():
    arguments = ["run", "even", "--draws", "500", "--json"]
    script = Path(sys.executable).with_name("tradebalance")
    first = in_a_process(sys.executable, "-m", "tradebalance", *arguments, seed="1")
    second = in_a_process(script, *arguments, seed="2")
    assert first.returncode == second.returncode == 0
    assert first.stdout == second.stdout
    assert json.loads(first.stdout)["draws"] == 500


def test_an_unknown_command_names_the_nearest_one():
    outcome = in_a_process(sys.executable, "-m", "tradebalance", "rnu", "even")
    message = outcome.stderr.decode()
    assert outcome.returncode == 2
    assert outcome.stdout == b""
    assert "'rnu'" in message
    assert "did you mean 'run'?" in message
    assert "Traceback" not in message


@pytest.mark.parametrize("name", sorted(cli.cli.commands))
def test_every_command_has_help_that_tells_of_case(command, name):
    outcome = command(name, "--help")
    assert outcome.code == 0
    assert outcome.out.startswith(f"Usage: tradebalance {name} ")
    assert ("--case" in outcome.out) == (name != "init")  # which lays out cases instead of reading one


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("run evne", "did you mean 'even'?"),
        ("compare even evne", "did you mean 'even'?"),
        ("report evne", "did you mean 'even'?"),
        ("report --jobs 0", "--jobs"),
        ("run", "SCENARIO"),
        ("run even --set foo", "KEY=VALUE"),
        ("run even --set additionality.aircraft=", "'additionality.aircraft=' is not KEY=VALUE, as in"),
        ("run even --set baseline=hold", "error: --set: baseline: a mapping of keys, not one value"),
        ("run even --set drawz.x=1", "--set: drawz.x: no such assumption"),
        ("run even --set delivry.quarters=4", "did you mean 'delivery.quarters'?"),
        ("run even --draws -5", "error: --draws: too small (found '-5')"),
        ("run even --set draws=-5", "error: --set: draws: too small (found '-5')"),
        ("run even --set drawz=1", "drawz"),
        ("run even --set additionality.aircaft=0", "did you mean 'additionality.aircraft'?"),
        ("run even --set additionality.aircraft=2", "additionality.aircraft"),
        ("run even --set delivery.profile=unifrom", "did you mean 'uniform'?"),
        ("run even --set delivery.quarters=[1", "--set delivery.quarters"),
        ("run even --as-of 2024-8", "2024-8"),
        ("run even --as-of 2030-01", "use a month up to 2026-10"),
        ("run even --as-of 1970-01", "0 quarters were published by 1970-01"),
        ("run even --draws 0", "at least 1"),
        ("run even --draws many", "many"),
        ("run even --seed -1", "at least 0"),
        ("run even --reporter USB", "did you mean 'USA'?"),
        ("run seed_2025 --reporter USA", "on the book of VNM"),
        ("goal evne --close 0.01 --by 2030Q4", "did you mean 'even'?"),
        ("goal even --close 2 --by 2030Q4", "'2' is not a share above 0 and at most 1"),
        ("goal even --close 0 --by 2030Q4", "'0' is not a share above 0 and at most 1"),
        ("goal even --close -5% --by 2030Q4", "'-5%' is not a share"),
        ("goal even --close nan --by 2030Q4", "'nan' is not a share"),
        ("goal even --close 1% --by 2026Q1", "use a quarter from 2026Q3 to 2076Q2"),
        ("goal even --close 1% --by 2030", "'2030' is not a quarter like 2026Q3"),
        ("goal even --close 1% --by 2030Q4 --confidence 1.5", "--confidence"),
        ("goal even --by 2030Q4", "--close"),
        ("trace gap_usd 2025Q1", "did you mean 'gap_usd_mn'?"),
        ("trace gap_usd_mn 2025Q5", "2025Q5"),
        ("trace gap_usd_mn 2026Q4", "to 2026-08"),
        ("trace gap_usd_mn 2026", "to 2026-08"),
        ("check nowhere.yaml", "nowhere.yaml"),
    ],
)
def test_bad_input_is_exit_2_with_one_message_and_no_traceback(command, arguments, words):
    outcome = command(*arguments.split())
    assert outcome.code == 2
    assert outcome.out == ""
    assert words in outcome.err
    assert outcome.err.lower().count("error: ") == 1
    assert "Traceback" not in outcome.err


def test_compare_reads_all_names_before_it_solves_any(command, monkeypatch):
    monkeypatch.setattr(answer, "solve", None)
    outcome = command("compare", "even", "evn", "slpped")
    assert outcome.code == 2
    assert [f"did you mean '{name}'?" in outcome.err for name in ("even", "slipped")] == [True, True]


def test_a_change_that_moves_nothing_is_told_of_and_other_runs_have_no_word_of_it(command):
    changes = ("--set", "conversion.mou=0.3", "--set", "additionality.aircraft=0.5")
    outcome = command("run", "even", "--draws", 200, "--json", *changes)
    assert outcome.err.startswith("warning: --set: conversion.mou: changes nothing: no named part of this ledger is")
    assert "remainder_fraction.T2" in outcome.err
    assert json.loads(outcome.out)["unused_changes"] == ["conversion.mou"]
    assert json.loads(command("run", "even", "--draws", 200, "--json", *changes[2:]).out)["unused_changes"] == []
    assert "unused_changes" not in answer_of(command, "even", "--draws", 200)
    assert "conversion.mou changes nothing: no named part" in command("run", "even", "--draws", 200, *changes).out


def test_broken_yaml_is_exit_2_and_names_file_and_line(command, small_case):
    case = small_case("even")
    scenario = case / "scenarios" / "even.yaml"
    scenario.write_text(
        scenario.read_text(encoding="utf-8").replace("horizon: {quarters: 40}", "horizon: {quarters: 4")
    )
    line = 1 + next(n for n, text in enumerate(scenario.read_text().splitlines()) if text.startswith("horizon"))
    outcome = command("run", "even", "--case", case)
    assert outcome.code == 2
    assert any(f"scenarios/even.yaml:{near}" in outcome.err for near in (line, line + 1))
    assert "[yaml_syntax]" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    "arguments", ["build", "run even", "compare even", "report", "trace gap_usd_mn 2025Q1", f"check {LEDGER}"]
)
def test_a_case_without_data_is_exit_2(command, tmp_path, arguments):
    outcome = command(*arguments.split(), "--case", tmp_path)
    assert outcome.code == 2
    assert outcome.out == ""
    assert str(tmp_path) in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_failed_is_exit_1(command, monkeypatch):
    pages = [Page("good", {"headline": "x"}), Page("bad", None, "NameError: no")]
    monkeypatch.setattr(batch, "report", lambda *_args, **_options: pages)
    assert command("report").code == 1
    monkeypatch.setattr(batch, "report", lambda *_args, **_options: pages[:1])
    assert command("report").code == 0


@pytest.mark.parametrize("arguments", ["build", "report even"])
def test_a_folder_that_cannot_be_made_is_exit_3(command, tmp_path, arguments):
    (tmp_path / "file").write_text("in the way")
    outcome = command(*arguments.split(), "--out", tmp_path / "file" / "out")
    assert outcome.code == 3
    assert outcome.out == ""
    assert outcome.err.startswith(f"cannot write {tmp_path / 'file' / 'out'}")
    assert outcome.err.count("\n") == 1


def test_a_held_folder_is_exit_4(command, tmp_path):
    with FileLock(tmp_path / ".lock"):
        outcome = command("report", "even", "--out", tmp_path)
    assert outcome.code == 4
    assert f"another run holds {tmp_path}" in outcome.err
    assert not list(tmp_path.glob("*.html"))


def test_an_interrupted_run_is_exit_130(command, monkeypatch):
    def interrupted(_inputs):
        raise KeyboardInterrupt

    monkeypatch.setattr(answer, "solve", interrupted)
    outcome = command("run", "even")
    assert (outcome.code, outcome.out, outcome.err.strip()) == (130, "", "interrupted")


# --- run and compare ------------------------------------------------------------------------------


def test_the_press_reading_has_a_gap_of_27300_in_every_quarter(command):
    found = answer_of(command, "seed_2025")
    assert {row["baseline_gap_p50_usd_mn"] for row in found["by_quarter"]} == {27300.0}
    assert [found["by_quarter"][n]["quarter"] for n in (0, -1)] == ["2025Q2", "2030Q1"]
    assert found["gap_last_four_quarters_usd_mn"] == 109200.0
    assert found["announced_usd_mn"] == 90300.0


def test_as_announced_delivers_all_of_it_and_closes_856_hundredths_of_a_per_cent_a_year(command):
    found = answer_of(command, "as_announced")
    assert found["announced_usd_mn"] == found["delivered_in_horizon_usd_mn"]["mean"] == 90300.0
    assert round(found["closure"]["annual_rate"]["mean"], 4) == 0.0856
    last_four = census_gap(CENSUS, [(2025, m) for m in range(7, 13)] + [(2026, m) for m in range(1, 7)])
    assert found["gap_last_four_quarters_usd_mn"] == float(last_four)
    assert found["closure"]["annual_rate"]["mean"] == pytest.approx(90300 / 5 / float(last_four), abs=1e-9)


@pytest.mark.parametrize("scenario", SHIPPED)
def test_every_shipped_scenario_keeps_the_contract_and_its_parts_add_up(command, scenario):
    found = answer_of(command, scenario, "--draws", 2000)
    mean = found["additional_usd_mn"]["mean"]
    assert set(RUN_KEYS) <= set(found)
    assert all(set(QUARTER_KEYS) <= set(row) for row in found["by_quarter"])
    assert [step["step"] for step in found["bridge"]] == BRIDGE
    assert found["bridge"][0]["usd_mn"] == found["announced_usd_mn"]
    assert all(step["usd_mn"] <= 0 for step in found["bridge"][1:] if not step["step"].startswith("prices"))
    assert sum(step["usd_mn"] for step in found["bridge"]) == pytest.approx(mean, abs=1e-6)
    assert sum(row["additional_mean_usd_mn"] for row in found["by_quarter"]) == pytest.approx(mean, abs=1e-6)
    assert sum(row["additional_usd_mn"]["mean"] for row in found["by_year"]) == pytest.approx(mean, abs=1e-6)
    assert sum(found["of_which"].values()) == pytest.approx(mean, abs=1e-6)
    for name in ("credited_usd_mn", "delivered_in_horizon_usd_mn", "additional_usd_mn"):
        assert found[name]["p05"] <= found[name]["p50"] <= found[name]["p95"]
    assert f"scenarios/{scenario}.yaml" in found["inputs"]


def test_seed_and_draws_move_the_draws_and_nothing_else(command):
    first, again, other = (answer_of(command, "even", "--draws", 500, "--seed", seed) for seed in (1, 1, 2))
    many = answer_of(command, "even", "--draws", 5000)
    assert first == again
    assert first["additional_usd_mn"] != other["additional_usd_mn"]
    assert first["additional_usd_mn"] != many["additional_usd_mn"]
    assert [found["seed"] for found in (first, other)] == [1, 2]
    assert [found["draws"] for found in (first, many)] == [500, 5000]
    baselines = [[row["baseline_gap_p50_usd_mn"] for row in found["by_quarter"]] for found in (first, other, many)]
    assert baselines[0] == baselines[1] == baselines[2]


def test_an_assumption_set_on_the_command_line_acts_on_its_category_only(command):
    before = answer_of(command, "even", "--draws", 500)
    after = answer_of(command, "even", "--draws", 500, "--set", "additionality.aircraft=0")
    by_category = [
        {row["category"]: row["additional_mean_usd_mn"] for row in found["contributions"]} for found in (before, after)
    ]
    assert by_category[0].pop("aircraft") > 1000
    assert by_category[1].pop("aircraft") == 0
    assert by_category[0] == by_category[1]


def test_a_shorter_window_set_on_the_command_line_ends_deliveries_there(command):
    """What becomes binding later waits, and comes after it."""
    never_late = ("even", "--draws", 500, "--set", "late_conversion.default=0", "--set")
    long, short = (answer_of(command, *never_late, f"delivery.quarters={n}") for n in (40, 20))
    amounts = [[row["additional_mean_usd_mn"] for row in found["by_quarter"]] for found in (long, short)]
    assert min(amounts[0]) > 0
    assert min(amounts[1][:20]) > max(amounts[0])
    assert set(amounts[1][20:]) == {0.0}


def test_the_reporter_decides_on_whose_book_deliveries_are_recorded(command):
    credit = ("--set", "credit=assumptions", "--draws", 500)
    books = {code: answer_of(command, "even", "--reporter", code, *credit) for code in ("USA", "VNM")}
    unrecorded = {
        code: {step["step"]: step["usd_mn"] for step in found["bridge"]}["not_recorded_on_this_book"]
        for code, found in books.items()
    }
    assert [found["reporter"] for found in books.values()] == ["USA", "VNM"]
    assert unrecorded["USA"] != unrecorded["VNM"]


def test_an_older_release_gives_the_gap_that_a_reader_knew_then(command):
    then = answer_of(command, "even", "--draws", 500, "--as-of", "2024-08")
    file = "data/raw/us-census/2024-08/vietnam.csv"
    known = census_gap(file, [(2023, m) for m in range(7, 13)] + [(2024, m) for m in range(1, 7)])
    assert then["gap_last_four_quarters_usd_mn"] == float(known)
    assert then["first_quarter"] == "2024Q3"
    assert file in then["inputs"]
    assert CENSUS not in then["inputs"]


def test_a_month_without_a_release_of_its_own_is_cut_by_the_lag_of_publication(command):
    then = answer_of(command, "even", "--draws", 500, "--as-of", "2026-05")
    assert then["last_four_quarters"] == ["2025Q2", "2025Q3", "2025Q4", "2026Q1"]


def test_what_was_not_announced_yet_is_not_counted_and_what_no_date_filters_is_called_hindsight(command):
    """Tranche T3 is undated in the ledger; it was first told of in 2025. Assumptions have no date."""
    found = answer_of(command, "even", "--draws", 500, "--as-of", "2024-08")
    assert found["announced_usd_mn"] == found["additional_usd_mn"]["mean"] == 0
    assert [words.split(",")[0] for words in found["with_hindsight"]] == ["the assumptions"]


def test_compare_gives_what_run_gives_for_each(command):
    outcome = command("compare", "even", "seed_2025", "--draws", 500, "--json")
    assert outcome.code == 0
    alone = [answer_of(command, name, "--draws", 500) for name in ("even", "seed_2025")]
    found = json.loads(outcome.out)
    assert found.keys() == {"scenarios", "years_of_delivery", "common_year", "side_by_side", "decisions"}
    assert found["scenarios"] == alone
    pairs = [(row["scenario"], row["baseline"]) for row in found["decisions"]]
    assert pairs == [*(("even", method) for method in METHODS), ("seed_2025", "fixed")]
    hold, own = (next(row for row in found["decisions"] if row["baseline"] == name) for name in ("hold", "mixture"))
    held = answer_of(command, "even", "--set", "baseline.method=hold", "--draws", 10)
    year = [row["baseline_gap_p50_usd_mn"] for row in held["by_quarter"][:4]]
    assert hold["gap_4_usd_mn"] == pytest.approx(sum(year))
    assert own["closure"] == pytest.approx(alone[0]["closure"]["against_baseline"]["mean"])


def test_compare_attributes_the_change_between_scenarios_and_between_dates(command):
    scenarios = json.loads(command("compare", "even", "slipped", "--attribute", "--draws", 300, "--json").out)
    dates = json.loads(command("compare", "even", "--attribute", "--since", "2025-05", "--draws", 300, "--json").out)
    for found in (scenarios, dates):
        for row in found["attribution"]:
            terms = {name: amount for name, amount in row.items() if name not in ("quarters", "change_usd_mn")}
            assert sum(terms.values()) == pytest.approx(row["change_usd_mn"], abs=1e-5)
            assert terms["residual_usd_mn"] == pytest.approx(0, abs=1e-6)
    assert len(scenarios["attribution"]) == 2
    assert dates["attribution"][0]["quarters"].startswith("published since")
    text = command("compare", "even", "slipped", "--attribute", "--draws", 300).out
    assert "Residual" not in text  # nothing is left over, and rows of nothing are not shown
    assert "Change of the gap" in text
    assert "even, mixture" in text


def test_compare_attributes_only_what_has_two_sides(command):
    assert command("compare", "even", "--attribute").code == 2
    assert command("compare", "even", "slipped", "--since", "2025-05").code == 2
    outcome = command("compare", "even", "seed_2025", "--attribute", "--draws", 100)
    assert outcome.code == 2
    assert "nothing adds across" in outcome.err


def test_run_without_json_leads_with_stock_against_flow(command):
    outcome = command("run", "as_announced")
    lead = next(line for line in outcome.out.splitlines() if line.startswith("The deals are one sum"))
    assert "$90.3 billion" in lead
    assert "every year: on US Census figures" in lead
    assert "$210.9 billion" in lead


# --- goal -----------------------------------------------------------------------------------------


def sought(command, *arguments):
    outcome = command("goal", *arguments, "--draws", 2000, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    return json.loads(outcome.out)


def test_a_goal_within_reach_says_what_each_lever_would_have_to_be(command):
    found = sought(command, "even", "--close", 0.006, "--by", "2030Q4", "--confidence", 0.6)
    levers = {lever["lever"]: lever for lever in found["levers"]}
    assert list(levers) == ["announced_total", "conversion", "additionality", "speed"]
    assert (found["close"], found["by"], found["confidence"], found["quarters"]) == (0.006, "2030Q4", 0.6, 18)
    assert found["feasible"] is True
    assert levers["announced_total"]["needed"] > levers["announced_total"]["as_it_is"] == 90_300
    assert all(lever["probability"] >= 0.6 for lever in levers.values() if lever["feasible"])
    assert all(
        lever["needed"] is None and lever["probability"] < 0.6 for lever in levers.values() if not lever["feasible"]
    )
    assert set(found) >= {"scenario", "reporter", "as_of", "draws", "seed", "why", "inputs", "sources", "version"}


def test_an_infeasible_goal_is_exit_0_and_says_why(command):
    found = sought(command, "even", "--close", "50 %", "--by", "2030Q4")
    assert found["feasible"] is False
    assert found["every_dollar_share"] == pytest.approx(90_300 * 4 / 18 / 210_931.5)
    assert "Even if every announced dollar that counts arrived as new imports by 2030Q4" in " ".join(found["why"])
    text = command("goal", "even", "--close", "50 %", "--by", "2030Q4", "--draws", 2000)
    assert text.code == 0
    assert text.out.startswith("What was announced is too little to make the surplus 50 % smaller a year by 2030Q4")


def test_a_growing_baseline_is_told_beside_the_goal(command):
    found = sought(command, "even", "--close", "1%", "--by", "2028Q2", "--set", "baseline.method=seasonal_naive_drift")
    assert any("the surplus would be larger than today's" in reason for reason in found["why"])
    run = answer_of(command, "even", "--set", "baseline.method=seasonal_naive_drift", "--draws", 10)
    year = [row["baseline_gap_p50_usd_mn"] for row in run["by_quarter"][4:8]]
    assert found["baseline_gap_four_quarters_usd_mn"] == pytest.approx(sum(year), abs=1)


def test_a_share_may_be_written_in_per_cent_and_the_same_seed_gives_the_same_bytes(command):
    one, same = (
        command("goal", "stalled", "--close", close, "--by", "2032Q4", "--draws", 500, "--json").out
        for close in ("0.05", "5 %")
    )
    assert one == same


# --- check and build ------------------------------------------------------------------------------


def checked(command, *arguments):
    outcome = command("check", "--json", *arguments)
    assert outcome.err == ""
    files = json.loads(outcome.out)["files"]
    assert all(set(file) >= FILE_KEYS for file in files)
    assert all(set(problem) == PROBLEM_KEYS for file in files for problem in file["problems"])
    return outcome.code, files


def test_check_finds_every_problem_of_a_scenario_on_its_line(command, tmp_path):
    good = ROOT / "scenarios" / "even.yaml"
    bad = tmp_path / "bad.yaml"
    text = good.read_text(encoding="utf-8").replace("profile: uniform", "profile: unifrom")
    bad.write_text(text.replace("draws: 20000", "draws: 0"), encoding="utf-8")
    code, (of_good, of_bad) = checked(command, good, bad)
    assert code == 2
    assert (of_good["ok"], of_good["problems"], of_good["kind"]) == (True, [], "scenario")
    assert of_bad["ok"] is False
    lines = bad.read_text(encoding="utf-8").splitlines()
    found = [(p["code"], p["column"], p["value"], p["severity"]) for p in of_bad["problems"]]
    assert found == [
        ("wrong_type", "delivery.profile", "unifrom", "error"),
        ("out_of_range", "draws", "0", "error"),
    ]
    assert "unifrom" in lines[of_bad["problems"][0]["row"] - 1]
    assert "draws: 0" in lines[of_bad["problems"][1]["row"] - 1]
    assert command("check", good).code == 0


def test_check_of_the_committed_ledger_gives_the_leaves_of_the_announced_sum(command):
    code, (ledger,) = checked(command, LEDGER)
    rows = LEDGER.read_text(encoding="utf-8").splitlines()
    assert (code, ledger["ok"], ledger["kind"]) == (0, True, "ledger")
    assert ledger["rows_read"] == ledger["rows_kept"] == len(rows) - 1
    assert sum(Decimal(figure["value_usd_mn"]) for figure in ledger["figures"]) == Decimal(90300)
    assert {"id": "VJ-737-200", "value_usd_mn": "24000"} in ledger["figures"]


def test_check_of_a_ledger_with_a_value_that_is_no_number_names_row_and_column(command, tmp_path):
    bad = tmp_path / "ledger.csv"
    bad.write_text(LEDGER.read_text(encoding="utf-8").replace(",50.15,USD", ",fifty,USD"), encoding="utf-8")
    code, (ledger,) = checked(command, "--kind", "ledger", bad)
    assert (code, ledger["ok"], ledger["figures"]) == (2, False, [])
    (problem,) = [p for p in ledger["problems"] if p["severity"] == "error"]
    assert (problem["row"], problem["column"], problem["severity"]) == (2, "value", "error")
    assert "fifty" in problem["value"]
    assert ledger["rows_kept"] == ledger["rows_read"] - 1


def test_check_asks_for_the_kind_it_cannot_tell_and_takes_it(command, tmp_path):
    file = tmp_path / "deals.txt"
    file.write_text("a,b\n1,2\n")
    unknown = command("check", file)
    assert (unknown.code, unknown.out) == (2, "")
    assert "--kind" in unknown.err
    code, (report,) = checked(command, "--kind", "ledger", file)
    assert (code, report["kind"], report["ok"]) == (2, "ledger", False)
    assert report["problems"]


def test_check_without_json_tells_problems_on_stderr(command, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("title: x\n")
    outcome = command("check", bad)
    assert outcome.code == 2
    assert outcome.out == f"{bad}: refused (scenario)\n"
    assert f"error: {bad}" in outcome.err
    assert "reporter" in outcome.err


def test_build_writes_the_committed_tables_to_another_folder(command, tmp_path):
    outcome = command("build", "--out", tmp_path / "out")
    assert outcome.code == 0
    committed = {path.name: path.read_bytes() for path in (CASE / "data/processed").glob("[!.]*")}
    assert "flows.csv" in committed
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").glob("[!.]*")} == committed


def test_build_on_a_changed_raw_file_is_exit_2_and_writes_nothing(command, small_case, tmp_path):
    case = small_case()
    with (case / CENSUS).open("a", encoding="utf-8") as raw:
        raw.write("\n")
    outcome = command("build", "--case", case, "--out", tmp_path / "out")
    assert outcome.code == 2
    assert "us-census/2026-10/vietnam" in outcome.err
    assert "[checksum_mismatch]" in outcome.err
    assert not (tmp_path / "out").exists()
