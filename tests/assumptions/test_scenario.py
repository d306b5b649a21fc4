"""A scenario file is read whole, or refused with every problem on its own line."""

import shutil
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from builders import gather, shipped
from releases import CASE
from tradebalance.answers import answer
from tradebalance.assumptions import scenario
from tradebalance.case import folder, inputs
from tradebalance.case.folder import Folder
from tradebalance.reading import readers
from tradebalance.report import check
from tradebalance.words.problems import Problem, Refused

SHIPPED = sorted(path.stem for path in (CASE / "scenarios").glob("*.yaml") if path.stem != inputs.ASSUMPTIONS)
TREE = readers.yaml_document((CASE / "scenarios/_assumptions.yaml").read_bytes(), "_assumptions.yaml")
SAMPLE = """\
title: Even delivery over ten years
about: Credited value arrives in equal quarters.        # free text, shown as text
references: [https://example.org/why]
reporter: USA
as_of: newest                    # or YYYY-MM
baseline: {method: hold}
horizon: {quarters: 40}          # from the first quarter after the data
credit: assumptions
include: {status: [signed, mou, negotiating, planned], remainders: true}
delivery:
  from: now
  profile: uniform
  quarters: 40
  delay_quarters: 0
  by_category: {agriculture: {profile: front_loaded, quarters: 12}}
set: {additionality.agriculture: 0.5}
draws: 20000
seed: 1
"""
Where = tuple[int | None, str | None, str]


def changed(*changes: tuple[str, str]) -> str:
    text = SAMPLE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def parsed(text: str, **changes: object):
    return inputs.parse_scenario("sample", readers.yaml_document(text.encode(), "sample.yaml"), TREE, changes)


def problems_of(text: str, **changes: object) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as caught:
        parsed(text, **changes)
    assert all(problem.file == ("changes" if changes else "sample.yaml") for problem in caught.value.problems)
    return caught.value.problems


def places(problems: tuple[Problem, ...]) -> set[Where]:
    return {(problem.row, problem.column, problem.code) for problem in problems}


def test_the_sample_scenario_parses_to_what_it_says():
    record, assumptions = parsed(SAMPLE)
    plan = record.delivery
    assert (record.name, record.reporter, record.as_of) == ("sample", "USA", None)
    assert (record.horizon.quarters, record.draws, record.seed, record.credit) == (40, 20_000, 1, "assumptions")
    assert [str(status) for status in record.include.status] == ["signed", "mou", "negotiating", "planned"]
    assert (plan.start, plan.profile, plan.quarters, plan.delay_quarters) == ("now", "uniform", 40, 0)
    farm = plan.pace_of("agriculture")
    assert (farm.profile, farm.quarters, farm.delay_quarters) == ("front_loaded", 12, 0)
    assert plan.pace_of("energy") is plan
    assert assumptions.by_path["additionality.agriculture"].mean == Decimal("0.5")
    assert record.baseline.method == "hold"


def test_a_pace_of_a_category_takes_what_it_leaves_out_from_the_general_one():
    text = changed(
        ("delay_quarters: 0", "delay_quarters: 3"), ("{profile: front_loaded, quarters: 12}", "{quarters: 8}")
    )
    farm = parsed(text)[0].delivery.pace_of("agriculture")
    assert (farm.profile, farm.quarters, farm.delay_quarters) == ("uniform", 8, 3)


@pytest.mark.parametrize(
    "form", ["profile: {milestones: {2028Q1: 0.6, 2027Q1: 0.4}}", "milestones: {2028Q1: 0.6, 2027Q1: 0.4}"]
)
def test_milestones_may_stand_inside_the_profile_or_in_its_place(form):
    pace = parsed(changed(("profile: uniform", form)))[0].delivery
    assert list(pace.milestones.items()) == [
        (pd.Period("2027Q1"), Decimal("0.4")),
        (pd.Period("2028Q1"), Decimal("0.6")),
    ]


FIXED = "baseline: {method: fixed, exports_usd_mn: 31400, imports_usd_mn: 4100}"
BASELINE, UNIFORM = "baseline: {method: hold}", "  profile: uniform"
ONE_WRONG = [
    ("draws: 20000", "drawz: 20000", {(17, "drawz", "unknown_key")}),
    ("seed: 1", "name: other\nseed: 1", {(18, "name", "unknown_key")}),
    ("  delay_quarters: 0", "  delay: 0", {(14, "delivery.delay", "unknown_key")}),
    ("quarters: 12}", "quaters: 12}", {(15, "delivery.by_category.agriculture.quaters", "unknown_key")}),
    ("draws: 20000", "draws: many", {(17, "draws", "wrong_type")}),
    ("draws: 20000", 'draws: "20000"', {(17, "draws", "wrong_type")}),
    ("draws: 20000", "draws: 1.5", {(17, "draws", "wrong_type")}),
    ("draws: 20000", "draws: 0", {(17, "draws", "out_of_range")}),
    ("draws: 20000", "draws: 10000001", {(17, "draws", "out_of_range")}),
    ("draws: 20000", "draws: NaN", {(17, "draws", "not_finite")}),
    ("draws: 20000", "draws: .inf", {(17, "draws", "not_finite")}),
    ("seed: 1", "seed: -1", {(18, "seed", "out_of_range")}),
    ("seed: 1", "seed: 1\nseed: 2", {(19, "seed", "duplicate_key")}),
    ("seed: 1", "a: &x 1\nseed: *x", {(19, None, "alias_limit")}),
    ("seed: 1", "seed: !!int 1", {(18, None, "unsafe_yaml")}),
    ("  quarters: 40", "\tquarters: 40", {(13, None, "yaml_syntax")}),
    ("reporter: USA", "reporter: no", {(4, "reporter", "wrong_type")}),
    ("reporter: USA", "reporter: CHN", {(4, "reporter", "wrong_type")}),
    ("remainders: true", "remainders: yes", {(9, "include.remainders", "wrong_type")}),
    ("[signed, mou", "[signed, mous", {(9, "include.status.1", "wrong_type")}),
    ("{agriculture:", "{farming:", {(15, "delivery.by_category.farming", "wrong_type")}),
    ("[https://example.org/why]", "[ftp://example.org]", {(3, "references.0", "wrong_type")}),
    ("as_of: newest", "as_of: 2025-13", {(5, "as_of", "wrong_type")}),
    ("as_of: newest", "as_of: 03/2025", {(5, "as_of", "wrong_type")}),
    ("horizon: {quarters: 40}", "horizon: {quarters: 0}", {(7, "horizon.quarters", "out_of_range")}),
    ("horizon: {quarters: 40}", "horizon: {quarters: -4}", {(7, "horizon.quarters", "out_of_range")}),
    ("horizon: {quarters: 40}", "horizon: {quarters: 201}", {(7, "horizon.quarters", "out_of_range")}),
    ("  quarters: 40", "  quarters: 0", {(13, "delivery.quarters", "out_of_range")}),
    ("delay_quarters: 0", "delay_quarters: -1", {(14, "delivery.delay_quarters", "out_of_range")}),
    (UNIFORM, "  profile: fast", {(12, "delivery.profile", "wrong_type")}),
    (UNIFORM, "  milestones: {2027Q1: 0.4, 2028Q1: 0.5}", {(12, "delivery.milestones", "shares_sum")}),
    (UNIFORM, "  milestones: {2027Q5: 1}", {(12, "delivery.milestones.2027Q5", "wrong_type")}),
    (UNIFORM, "  milestones: {}", {(12, "delivery.milestones", "empty")}),
    (UNIFORM, "  profile: uniform\n  milestones: {2027Q1: 1}", {(10, "delivery", "wrong_type")}),
    (UNIFORM, "  profile: milestones", {(10, "delivery", "wrong_type")}),
    (
        UNIFORM,
        "  profile: {milestones: {2027Q1: 0.4, 2028Q1: 0.6}}\n  milestones: {2027Q1: 0.5, 2028Q1: 0.5}",
        {(10, "delivery", "wrong_type")},
    ),
    (
        UNIFORM,
        "  milestones:\n    2027Q1: 1.4\n    2028Q1: -0.4",
        {(13, "delivery.milestones.2027Q1", "out_of_range"), (14, "delivery.milestones.2028Q1", "out_of_range")},
    ),
    (
        UNIFORM,
        "  profile:\n    milestones:\n      2027Q1: 1.4\n      2028Q1: 0.6",
        {(14, "delivery.profile.milestones.2027Q1", "out_of_range")},
    ),
    (BASELINE, "baseline: hold", {(6, "baseline", "wrong_type")}),
    (BASELINE, "baseline: {method: hodl}", {(6, "baseline.method", "wrong_type")}),
    (BASELINE, "baseline: {method: fixed}", {(6, "baseline", "wrong_type")}),
    (BASELINE, FIXED.replace("4100}", "4100, estimate_to: 2025Q1}"), {(6, "baseline", "wrong_type")}),
    (BASELINE, "baseline: {method: ets, estimate_to: 2025-03}", {(6, "baseline.estimate_to", "wrong_type")}),
    (BASELINE, FIXED.replace(", imports_usd_mn: 4100", ""), {(6, "baseline", "wrong_type")}),
    (BASELINE, FIXED.replace("fixed", "hold"), {(6, "baseline", "wrong_type")}),
    (BASELINE, "baseline: {method: growth, exports: 0.06}", {(6, "baseline", "wrong_type")}),
    (BASELINE, "baseline: {method: growth, exports: 6, imports: 0.04}", {(6, "baseline.exports", "out_of_range")}),
    (BASELINE, "baseline: {method: mixture, exports: 0.06, imports: 0.04}", {(6, "baseline", "wrong_type")}),
    (BASELINE, "baseline: {method: file}", {(6, "baseline", "wrong_type")}),
    (BASELINE, "baseline: {method: file, path: a.csv, estimate_to: 2025Q1}", {(6, "baseline", "wrong_type")}),
    (BASELINE, "baseline: {method: hold, imports_estimate_to: 2025Q1}", {(6, "baseline", "wrong_type")}),
    (BASELINE, "baseline: {method: mixture, imports_estimate_too: 2025Q1}",
     {(6, "baseline.imports_estimate_too", "unknown_key")}),
    (BASELINE, FIXED.replace("31400", "-31400"), {(6, "baseline.exports_usd_mn", "out_of_range")}),
    (BASELINE, FIXED.replace("31400", "31400000"), {(6, "baseline.exports_usd_mn", "implausible")}),
    (BASELINE, FIXED.replace("4100", "4100000"), {(6, "baseline.imports_usd_mn", "implausible")}),
    (BASELINE, FIXED.replace("31400", "null"), {(6, "baseline", "wrong_type")}),
    ("reporter: USA\n", "", {(1, "reporter", "empty")}),
    ("horizon: {quarters: 40}", "horizon: {}", {(7, "horizon.quarters", "empty")}),
    ("  from: now\n", "", {(10, "delivery.from", "empty")}),
    (UNIFORM + "\n", "", {(10, "delivery", "empty")}),
    ("title: Even delivery over ten years", 'title: "  "', {(1, "title", "empty")}),
    ("  from: now", "  from: now\n  slip: assumptions", {(10, "delivery", "wrong_type")}),
    ("  profile: uniform\n", "  profile: published\n", {(10, "delivery", "wrong_type")}),
    ("  from: now", "  from: announced\n  slip: yes", {(12, "delivery.slip", "wrong_type")}),
    ("  from: now", "  from: announced\n  slip: some", {(12, "delivery.slip", "wrong_type")}),
    ("  from: now", "  from: now\n  capacity: 5", {(12, "delivery.capacity", "wrong_type")}),
    ("remainders: true}", "remainders: true, fill: {T3: []}}", {(9, "include.fill.T3", "empty")}),
    ("draws: 20000", "tariff: 3\ndraws: 20000", {(17, "tariff", "wrong_type")}),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), ONE_WRONG, ids=[new.replace("\n", " ") for _, new, _ in ONE_WRONG])
def test_each_error_has_its_code_the_path_of_its_key_and_its_line(old, new, expected):
    assert places(problems_of(changed((old, new)))) == expected


def test_all_errors_of_one_file_are_told_at_once():
    text = changed(
        ("title: Even delivery over ten years\n", ""),
        ("reporter: USA", "reporter: no"),
        ("as_of: newest", "as_of: tomorrow"),
        ("baseline: {method: hold}", FIXED.replace("31400", "31400000").replace("4100}", "-4100}")),
        ("horizon: {quarters: 40}", "horizon: {quarters: 0}"),
        ("credit: assumptions", "credit: assumptions\ncredit: none"),
        ("remainders: true", "remainder: true"),
        (UNIFORM, "  milestones: {2027Q1: 0.4, 2028Q1: 0.5}"),
        ("delay_quarters: 0", "delay_quarters: -2"),
        ("quarters: 12}", "quarters: NaN, lenght: 12}"),
        ("draws: 20000", "draws: 10000001"),
        ("seed: 1", "seed: one\nsed: 1"),
    )
    assert places(problems_of(text)) == {
        (1, "title", "empty"),
        (3, "reporter", "wrong_type"),
        (4, "as_of", "wrong_type"),
        (5, "baseline.exports_usd_mn", "implausible"),
        (5, "baseline.imports_usd_mn", "out_of_range"),
        (6, "horizon.quarters", "out_of_range"),
        (8, "credit", "duplicate_key"),
        (9, "include.remainder", "unknown_key"),
        (12, "delivery.milestones", "shares_sum"),
        (14, "delivery.delay_quarters", "out_of_range"),
        (15, "delivery.by_category.agriculture.quarters", "not_finite"),
        (15, "delivery.by_category.agriculture.lenght", "unknown_key"),
        (17, "draws", "out_of_range"),
        (18, "seed", "wrong_type"),
        (19, "sed", "unknown_key"),
    }


def test_an_infinite_level_is_a_problem_of_its_own_line():
    found = places(problems_of(changed((BASELINE, FIXED.replace("31400", ".inf")))))
    assert (6, "baseline.exports_usd_mn", "not_finite") in found


def test_an_override_that_will_not_do_is_told_together_with_the_other_errors():
    text = changed(("seed: 1", "sed: 1"), ("agriculture: 0.5}", "agricultur: 0.5}"))
    assert places(problems_of(text)) == {
        (16, "set.additionality.agricultur", "unknown_key"),
        (18, "sed", "unknown_key"),
    }


def test_an_unknown_key_names_the_nearest_known_one():
    (problem,) = problems_of(changed(("draws: 20000", "drawz: 20000")))
    assert "did you mean 'draws'?" in problem.fix
    assert problem.value == "20000"


@pytest.mark.parametrize("text", ["", "# nothing\n", "\n"])
def test_an_empty_file_is_said_to_be_empty(text):
    assert places(problems_of(text)) == {(1, None, "empty_file")}


@pytest.mark.parametrize("text", ["- a\n- b\n", "even\n", "5\n"])
def test_a_file_that_is_no_mapping_is_refused(text):
    assert places(problems_of(text)) == {(1, None, "wrong_type")}


def test_every_key_that_is_needed_is_named_when_missing():
    found = places(problems_of("about: nothing else\n"))
    assert found == {(1, key, "empty") for key in ("title", "reporter", "horizon", "credit", "delivery")}


OVERRIDES = [
    ("additionality.agricultur: 0.5", "additionality.agricultur", "unknown_key"),
    ("additionality.agriculture: 1.5", "additionality.agriculture", "out_of_range"),
    ("additionality.agriculture: -0.1", "additionality.agriculture", "out_of_range"),
    ("additionality.agriculture: half", "additionality.agriculture.value", "wrong_type"),
    ("additionality.agriculture: {beta: [1]}", "additionality.agriculture.beta", "wrong_type"),
    ("additionality.agriculture: {beta: [1, 2, 3]}", "additionality.agriculture.beta", "wrong_type"),
    ("additionality.agriculture: {beta: 3}", "additionality.agriculture.beta", "wrong_type"),
    ("additionality.agriculture: {beta: [0, 1]}", "additionality.agriculture.beta.0", "out_of_range"),
    ("additionality.agriculture: {value: 1, beta: [1, 2]}", "additionality.agriculture", "wrong_type"),
    ("additionality.agriculture: {shares: {energy: 1}}", "additionality.agriculture", "wrong_type"),
    ("additionality.agriculture: {gamma: {shape: 2, mean: 9}}", "additionality.agriculture", "wrong_type"),
    ("additionality: 0.5", "additionality", "unknown_key"),
    ("books.USA.valuation: 3", "books.USA.valuation", "out_of_range"),
    ("books.USA.lag_quarters: 1.5", "books.USA.lag_quarters", "wrong_type"),
    ("category_mix.T3: {shares: {energy: 0.5, aircraft: 0.4}}", "category_mix.T3", "shares_sum"),
    ("category_mix.T3: {shares: {energy: 0.5, aircrafts: 0.5}}", "category_mix.T3", "unknown_key"),
]


@pytest.mark.parametrize(("override", "path", "code"), OVERRIDES)
def test_an_override_that_will_not_do_is_refused_on_its_line(override, path, code):
    text = changed(("{additionality.agriculture: 0.5}", f"{{{override}}}"))
    assert places(problems_of(text)) == {(16, f"set.{path}", code)}


def test_an_override_of_an_unknown_path_names_the_nearest():
    (problem,) = problems_of(SAMPLE, **{"additionality.enrgy": Decimal("0.5")})
    assert "did you mean 'additionality.energy'?" in problem.fix


def test_overrides_change_the_assumption_they_name_and_no_other():
    before = parsed(SAMPLE)[1].by_path
    changes = {"additionality.energy": {"beta": [3, 1]}, "books.VNM.valuation": Decimal("1.1")}
    after = parsed(SAMPLE, **changes)[1].by_path
    assert after["additionality.energy"].mean == Decimal("0.75")
    assert after["books.VNM.valuation"].mean == Decimal("1.1")
    assert {path for path in after if after[path] != before[path]} == set(changes)


def test_a_change_of_a_scenarios_own_key_reaches_the_record():
    record, _ = parsed(
        SAMPLE, **{"draws": np.int64(7), "delivery.by_category.agriculture.quarters": 5, "horizon.quarters": 9}
    )
    assert (record.draws, record.horizon.quarters) == (7, 9)
    assert record.delivery.pace_of("agriculture").quarters == 5
    found = places(problems_of(SAMPLE, **{"horizon.quarters": 0, "draws": 0}))
    assert found == {(None, "horizon.quarters", "out_of_range"), (None, "draws", "out_of_range")}


@pytest.mark.parametrize("number", [0.35, np.float64(0.35), np.float32(0.35), Decimal("0.35")])
def test_a_float_is_the_decimal_that_it_prints_as(number):
    changes = {"additionality.energy": number, "additionality.aircraft": {"beta": [number, 1.0]}}
    found = parsed(SAMPLE, **changes)[1].by_path
    assert found["additionality.energy"].mean == Fraction(35, 100)
    assert found["additionality.aircraft"].parameters == (Decimal("0.35"), 1)


@pytest.mark.parametrize(
    ("number", "code"), [(float("nan"), "not_finite"), (np.inf, "not_finite"), (True, "wrong_type")]
)
def test_what_is_no_finite_number_is_refused_from_python_too(number, code):
    (problem,) = problems_of(SAMPLE, **{"additionality.energy": number})
    assert (problem.column, problem.code) == ("additionality.energy.value", code)


def test_one_value_for_a_mapping_is_told_how_to_write_it():
    (problem,) = problems_of(SAMPLE, baseline="hold")
    assert problem.fix == "write baseline.method=hold, in a file baseline: {method: hold}"
    (problem,) = problems_of(SAMPLE, include=3)
    assert problem.fix == "give its keys: status, remainders, fill"


def test_a_mapping_in_a_message_reads_as_it_would_be_written():
    (problem,) = problems_of(
        SAMPLE, **{"slip_months.aircraft": {"mixture": [{"weight": 0.5, "median": 3, "sigma": 0.2}]}}
    )
    assert problem.value.startswith("{mixture: [{weight: 0.5, median: 3, sigma: 0.2}]")
    (problem,) = problems_of(SAMPLE, **{"slip_months.aircraft": {"median:3": None, "median": 3, "sigma": 1}})
    assert (problem.value, problem.fix) == (None, "put a blank after the colon: median: 3")


def test_a_status_of_conversion_stands_for_its_categories():
    before, after = (parsed(SAMPLE, **changes)[1].by_path for changes in ({}, {"conversion.mou": 0.3}))
    moved = {path: after[path].mean for path in after if after[path] != before[path]}
    assert moved == {path: Fraction(3, 10) for path in before if path.startswith("conversion.mou.")}
    assert moved


@pytest.mark.parametrize(
    "stem",
    ["con", "NUL", "com1", "LPT9", "a b", "a.b", "é", "", "x" * 65, "_assumptions", "a;b", "a\nb", "-rf", "--all"],
)
def test_an_unsafe_or_reserved_name_is_refused(stem):
    (problem,) = scenario.name_problems([f"scenarios/{stem}.yaml"])
    assert (problem.code, problem.severity) == ("unsafe_name", "error")


def test_safe_names_pass_and_names_equal_on_a_case_blind_disk_clash():
    assert (
        scenario.name_problems(["s/even.yaml", "s/Back-loaded_2.yaml", f"s/{'x' * 64}.yaml", "other/even.yaml"]) == []
    )
    (clash,) = scenario.name_problems(["s/Even.yaml", "s/even.yaml"])
    assert (clash.code, clash.file) == ("name_clash", "s/even.yaml")
    (twice,) = scenario.name_problems(["s/even.yaml", "s/even.yml"])
    assert (twice.code, twice.file) == ("duplicate_id", "s/even.yml")


@pytest.fixture
def case(tmp_path: Path) -> Folder:
    for name in ("data", "scenarios"):
        shutil.copytree(CASE / name, tmp_path / name, copy_function=shutil.copyfile)
    return folder.case(str(tmp_path))


@pytest.mark.parametrize(("other", "code"), [("Sample.yaml", "name_clash"), ("sample.yml", "duplicate_id")])
def test_two_files_of_one_name_are_refused_whichever_is_checked(case, other, code):
    for name in ("sample.yaml", other):
        (case.scenarios / name).write_text(SAMPLE, encoding="utf-8")
    for name in ("sample.yaml", other):
        (report,) = check.check([case.scenarios / name], None, case)
        assert [problem["code"] for problem in report["problems"]] == [code]
        assert not report["ok"]


def test_a_delay_beyond_the_horizon_is_a_warning_of_the_answer_and_of_check(case):
    text = changed(("delay_quarters: 0", "delay_quarters: 40"), ("draws: 20000", "draws: 10"))
    path = case.scenarios / "sample.yaml"
    path.write_text(text, encoding="utf-8")
    solved = answer.solve(inputs.gather("sample", case=case))
    assert {problem.code for problem in solved.warnings} == {"outside_horizon"}
    assert {problem.severity for problem in solved.warnings} == {"warning"}
    assert solved.simulated.totals.loc["delivered", "mean"] == 0
    assert len(solved.warnings) == sum(component.included for component in solved.components)
    (report,) = check.check([path], None, case)
    assert report["ok"]
    reasons = [(problem["code"], problem["severity"], problem["reason"]) for problem in report["problems"]]
    assert sorted(reasons) == sorted(("outside_horizon", "warning", problem.reason) for problem in solved.warnings)


def test_a_delay_of_one_quarter_less_leaves_the_last_quarter_and_no_warning(case):
    text = changed(("delay_quarters: 0", "delay_quarters: 39"), ("draws: 20000", "draws: 10"))
    (case.scenarios / "sample.yaml").write_text(text, encoding="utf-8")
    solved = answer.solve(inputs.gather("sample", case=case))
    assert solved.warnings == ()
    assert solved.simulated.totals.loc["delivered", "mean"] > 0


@pytest.mark.parametrize(("as_of", "code"), [("2030-01", "out_of_range"), ("1980-01", "empty"), ("1992-05", "empty")])
def test_an_as_of_without_the_figures_it_takes_is_refused(case, as_of, code):
    with pytest.raises(Refused) as caught:
        answer.solve(inputs.gather("even", case=case, as_of=as_of, draws=10))
    (problem,) = caught.value.problems
    assert problem.code == code
    newest = max(path.name for path in (case.raw / "us-census").iterdir())
    assert as_of < newest or newest in problem.fix


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_parses_and_says_why(name):
    record, _ = inputs.read_scenario(shipped(), name)
    assert record.name == name
    assert len(record.about.split()) > 10
    assert all(address.startswith("https://") for address in record.references)
    assert record.references
    (report,) = check.check([CASE / "scenarios" / f"{name}.yaml"], None, shipped())
    assert report["problems"] == []


def test_a_scenario_that_is_not_there_names_the_nearest():
    with pytest.raises(Refused, match="did you mean 'back_loaded'") as caught:
        inputs.read_scenario(folder.case(), "backloaded")
    assert all(name in str(caught.value) for name in SHIPPED)


def test_slip_and_capacity_act_only_where_the_scenario_says_so():
    plain, _ = parsed(SAMPLE)
    text = changed(("  from: now", "  from: announced\n  slip: assumptions\n  capacity: assumptions"))
    both, _ = parsed(text)
    plans = [record.delivery for record in (plain, both)]
    assert [(plan.slips, plan.is_limited) for plan in plans] == [(False, False), (True, True)]


def test_a_deal_that_cannot_fill_a_tranche_is_refused_with_its_name():
    for name in ("VJ-737-200", "NOPE"):
        with pytest.raises(Refused, match=name) as caught:
            answer.solve(gather("even", draws=10, **{"include.fill": {"T3": [name]}}))
        (problem,) = caught.value.problems
        assert (problem.column, problem.value) == ("include.fill", name)
    with pytest.raises(Refused, match="T9"):
        answer.solve(gather("even", draws=10, **{"include.fill": {"T9": ["AG-TOTAL"]}}))
