"""Bugs that must not live: from the announced sum to the gap, and what the answer hangs on."""

import dataclasses
import datetime as dt
import functools
import itertools
import json
import pathlib
import tempfile
from fractions import Fraction

import numpy as np
import pandas as pd

import builders
from builders import beta
from tests.answers import (
    test_answer,
    test_arrivals,
    test_comparison,
    test_deals,
    test_events,
    test_goal,
    test_means,
    test_milestones,
    test_replay,
    test_score,
    test_sensitivity,
    test_simulation,
    test_tariffs,
    test_timing,
)
from tests.assumptions import test_scoring, test_tariff
from tests.pages import test_one_number, test_wording
from tests.report import test_check
from tradebalance.answers import (
    arrivals,
    comparison,
    draws,
    following,
    gap,
    goal,
    means,
    milestones,
    model,
    prospects,
    replay,
    score,
    sensitivity,
    tariffs,
    timing,
    unused,
)
from tradebalance.answers.answer import Range, Solution, StandardErrors, solve
from tradebalance.answers.arrivals import Grounds
from tradebalance.answers.draws import RandomBlock
from tradebalance.answers.tariffs import Effect
from tradebalance.assumptions import delivery, scoring, tariff
from tradebalance.case import asof, inputs
from tradebalance.facts import ledger
from tradebalance.facts.goods import Since
from tradebalance.pages import records

counter = itertools.count()
prices = gap.prices
steps = gap.Trace.steps.func
spells = following.spells
spells_of_a_dollar = means._spells
by_limits = means._by_limits
spared = following.spared
value = RandomBlock.value
credited = gap.credit
survival = gap.survival
since_bound = prospects.Prospects.since
additional = following.Together.additional.fget
held = Since.held
landed = arrivals._landed
risen = arrivals._risen
quarter_row = comparison._attribution_row
without = replay._without
outturn_of = replay.outturn_of
gap_of = model._gap_of
decision = comparison._row
parts = sensitivity._parts
tariff_factors = Effect._factors
crps_of = scoring.crps_of_quantiles
scores_of = score.scores
resolved = milestones.resolved
has_come = milestones._has_come
phased_in = tariff._phased_in
day_of = ledger.day_of
outlook = sensitivity.outlook
years_of_delivery = timing.years_of_delivery
on = tariff.on


def price_twice(values, not_goods, years):
    found = credited(values, not_goods, years)
    return dataclasses.replace(found, to_come=tuple(amount * values.price for amount in found.to_come))


def prices_from_the_wrong_year(values, not_goods, years):
    return credited(values, not_goods, 0 * years)


def bought_anyway_added(traced):
    found = steps(traced)
    return {**found, "bought_anyway": -found["bought_anyway"]}


def additionality_twice(together):
    return additional(together) * together.traces[0].values.additionality[:, None]


def hazard_a_quarter(hazard, quarters):
    return survival(4 * hazard, quarters)


def cancelled_before_it_is_bound(ahead, since):
    return since_bound(ahead, 0 * since)


def prices_of_today_for_ever(escalation, calendar):
    return prices(0 * escalation, calendar)


def arrived_arrives_again(values, not_goods, years):
    again = credited(dataclasses.replace(values, arrived=0 * values.arrived), not_goods, years)
    return dataclasses.replace(credited(values, not_goods, years), to_come=again.to_come)


def options_are_firm(values):
    return 1 + 0 * values.firm


def options_lapse_and_firm_ones_too(values):
    return values.firm * values.exercise


def events_cancel_what_has_arrived(component, source, calendar):
    at_once = tuple(dataclasses.replace(hit, at=0) for hit in component.hits)
    return spared(dataclasses.replace(component, hits=at_once), source, calendar)


def events_by_a_coin_a_deal(component, source, calendar):
    own = tuple(dataclasses.replace(hit, name=f"{hit.name} {component.id}") for hit in component.hits)
    return spared(dataclasses.replace(component, hits=own), source, calendar)


def a_coin_of_its_own_for_the_tariff(duty, source):
    return source.coin("another tariff", source.value(duty.takes_effect))


def late_ones_do_not_wait(component, source, count):
    return tuple(dataclasses.replace(spell, since=0 * spell.since) for spell in spells(component, source, count))


def never_late(component, source, count):
    return spells(component, source, 1)


def a_dollar_is_never_late(part, count):
    return spells_of_a_dollar(part, 1)


def limits_change_nothing(*given):
    return None, by_limits(*given)[1]


def drawn_apart(self, assumption, common=draws.INDEPENDENT, owner=""):
    return value(self, assumption, common, owner or str(next(counter)))


def shares_apart(self, mix, concentration, category):
    return value(self, beta(2, 3, f"{mix.path} {category}"))


def one_stream_for_all(self, name, common):
    return np.random.default_rng(self.seed + self.block).permutation(self.size) / self.size


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


def gap_of_its_own_dollars(trade, calendar):
    return gap_of(trade, dataclasses.replace(calendar, dollars_of=None))


def bought_with_the_baseline(answer, path, over):
    """What the deals bring is scaled with the gap, as if a larger gap drew larger deliveries."""
    row = decision(answer, path, over)
    return row | {"with_4": row["gap_4"] - row["additional_4"] * 2}


def goal_by_the_wrong_inequality(self, rates):
    return self.probability(rates) <= self.goal.confidence


def search_that_falls_short(_trial, _rates, under, _over):
    return under


def sought():
    test_goal.test_the_found_total_reaches_the_goal_and_a_little_less_does_not(test_goal.drawn_model(), 0.3)


def together_with_the_wrong_sign(means, quarters):
    found = parts(means, quarters)
    return found.assign(together=-found["together"])


def lines_bound_with_what_they_rose(self, categories):
    """Deliveries bounded by the rise, as if none took the place of another purchase."""
    found = held(self, categories)
    return found._replace(usd_mn=found.rise_usd_mn)


def counted_without_leaving(given, happened):
    return landed(given.model_copy(update={"elsewhere": []}) if given else None, happened)


def starts_from_all_that_its_lines_brought(of):
    """Ordinary trade is taken for deliveries, as if nothing had been bought before the deals."""
    lines = of.grounds.lines
    brought = {name: (now, 0 * before) for name, (now, before) in lines.by_line.items()}
    return risen(dataclasses.replace(of, grounds=Grounds(lines=dataclasses.replace(lines, by_line=brought))))


def starts_from_all_of_the_rise(of):
    """Every part takes all of its lines' rise, whatever else can stand in them."""
    lines = of.grounds.lines
    return {
        category: min(Fraction(held(lines, [category]).rise_usd_mn) / goods, Fraction(1))
        for category, goods in arrivals._undated(of).items()
    }


def to_the_newest_bulletin(known):
    return dt.date(2026, 7, 31)


def arrivals_today(test):
    return lambda: test(solve(inputs.gather("even", draws=10)))


def replayed():
    """A replay of May 2025, small, and what is known now."""
    return solve(inputs.gather("even", draws=2000, as_of="2025-05")), asof.known("USA")


def grid():
    test_scoring.test_the_crps_of_a_grid_and_of_a_sample_are_those_of_their_distribution(113)


def replayed_bands():
    may, now = replayed()
    test_replay.test_a_quarters_band_is_that_of_the_answer_itself(replay.trial(may, now, ["hold"]), may)


def replayed_outturn():
    may, now = replayed()
    test_replay.test_the_outturn_of_the_trial_is_met(replay.trial(may, now, ["hold"]))


def decided():
    test_comparison.test_a_row_is_the_gap_without_and_with_the_deals(solve(inputs.gather("even", draws=800)))


def idle_paths():
    with tempfile.TemporaryDirectory() as folder:
        test_check.test_a_path_that_moves_nothing_is_warned_of_on_its_line_in_the_words_of_run(pathlib.Path(folder))


ONE_UNIT = test_answer.test_a_share_is_of_published_trade_in_the_same_dollars
BRIDGE = test_simulation.test_the_bridge_adds_up_to_the_additional_imports_exactly
SECOND = test_simulation.test_the_path_agrees_to_a_cent_with_a_second_implementation
TARIFF_TERM = test_comparison.test_a_tariff_step_moves_its_own_term_alone
EACH_FLOW = test_score.test_each_flow_quarter_and_release_is_scored_on_its_own
DATED = test_milestones.test_a_milestone_is_scored_when_its_date_has_come
PRINTED = test_milestones.test_a_printed_event_has_come_where_a_later_row_names_it_or_all_is_delivered
TAKES_OFF = test_tariffs.test_a_higher_rate_takes_exports_off_by_the_elasticity_and_leaves_imports
DRAWN_ONCE = test_tariffs.test_the_elasticity_is_drawn_once_a_draw_and_the_path_is_at_its_median
PHASE = test_tariff.test_a_phase_grows_in_a_straight_line_to_the_whole
COVERED = test_tariff.test_the_share_that_is_covered_bears_the_rate
CONTINUED = test_tariff.test_stated_rates_continue_those_in_force
DISPLACED = test_comparison.test_displacement_moves_alone_where_deliveries_stay
LEDGER = test_comparison.test_the_ledgers_new_events_have_a_term_of_their_own
PRICES = test_simulation.test_prices_rise_from_the_year_of_the_list_to_that_of_delivery
LATE = test_simulation.test_what_becomes_binding_later_waits_and_counts_a_spell_at_a_time
ALIVE = test_simulation.test_what_became_binding_late_is_cancelled_from_then_on
MOMENTS = functools.partial(test_means.test_every_quarters_mean_is_the_sum_of_products_of_moments, "even")
LATE_MOMENTS = functools.partial(test_means.test_every_quarters_mean_is_the_sum_of_products_of_moments, "slipped")
LIMITS = functools.partial(test_means.test_means_with_limits_are_those_without_and_what_limits_change, 20)
ONE = test_simulation.test_what_two_parts_look_up_is_one_unknown_and_their_coins_are_two
MIX = test_simulation.test_a_mix_is_drawn_about_its_shares_and_its_parts_add_up_to_the_rest
ORACLE = test_simulation.test_the_draws_agree_with_the_convolution_of_independent_deals
GOAL = test_goal.test_a_certain_case_is_the_closed_form
SPAN = test_timing.test_scenarios_that_are_compared_share_one_span
NAIVE = test_timing.test_the_naive_reading_stays_what_it_was
STOOD = test_timing.test_what_stood_before_the_talks_goes_by_the_date_of_its_total
TOGETHER = test_sensitivity.test_deals_that_come_with_a_high_gap_narrow_it


def loss_of_the_other_side(probabilities, quantiles, outturn):
    return crps_of([1 - level for level in probabilities], quantiles, outturn)


def a_quarter_late(forecast, outturns):
    return scores_of(forecast, {release: of.set_axis(of.index - 1) for release, of in outturns.items()})


def judged_before_its_day(kept, events, at):
    return resolved(kept, events, max([at, *(pd.Period(one["by"], freq="M") for one in kept)]))


def any_later_row_will_do(one, deal, day):
    since = pd.Period(one["as_of"], freq="M").end_time.date()
    return has_come(one, deal, day) or any(since < ledger.day_of(event, since) <= day for event in deal.events)


def steps_raise_exports(of, value):
    return [1 / factor for factor in tariff_factors(of, value)]


def elasticity_at_its_median(of, value):
    return tariff_factors(
        of, lambda each, who: tariffs._median(each, who) if each is of.duty.elasticity else value(each, who)
    )


def elasticity_by_the_quarter(of, value):
    exports, imports = tariff_factors(of, value)
    return [np.random.default_rng(1).permuted(exports, axis=0), imports]


def steps_act_at_once(day, quarter, phase):
    return phased_in(day, quarter, 0)


def every_good_bears_the_rate(dated, day):
    return dataclasses.replace(on(dated, day), form="value", parameters=(1,))


def rates_start_from_nothing(named, own):
    return own or named


def over_the_whole_horizon(*answers):
    return answers[0].calendar.quarters


def over_the_years_of_the_first(*answers):
    return years_of_delivery(answers[0])


def four_quarters(answer):
    return answer.gap_last_four


def stood_on_the_day(event, undated):
    """What was announced on the day the talks began counts as what stood before them."""
    return day_of(event, undated) - dt.timedelta(days=1)


def median_of_the_sums(of):
    """The band of four quarters stands where its draws fell."""
    found = outlook(of)
    return dataclasses.replace(found, without_deals=found.without_deals * 0.99)


def whatever_the_horizon():
    test_timing.test_the_same_deliveries_are_the_same_share_whatever_the_horizon("even")


def one_path_on_every_page():
    answer = builders.solved("slipped", draws=4000)
    said = json.loads(json.dumps(records.as_json(answer)))
    ahead = sensitivity.outlook(answer)
    test_one_number.test_the_path_without_deals_is_the_sum_of_its_quarters_medians_on_every_page(answer, said, ahead)


def decimals_of_few_draws():
    test_wording.test_no_more_decimals_are_printed_than_the_draws_carry(20_000, "17 (11 to 25)")


AGAIN = test_arrivals.test_what_had_arrived_does_not_arrive_again
THAILAND = arrivals_today(test_arrivals.test_the_one_aircraft_went_to_thailand_so_none_is_counted)
FELL = arrivals_today(test_arrivals.test_the_line_of_aircraft_fell_so_none_of_it_is_additional)
UNDATED = arrivals_today(test_arrivals.test_what_nobody_dates_starts_from_its_part_of_the_rise_of_its_lines)
ADDS_UP = arrivals_today(
    test_arrivals.test_what_all_start_from_adds_up_to_no_more_than_the_rise_of_the_lines_and_of_all_purchases
)
JETS = arrivals_today(test_arrivals.test_of_the_two_hundred_no_more_than_the_line_of_aircraft_brought)
JULY = arrivals_today(test_arrivals.test_no_month_after_the_book_ends_counts_as_arrived)
AS_SHOWN = arrivals_today(test_arrivals.test_a_scenario_starts_from_the_bounds_that_page_02_shows)
OPTIONS = test_deals.test_an_option_is_no_order_until_it_is_exercised
ARRIVED = test_events.test_what_has_arrived_is_not_cancelled_and_of_the_rest_the_share_is
AT_ONCE = test_events.test_an_event_happens_in_its_share_of_the_draws_and_to_all_it_names_at_once
TIED = test_events.test_with_the_tariff_and_without_it_are_the_draws_of_its_own_coin

PLANTED = [
    ("a quantile counts by its other side", scoring, "crps_of_quantiles", loss_of_the_other_side, grid),
    ("a forecast is scored a quarter late", score, "scores", a_quarter_late, EACH_FLOW),
    ("a milestone is judged before its date", milestones, "resolved", judged_before_its_day, DATED),
    ("a later row is taken for the event", milestones, "_has_come", any_later_row_will_do, PRINTED),
    ("a share is a mean over the horizon", timing, "years_of_delivery", over_the_whole_horizon, whatever_the_horizon),
    ("each scenario's share is over years of its own", timing, "years_of_delivery", over_the_years_of_the_first, SPAN),
    ("a share is of the last four quarters", Solution, "gap_of_a_year", property(four_quarters), NAIVE),
    ("what the talks began with stood before them", ledger, "day_of", stood_on_the_day, STOOD),
    ("a page has the median of a year's sums", sensitivity, "outlook", median_of_the_sums, one_path_on_every_page),
    ("every decimal is printed", Range, "standard_errors", StandardErrors(0, 0, 0, 0), decimals_of_few_draws),
    ("what had arrived is still to come", gap, "credit", arrived_arrives_again, AGAIN),
    ("options are firm", gap, "taken_up", options_are_firm, OPTIONS),
    ("firm pieces need to be exercised", gap, "taken_up", options_lapse_and_firm_ones_too, OPTIONS),
    ("an event cancels what has arrived", following, "spared", events_cancel_what_has_arrived, ARRIVED),
    ("an event has a coin a deal", following, "spared", events_by_a_coin_a_deal, AT_ONCE),
    ("events and exports have a tariff each", following, "tariff_comes", a_coin_of_its_own_for_the_tariff, TIED),
    ("a tariff raises exports", Effect, "_factors", steps_raise_exports, TAKES_OFF),
    ("the elasticity is not drawn", Effect, "_factors", elasticity_at_its_median, DRAWN_ONCE),
    ("every quarter has an elasticity of its own", Effect, "_factors", elasticity_by_the_quarter, DRAWN_ONCE),
    ("tariff steps act at once", tariff, "_phased_in", steps_act_at_once, PHASE),
    ("every good bears the rate", tariff, "on", every_good_bears_the_rate, COVERED),
    ("stated rates forget those in force", tariff, "_continued", rates_start_from_nothing, CONTINUED),
    ("check does not look for paths that move nothing", unused, "unused", lambda _: [], idle_paths),
    ("equation applies the price twice", gap, "credit", price_twice, SECOND),
    ("additionality is applied twice", following.Together, "additional", property(additionality_twice), SECOND),
    ("bridge adds what is bought anyway", gap.Trace, "steps", property(bought_anyway_added), BRIDGE),
    ("hazard is taken a quarter, not a year", gap, "survival", hazard_a_quarter, SECOND),
    ("what is bound late is cancelled before", prospects.Prospects, "since", cancelled_before_it_is_bound, ALIVE),
    ("the prices of the list are taken for today's", gap, "credit", prices_from_the_wrong_year, PRICES),
    ("deliveries are at today's prices for ever", gap, "prices", prices_of_today_for_ever, PRICES),
    ("what is bound late does not wait", following, "spells", late_ones_do_not_wait, LATE),
    ("what is not bound in two years never is", following, "spells", never_late, LATE),
    ("mean survival is that at the mean hazard", means, "NOT_LINEAR", ("escalation",), MOMENTS),
    ("a mean forgets how long delays are", delivery.Due, "spread", lambda due, _: due, LATE_MOMENTS),
    ("a mean has nothing that becomes binding late", means, "_spells", a_dollar_is_never_late, MOMENTS),
    ("means with limits are those without", means, "_by_limits", limits_change_nothing, LIMITS),
    ("each part draws an unknown of its own", RandomBlock, "value", drawn_apart, ONE),
    ("the shares of a mix are drawn apart", RandomBlock, "share", shares_apart, MIX),
    ("deals share one stream", RandomBlock, "_uniform", one_stream_for_all, ORACLE),
    ("a rise bounds deliveries", Since, "held", lines_bound_with_what_they_rose, FELL),
    ("an aircraft that went elsewhere counts as landed", arrivals, "_landed", counted_without_leaving, THAILAND),
    ("what nobody dates starts from nothing", arrivals, "_risen", lambda _: {}, UNDATED),
    ("ordinary trade counts as arrived", arrivals, "_risen", starts_from_all_that_its_lines_brought, ADDS_UP),
    ("each part takes all of the rise", arrivals, "_risen", starts_from_all_of_the_rise, UNDATED),
    ("a dated part starts from more than came", arrivals, "_within_its_lines", arrivals.possible_share, JETS),
    ("a month of the forecast has arrived", inputs, "day_of", to_the_newest_bulletin, JULY),
    ("page 02 and the start are told apart", model, "_started", lambda part, *_: part, AS_SHOWN),
    ("goal by the wrong inequality", goal.Aim, "meets", goal_by_the_wrong_inequality, GOAL),
    ("a goal's search ends where it falls short", goal, "_narrowed", search_that_falls_short, sought),
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
    ("a share in dollars of a year is of a nominal gap", model, "_gap_of", gap_of_its_own_dollars, ONE_UNIT),
    ("deals are taken off twice under a baseline", comparison, "_row", bought_with_the_baseline, decided),
]
