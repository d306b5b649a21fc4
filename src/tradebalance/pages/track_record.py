"""What became of an earlier pledge, month by month, and how far the announced totals can be.

A level ratio is never called delivery.
"""

import textwrap
from collections.abc import Callable, Sequence
from fractions import Fraction

import pandas as pd

from ..track import rise, tracking
from ..track.outturn import PledgeOutturn, RiseOutturn
from ..track.pledges import TrackerFigure
from ..track.priors import LEVELS, Checked, Test, usual_count
from ..track.tracking import Standing
from ..words.citations import Citation
from ..words.terms import USD_MN_PER_BN
from .chart import BLUE, INK, ORANGE, PALE, SOFT, Axes, Chart, Figure, bars, grid, is_narrow
from .names import assumption_words
from .say import (
    between,
    billions,
    bn_cell,
    from_to,
    group_words,
    label,
    label_if_any,
    month,
    number,
    of_chart,
    opening,
    out_of,
    percent,
    period,
    said_if_any,
    say,
    within,
)
from .wording import Cell, at_most, captioned, plain_text, table

HALF_DIGIT_USD_MN = 50  # the reports print 0.1 USD billion


def _groups(found: Sequence[Standing]) -> list[Standing]:
    """The groups of standings, without their products."""
    return [each for each in found if each.product is None]


def widest(outturn: PledgeOutturn) -> Standing:
    """The group with the largest target of those that the release holds to its last month."""
    whole = tracking.track(outturn.pledge, outturn.release_last, outturn.about.path)
    full = [each.group for each in _groups(whole) if each.through == outturn.release_last]
    return _largest([each for each in outturn.standings if each.group in full])


def _largest(found: Sequence[Standing]) -> Standing:
    return max(_groups(found), key=lambda each: each.full_target)


def headline(replay: PledgeOutturn) -> str:
    """The finding of the page: what part of the increase that a pledge promised came."""
    return say("track_record.headline", found=widest(replay), deal=replay.about.case.replace("-", " ").title())


def lead(replay: PledgeOutturn) -> str:
    """What level the same purchases reached, and how much of that stood before the pledge."""
    found = widest(replay)
    before = found.base_to_date / found.target if found.target else None
    return say("track_record.lead", trade=trade_words(replay, found.group), found=found, before=before)


def _even_path(outturn: RiseOutturn) -> str:
    """What is taken to arrive evenly: `all that is announced, services included, over an assumed 10 years`."""
    all_of_it = say("track_record.all_goods") if outturn.is_goods else say("track_record.all_announced")
    what = say("track_record.with_a_window") if outturn.undated else all_of_it
    months = {window.months for window in outturn.used.values()}
    years, rest = divmod(min(months), 12)
    # said only where all the totals take the same whole number of years, once
    if len(months) > 1 or rest or any(window.recurs for window in outturn.used.values()):
        return what
    if outturn.printed >= set(outturn.used):
        return what + say("track_record.printed_years", years=years)
    return what + say("track_record.assumed_years", years=years)


def pledge_lead(outturn: PledgeOutturn) -> str:
    """What stands where, by which path and release."""
    found, most, base = widest(outturn), _largest(outturn.standings), outturn.pledge.base_year
    asked = {"linear": say("track_record.asked_linear"), "seasonal": say("track_record.asked_seasonal", base=base)}
    said = {
        "about": outturn.about,
        "trade": trade_words(outturn, found.group),
        "actual": found.actual or 0,
        "asked": asked[outturn.about.path],
        "needed": "" if found.required is None else say("track_record.needed", found=found),
        "wider": "" if most.group == found.group else say("track_record.wider", most=most),
    }
    return say("track_record.pledge_lead", found=found, base=base, **said).strip()


def near(outturn: PledgeOutturn) -> str:
    """How near the replay comes to what was printed, at its worst, beyond the rounding of the print."""
    apart: dict[str, list[Fraction]] = {"target": [], "level": [], "ratio": []}
    for each in outturn.printed:
        own = outturn.beside(each)
        if each.target_usd_mn:
            apart["target"].append(_beyond(own.target, each.target_usd_mn))
        if each.actual_usd_mn and own.actual:
            apart["level"].append(_beyond(own.actual, each.actual_usd_mn))
        if each.actual_usd_mn and each.target_usd_mn and own.ratio is not None:
            apart["ratio"].append(abs(own.ratio - each.actual_usd_mn / each.target_usd_mn))
    if not all(apart.values()):
        return say("track_record.nothing_printed")
    counts, worst = ({name: of(found) for name, found in apart.items()} for of in (len, max))
    return say("track_record.near", rows=len(outturn.printed), counts=counts, worst=worst)


def _beyond(own: Fraction, printed: Fraction) -> Fraction:
    """How far a figure is from a printed one, beyond half of the last printed digit, as a share of it."""
    return max(abs(own - printed) - HALF_DIGIT_USD_MN, Fraction(0)) / printed


def rise_lead(outturn: RiseOutturn) -> str:
    """The upper bound against the path, what it would take, and the assumption behind both."""
    rise, bound, base = outturn.rise, outturn.bound, outturn.base_year
    undated = [
        say("track_record.no_window", tranche=_tranche_words(name), announced=of)
        for name, of in outturn.undated.items()
    ]
    said = {
        "about": outturn.about,
        "most": at_most(outturn),
        "windows": "; ".join(_window(outturn, tranche) for tranche in outturn.used),
        "undated": say("track_record.undated", parts=undated) if undated else "",
        "odd": say("track_record.with_odd", bound=bound) if bound.increment > rise.increment else "",
        "needed": "" if rise.required is None else say("track_record.rise_needed", rise=rise, base=base),
    }
    return say("track_record.rise_lead", rise=rise, base=base, **said)


def _window(outturn: RiseOutturn, tranche: str) -> str:
    """A total with its window, and whether that was printed: `A $84.80 billion over an assumed 60 months`."""
    announced, window = outturn.announced[tranche], outturn.windows[tranche]
    said = {"tranche": _tranche_words(tranche), "announced": announced, "window": window}
    return {
        "yearly": say("track_record.window_yearly", **said),
        "printed": say("track_record.window_printed", **said),
        "assumed": say("track_record.window_assumed", **said),
    }[_kind(outturn, tranche)]


def _tranche_words(tranche: str) -> str:
    """What a total is of, after its amount: `called signed before March 2025`."""
    return said_if_any(f"of.{tranche}") or say("track_record.of_the_sum")


def _kind(outturn: RiseOutturn, tranche: str) -> str:
    """Whether a total's window was printed or is assumed, or its value comes every year."""
    return "yearly" if outturn.windows[tranche].recurs else "printed" if tranche in outturn.printed else "assumed"


def odd_lead(outturn: RiseOutturn) -> str:
    """The months out of line in the base year or later, and what the bound would be without them."""
    if not outturn.odd:
        return say("track_record.no_odd")
    level, base = outturn.base, outturn.base_year
    months = [say("track_record.odd_month", odd=odd, share=odd.value / level, base=base) for odd in outturn.odd]
    return say("track_record.odd_lead", months="; ".join(months), rise=outturn.rise, usual=outturn.without_odd)


def episodes_lead(found: Sequence[Checked]) -> str:
    """How many held-out episodes are covered by what the others make of their kind, and whether that says anything."""
    tests = [test for each in found for test in each.tests]
    at_bound = [test for test in tests if test.is_at_a_bound]
    return say(
        "track_record.episodes_lead",
        tests=len(tests),
        covered=sum(test.is_covered for test in tests),
        holds=sum(test.holds for test in tests) / max(len(tests), 1),
        usual=usual_count(tests),
        different=len({test.episode for test in tests}),
        at_bound=len(at_bound),
        missed=sum(not test.is_covered for test in at_bound),
        apart=sum(each.predicted is None for each in found),
        priors=len(found),
    )


def sources(found: Sequence[Citation]) -> str:
    """Where the episodes and priors come from."""
    return say("track_record.sources", listed=plain_text("; ".join(map(str, found))))


def trade_words(outturn: PledgeOutturn | RiseOutturn, group: str = "") -> str:
    """What is followed: `US exports of goods to China`."""
    about, of = outturn.about, say("track_record.of_group", group=group) if group else ""
    if about.reporter == about.home:
        return say("track_record.imports", about=about, of=of)
    return say("track_record.exports", about=about, of=of)


def _share_cell(share: Fraction | None, digits: int = 1) -> Cell:
    return "" if share is None else percent(share, digits)


MISSING = "not published"


def groups_table(outturn: PledgeOutturn) -> pd.DataFrame:
    """Each group by the last month that all its lines hold."""
    return captioned(_standings(_groups(outturn.standings), "Group"), say("track_record.groups.caption"))


def groups_note() -> str:
    """What level and increment are, and what a level does not say."""
    return say("track_record.groups_note")


def products_table(outturn: PledgeOutturn) -> pd.DataFrame:
    """The products of the groups that are published as far as the figures go, each by the last month it holds."""
    full = {each.group for each in _groups(outturn.standings) if each.through == outturn.last}
    found = [each for each in outturn.standings if each.product and each.group in full]
    shown = _standings(found, "Product").drop(columns=[label("Through"), label("Needed a month, bn")])
    shown.insert(0, label("Group"), [group_words(each.group) for each in found])
    return captioned(shown, say("track_record.products.caption", last=outturn.last))


def _standings(found: Sequence[Standing], index: str, indent: str = "") -> pd.DataFrame:
    columns: dict[str, Callable[[Standing], Cell]] = {
        index: lambda s: f"{indent}{s.product}" if s.product else group_words(s.group),
        "Through": lambda s: str(s.through),
        "Target to date, bn": lambda s: billions(s.target, 2),
        "Actual, bn": lambda s: bn_cell(s.actual, label(MISSING)),
        "Level": lambda s: _share_cell(s.ratio),
        "Increment": lambda s: _share_cell(s.increment_ratio),
        "Needed a month, bn": lambda s: bn_cell(s.required),
    }
    return table(found, columns)


def by_vintage_note() -> str:
    """What each month's verdict stands on."""
    return say("track_record.by_vintage_note")


def published_note() -> str:
    """Why a change of what is published does not tell deliveries apart."""
    return say("track_record.published_note")


def by_vintage_table(outturn: PledgeOutturn, group: str) -> pd.DataFrame:
    """What was known of a group at the end of each month, and the verdict then."""
    columns: dict[str, Callable[[tuple[pd.Period, Standing]], Cell]] = {
        "Known at the end of": lambda known: str(known[0]),
        "Through": lambda known: str(known[1].through),
        "Level": lambda known: _share_cell(known[1].ratio),
        "Increment": lambda known: _share_cell(known[1].increment_ratio),
        "Needed a month, bn": lambda known: bn_cell(known[1].required),
        "So far a month, bn": lambda known: bn_cell(known[1].so_far, label(MISSING)),
        "Verdict": lambda known: label(known[1].verdict),
    }
    return table(outturn.by_vintage(group).items(), columns, say("track_record.by_vintage.caption"))


def printed_table(outturn: PledgeOutturn) -> pd.DataFrame:
    """What was printed of a group, and the same from these data."""
    columns: dict[str, Callable[[tuple[TrackerFigure, Standing]], Cell]] = {
        "Group": lambda pair: group_words(pair[0].group),
        "Path": lambda pair: label(pair[0].path),
        "Through": lambda pair: str(pair[0].through),
        "Target printed, bn": lambda pair: bn_cell(pair[0].target_usd_mn, digits=1),
        "Target here, bn": lambda pair: billions(pair[1].target, 2),
        "Actual printed, bn": lambda pair: bn_cell(pair[0].actual_usd_mn, digits=1),
        "Actual here, bn": lambda pair: (
            "" if pair[0].actual_usd_mn is None else bn_cell(pair[1].actual, label(MISSING))
        ),
    }
    pairs = [(each, outturn.beside(each)) for each in outturn.printed]
    return table(pairs, columns, say("track_record.printed.caption"))


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
        return period(alone.through.asfreq("Q"))
    return from_to(str(alone.first), str(alone.through))


def windows_table(outturn: RiseOutturn) -> pd.DataFrame:
    """The printed or assumed window of each announced total that has one, with its reason."""
    columns: dict[str, Callable[[tuple[str, rise.TrackWindow]], Cell]] = {
        "Total": lambda one: opening(_tranche_words(one[0])),
        "Announced, bn": lambda one: billions(outturn.announced[one[0]], 2),
        "From": lambda one: month(one[1].first),
        "Months": lambda one: str(one[1].months),
        "Due so far, bn": lambda one: billions(outturn.rise.due[one[0]], 2),
        "Window": lambda one: label(_kind(outturn, one[0])),
        "Strength": lambda one: label(str(one[1].strength)),
    }
    return table(outturn.windows.items(), columns, say("track_record.windows.caption"))


def episodes_table(found: Sequence[Checked]) -> pd.DataFrame:
    """Each episode held out, with the range of a new pledge of its kind without it."""
    columns: dict[str, Callable[[tuple[Checked, Test]], Cell]] = {
        "Held out": lambda both: both[1].episode,
        "Prior": lambda both: _prior(both[0]),
        "Outcome": lambda both: number(float(both[1].outcome), ".2f"),
        "Without it, 10 to 90 %": lambda both: between(number(both[1].low, ".2f"), number(both[1].high, ".2f")),
        "Up to the outcome": lambda both: percent(both[1].below, 0),
        "Covered": lambda both: label("yes" if both[1].is_covered else "no"),
    }
    rows = [(each, test) for each in found for test in each.tests]
    return table(rows, columns, say("track_record.episodes.caption"))


def _prior(each: Checked) -> str:
    return f"{each.prior.block}: {each.prior.item}"


def coverage_table(found: Sequence[Checked]) -> pd.DataFrame:
    """What each prior's episodes come to, pooled with those of other kinds, beside what was proposed."""
    columns: dict[str, Callable[[Checked], Cell]] = {
        "Prior": _prior,
        "Episodes": lambda each: str(len(each.outcomes)),
        "A new one, 10 to 90 %": _new_one,
        "Proposed, 5 to 95 %": lambda each: between(
            *(number(float(end or 0), ".2f") for end in (each.prior.p05, each.prior.p95))
        ),
        "Taken as": _taken_as,
        "Held out, covered": _held_out,
        "Strength": lambda each: label_if_any(each.prior.strength),
    }
    return table(found, columns, say("track_record.coverage.caption"))


def _new_one(each: Checked) -> Cell:
    if each.predicted is None:
        return ""
    return within(*(number(at, ".2f") for at in (each.predicted.centre, *map(each.predicted.at, LEVELS))))


def _taken_as(each: Checked) -> Cell:
    """The assumption that takes its numbers from the fit, as a Beta of the same mean and variance."""
    if each.anchors.assumption is None or each.predicted is None:
        return ""
    a, b = each.predicted.beta
    return f"{assumption_words(each.anchors.assumption)}: Beta({number(a, '.2f')}, {number(b, '.2f')})"


def _held_out(each: Checked) -> Cell:
    covered = sum(test.is_covered for test in each.tests)
    return out_of(covered, len(each.tests)) if each.tests else ""


def as_text(outturn: PledgeOutturn | RiseOutturn) -> str:
    """The outturn for a terminal: the lead, the tables, the sources."""
    if isinstance(outturn, PledgeOutturn):
        standings = _standings(outturn.standings, "Group or product", indent="  ")  # below each group its products
        parts = [pledge_lead(outturn), standings.to_string(), near(outturn)]
    else:
        parts = [rise_lead(outturn), rise_table(outturn).to_string(), odd_lead(outturn)]
    return "\n\n".join([*parts, "\n".join(f"Source: {source}" for source in outturn.about.sources)])


COLORS = (INK, ORANGE, BLUE, SOFT, PALE)


def _to_the_last(outturn: PledgeOutturn) -> list[Standing]:
    """The groups that the release holds to its last month, the widest first."""
    last = widest(outturn).through.month - 1
    months = (outturn.by_month(group)[last] for group in outturn.pledge.groups)
    return sorted((each for each in months if each.actual is not None), key=lambda each: -each.target)


def came_chart(outturn: PledgeOutturn) -> Chart:
    """What was promised on top of the base year by group, and what of it came."""
    found = _to_the_last(outturn)
    due = [float(each.target - each.base_to_date) / USD_MN_PER_BN for each in found]
    came = [float((each.actual or 0) - each.base_to_date) / USD_MN_PER_BN for each in found]
    names = [opening(group_words(each.group)) for each in found]
    shares = [percent(each.increment_ratio, 0) for each in found]
    labels = [
        say("track_record.came_chart.label", came=c, due=d, share=share)
        for c, d, share in zip(came, due, shares, strict=True)
    ]
    promised = {"width": due, "color": PALE}
    draw = bars(names, [promised, {"width": came, "color": ORANGE, "height": 0.3}], zip(due, labels, strict=True))
    columns: dict[str, Callable[[tuple[str, float, float, str]], Cell]] = {
        "Group": lambda row: row[0],
        "Promised on top, bn": lambda row: number(row[1]),
        "Came on top, bn": lambda row: number(row[2]),
        "Share": lambda row: row[3],
    }
    data = table(zip(names, due, came, shares, strict=True), columns)
    rows = [f"{name} {words}" for name, words in zip(names, labels, strict=True)]
    said = {"base": outturn.pledge.base_year, "through": found[0].through, "rows": rows, "about": outturn.about}
    words = of_chart("track_record.came_chart", due=due[0], came=came[0], **said)
    heights = (0.42 * len(found) + 0.1, 0.62 * len(found) + 0.1)
    return Chart(draw, heights, **words, sources=outturn.about.sources, data=data)


def by_month_chart(outturn: PledgeOutturn) -> Chart:
    """The increment ratio of the groups that the release holds to its last month, by month."""
    found = {each.group: outturn.by_month(each.group) for each in _to_the_last(outturn)}

    def draw(figure: Figure) -> None:
        axes, ends = figure.subplots(), []
        for color, (name, standings) in zip(COLORS, found.items(), strict=False):
            points = [
                (each.through.month, each.increment_ratio) for each in standings if each.increment_ratio is not None
            ]
            x, y = [at for at, _ in points], [100 * float(share) for _, share in points]
            axes.plot(x, y, color=color, lw=2.2 if color == INK else 1.5)
            ends.append((x[-1], y[-1], color, f"{number(y[-1], '.0f')} {group_words(name)}"))
        low, high = axes.get_ylim()
        heights = _apart([end for _, end, *_ in ends], 0.08 * (high - low))
        for (at, _, color, words), height in zip(ends, heights, strict=True):
            lines = textwrap.fill(words, 16 if is_narrow(figure) else 40)
            axes.annotate(f" {lines}", (at, height), color=color, va="center", fontsize=8, annotation_clip=False)
        axes.axhline(0, color=SOFT, lw=0.8)
        axes.set_xticks([1, 6, 12], [month(pd.Period(year=2000, month=at, freq="M"), "MMM") for at in (1, 6, 12)])
        grid(axes)

    lead = widest(outturn)
    below = sum((each.increment_ratio or 0) < 0 for each in found[lead.group])
    words = of_chart("track_record.by_month_chart", lead=lead, groups=len(found), below=below, about=outturn.about)
    return Chart(draw, heights=(2.8, 3.4), **words, sources=outturn.about.sources, data=_by_month(found))


def _apart(values: Sequence[float], least: float) -> list[float]:
    """Heights for labels at the values, moved up just enough that none is nearer than `least` to the one below."""
    at: dict[int, float] = {}
    for row in sorted(range(len(values)), key=lambda row: values[row]):
        at[row] = max([values[row], *(height + least for height in at.values())])
    return [at[row] for row in range(len(values))]


def _by_month(found: dict[str, list[Standing]]) -> pd.DataFrame:
    columns = {
        opening(group_words(name)): [_share_cell(each.increment_ratio, 0) for each in standings]
        for name, standings in found.items()
    }
    months = [str(each.through) for each in next(iter(found.values()))]
    return pd.DataFrame(columns, index=pd.Index(months, name=label("Through")))


def priors_chart(found: Sequence[Checked], sources: Sequence[Citation]) -> Chart | str:
    """What came of each past pledge that was held out, and the range in which the others put it: of shares alone."""
    shown = {
        (test.episode, each.anchors.kind or ""): test
        for each in found
        for test in each.tests
        if each.anchors.column != "value"
    }
    if not shown:
        return say("track_record.nothing_tested")
    tests = list(shown.values())
    names = [say("track_record.priors_chart.row", episode=name, kind=kind) for name, kind in shown]

    def marks(axes: Axes) -> None:
        axes.plot([100 * float(test.outcome) for test in tests], range(len(tests)), "o", color=ORANGE, ms=6)

    def last(axes: Axes) -> None:
        axes.set_xlim(-3, 100 * 1.3)

    band = {"width": [100 * (test.high - test.low) for test in tests], "left": [100 * test.low for test in tests]}
    labels = [
        (100 * max(test.high, float(test.outcome)) + 2, say("track_record.priors_chart.label", share=test.outcome))
        for test in tests
    ]
    draw = bars(names, [{**band, "color": PALE, "height": 0.4}], labels, marks=marks, last=last)
    every = [test for each in found for test in each.tests]
    said = {"covered": sum(test.is_covered for test in every), "tests": len(every)}
    rows = [f"{name} {words}" for name, (_, words) in zip(names, labels, strict=True)]
    words = of_chart("track_record.priors_chart", rows=rows, **said)
    heights = (0.32 * len(tests) + 0.1, 0.5 * len(tests) + 0.1)
    return Chart(draw, heights, **words, sources=sources, data=episodes_table(found))


def rise_chart(outturn: RiseOutturn) -> Chart:
    """The rise so far by month against the even path, as published and without the odd months."""
    rise, bound, base = outturn.rise, outturn.bound, outturn.base_year
    months = pd.period_range(rise.first, rise.through, freq="M")
    so_far = [outturn.to(each) for each in months]
    lines = {
        say("track_record.rise_chart.due"): (SOFT, [each.path for each in so_far]),
        say("track_record.rise_chart.rise"): (BLUE, [each.increment for each in so_far]),
    }
    if outturn.odd:
        usual, names = outturn.usual, ", ".join(month(odd.month) for odd in outturn.odd)
        lines[say("track_record.rise_chart.usual", months=names)] = (
            ORANGE,
            [usual.to(each).increment for each in months],
        )

    def draw(figure: Figure) -> None:
        axes, ends = figure.subplots(), []
        for word, (color, amounts) in lines.items():
            y = [float(amount) / USD_MN_PER_BN for amount in amounts]
            axes.plot(
                range(len(y)), y, color=color, lw=2.2 if color == BLUE else 1.4, ls="--" if color == ORANGE else "-"
            )
            ends.append((y[-1], color, textwrap.fill(f"{number(y[-1])} {word}", 18 if is_narrow(figure) else 26)))
        heights = _apart([end for end, *_ in ends], 0.14 * max(end for end, *_ in ends))
        for (_, color, words), height in zip(ends, heights, strict=True):
            axes.annotate(
                words, (len(months) - 0.7, height), color=color, va="center", fontsize=8.5, annotation_clip=False
            )
        starts = [at for at, each in enumerate(months) if each.month in (1, 7)]
        axes.set_xticks(starts, [month(months[at], "yMMM") for at in starts])
        axes.set_xlim(0, len(months) - 1)
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        grid(axes)

    said = {"bound": bound, "base": base, "about": outturn.about, "path": _even_path(outturn)}
    words = of_chart("track_record.rise_chart", rise=rise, **said)
    return Chart(draw, heights=(2.8, 3.2), **words, sources=outturn.about.sources, data=rise_table(outturn))
