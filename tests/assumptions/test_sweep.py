"""A sweep's file: the points of a grid and of a list, in order, and all that is refused, each on its line."""

from decimal import Decimal

import pytest

from tradebalance.assumptions import sweep
from tradebalance.reading import readers
from tradebalance.words.problems import Refused


def parse(text):
    return sweep.parse(readers.yaml_document(text.encode(), "sweep.yaml"), "slipped")


def refused(text):
    """What is wrong with a file: code, line and key of each problem."""
    with pytest.raises(Refused) as caught:
        parse(text)
    return [(problem.code, problem.row, problem.column) for problem in caught.value.problems]


def test_a_grid_is_every_value_with_every_other_the_last_key_fastest():
    plan = parse("draws: 50\ngrid:\n  scenario: [even, slipped]\n  set:\n    a.b: [0.1, 0.2]\n    seed: [1, 2, 3]\n")
    assert len(plan.points) == 12
    told = [(point.scenario, point.changes["a.b"], point.changes["seed"]) for point in plan.points]
    assert told[:4] == [("even", Decimal("0.1"), 1), ("even", Decimal("0.1"), 2), ("even", Decimal("0.1"), 3),
                        ("even", Decimal("0.2"), 1)]  # fmt: skip
    assert told == sorted(told)
    assert {point.changes["draws"] for point in plan.points} == {50}
    assert plan.dimensions == {"scenario": ["even", "slipped"], "a.b": ["0.1", "0.2"], "seed": ["1", "2", "3"]}
    assert plan.keys == ["a.b"]  # a seed has a column of its own


def test_a_key_of_one_value_is_no_dimension_and_the_scenario_is_the_central_one_by_default():
    plan = parse("grid:\n  reporter: [VNM]\n  as_of: [newest, 2025-05]\n  set: {baseline: [{method: hold}]}\n")
    assert plan.dimensions == {"as_of": ["newest", "2025-05"]}
    assert [point.scenario for point in plan.points] == ["slipped", "slipped"]
    assert plan.points[1].changes == {"reporter": "VNM", "as_of": "2025-05", "baseline": {"method": "hold"}}
    assert plan.points[0].said("baseline") == "{method: hold}"


def test_a_list_is_its_entries_in_order_and_an_entry_says_its_own_draws_and_seed():
    plan = parse("draws: 10\nseed: 4\nlist:\n  - {scenario: even, set: {a.b: 1}}\n  - {reporter: VNM, draws: 20}\n")
    assert [(p.scenario, p.changes) for p in plan.points] == [
        ("even", {"draws": 10, "seed": 4, "a.b": 1}),
        ("slipped", {"draws": 20, "seed": 4, "reporter": "VNM"}),
    ]
    assert (plan.dimensions, plan.keys) == ({}, ["a.b"])


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("grids: {}\ndraws: 0\ntitel: x\n", [("out_of_range", 2, "draws"), ("unknown_key", 1, "grids"),
                                            ("unknown_key", 3, "titel")]),
        ("title: x\n", [("inconsistent", 1, None)]),
        ("grid: {scenario: [even]}\nlist: [{scenario: even}]\n", [("inconsistent", 1, None)]),
        ("title: x\ngrid: {}\n", [("empty", 2, "grid")]),
        ("list: []\n", [("empty", 1, "list")]),
        ("grid:\n  as_of: [2025-13]\n", [("wrong_type", 2, "grid.as_of.0")]),
        ("grid:\n  set:\n    a.b: 0.5\n", [("wrong_type", 3, "grid.set.a.b")]),
        ("grid:\n  set:\n    a.b: [0.5, 0.7, 0.5]\n", [("duplicate_key", 3, "grid.set.a.b")]),
        ("grid:\n  reporter: [USA]\n  set:\n    reporter: [VNM]\n", [("duplicate_key", 4, "grid.set.reporter")]),
        ("seed: 1\ngrid:\n  set:\n    seed: [2, 3]\n", [("duplicate_key", 4, "grid.set.seed")]),
        ("list:\n  - {set: {scenario: even}}\n", [("duplicate_key", 2, "list.0.set.scenario")]),
        ("list:\n  - {set: {a.b: 1}}\n  - {scenario: even}\n  - {scenario: slipped, set: {a.b: 1}}\n",
         [("duplicate_key", 4, "list.2.scenario")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_all_at_once_with_its_line(text, problems):
    assert sorted(refused(text), key=str) == sorted(problems, key=str)


def test_an_unknown_key_names_the_nearest():
    with pytest.raises(Refused, match="use scenario, reporter, as_of, set; did you mean 'scenario'"):
        parse("grid:\n  scenarios: [even]\n")
    with pytest.raises(Refused, match="use title, draws, seed, grid, list; did you mean 'list'"):
        parse("lists: []\n")


def test_a_grid_beyond_the_most_is_refused_before_it_is_made_and_one_at_it_is_not(monkeypatch):
    tens = ", ".join(map(str, range(10)))
    text = "grid:\n  set: {" + ", ".join(f"a.{n}: [{tens}]" for n in range(9)) + "}\n"
    assert refused(text) == [("too_large", 1, "grid")]
    with pytest.raises(Refused, match="1,000,000,000 scenarios, where a sweep takes at most 100,000"):
        parse(text)
    monkeypatch.setattr(sweep, "MOST_POINTS", 10)
    assert len(parse(f"grid: {{set: {{a.b: [{tens}]}}}}").points) == 10
    assert refused(f"grid: {{set: {{a.b: [{tens}, 10]}}}}") == [("too_large", 1, "grid")]
