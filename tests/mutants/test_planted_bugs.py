"""Bugs that must not live: each is planted here, and the test that has to catch it is seen to fail.

A row names the bug, where it is planted, the wrong code, and its killer: a test of this suite. A
killer that passes with the bug in place fails here.
"""

import dataclasses
import pathlib
import re
import tempfile
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from tests.answers import (
    test_answer,
    test_arrivals,
    test_attribution,
    test_break_even,
    test_comparison,
    test_goal,
    test_replay,
    test_sensitivity,
    test_simulation,
    test_spread,
)
from tests.assumptions import test_backtest, test_baseline, test_delivery, test_distributions, test_fan
from tests.case import test_forecasts
from tests.facts import test_mirror, test_revisions, test_trade
from tests.pages import test_commitments
from tests.reading import test_classes
from tests.report import test_exports, test_layouts
from tests.trace import test_ask
from tests.track import test_priors, test_rise, test_tracking
from tests.whole import test_case, test_golden, test_vintages
from tests.words import test_citations, test_money
from tradebalance.answers import arrivals, comparison, gap, goal, replay, sensitivity
from tradebalance.answers.answer import solve
from tradebalance.answers.draws import INDEPENDENT, Points, Raised, RandomBlock
from tradebalance.assumptions import backtest, baseline, credit, delivery, fan
from tradebalance.assumptions.distributions import Assumption
from tradebalance.case import asof, folder, forecasts, inputs, sidecars, store, track_inputs
from tradebalance.facts import ledger, mirror, own_book, revisions, trade
from tradebalance.pages.records import as_json
from tradebalance.reading import headers, printed, rows
from tradebalance.report import extracts
from tradebalance.trace import ask
from tradebalance.track import priors, tracking
from tradebalance.track import rise as rises
from tradebalance.track.rise import Rise
from tradebalance.words import amounts, citations, terms
from tradebalance.words.problems import Refused
from tradebalance.words.terms import Role

schedule, record, credited, split = delivery.schedule, gap.record, gap.credit, ledger._split
due, survival, within_capacity = delivery.due, gap.survival, delivery.within_capacity
observed, log_errors, summary = trade.observed, fan.log_errors, fan._summary
book, errors, between = own_book.book, mirror._errors, revisions.between
printed_amount = rows._amount
rise, landed, rows_of, pieces = arrivals.rise, arrivals._landed, asof._rows, own_book.pieces
honest, honest_outcomes, dm, ranks = backtest._forecast, backtest.outcomes, backtest.diebold_mariano, backtest.ranks


def a_quarter_late(pace, first, window=None):
    return schedule(pace, first + 1, window)


def last_quarter_lost(pace, first, window=None):
    return dict(list(schedule(pace, first, window).items())[:-1])


def weights_of_the_wrong_total(quarters):
    return [Fraction(2 * (quarters - t), quarters * quarters) for t in range(quarters)]


def price_twice(value, values):
    amount, steps = credited(value, values)
    return amount * values.price, steps


def cancelled_by_subtraction(amount, values, due, leaving, waiting, lag):
    traced = record(amount, values, due, leaving, waiting, lag)
    hidden = {"cancelled": traced.delivered.sum(axis=1) - traced.credited}
    return dataclasses.replace(traced, steps={**traced.steps, **hidden})


def bought_anyway_added(amount, values, due, leaving, waiting, lag):
    traced = record(amount, values, due, leaving, waiting, lag)
    return dataclasses.replace(traced, steps={**traced.steps, "bought_anyway": -traced.steps["bought_anyway"]})


def additionality_twice(amount, values, due, leaving, waiting, lag):
    again = dataclasses.replace(values, capture=values.capture * values.additionality)
    return record(amount, again, due, leaving, waiting, lag)


def due_before_arrives_now(weights, first, horizon, slip):
    found = due(weights, first, horizon, slip)
    within = found.within.copy()
    within[:, 0] = within[:, 0] + found.before
    return dataclasses.replace(found, before=0 * found.before, within=within)


def slip_brings_forward(weights, first, horizon, slip):
    return due(weights, first, horizon, -slip)


def slip_loses_what_it_delays(weights, first, horizon, slip):
    late = due(weights, first, horizon, slip)
    return dataclasses.replace(late, beyond=due(weights, first, horizon, 0 * slip).beyond)


def capacity_cuts_instead_of_waiting(wanted, alive, capacity):
    _leaving, waiting = within_capacity(wanted, alive, capacity)
    room = np.inf if capacity is None else capacity[None, None, :]
    return np.minimum(wanted, room), 0 * waiting


def hazard_a_quarter(hazard, quarters):
    return survival(4 * hazard, quarters)


def remainder_is_the_whole(top, whole, by_root, at):
    found = split(top, whole, by_root, at)
    return [dataclasses.replace(x, value_usd_mn=whole.value_usd_mn) if x.is_remainder else x for x in found]


def gap_of_the_other_side(snapshot, reporter):
    return observed(snapshot, "VNM" if reporter == "USA" else "USA")


def drift_every_quarter(logs, known):
    change = (logs[known - 1] - logs[0]) / (known - 1)
    return tuple(logs[-4 + t % 4] + change * (t + 1) for t in range(8))


def grown_for_ever(path, quarters):
    growth = path[-1] / path[-5]
    return [path[t] if t < 8 else path[4 + t % 4] * growth ** (t // 4 - 1) for t in range(quarters)]


def a_quarter_ahead(method, history, origin):
    return log_errors(method, history.shift(-1).ffill(), origin)


def spread_about_the_mean(found):
    return summary(found - np.nanmean(found, axis=0))


def outturn_seen(method, past, first, normals):
    path, drawn = honest(method, past, first, normals)
    return {series: values + 1 for series, values in path.items()}, drawn


def known_to_the_end(history, methods=("naive",), origins=60):
    return honest_outcomes(history, methods, origins).assign(scale=lambda t: t["outturn"].abs().max())


def crps_without_spread(draws, outturn):
    return float(np.abs(draws - outturn).mean())


def overlap_forgotten(differences, horizon):
    return dm(differences, 1)


def ranks_of_imports(found):
    return ranks(found.assign(series=found["series"].map({"gap": "x", "imports": "gap", "exports": "y"})))


def flows_apart(self, quarters):
    return np.zeros(quarters)


def errors_stop_growing(self, quarters):
    return np.array(self.sizes)[:, np.minimum(np.arange(quarters), len(self.counts) - 1)]


def one_stream_for_all(self, name, common):
    return np.random.default_rng(self.seed + self.block).permutation(self.size) / self.size


def streams_by_turn(self, name, common):
    turns[0] += 1
    return np.random.default_rng([self.seed, turns[0]]).random(self.size)


def fragments_of_any_date(pieces, table, reporter, partner, at=None, mirror_at=None):
    return book(pieces, table, reporter, partner, None, mirror_at)


def mirror_of_any_date(pieces, table, reporter, partner, at=None, mirror_at=None):
    return book(pieces, table, reporter, partner, at, None)


def errors_of_quarters_added(of, signs, spans):
    return np.array([np.sqrt(sum(errors(of, signs, [[q] for q in span]) ** 2)) for span in spans])


def revisions_of_the_other_side(table, reporter, partner, old, new):
    return between(table, reporter, partner, new, old)


def _of_quarter(old, new, unchanged, changes):
    row = quarter_row(old, new, unchanged)
    changed = row | changes(row)
    rest = {name: changed[name] for name in comparison.TERMS if name != "residual"}
    return comparison._closed(rest, row["change"])


def deliveries_by_subtraction(old, new, unchanged):
    """The term takes what the others leave, tariffs forgotten, so the residual can show nothing."""
    others = ("outturn_exports", "outturn_imports", "baseline_exports", "baseline_imports", "displacement", "revision")

    def changes(row):
        return {"tariff": Fraction(0), "deliveries": row["change"] - sum(row[name] for name in others)}

    return _of_quarter(old, new, unchanged, changes)


def displacement_takes_off(old, new, unchanged):
    return _of_quarter(old, new, unchanged, lambda row: {"displacement": -row["displacement"]})


def ledger_is_in_deliveries(old, new, unchanged):
    return quarter_row(old, new, new)


def replay_sees_the_outturn(then, method):
    """The baseline is estimated on the figures of today."""
    today = asof.known(then.scenario.reporter).history
    return without(dataclasses.replace(then, inputs=_knowing(then.inputs, today)), method)


def _knowing(of, history):
    shown = history.set_axis(history.index - (len(history) - len(of.known.history)))
    return dataclasses.replace(of, known=dataclasses.replace(of.known, history=shown))


def outturn_a_quarter_off(then, now):
    return outturn_of(then, now).shift(1).bfill()


def scored_a_quarter_off(frozen_, history):
    return scored(frozen_, history.set_axis(history.index + 1))


def half_the_penalty(low, high, outturn):
    return high - low + (interval_score(low, high, outturn) - high + low) / 2


def bought_with_the_baseline(answer, method, additional):
    """What the deals bring is scaled with the gap, as if a larger gap drew larger deliveries."""
    row = decision(answer, method, additional)
    return row | {"with_4": row["gap_4"] - row["additional_4"] * 2}


quarter_row, without, outturn_of = comparison._attribution_row, replay._without, replay.outturn_of
scored, interval_score, decision = forecasts.scored, backtest.interval_score, comparison._row
turns = [0]
standing, lines_of, check_held_out = tracking.standing, tracking._lines, priors.check


def gap_of_vietnam_in_every_case(snapshot, reporter, home="VNM"):
    return observed(snapshot, reporter)


def level_for_increment(self):
    return self.ratio


def linear_for_seasonal(lines, year, months, path):
    return Fraction(months, 12)


def aircraft_twice(pledge, group, product):
    found = lines_of(pledge, group, product)
    return found + [
        m for (name, _), m in pledge.lines.items() if name in pledge.groups[group].lines and name == "aircraft_hs8800"
    ]


def share_of_all_groups(pledge, group, product, through, last, path):
    whole = list(pledge.lines.values())
    wrong = dataclasses.replace(pledge, additions={key: value * wrong_weight(pledge, group, whole)
                                                   for key, value in pledge.additions.items()})  # fmt: skip
    return standing(wrong if product else pledge, group, product, through, last, path)


def wrong_weight(pledge, group, whole):
    own, every = (tracking._total(each, pledge.base_year, 12) for each in (lines_of(pledge, group, None), whole))
    return own / every


def absent_is_zero(pledge, group, product):
    months = pd.period_range("2017-01", "2020-12", freq="M")
    return [{month: line.get(month, Fraction(0)) for month in months} for line in lines_of(pledge, group, product)]


def base_in_the_increment(self):
    return self.exports


def windows_due_at_once(window, first, through, weights):
    return Fraction(1)


def held_out_stays_in(prior, outcomes, held_out_):
    return float(prior.parameters["a"]), float(prior.parameters["b"])


def phase_one_tests_itself(anchored, priors, episodes, figures, never_tested, file):
    return check_held_out(anchored, priors, episodes, figures, "nobody", file)


def phase_one():
    return track_inputs.gather(folder.case("phase-one"))


def without_aircraft():
    test_tracking.test_the_base_year_and_both_published_targets_come_out(phase_one())


def printed_to_october():
    test_tracking.test_the_season_of_a_total_is_its_own_and_meets_the_printed_target_to_october(phase_one())


def aircraft_end_in_april():
    test_tracking.test_aircraft_end_in_april_and_are_told_of_and_the_total_with_them_goes_no_further(phase_one())


def older_deals_convert_better(self, months):
    return aged(self, -min(months, 12))


def correlation_is_the_loading(self, name, common):
    return uniform(self, name, dataclasses.replace(common, correlation=common.correlation**2))


def goal_by_the_wrong_inequality(self, rates):
    return self.probability(rates) <= self.goal.confidence


def draws_below_the_share(self, rates):
    return float((rates <= self.goal.share).mean())


def shares_above_one(self, assumption, owner, common=None):
    values = RandomBlock.value(self, assumption, owner, common or INDEPENDENT)
    return self.times * values if assumption.path.split(".")[0] in self.sections else values


def samples_swapped(a, b, mixed, weights=None):
    return indices(b, a, mixed, weights)


def one_column_of_a_group(deals, of):
    return {label: {sorted(names)[0]} for label, names in streams(deals, of).items()}


def one_component_moves(self, assumption, owner, common=None):
    values = moved(self, assumption, owner)
    return values if owner == "A" else np.full_like(values, values[0])


def a_quarter_off(ratio, quarters):
    return yearly(ratio, quarters - 1)


def together_with_the_wrong_sign(means, quarters):
    found = parts(means, quarters)
    return found.assign(together=-found["together"])


indices, streams, moved = sensitivity.indices, sensitivity._streams, Points.value
yearly, parts = goal._yearly, sensitivity._parts
aged, uniform = Assumption.aged, RandomBlock._uniform


def weights_per_statement(of, signs, quarters):
    return of.total(signs, quarters)[2], pieces(of, signs, quarters)[1]


def nothing_inside(remainder, leaves, events):
    return []


def rise_of_whole_imports(events, history, as_of):
    found = rise(events, history, as_of)
    return found and dataclasses.replace(found, by_quarter=history["imports_usd_mn"][-len(found.by_quarter) :])


def counted_without_leaving(given, happened):
    return landed(given.model_copy(update={"elsewhere": []}) if given else None, happened)


def told_by_rows(leaf):
    return terms.Stage.RESTATED if leaf.told > 1 else terms.Stage.SIGNED


def weights():
    chain = ask.trace(store.facts(folder.case()), "gap_usd_mn", "2025", "VNM")
    total = sum(cell.weight * cell.printed for cell in chain.cells) + chain.mirror_usd_mn + chain.lesser_usd_mn
    assert abs(total - chain.value) <= Decimal("0.2")


def remainder():
    test_ask.test_a_remainder_is_the_whole_less_its_named_parts(store.facts(folder.case()))


def arrivals_today(test):
    where = folder.case()
    today = solve(inputs.gather("even", draws=10))
    return lambda: test(today, inputs.evidence(where, store.facts(where)))


def rise_today():
    test_arrivals.test_the_rise_of_imports_is_that_of_the_methods(solve(inputs.gather("even", draws=10)))


def thailand():
    arrivals_today(test_arrivals.test_the_one_aircraft_went_to_thailand_so_none_is_counted)()


def stage_sums():
    test_commitments.test_stages_add_up_to_the_announced_sum_exactly_with_every_part_once(asof.known("USA"))


def script_link():
    test_citations.test_an_address_that_is_no_plain_web_page_is_text("javascript:alert(1)")


def own_sources():
    test_citations.test_no_file_of_a_later_release_or_another_pair_is_cited()


def newest_rows(table, periods):
    return [row.replace("2024-08", "2026-10") for row in rows_of(table, periods)]


def as_announced():
    test_answer.test_as_announced_delivers_every_announced_dollar(
        {"as_announced": solve(inputs.gather("as_announced"))}
    )


def stalled():
    test_answer.test_stalled_counts_only_named_signed_deals({"stalled": solve(inputs.gather("stalled", draws=10))})


def known_years():
    test_trade.test_the_gap_of_known_years_on_the_us_book(store.read_flows(folder.case().processed / "flows.csv"))


def cut_to_what_was_out():
    table = store.read_flows(folder.case().processed / "flows.csv")
    test_trade.test_without_a_fresh_vintage_the_newest_is_cut_to_what_was_out(table)


def processed():
    return store.read_flows(folder.case().processed / "flows.csv")


def raises_or_fails(test, *arguments):
    """A test that wants something refused, as an assertion."""
    try:
        test(*arguments)
    except pytest.fail.Exception as missing:
        raise AssertionError(str(missing)) from missing


def books_do_not_add_up():
    raises_or_fails(test_trade.test_the_two_books_of_one_trade_do_not_add_up, processed())


def a_month_and_its_quarter_overlap():
    raises_or_fails(test_trade.test_a_month_and_its_quarter_overlap, processed())


def years_error():
    both = asof.books()
    by_year, by_quarter = mirror.by_year(both), mirror.by_quarter(both)
    test_mirror.test_a_years_error_is_that_of_the_sum_and_not_of_its_quarters_added(both, by_year, by_quarter)


def a_revised_month():
    made = revisions.between(processed(), "USA", "VNM", test_revisions.OLD, test_revisions.NEW)
    test_revisions.test_a_month_is_the_exact_difference_of_what_two_releases_print(made)


def named_if_one_sided():
    made = revisions.between(processed(), "USA", "VNM", test_revisions.OLD, test_revisions.NEW)
    test_revisions.test_what_only_one_release_holds_is_named(made)


def every_cell_by_the_locale(sheet, row, column):
    return printed_amount(sheet, dataclasses.replace(row, numeric=frozenset()), column)


def zeros_are_figures(table):
    return max(pd.Period(year=int(row.cells["year"]), month=12, freq="M") for row in table.rows)


def good(name):
    return lambda: test_classes.test_what_is_printed_oddly_gives_its_figures(name)


def bad(name):
    return lambda: test_classes.test_what_is_wrong_is_refused_at_its_cell_and_for_nothing_else(name)


def without_sidecar():
    with tempfile.TemporaryDirectory() as folder:
        killer = test_layouts.test_without_a_sidecar_the_last_month_is_derived_and_said_so
        killer(pathlib.Path(folder), "f.csv", test_layouts.VIETNAM)


def points_in_vietnamese():
    test_money.test_nothing_is_guessed("1.200 triệu USD", "", "", "ambiguous_number")


def golden():
    test_golden.test_scenario("as_announced")


def held_after_two_years():
    test_baseline.test_after_two_years_the_second_year_is_held_with_its_seasons("sarima")


def chosen_for_the_gap():
    history = asof.known("USA").history
    test_backtest.test_the_choice_is_the_lowest_mean_rank_of_the_gaps_mase(honest_outcomes(history))


def sizes_grow():
    test_fan.test_sizes_never_fall_with_the_horizon_and_grow_beyond_the_measured("hold")


def certificates():
    test_goal.test_certificates_are_true(test_goal.drawn_model())


def holding_growth():
    test_break_even.test_exports_that_grow_at_the_holding_rate_hold_the_gap(test_break_even.growing_model(), 8)


BRIDGE = test_simulation.test_the_bridge_adds_up_to_the_additional_imports_exactly
CREDITED = test_simulation.test_credited_is_due_before_plus_delivered_plus_still_to_come_plus_never_realised
SECOND = test_simulation.test_the_path_agrees_to_a_cent_with_a_second_implementation


def replayed():
    """A replay of May 2025, small, and what is known now."""
    return solve(inputs.gather("even", draws=2000, as_of="2025-05")), asof.known("USA")


def replayed_bands():
    may, now = replayed()
    test_replay.test_a_quarters_band_is_that_of_the_answer_itself(replay.trial(may, now, ["hold"]), may)


def replayed_outturn():
    may, now = replayed()
    test_replay.test_the_outturn_of_the_trial_is_met(replay.trial(may, now, ["hold"]))


def frozen_scores():
    record = {**as_json(solve(inputs.gather("even", draws=300))), "changes": {}}
    test_forecasts.test_a_later_release_scores_each_quarter_against_its_own_outturn(record)


def decided():
    test_comparison.test_a_row_is_the_gap_without_and_with_the_deals(solve(inputs.gather("even", draws=800)))


TARIFF_TERM = test_attribution.test_a_tariff_step_moves_its_own_term_alone
DISPLACED = test_attribution.test_displacement_moves_alone_where_deliveries_stay
LEDGER = test_attribution.test_the_ledgers_new_events_have_a_term_of_their_own
BEFORE = test_simulation.test_what_was_due_before_the_forecast_is_shown_and_not_added
SLIP = test_delivery.test_what_is_due_adds_up_to_one_however_late
ROOM = test_delivery.test_what_does_not_fit_waits_and_nothing_is_lost
AGE = test_distributions.test_a_deal_that_waits_longer_is_less_likely_to_become_binding
CORRELATION = test_simulation.test_deals_correlate_by_the_common_factor_as_stated
STREAMS = test_simulation.test_adding_or_reordering_deals_leaves_other_deals_as_they_were
REPLAY = test_vintages.test_a_replay_uses_the_fragments_and_the_mirror_of_its_time_and_says_so
NO_FORMULA = test_exports.test_no_cell_of_a_csv_starts_like_a_formula
ORACLE = test_simulation.test_the_draws_agree_with_the_convolution_of_independent_deals
GOAL = test_goal.test_a_certain_case_is_the_closed_form
INDICES = test_sensitivity.test_indices_of_a_product_of_shares_are_those_of_the_closed_form
GROUP = test_sensitivity.test_an_assumption_that_several_components_draw_apart_is_one_group
SWING = test_sensitivity.test_an_assumption_moves_all_components_that_look_it_up
TOGETHER = test_spread.test_deals_that_come_with_a_high_gap_narrow_it

TWO_MEASURES = test_tracking.test_level_and_increment_are_two_measures
PRODUCT = test_tracking.test_a_product_shares_the_addition_to_its_own_group_in_proportion_to_the_base_year
NEVER_ZERO = test_tracking.test_a_month_that_is_missing_is_never_zero
INCREMENT = test_rise.test_the_increment_is_over_the_base_years_level_and_the_path_is_each_totals_share_of_its_window
HELD_OUT = test_priors.test_an_episode_is_looked_for_in_the_prior_without_it

PLANTED = [
    ("fragments printed later count in a replay", own_book, "book", fragments_of_any_date, REPLAY),
    ("mirror figures of later count in a replay", own_book, "book", mirror_of_any_date, REPLAY),
    ("a year's error adds its quarters'", mirror, "_errors", errors_of_quarters_added, years_error),
    ("revisions run from the newer to the older", revisions, "between", revisions_of_the_other_side, a_revised_month),
    ("what one release lacks is dropped", revisions, "_one_sided", lambda *_: (), named_if_one_sided),
    ("sums take what they get", trade, "refuse_mixed", lambda _: None, books_do_not_add_up),
    ("sums do not see a month in its quarter", trade, "_overlaps", lambda _: [], a_month_and_its_quarter_overlap),
    ("formulas leave as they came", extracts, "defused", lambda text: text, NO_FORMULA),
    ("schedule starts a quarter late", credit, "schedule", a_quarter_late, golden),
    ("schedule loses its last quarter", credit, "schedule", last_quarter_lost, as_announced),
    (
        "profile's shares are of the wrong total",
        delivery.PROFILES,
        "front_loaded",
        dataclasses.replace(delivery.PROFILES["front_loaded"], weights=weights_of_the_wrong_total),
        test_delivery.test_a_profile_adds_up_to_exactly_one_and_is_never_negative,
    ),
    ("bridge applies the price twice", gap, "credit", price_twice, BRIDGE),
    ("equation applies the price twice", gap, "credit", price_twice, SECOND),
    ("additionality is applied twice", gap, "record", additionality_twice, SECOND),
    ("bridge's cancelled is a subtraction", gap, "record", cancelled_by_subtraction, CREDITED),
    ("bridge adds what is bought anyway", gap, "record", bought_anyway_added, BRIDGE),
    ("what was due before arrives in the first quarter", delivery, "due", due_before_arrives_now, BEFORE),
    ("a slip brings deliveries forward", delivery, "due", slip_brings_forward, SECOND),
    ("what slips past the horizon is lost", delivery, "due", slip_loses_what_it_delays, SLIP),
    (
        "capacity cuts deliveries instead of delaying",
        delivery,
        "within_capacity",
        capacity_cuts_instead_of_waiting,
        ROOM,
    ),
    ("a deal converts better the longer it waits", Assumption, "aged", older_deals_convert_better, AGE),
    ("a correlation is taken for its square root", RandomBlock, "_uniform", correlation_is_the_loading, CORRELATION),
    ("hazard is taken a quarter, not a year", gap, "survival", hazard_a_quarter, SECOND),
    ("ledger's remainder is the whole tranche", ledger, "_split", remainder_is_the_whole, as_announced),
    ("ledger counts subsets as parts", ledger, "PART_ROLES", tuple(Role), stalled),
    ("gap is seen from the other side", trade, "observed", gap_of_the_other_side, known_years),
    ("publication lag is a month short", trade, "PUBLICATION_LAG_MONTHS", {"USA": 1}, cut_to_what_was_out),
    (
        "drift is added every quarter",
        baseline.METHODS,
        "seasonal_naive_drift",
        dataclasses.replace(baseline.METHODS["seasonal_naive_drift"], forecast=baseline._modelled(drift_every_quarter)),
        test_baseline.test_drift_multiplies_by_the_mean_yearly_growth_once_a_year,
    ),
    ("baseline grows for ever", baseline, "_held", grown_for_ever, held_after_two_years),
    (
        "baseline's errors see a quarter ahead",
        fan,
        "log_errors",
        a_quarter_ahead,
        test_fan.test_an_error_uses_nothing_after_its_origin,
    ),
    (
        "baseline's errors lose their bias",
        fan,
        "_summary",
        spread_about_the_mean,
        test_fan.test_a_method_that_runs_low_has_a_wider_fan,
    ),
    (
        "exports and imports err apart",
        fan.Errors,
        "step_correlation",
        flows_apart,
        test_fan.test_a_correlation_that_rises_with_the_horizon_is_drawn_as_measured,
    ),
    (
        "backtest forecasts beside the method",
        backtest,
        "_forecast",
        outturn_seen,
        test_backtest.test_a_forecast_is_that_of_the_baseline_on_the_quarters_to_its_origin,
    ),
    (
        "backtest scales by what came later",
        backtest,
        "outcomes",
        known_to_the_end,
        test_backtest.test_nothing_after_the_origin_moves_a_forecast_its_band_or_its_scale,
    ),
    (
        "CRPS leaves the spread out",
        test_backtest,
        "crps",
        crps_without_spread,
        test_backtest.test_crps_is_the_mean_distance_less_half_that_between_draws,
    ),
    (
        "Diebold-Mariano forgets the overlap",
        test_backtest,
        "diebold_mariano",
        overlap_forgotten,
        test_backtest.test_diebold_mariano_counts_the_overlap_and_shrinks_for_small_samples,
    ),
    ("choice is made for imports", backtest, "ranks", ranks_of_imports, chosen_for_the_gap),
    ("errors stop growing after two years", fan.Errors, "size", errors_stop_growing, sizes_grow),
    ("a workbook's number is read by the locale", rows, "_amount", every_cell_by_the_locale, good("numbers.xlsx")),
    ("a value that was not read is a gap", printed, "_unread", lambda *_: set(), bad("an unread value is no gap")),
    ("months not yet published are 0", sidecars, "last_published", zeros_are_figures, without_sidecar),
    ("a Vietnamese point is a decimal one", amounts, "is_vietnamese", lambda _: False, points_in_vietnamese),
    (
        "a first quarter starts no year to date",
        printed,
        "_first_of_year",
        lambda *_: None,
        good("year to date from a first quarter"),
    ),
    ("a total column is no total", headers, "TOTAL", re.compile("never"), bad("a wrong wide sum")),
    ("growth rates are traced without their base", own_book, "pieces", weights_per_statement, weights),
    ("a remainder is traced to its whole alone", ledger, "inside", nothing_inside, remainder),
    ("imports themselves bound what arrived", arrivals, "rise", rise_of_whole_imports, rise_today),
    ("an aircraft that went elsewhere counts as landed", arrivals, "_landed", counted_without_leaving, thailand),
    ("an unnamed rest counts as a signed deal", ledger, "stage", told_by_rows, stage_sums),
    ("any address becomes a link", citations.Citation, "href", property(lambda each: each.url), script_link),
    ("the newest release is cited for an older one", asof, "_rows", newest_rows, own_sources),
    ("goal by the wrong inequality", goal.Aim, "meets", goal_by_the_wrong_inequality, GOAL),
    ("goal counts the draws below the share", goal.Aim, "probability", draws_below_the_share, GOAL),
    ("a share is raised above 1", Raised, "value", shares_above_one, certificates),
    ("indices with their two samples swapped", sensitivity, "indices", samples_swapped, INDICES),
    ("a group redraws one column only", sensitivity, "_streams", one_column_of_a_group, GROUP),
    ("tornado moves one component only", Points, "value", one_component_moves, SWING),
    ("break-even is off by a quarter", goal, "_yearly", a_quarter_off, holding_growth),
    ("a covariance counts with the wrong sign", sensitivity, "_parts", together_with_the_wrong_sign, TOGETHER),
    (
        "deliveries are what the other terms leave",
        comparison,
        "_attribution_row",
        deliveries_by_subtraction,
        TARIFF_TERM,
    ),
    ("what is bought anyway takes off the gap", comparison, "_attribution_row", displacement_takes_off, DISPLACED),
    ("new events of the ledger hide in deliveries", comparison, "_attribution_row", ledger_is_in_deliveries, LEDGER),
    ("a replay is estimated on the outturn", replay, "_without", replay_sees_the_outturn, replayed_bands),
    ("a replay's outturn is a quarter off", replay, "outturn_of", outturn_a_quarter_off, replayed_outturn),
    ("a forecast is scored against the quarter before", forecasts, "scored", scored_a_quarter_off, frozen_scores),
    (
        "a miss costs half of what it should",
        backtest,
        "interval_score",
        half_the_penalty,
        test_replay.test_the_interval_score_is_the_width_and_twenty_times_what_is_missed,
    ),
    ("deals are taken off twice under a baseline", comparison, "_row", bought_with_the_baseline, decided),
    ("deals share one stream", RandomBlock, "_uniform", one_stream_for_all, ORACLE),
    ("streams depend on the deals before", RandomBlock, "_uniform", streams_by_turn, STREAMS),
    (
        "gap is seen from the other side in another case",
        trade,
        "observed",
        gap_of_vietnam_in_every_case,
        test_case.test_seen_from_the_other_home_the_gap_changes_its_sign,
    ),
    (
        "track's increment is the level",
        tracking.Standing,
        "increment_ratio",
        property(level_for_increment),
        TWO_MEASURES,
    ),
    ("track's seasonal path is linear", tracking, "_share", linear_for_seasonal, printed_to_october),
    ("track counts aircraft twice", tracking, "_lines", aircraft_twice, without_aircraft),
    ("track's product shares all groups' total", tracking, "standing", share_of_all_groups, PRODUCT),
    ("track takes an absent month for zero", tracking, "_lines", absent_is_zero, NEVER_ZERO),
    ("track takes aircraft after April for zero", tracking, "_lines", absent_is_zero, aircraft_end_in_april),
    ("a rise is the level", Rise, "increment", property(base_in_the_increment), INCREMENT),
    ("a total is due at once", rises, "_due", windows_due_at_once, INCREMENT),
    ("the episode held out stays in its prior", priors, "without", held_out_stays_in, HELD_OUT),
    (
        "Phase One tests the priors made from it",
        priors,
        "check",
        phase_one_tests_itself,
        test_priors.test_phase_one_helps_to_make_a_prior_and_never_tests_it,
    ),
]


@pytest.mark.parametrize(
    ("place", "name", "bug", "killer"), [row[1:] for row in PLANTED], ids=[row[0] for row in PLANTED]
)
def test_a_planted_bug_is_caught(monkeypatch, place, name, bug, killer):
    if isinstance(place, dict):
        monkeypatch.setitem(place, name, bug)
    else:
        monkeypatch.setattr(place, name, bug)
    with pytest.raises((AssertionError, Refused, pytest.fail.Exception)):
        killer()
