"""The evidence files, and whether the priors cover the episodes held out of them."""

import math
from fractions import Fraction as F

import pytest
from scipy import stats

from tradebalance.case import folder, track_inputs
from tradebalance.track import evidence, priors
from tradebalance.track.evidence import Episode, Figure, Prior
from tradebalance.track.priors import Anchors
from tradebalance.words.problems import Refused

EPISODE = dict.fromkeys(evidence.EPISODE_COLUMNS, "") | {"episode": "one", "ratio": "0.5", "increment_ratio": "<=0"}
PRIOR = dict.fromkeys(evidence.PRIOR_COLUMNS, "") | {
    "block": "b", "item": "i", "distribution": "Beta", "params": "a=1.5;b=6", "p05": "0.1", "p95": "0.9",
}  # fmt: skip


def prior(form="Beta", **parameters):
    given = {name: F(str(value)) for name, value in parameters.items()}
    return Prior("b", "i", form, given, None, None, "ratio", "", "weak", "file:2")


def episode(name, ratio):
    return Episode(name, None if ratio is None else F(str(ratio)), None, {}, "file:2")


def check(prior_, *episodes, never="Phase One", figures=()):
    anchors = [Anchors(block="b", item="i", column="ratio", episodes=[e.name for e in (*episodes, *figures)])]
    (found,) = priors.check(anchors, [prior_], episodes, figures, never, "case.yaml")
    return found


def test_a_bound_or_words_in_place_of_a_number_are_kept_as_words():
    (found,) = evidence.episodes(list(EPISODE), [(2, EPISODE)], "f.csv")
    assert (found.ratio, found.increment_ratio, found.words["increment_ratio"]) == (F(1, 2), None, "<=0")


def test_a_priors_parameters_are_read_by_name_exactly():
    (found,) = evidence.priors(list(PRIOR), [(2, PRIOR)], "f.csv")
    assert found.parameters == {"a": F(3, 2), "b": 6}


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"params": "a=1.5"}, "params", "bad_value"),
        ({"params": "a=1.5;b=-6"}, "params", "out_of_range"),
        ({"params": "a=1.5;b=six"}, "params", "not_a_number"),
        ({"p05": "0.95"}, "p95", "bad_interval"),
        ({"p05": "0,1"}, "p05", "ambiguous_number"),
    ],
)
def test_a_prior_that_cannot_be_is_refused_at_its_cell(change, column, code):
    with pytest.raises(Refused) as refused:
        evidence.priors(list(PRIOR), [(7, {**PRIOR, **change})], "f.csv")
    assert [(p.row, p.column, p.code) for p in refused.value.problems] == [(7, column, code)]


def test_missing_columns_are_all_named():
    with pytest.raises(Refused) as refused:
        evidence.figures(["metric", "value"], [], "micro.csv")
    assert [p.column for p in refused.value.problems] == ["high", "low", "source_url", "unit"]


def test_holding_one_out_takes_its_share_of_the_weight_off():
    found = priors.without(prior(a=6, b=4), [F(1, 2), F(1)], F(1))
    assert found == (1, 4)
    assert priors.without(prior(a=1, b=4), [F(1, 2), F(1)], F(1)) is None
    mu, sigma = priors.without(prior("LogNormal", median=10, sigma="0.4"), [F(8), F(14)], F(14))
    assert (mu, sigma) == (pytest.approx(2 * math.log(10) - math.log(14)), 0.4)


def test_an_episode_is_looked_for_in_the_prior_without_it():
    found = check(prior(a=6, b=5), episode("half", "0.5"), episode("tenth", "0.1"), episode("words", None))
    assert (found.n, found.without_number) == (2, ("words",))
    half, tenth = found.tests
    left = stats.beta(6 - 5.5 * 0.5, 5 - 5.5 * 0.5)
    assert (half.low, half.high) == (pytest.approx(left.ppf(0.05)), pytest.approx(left.ppf(0.95)))
    assert half.below == pytest.approx(left.cdf(0.5))
    assert half.is_covered
    assert not tenth.is_covered


def test_phase_one_helps_to_make_a_prior_and_never_tests_it():
    found = check(prior(a=6, b=4), episode("Phase One farm", "0.5"), episode("other", "0.4"))
    assert found.apart == ("Phase One farm",)
    assert [test.episode for test in found.tests] == ["other"]


def test_an_episode_that_is_all_of_its_prior_is_told_of_and_not_tested():
    found = check(prior(a=1, b=4), episode("all", "1"), episode("none", "0"))
    assert found.nothing_left == ("all",)
    assert [test.episode for test in found.tests] == ["none"]


def test_one_episode_alone_tests_nothing():
    assert check(prior(a=6, b=4), episode("one", "0.5")).tests == ()


def test_a_lognormal_is_tested_by_single_figures():
    figures = [Figure(name, F(value), None, None, "months", "f:2") for name, value in (("x", 14), ("y", 8))]
    found = check(prior("LogNormal", median=11, sigma="0.4"), figures=figures)
    assert [test.is_covered for test in found.tests] == [True, True]


def test_names_that_are_not_there_are_refused_together():
    anchors = [Anchors(block="b", item=item, column="ratio", episodes=["nobody"]) for item in "ij"]
    with pytest.raises(Refused) as refused:
        priors.check(anchors, [prior(a=1, b=1)], [], [], "", "case.yaml")
    assert {p.value for p in refused.value.problems} == {"nobody", "b: j"}


@pytest.mark.parametrize("n", [1, 2, 10, 40])
def test_the_usual_count_is_that_of_a_binomial(n):
    low, high = priors.usual_count(n)
    assert stats.binom.cdf(low - 1, n, 0.9) <= 0.05 < stats.binom.cdf(low, n, 0.9)
    assert stats.binom.sf(high, n, 0.9) <= 0.05 < stats.binom.sf(high - 1, n, 0.9)


def test_the_repositorys_priors_and_episodes():
    found, sources, files = track_inputs.episodes(folder.case())
    tests = [test for each in found for test in each.tests]
    assert len(found) == 14
    assert {each.prior.item for each in found if each.n == 3} == {
        "MoU/LOI/MOI: equipment, power, arms, investment",
        "agriculture MoU/LOI, routine or state buyers",
        "agriculture",
        "aircraft in originally planned window",
    }
    assert not [test for test in tests if "Phase One" in test.episode]
    assert len(tests) == 14
    missed = {test.episode for test in tests if not test.is_covered}
    assert sum(test.is_covered for test in tests) == 6
    assert {test.episode for test in tests if test.is_at_a_bound} == missed - {"Vietnam PM at White House"}
    assert len(sources) == len(files) == 4
