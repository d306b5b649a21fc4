"""The evidence files, what past pledges make of a new one, and whether that covers those held out of it."""

import dataclasses
from fractions import Fraction as F

import numpy as np
import pytest
from scipy import stats

from releases import CASE
from tradebalance.case import folder, inputs, track_inputs
from tradebalance.reading import readers
from tradebalance.track import evidence, priors
from tradebalance.track.evidence import Episode, Prior
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


def check(*kinds):
    """Kinds of episodes, each a prior of its own, by (kind, episodes)."""
    anchors = [
        Anchors(block="b", item=kind, column="ratio", kind=kind, episodes=[each.name for each in episodes])
        for kind, episodes in kinds
    ]
    told = {each.name: each for _, episodes in kinds for each in episodes}
    priors_ = [dataclasses.replace(prior(a=1, b=1), item=kind) for kind, _ in kinds]
    return priors.check(anchors, priors_, list(told.values()), [], "Phase One", "case.yaml")


def pool(**kinds):
    return {kind: {f"{kind}{n}": F(str(y)) for n, y in enumerate(outcomes)} for kind, outcomes in kinds.items()}


SHARES = priors.SCALES["ratio"]


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


def test_a_new_pledge_is_a_distribution_with_atoms_at_nothing_and_all():
    found = priors.predict(pool(a=[0, 0, 0.4]), "a", SHARES)
    assert found.mass.sum() == pytest.approx(1)
    assert (found.mass >= 0).all()
    assert (found.values[0], found.values[-1]) == (0, 1)
    assert found.mass[0] > 0.3 > 0.1 > found.mass[-1] > 0
    assert found.at(0.1) == 0
    other_way = priors.predict(pool(a=[1, 1, 0.6]), "a", SHARES)
    assert other_way.mass[::-1] == pytest.approx(found.mass, abs=1e-9)
    assert other_way.mean == pytest.approx(1 - found.mean)


def test_the_fit_is_that_of_the_same_model_drawn():
    """Levels of kinds and spreads drawn from their uniform priors, weighted by what the outcomes are worth."""
    outcomes = {"a": [0.0, 0.3], "b": [1.0, 0.7]}
    random, n = np.random.default_rng(3), 400_000
    of_all, between, within = random.uniform(0, 1, n), random.uniform(1 / 32, 1, n), random.uniform(1 / 32, 1, n)
    level = {kind: of_all + between * random.standard_normal(n) for kind in outcomes}
    weight = np.ones(n)
    for kind, found in outcomes.items():
        for y in found:
            at = stats.norm(level[kind], within)
            weight *= at.cdf(0) if y == 0 else at.sf(1) if y == 1 else at.pdf(y)
    new = np.clip(level["a"] + within * random.standard_normal(n), 0, 1)
    predicted = priors.predict(pool(**outcomes), "a", SHARES)
    assert predicted.mean == pytest.approx((weight @ new) / weight.sum(), abs=0.02)
    assert predicted.mass[0] == pytest.approx((weight @ (new == 0)) / weight.sum(), abs=0.02)
    assert predicted.between(0.0, 0.5) == pytest.approx((weight @ (new <= 0.5)) / weight.sum(), abs=0.02)


def test_a_kind_of_few_episodes_leans_on_the_others_and_one_of_many_does_not():
    def pull(n):
        """How much higher a kind of n episodes about 0.3 is put beside others about 0.8 than beside ones about 0.3."""
        own = [(0.2, 0.3, 0.4)[i % 3] for i in range(n)]
        high, low = ([[at - 0.1, at, at + 0.1] for _ in range(2)] for at in (0.8, 0.3))
        beside = [priors.predict(pool(a=own, b=b, c=c), "a", SHARES).mean for b, c in (high, low)]
        return beside[0] - beside[1]

    assert pull(0) > 0.3 > pull(1) > pull(3) > 2 * pull(12) > 0


def test_the_beta_has_the_mean_and_variance_of_a_new_pledge():
    found = priors.predict(pool(a=[0, 0.3], b=[1]), "a", SHARES)
    of = stats.beta(*found.beta)
    assert of.mean() == pytest.approx(found.mean)
    assert of.var() == pytest.approx(found.values**2 @ found.mass - found.mean**2)


def test_delays_are_told_in_months_and_fall_on_no_end():
    found = priors.predict(pool(a=[14, 8], b=[72, 60]), "a", priors.SCALES["value"])
    assert 8 < found.centre < 20
    assert found.at(0.1) < 8 < 14 < found.at(0.9)
    assert found.mass[[0, -1]].max() < 1e-4
    longer = priors.predict(pool(a=[28, 16], b=[144, 120]), "a", priors.SCALES["value"])
    assert longer.centre == pytest.approx(2 * found.centre, rel=0.1)


def test_an_episode_is_held_out_of_every_kind_that_it_stands_in():
    shared = episode("shared", "1")
    found = check(("a", [shared, episode("half", "0.5")]), ("b", [shared, episode("tenth", "0.1")]))
    (of_a, _), (of_b, _) = (each.tests for each in found)
    left = {"a": {"half": F(1, 2)}, "b": {"tenth": F(1, 10)}}
    for test, kind in ((of_a, "a"), (of_b, "b")):
        predicted = priors.predict(left, kind, SHARES)
        assert (test.low, test.high) == (predicted.at(0.1), predicted.at(0.9))
        assert test.holds == predicted.between(test.low, test.high) >= 0.8


def test_a_range_that_ends_on_an_atom_holds_it():
    (found,) = check(("a", [episode(str(n), "0") for n in range(4)]))
    assert all(test.low == 0 and test.is_covered and test.is_at_a_bound for test in found.tests)
    assert all(test.below > 0.5 for test in found.tests)
    (surprise,) = check(("a", [*(episode(str(n), "0.1") for n in range(6)), episode("all", "1")]))
    assert [test.episode for test in surprise.tests if not test.is_covered] == ["all"]


def test_phase_one_helps_to_make_a_prior_and_never_tests_it():
    (found,) = check(("a", [episode("Phase One farm", "0.2"), episode("other", "0.4")]))
    assert found.apart == ("Phase One farm",)
    assert [test.episode for test in found.tests] == ["other"]
    (without,) = check(("a", [episode("other", "0.4")]))
    assert found.tests[0].below > without.tests[0].below + 0.05  # what is left is lower by it


def test_what_has_no_kind_is_listed_and_makes_nothing():
    anchors = [Anchors(block="b", item="i", column="ratio", episodes=["one", "words"])]
    (found,) = priors.check(anchors, [prior(a=1, b=1)], [episode("one", "0.4"), episode("words", None)], [], "x", "c")
    assert (found.predicted, found.tests, found.without_number) == (None, (), ("words",))
    assert found.own == pytest.approx(0.4)


def test_names_that_are_not_there_are_refused_together():
    anchors = [Anchors(block="b", item=item, column="ratio", episodes=["nobody"]) for item in "ij"]
    anchors.append(Anchors(block="b", item="i", column="increment_ratio", kind="a", episodes=["nobody"]))
    with pytest.raises(Refused) as refused:
        priors.check(anchors, [prior(a=1, b=1)], [], [], "", "case.yaml")
    assert {p.value for p in refused.value.problems} == {"nobody", "b: j", "increment_ratio"}


def test_the_usual_count_is_that_of_a_binomial():
    tests = [priors.Test("e", F(0), 0.0, 1.0, holds, 0.5) for holds in (0.8, 0.9) for _ in range(7)]
    low, high = priors.usual_count(tests)
    assert stats.binom.cdf(low - 1, 14, 0.85) <= 0.05 < stats.binom.cdf(low, 14, 0.85)
    assert stats.binom.sf(high, 14, 0.85) <= 0.05 < stats.binom.sf(high - 1, 14, 0.85)


@pytest.fixture(scope="module")
def shipped_priors():
    found, _, _ = track_inputs.episodes(folder.case())
    return found


def test_the_repositorys_episodes_are_covered_by_what_the_others_make_of_their_kinds(shipped_priors):
    tests = [test for each in shipped_priors for test in each.tests]
    assert (len(shipped_priors), len(tests), len({test.episode for test in tests})) == (14, 14, 12)
    assert not [test for test in tests if "Phase One" in test.episode]
    assert sum(test.is_covered for test in tests) >= 10
    assert sum(test.is_at_a_bound for test in tests) == 7
    # and not by ranges that hold all there is
    assert sum(test.high - test.low < 0.99 for test in tests if test.outcome <= 1) >= 9
    of_kind = {each.anchors.kind: each.predicted for each in shipped_priors}
    assert of_kind["agriculture"].mean > of_kind["equipment"].mean > of_kind["aircraft"].mean


@pytest.mark.parametrize("scenarios", ["scenarios", "cases/scenarios"])
def test_what_episodes_speak_of_follows_from_them(shipped_priors, scenarios):
    """Recomputed from the rows of evidence: a number that is not the fit's, to two decimals, fails here."""
    file = CASE / scenarios / "_assumptions.yaml"
    assumed = inputs.parse_assumptions(readers.yaml_document(file.read_bytes(), file.name)).by_path
    taken = {each.anchors.assumption: each for each in shipped_priors if each.anchors.assumption}
    assert set(taken) == {"conversion.mou.default", "conversion.mou.agriculture"}
    for path, each in taken.items():
        assert [float(number) for number in assumed[path].parameters] == [round(n, 2) for n in each.predicted.beta]
        assert assumed[path].source.startswith("evidence/episodes")
    assert assumed["conversion.negotiating"].parameters == assumed["conversion.mou.default"].parameters
