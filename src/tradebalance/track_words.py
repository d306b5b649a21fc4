"""Sentences on outturns, whose every number is computed. A level ratio is never called delivery."""

from collections.abc import Sequence
from fractions import Fraction

from . import tracking
from .held_out import Checked, Test, usual_count
from .outturn import PledgeOutturn, RiseOutturn
from .sentences import billions, percent
from .sources import Citation
from .terms import country_name
from .tracking import Standing

DIGITS = 1  # of a share in prose
HALF_DIGIT_USD_MN = 50  # the reports print 0.1 USD billion


def group_words(name: str) -> str:
    """`goods_ex_aircraft` as `goods without aircraft`."""
    return name.replace("_ex_", " without ").replace("_", " ")


def widest(outturn: PledgeOutturn) -> Standing:
    """The group with the largest target of those that the release holds to its last month."""
    whole = tracking.track(outturn.pledge, outturn.release_last, outturn.about.path)
    full = [each.group for each in whole if each.product is None and each.through == outturn.release_last]
    totals = [each for each in outturn.standings if each.product is None]
    return max((each for each in totals if each.group in full), key=lambda each: each.full_target)


def headline(replay: PledgeOutturn, rise: RiseOutturn) -> str:
    """The finding of the page: what became of a pledge, and what can have become of the announced totals."""
    found, so_far = widest(replay), rise.bound
    return (
        f"{_trade(replay, found.group)} rose by {_share(found.increment_ratio)} of what "
        f"{replay.about.case.replace('-', ' ').title()} asked for by {found.through:%B %Y}; goods for "
        f"{country_name(rise.about.partner)} by at most {_share(so_far.increment_ratio)} of what an even path of all "
        f"that is announced, services included,{_assumed_years(rise)} asks for by {so_far.through:%B %Y}"
    )


def _assumed_years(rise: RiseOutturn) -> str:
    """How long all the totals are assumed to take, where it is the same whole number of years for each."""
    months = {window.months for window in rise.windows}
    return f" over an assumed {months.pop() // 12} years" if len(months) == 1 and not min(months) % 12 else ""


def pledge_lead(outturn: PledgeOutturn) -> str:
    """What stands where, by which path and release."""
    found, path, base = widest(outturn), outturn.about.path, outturn.pledge.base_year
    full = billions(found.full_target)
    asked = {
        "linear": "a twelfth of the year's target for each month (the Peterson Institute's method to 25 October 2020)",
        "seasonal": f"the year's target times the share of {base} reached by each month (the Peterson Institute's "
        "method from 26 October 2020 on)",
    }[path]
    return (
        f"{_trade(outturn, found.group)} stood at ${billions(found.actual or 0)} billion by {found.through:%B %Y} "
        f"against ${billions(found.target)} billion on the {path} path: a level of {_share(found.ratio)}. Of the "
        f"increase over {base} that was due by then, {_share(found.increment_ratio)} came: {found.verdict}."
        f"{_needed(found)} The year's target is the level of {base} plus the agreed addition, ${full} billion"
        f"{_wider(outturn, found)}; the path asks for {asked}. Figures: {outturn.about.words}, US Census exports, "
        f"nominal. {outturn.about.note}"
    ).strip()


def _wider(outturn: PledgeOutturn, found: Standing) -> str:
    """What the target is with the lines that are not published as far."""
    totals = [each for each in outturn.standings if each.product is None]
    most = max(totals, key=lambda each: each.full_target)
    return "" if most.group == found.group else f" (${billions(most.full_target)} for all {group_words(most.group)})"


def _needed(found: Standing) -> str:
    if found.required is None or found.so_far is None:
        return ""
    return (
        f" To reach the year's target each month left must bring ${billions(found.required)} billion; those so far "
        f"brought ${billions(found.so_far)} on average."
    )


def near(outturn: PledgeOutturn) -> str:
    """How near the replay comes to what was printed, at its worst, beyond the rounding of the print."""
    pairs = [(each, outturn.beside(each)) for each in outturn.printed]
    targets = [_beyond(own.target, each.target_usd_mn) for each, own in pairs if each.target_usd_mn]
    actuals = [_beyond(own.actual, each.actual_usd_mn) for each, own in pairs if each.actual_usd_mn and own.actual]
    ratios = [
        abs(own.ratio - each.actual_usd_mn / each.target_usd_mn)
        for each, own in pairs
        if each.actual_usd_mn and each.target_usd_mn and own.ratio is not None
    ]
    if not (targets and actuals and ratios):
        return "Nothing printed is at hand to set beside all of it."
    return (
        f"Beside {len(pairs)} rows that the Institute printed: {len(targets)} targets agree to within "
        f"{percent(max(targets))}, {len(actuals)} levels to within {percent(max(actuals))} beyond the rounding of the "
        f"print, and {len(ratios)} ratios to within {float(max(ratios)) * 100:.1f} points. The figures here are of a "
        f"later release than those the reports used."
    )


def _beyond(own: Fraction | None, printed: Fraction) -> Fraction:
    """How far a figure is from a printed one, beyond half of the last printed digit, as a share of it."""
    return max(abs((own or Fraction(0)) - printed) - HALF_DIGIT_USD_MN, Fraction(0)) / printed


def rise_headline(outturn: RiseOutturn) -> str:
    """The finding of a rise."""
    found = outturn.bound
    return (
        f"At most ${billions(found.increment)} of the ${billions(found.path)} billion due by {found.through:%B %Y} "
        f"on an even path can have been delivered"
    )


def rise_lead(outturn: RiseOutturn) -> str:
    """The upper bound against the path, what it would take, and the assumption behind both."""
    found = outturn.rise
    spans = "; ".join(
        f"{w.tranche} ${billions(outturn.announced[w.tranche], 2)} billion over {w.months} months from {w.first}"
        for w in outturn.windows
    )
    needed = (
        ""
        if found.required is None
        else f" Were all of it delivered, each month left would have to bring ${billions(found.required, 2)} billion "
        f"above the level of {outturn.base_year}; those so far brought ${billions(found.so_far, 2)}."
    )
    return (
        f"From {found.first:%B %Y} to {found.through:%B %Y}, {_trade(outturn)} were ${billions(found.increment)} "
        f"billion above the level of {outturn.base_year}. That is an upper bound on deliveries, not a measure "
        f"of them: it holds all that was bought for other reasons, and prices, and it is a bound as long as other "
        f"purchases have not fallen below that level. Were the announced totals to arrive "
        f"evenly ({spans}; windows are assumptions, printed nowhere), ${billions(found.path)} billion were due by "
        f"then, so at most {_share(found.increment_ratio)} of it can have come{_with_odd(outturn)}.{needed} "
        f"Figures: {outturn.about.words}, US Census exports, nominal, not seasonally adjusted, "
        f"{outturn.about.path} path."
    )


def _with_odd(outturn: RiseOutturn) -> str:
    """The larger bound where a month out of line makes the plain one too low."""
    if outturn.bound.increment <= outturn.rise.increment:
        return ""
    return (
        f", or {_share(outturn.bound.increment_ratio)} (${billions(outturn.bound.increment)} billion) with a month "
        "that is out of line replaced, as told below"
    )


def odd_lead(outturn: RiseOutturn) -> str:
    """The months out of line in the base year or later, and what the bound would be without them."""
    if not outturn.odd:
        return "No month from the base year on is out of line."
    names = "; ".join(
        f"{odd.month:%B %Y} (${billions(odd.value, 2)} billion where its neighbours average "
        f"${billions(odd.usual, 2)}; {percent(odd.value / outturn.base, 1)} of {outturn.base_year}'s exports; robust "
        f"z {odd.z:.1f})"
        for odd in outturn.odd
    )
    return (
        f"Out of line: {names}. A month is named if its log rise over the year before is more than three and a half "
        f"robust standard deviations from the median of such rises. What was shipped is not in these data. With its "
        f"neighbours' average in its place the increment would be ${billions(outturn.without_odd.increment)} instead "
        f"of ${billions(outturn.rise.increment)} billion, {_share(outturn.without_odd.increment_ratio)} of what was "
        f"due: an odd base year makes a bound too low, so headlines take the larger of the two."
    )


def episodes_lead(found: Sequence[Checked]) -> str:
    """How many held-out episodes the priors without them cover, and whether that says anything."""
    tests = [test for each in found for test in each.tests]
    covered, at_bound = sum(test.is_covered for test in tests), [test for test in tests if test.is_at_a_bound]
    low, high = usual_count(len(tests))
    alone = sum(each.n < 2 for each in found)
    return (
        f"Of {len(tests)} episodes held out, the prior made from the others covers {covered} by its 5 to 95 % range. "
        f"Ranges that truly cover 90 % would cover {low} to {high} of as many, were the tests independent; they are "
        f"not: {len({test.episode for test in tests})} different episodes stand behind them. {_bounds(at_bound)} "
        f"{alone} of {len(found)} priors rest on fewer than two episodes with a number and cannot be tested at all; no "
        f"prior is tested by more than {max(len(each.tests) for each in found)}, too few to judge any one of them. "
        f"Phase One helps to make the priors and never tests them: it "
        f"is replayed above on its own."
    )


def sources(found: Sequence[Citation]) -> str:
    """Where the episodes and priors come from."""
    return f"Evidence: {'; '.join(map(str, found))}."


def _bounds(tests: Sequence[Test]) -> str:
    missed = sum(not test.is_covered for test in tests)
    return (
        f"{len(tests)} of the outcomes are exactly none or all of what was pledged, where a central range of these "
        f"priors seldom reaches; {missed} of the misses are of that kind."
    )


def _trade(outturn: PledgeOutturn | RiseOutturn, group: str = "") -> str:
    """What is followed: `US exports of goods to China`."""
    reporter, partner = outturn.about.reporter, country_name(outturn.about.partner)
    of = f" of {group_words(group)}" if group else ""
    return (
        f"US exports{of} to {partner}"
        if reporter == "USA"
        else f"{country_name(reporter)}'s imports{of} from {partner}"
    )


def _share(share: Fraction | None) -> str:
    return "an unknown share" if share is None else percent(share, DIGITS)
