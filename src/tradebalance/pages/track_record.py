"""What became of an earlier pledge, month by month, and how far the announced totals can be.

A level ratio is never called delivery.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import pandas as pd

from ..track import rise, tracking
from ..track.outturn import PledgeOutturn, RiseOutturn
from ..track.pledges import TrackerFigure
from ..track.priors import Checked, Test, usual_count
from ..track.tracking import Standing
from ..words.citations import Citation
from ..words.terms import USD_MN_PER_BN, country_name
from .chart import BLUE, INK, LINE, ORANGE, PALE, SOFT, Axes, Chart, Figure
from .drawing import is_narrow, line, note
from .say import billions, percent
from .tables import Cell, table
from .wording import bn_cell, from_to

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
    months = {window.months for window in rise.windows.values()}
    return f" over an assumed {months.pop() // 12} years" if len(months) == 1 and not min(months) % 12 else ""


def pledge_lead(outturn: PledgeOutturn) -> str:
    """What stands where, by which path and release."""
    found, path, base = widest(outturn), outturn.about.path, outturn.pledge.base_year
    needed = (
        ""
        if found.required is None or found.so_far is None
        else f" To reach the year's target each month left must bring ${billions(found.required)} billion; those so "
        f"far brought ${billions(found.so_far)} on average."
    )
    asked = {
        "linear": "a twelfth of the year's target for each month (the Peterson Institute's method to 25 October 2020)",
        "seasonal": f"the year's target times the share of {base} reached by each month (the Peterson Institute's "
        "method from 26 October 2020 on)",
    }[path]
    return (
        f"{_trade(outturn, found.group)} stood at ${billions(found.actual or 0)} billion by {found.through:%B %Y} "
        f"against ${billions(found.target)} billion on the {path} path: a level of {_share(found.ratio)}. Of the "
        f"increase over {base} that was due by then, {_share(found.increment_ratio)} came: {found.verdict}."
        f"{needed} The year's target is the level of {base} plus the agreed addition, ${billions(found.full_target)} "
        f"billion{_wider(outturn, found)}; the path asks for {asked}. Figures: {outturn.about.words}, US Census "
        f"exports, nominal. {outturn.about.note}"
    ).strip()


def _wider(outturn: PledgeOutturn, found: Standing) -> str:
    """What the target is with the lines that are not published as far."""
    totals = [each for each in outturn.standings if each.product is None]
    most = max(totals, key=lambda each: each.full_target)
    return "" if most.group == found.group else f" (${billions(most.full_target)} for all {group_words(most.group)})"


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
        f"{tranche} ${billions(outturn.announced[tranche], 2)} billion over {w.months} months from {w.first}"
        for tranche, w in outturn.windows.items()
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
        f"not: {len({test.episode for test in tests})} different episodes stand behind them. {len(at_bound)} "
        f"of the outcomes are exactly none or all of what was pledged, where a central range of these priors seldom "
        f"reaches; {sum(not test.is_covered for test in at_bound)} of the misses are of that kind. "
        f"{alone} of {len(found)} priors rest on fewer than two episodes with a number and cannot be tested at all; no "
        f"prior is tested by more than {max(len(each.tests) for each in found)}, too few to judge any one of them. "
        f"Phase One helps to make the priors and never tests them: it is replayed above on its own."
    )


def sources(found: Sequence[Citation]) -> str:
    """Where the episodes and priors come from."""
    return f"Evidence: {'; '.join(map(str, found))}."


def _trade(outturn: PledgeOutturn | RiseOutturn, group: str = "") -> str:
    """What is followed: `US exports of goods to China`."""
    reporter, partner = outturn.about.reporter, country_name(outturn.about.partner)
    of = f" of {group_words(group)}" if group else ""
    whose = "US" if reporter == "USA" else f"{country_name(reporter)}'s"
    return f"{whose} {f'imports{of} from' if reporter == outturn.about.home else f'exports{of} to'} {partner}"


def _share(share: Fraction | None, digits: int = DIGITS, absent: str = "an unknown share") -> str:
    return absent if share is None else percent(share, digits)


def _share_cell(share: Fraction | None, digits: int = DIGITS) -> Cell:
    return _share(share, digits, absent="")


MISSING = "not published"
BOTH = "Group or product"


def groups_table(outturn: PledgeOutturn) -> pd.DataFrame:
    """Each group by the last month that all its lines hold."""
    return _standings([each for each in outturn.standings if each.product is None], "Group")


def products_table(outturn: PledgeOutturn) -> pd.DataFrame:
    """The products of the groups that are published as far as the figures go, each by the last month it holds."""
    groups_ = {each.group for each in outturn.standings if each.product is None and each.through == outturn.last}
    found = [each for each in outturn.standings if each.product and each.group in groups_]
    shown = _standings(found, "Product")
    shown.insert(0, "Group", [group_words(each.group) for each in found])
    return shown


def standings_table(outturn: PledgeOutturn) -> pd.DataFrame:
    """Groups and, below each, its products; for a terminal."""
    return _standings(outturn.standings, BOTH)


def _standings(found: Sequence[Standing], index: str) -> pd.DataFrame:
    indent = "  " if index == BOTH else ""
    columns: dict[str, Callable[[Standing], Cell]] = {
        index: lambda s: f"{indent}{s.product}" if s.product else group_words(s.group),
        "Through": lambda s: str(s.through),
        "Target to date, bn": lambda s: billions(s.target, 2),
        "Actual, bn": lambda s: bn_cell(s.actual, MISSING),
        "Level": lambda s: _share_cell(s.ratio),
        "Increment": lambda s: _share_cell(s.increment_ratio),
        "Year's target, bn": lambda s: billions(s.full_target, 2),
        "Needed a month, bn": lambda s: bn_cell(s.required),
    }
    return table(found, columns)


def by_vintage_table(outturn: PledgeOutturn, group: str) -> pd.DataFrame:
    """What was known of a group at the end of each month, and the verdict then."""
    columns: dict[str, Callable[[tuple[pd.Period, Standing]], Cell]] = {
        "Known at the end of": lambda known: str(known[0]),
        "Through": lambda known: str(known[1].through),
        "Level": lambda known: _share_cell(known[1].ratio),
        "Increment": lambda known: _share_cell(known[1].increment_ratio),
        "Needed a month, bn": lambda known: bn_cell(known[1].required),
        "So far a month, bn": lambda known: bn_cell(known[1].so_far, MISSING),
        "Verdict": lambda known: known[1].verdict,
    }
    return table(outturn.by_vintage(group).items(), columns)


def printed_table(outturn: PledgeOutturn) -> pd.DataFrame:
    """What was printed of a group, and the same from these data."""
    columns: dict[str, Callable[[tuple[TrackerFigure, Standing]], Cell]] = {
        "Group": lambda pair: group_words(pair[0].group),
        "Path": lambda pair: pair[0].path,
        "Through": lambda pair: str(pair[0].through),
        "Target printed, bn": lambda pair: bn_cell(pair[0].target_usd_mn, digits=1),
        "Target here, bn": lambda pair: billions(pair[1].target, 2),
        "Actual printed, bn": lambda pair: bn_cell(pair[0].actual_usd_mn, digits=1),
        "Actual here, bn": lambda pair: "" if pair[0].actual_usd_mn is None else bn_cell(pair[1].actual, MISSING),
    }
    return table([(each, outturn.beside(each)) for each in outturn.printed], columns)


def rise_table(outturn: RiseOutturn) -> pd.DataFrame:
    """The rise by quarter and so far against the even path."""
    columns: dict[str, Callable[[tuple[rise.Rise, rise.Rise]], Cell]] = {
        "Quarter": lambda both: _quarter_words(both[0]),
        "Rise, bn": lambda both: billions(both[0].increment, 2),
        "Due, bn": lambda both: billions(both[0].path, 2),
        "Rise so far, bn": lambda both: billions(both[1].increment, 2),
        "Due so far, bn": lambda both: billions(both[1].path, 2),
        "At most": lambda both: _share_cell(both[1].increment_ratio),
        "Needed a month, bn": lambda both: bn_cell(both[1].required),
    }
    return table(outturn.by_quarter, columns)


def _quarter_words(alone: rise.Rise) -> str:
    """A whole quarter, else the months of it that are there: `2026-07 to 2026-08`."""
    if (alone.through - alone.first).n == 2:
        return str(alone.through.asfreq("Q"))
    return from_to(str(alone.first), str(alone.through))


def windows_table(outturn: RiseOutturn) -> pd.DataFrame:
    """The assumed window of each announced total, with its reason."""
    columns: dict[str, Callable[[tuple[str, rise.TrackWindow]], Cell]] = {
        "Total": lambda one: one[0],
        "Announced, bn": lambda one: billions(outturn.announced[one[0]], 2),
        "From": lambda one: str(one[1].first),
        "Months": lambda one: str(one[1].months),
        "Due so far, bn": lambda one: billions(outturn.rise.due[one[0]], 2),
        "Why": lambda one: one[1].source,
        "Strength": lambda one: str(one[1].strength),
    }
    return table(outturn.windows.items(), columns)


def episodes_table(found: Sequence[Checked]) -> pd.DataFrame:
    """Each episode held out, with the range of the prior without it."""
    columns: dict[str, Callable[[tuple[Checked, Test]], Cell]] = {
        "Held out": lambda both: both[1].episode,
        "Prior": lambda both: _prior(both[0]),
        "Outcome": lambda both: f"{float(both[1].outcome):.2f}",
        "Prior without it, 5 to 95 %": lambda both: f"{both[1].low:.2f} to {both[1].high:.2f}",
        "Share of it below": lambda both: percent(both[1].below, 0),
        "Covered": lambda both: "yes" if both[1].is_covered else "no",
    }
    return table([(each, test) for each in found for test in each.tests], columns)


def _prior(each: Checked) -> str:
    return f"{each.prior.block}: {each.prior.item}"


def coverage_table(found: Sequence[Checked]) -> pd.DataFrame:
    """How many episodes each prior rests on, and how many of those held out it covers."""
    columns: dict[str, Callable[[Checked], Cell]] = {
        "Prior": _prior,
        "With a number": lambda each: str(each.n),
        "Held out": lambda each: str(len(each.tests)),
        "Covered": lambda each: str(sum(test.is_covered for test in each.tests)) if each.tests else "",
        "Left out": _left_out,
        "Strength": lambda each: each.prior.strength,
    }
    return table(found, columns)


def _left_out(each: Checked) -> Cell:
    words = [f"never tested: {', '.join(each.apart)}"] if each.apart else []
    words += [f"no plain number: {', '.join(each.without_number)}"] if each.without_number else []
    words += [f"nothing left without: {', '.join(each.nothing_left)}"] if each.nothing_left else []
    return "; ".join(words)


def as_text(outturn: PledgeOutturn | RiseOutturn) -> str:
    """The outturn for a terminal: the lead, the tables, the sources."""
    if isinstance(outturn, PledgeOutturn):
        parts = [pledge_lead(outturn), standings_table(outturn).to_string(), near(outturn)]
    else:
        parts = [rise_lead(outturn), rise_table(outturn).to_string(), odd_lead(outturn)]
    return "\n\n".join([*parts, "\n".join(f"Source: {source}" for source in outturn.about.sources)])


COLORS = (INK, BLUE, ORANGE, SOFT, PALE)


def ratios_chart(outturn: PledgeOutturn) -> Chart:
    """Level and increment ratios of the groups that the release holds to its last month, by month."""
    lead = widest(outturn)
    names = [
        group for group in outturn.pledge.groups if outturn.by_month(group)[lead.through.month - 1].actual is not None
    ]
    found = {name: [each for each in outturn.by_month(name) if each.actual is not None] for name in names}

    def draw(figure: Figure) -> None:
        narrow = is_narrow(figure)
        panels = figure.subplots(2, 1) if narrow else figure.subplots(1, 2)
        _panel(panels[0], found, "ratio", "Level: share of the target to date")
        _panel(panels[1], found, "increment_ratio", f"Increment: share of the rise over {outturn.pledge.base_year} due")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=1 if narrow else 2,
                      frameon=False)  # fmt: skip

    return Chart(
        draw,
        heights=(3.4, 6.2),
        title=(
            f"Two measures of one outturn: by {lead.through:%B %Y} {_share_cell(lead.ratio, 0)} of the level, "
            f"{_share_cell(lead.increment_ratio, 0)} of the increment"
        ),
        alt=(
            f"Lines by month of {lead.through.year} for {len(found)} groups: the level ratio of "
            f"{group_words(lead.group)} ends at {_share_cell(lead.ratio, 0)}, its increment ratio at "
            f"{_share_cell(lead.increment_ratio, 0)}."
        ),
        unit=f"Per cent of what the {outturn.about.path} path asks for, year to date, US Census exports, nominal",
        sources=outturn.about.sources,
        data=_by_month(found),
    )


def _apart(values: Sequence[float], least: float) -> list[float]:
    """Heights for labels at the values, moved up just enough that none is nearer than `least` to the one below."""
    at: dict[int, float] = {}
    for row in sorted(range(len(values)), key=lambda row: values[row]):
        at[row] = max([values[row], *(height + least for height in at.values())])
    return [at[row] for row in range(len(values))]


def _panel(axes: Axes, found: dict[str, list[Standing]], measure: str, words: str) -> None:
    ends: list[tuple[int, float, str]] = []
    for color, (name, standings) in zip(COLORS, found.items(), strict=False):
        points = [(each.through.month, getattr(each, measure)) for each in standings]
        x, y = zip(*[(month, 100 * float(value)) for month, value in points if value is not None], strict=True)
        axes.plot(x, y, color=color, lw=2.2 if color == INK else 1.5, label=group_words(name))
        ends.append((x[-1], y[-1], color))
    low, high = axes.get_ylim()
    heights = _apart([end for _, end, _ in ends], 0.07 * (high - low))
    for (at, end, color), height in zip(ends, heights, strict=True):
        axes.annotate(f" {end:.0f}", (at, height), color=color, va="center", annotation_clip=False)
    axes.axhline(100, color=LINE, lw=1)
    axes.axhline(0, color=SOFT, lw=0.8)
    axes.set_xticks([1, 3, 6, 9, 12], ["Jan", "Mar", "Jun", "Sep", "Dec"])
    note(axes, words)


def _by_month(found: dict[str, list[Standing]]) -> pd.DataFrame:
    columns = {
        f"{group_words(name)}, {word}": [_share_cell(getattr(each, measure), 0) for each in standings]
        for name, standings in found.items()
        for word, measure in (("level", "ratio"), ("increment", "increment_ratio"))
    }
    months = [str(each.through) for each in next(iter(found.values()))]
    return pd.DataFrame(columns, index=pd.Index(months, name="Through"))


def rise_chart(outturn: RiseOutturn) -> Chart:
    """The rise so far by month against the even path, as published and without the odd months."""
    months = pd.period_range(outturn.rise.first, outturn.through, freq="M")
    due = [outturn.to(month).path for month in months]
    lines = {
        "due on the even path": (SOFT, due),
        "rise, an upper bound": (BLUE, [outturn.to(month).increment for month in months]),
    }
    if outturn.odd:
        names, without_odd = ", ".join(f"{odd.month:%B %Y}" for odd in outturn.odd), outturn.usual
        usual = [without_odd.to(month).increment for month in months]
        lines[f"the same with {names} as its neighbours"] = (ORANGE, usual)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for word, (color, amounts) in lines.items():
            y = [float(amount) / USD_MN_PER_BN for amount in amounts]
            style = {"lw": 2.2 if color == BLUE else 1.4, "ls": "--" if color == ORANGE else "-"}
            line(axes, range(len(y)), y, color, f"{y[-1]:.1f}", label=word, **style)
        starts = [at for at, month in enumerate(months) if month.month in (1, 7)]
        axes.set_xticks(starts, [f"{months[at]:%b %Y}" for at in starts])
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        axes.grid(axis="y", color=LINE, lw=0.5)
        figure.legend(loc="outside lower center", frameon=False)

    last = outturn.rise
    return Chart(
        draw,
        heights=(3.4, 3.8),
        title=rise_headline(outturn),
        alt=(
            f"Lines since {last.first:%B %Y}: the even path reaches {billions(last.path)}, the rise over "
            f"{outturn.base_year} {billions(last.increment)} billion dollars by {last.through:%B %Y}."
        ),
        unit=f"USD billion, nominal, added up since {last.first:%B %Y}, US Census exports, {outturn.about.path} path",
        sources=outturn.about.sources,
        data=rise_table(outturn),
    )
