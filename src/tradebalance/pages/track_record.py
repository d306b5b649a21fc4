"""What became of an earlier pledge, month by month, and how far the announced totals can be.

A level ratio is never called delivery.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import pandas as pd

from ..track import rise, tracking
from ..track.outturn import PledgeOutturn, RiseOutturn
from ..track.pledges import TrackerFigure
from ..track.priors import LEVELS, Checked, Test, usual_count
from ..track.tracking import Standing
from ..words.citations import Citation
from ..words.terms import USD_MN_PER_BN, book_name
from .chart import BLUE, INK, LINE, ORANGE, PALE, SOFT, Axes, Chart, Figure, is_narrow, line, note
from .names import id_words
from .say import billions, bn_cell, from_to, group_words, of_chart, percent, say
from .wording import Cell, at_most, path_words, table

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


def headline(replay: PledgeOutturn, rise: RiseOutturn) -> str:
    """The finding of the page: what became of a pledge, and what can have become of the announced totals."""
    found, deal = widest(replay), replay.about.case.replace("-", " ").title()
    said = {"trade": trade_words(replay, found.group), "found": found, "deal": deal, "path": _even_path(rise)}
    return say("track_record.headline", rise=trade_words(rise), bound=rise.bound, **said)


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
    undated = [say("track_record.no_window", tranche=name, announced=of) for name, of in outturn.undated.items()]
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
    said = {"tranche": tranche, "announced": outturn.announced[tranche], "window": outturn.windows[tranche]}
    return {
        "yearly": say("track_record.window_yearly", **said),
        "printed": say("track_record.window_printed", **said),
        "assumed": say("track_record.window_assumed", **said),
    }[_kind(outturn, tranche)]


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
    return say("track_record.sources", listed="; ".join(map(str, found)))


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
    return _standings(_groups(outturn.standings), "Group")


def products_table(outturn: PledgeOutturn) -> pd.DataFrame:
    """The products of the groups that are published as far as the figures go, each by the last month it holds."""
    full = {each.group for each in _groups(outturn.standings) if each.through == outturn.last}
    found = [each for each in outturn.standings if each.product and each.group in full]
    shown = _standings(found, "Product")
    shown.insert(0, "Group", [group_words(each.group) for each in found])
    return shown


def _standings(found: Sequence[Standing], index: str, indent: str = "") -> pd.DataFrame:
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
    """The printed or assumed window of each announced total that has one, with its reason."""
    columns: dict[str, Callable[[tuple[str, rise.TrackWindow]], Cell]] = {
        "Total": lambda one: one[0],
        "Announced, bn": lambda one: billions(outturn.announced[one[0]], 2),
        "From": lambda one: str(one[1].first),
        "Months": lambda one: str(one[1].months),
        "Due so far, bn": lambda one: billions(outturn.rise.due[one[0]], 2),
        "Window": lambda one: _kind(outturn, one[0]),
        "Why": lambda one: one[1].source,
        "Strength": lambda one: str(one[1].strength),
    }
    return table(outturn.windows.items(), columns)


def episodes_table(found: Sequence[Checked]) -> pd.DataFrame:
    """Each episode held out, with the range of a new pledge of its kind without it."""
    columns: dict[str, Callable[[tuple[Checked, Test]], Cell]] = {
        "Held out": lambda both: both[1].episode,
        "Prior": lambda both: _prior(both[0]),
        "Outcome": lambda both: f"{float(both[1].outcome):.2f}",
        "Without it, 10 to 90 %": lambda both: f"{both[1].low:.2f} to {both[1].high:.2f}",
        "Up to the outcome": lambda both: percent(both[1].below, 0),
        "Covered": lambda both: "yes" if both[1].is_covered else "no",
    }
    return table([(each, test) for each in found for test in each.tests], columns)


def _prior(each: Checked) -> str:
    return f"{each.prior.block}: {each.prior.item}"


def coverage_table(found: Sequence[Checked]) -> pd.DataFrame:
    """What each prior's episodes come to alone, and pooled with those of other kinds, beside what was proposed."""
    columns: dict[str, Callable[[Checked], Cell]] = {
        "Prior": _prior,
        "Pooled as": lambda each: each.anchors.kind or "",
        "With a number": lambda each: str(len(each.outcomes)),
        "Own": lambda each: "" if each.own is None else f"{each.own:.2f}",
        "Pooled": lambda each: f"{each.predicted.centre:.2f}" if each.predicted else "",
        "New one, 10 to 90 %": _new_one,
        "Proposed, 5 to 95 %": lambda each: f"{float(each.prior.p05 or 0):.2f} to {float(each.prior.p95 or 0):.2f}",
        "Taken as": _taken_as,
        "Held out": lambda each: str(len(each.tests)),
        "Covered": lambda each: str(sum(test.is_covered for test in each.tests)) if each.tests else "",
        "Left out": _left_out,
        "Strength": lambda each: each.prior.strength,
    }
    return table(found, columns)


def _new_one(each: Checked) -> Cell:
    if each.predicted is None:
        return ""
    return " to ".join(f"{each.predicted.at(level):.2f}" for level in LEVELS)


def _taken_as(each: Checked) -> Cell:
    """The assumption that takes its numbers from the fit, as a Beta of the same mean and variance."""
    if each.anchors.assumption is None or each.predicted is None:
        return ""
    a, b = each.predicted.beta
    return f"{path_words(each.anchors.assumption)}: Beta({a:.2f}, {b:.2f})"


def _left_out(each: Checked) -> Cell:
    parts = {"never tested": each.apart, "no plain number": each.without_number}
    return "; ".join(f"{words}: {', '.join(names)}" for words, names in parts.items() if names)


def forecasts_lead(found: Mapping[str, Any]) -> str:
    """What is kept, and how much of it is due, from the scores as JSON; a plain sentence where nothing is kept."""
    files, dated, due = found["files"], found["milestones"], found["due"]
    if not files:
        return say("track_record.nothing_kept")
    kept = {key: sum(len(one[key]) for one in files) for key in ("methods", "scenarios")}
    lead = say("track_record.forecasts_lead", files=len(files), milestones=dated["kept"], **kept)
    return " ".join([lead, _quarters_due(due), *([_milestones_due(dated)] if dated["kept"] else [])])


def _quarters_due(due: Mapping[str, Any]) -> str:
    if due["next"] is None:
        return say("track_record.quarters_out", due=due)
    name, month = book_name(due["next"]["reporter"]), pd.Period(due["next"]["due"], freq="M")
    return say("track_record.quarters_due", due=due, book=name, month=month)


def _milestones_due(dated: Mapping[str, Any]) -> str:
    if dated["due"]:
        return say("track_record.milestones_due", dated=dated)
    first = min(pd.Period(one["by"], freq="M") for one in dated["each"])
    return say("track_record.milestones_open", first=first)


def kept_notes() -> str:
    """How kept forecasts are scored, and how the chances of milestones are made."""
    return say("track_record.kept_notes")


def scores_shown(found: Mapping[str, Any]) -> pd.DataFrame | str:
    """The table of scores, or a sentence where nothing that was forecast is out."""
    return scores_table(found) if found["trade"] else say("track_record.no_scores")


def milestones_shown(found: Mapping[str, Any]) -> pd.DataFrame | str:
    """The table of milestones, or a sentence where none is kept."""
    return milestones_table(found) if found["milestones"]["each"] else say("track_record.no_milestones")


def forecasts_table(found: Mapping[str, Any]) -> pd.DataFrame:
    """The files of kept forecasts, one a book and release, and what is in each."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "File": lambda one: one["file"],
        "Book": lambda one: one["reporter"],
        "As of": lambda one: one["as_of"],
        "Trade by": lambda one: ", ".join(one["methods"]),
        "Additions of": lambda one: ", ".join(one["scenarios"]),
        "Milestones": lambda one: str(one["milestones"]),
    }
    return table(found["files"], columns)


def scores_table(found: Mapping[str, Any]) -> pd.DataFrame:
    """How kept forecasts of trade did by book, method, quarters ahead and release; scores in USD billion."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "Book": lambda one: book_name(one["reporter"]),
        "Method": lambda one: " ".join(filter(None, (one["method"], one["note"]))),
        "Of": lambda one: one["flow"],
        "Quarters ahead": lambda one: str(one["ahead"]),
        "Release": lambda one: one["release"],
        "CRPS, bn": lambda one: bn_cell(one["crps_usd_mn"]),
        "Mean PIT": lambda one: "" if one["pit"] is None else f"{one['pit']:.2f}",
        "Inside 80 %": lambda one: "" if one["inside_80"] is None else f"{one['inside_80']} of {one['n']}",
        "Inside 5 to 95 %": lambda one: f"{one['inside']} of {one['n']}",
        "Mean error, bn": lambda one: bn_cell(one["mean_absolute_error_usd_mn"]),
        "Interval score, bn": lambda one: bn_cell(one["interval_score_usd_mn"]),
    }
    return table(found["trade"], columns)


def milestones_table(found: Mapping[str, Any]) -> pd.DataFrame:
    """The milestones of deals, soonest first: the chance that each has come by its date, and what became of it."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "By the end of": lambda one: one["by"],
        "Deal": lambda one: id_words(one["deal"]),
        "Milestone": lambda one: one["event"],
        "Status then": lambda one: one["status"],
        "Told in": lambda one: one["as_of"],
        "Confidence": lambda one: one["confidence"] or "",
        "Chance": lambda one: percent(one["probability"], 0),
        "Outcome": lambda one: one["outcome"],
    }
    return table(sorted(found["milestones"]["each"], key=lambda one: (one["by"], one["deal"])), columns)


def as_text(outturn: PledgeOutturn | RiseOutturn) -> str:
    """The outturn for a terminal: the lead, the tables, the sources."""
    if isinstance(outturn, PledgeOutturn):
        standings = _standings(outturn.standings, "Group or product", indent="  ")  # below each group its products
        parts = [pledge_lead(outturn), standings.to_string(), near(outturn)]
    else:
        parts = [rise_lead(outturn), rise_table(outturn).to_string(), odd_lead(outturn)]
    return "\n\n".join([*parts, "\n".join(f"Source: {source}" for source in outturn.about.sources)])


COLORS = (INK, BLUE, ORANGE, SOFT, PALE)


def ratios_chart(outturn: PledgeOutturn) -> Chart:
    """Level and increment ratios of the groups that the release holds to its last month, by month."""
    lead, base = widest(outturn), outturn.pledge.base_year
    months = {group: outturn.by_month(group) for group in outturn.pledge.groups}
    found = {
        group: [each for each in standings if each.actual is not None]
        for group, standings in months.items()
        if standings[lead.through.month - 1].actual is not None
    }

    def draw(figure: Figure) -> None:
        narrow = is_narrow(figure)
        panels = figure.subplots(2, 1) if narrow else figure.subplots(1, 2)
        _panel(panels[0], found, "ratio", say("track_record.ratios_chart.level"))
        _panel(panels[1], found, "increment_ratio", say("track_record.ratios_chart.increment", base=base))
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=1 if narrow else 2,
                      frameon=False)  # fmt: skip

    words = of_chart("track_record.ratios_chart", lead=lead, groups=len(found), about=outturn.about)
    return Chart(draw, heights=(3.4, 6.2), **words, sources=outturn.about.sources, data=_by_month(found))


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
    rise, bound, base = outturn.rise, outturn.bound, outturn.base_year
    months = pd.period_range(rise.first, rise.through, freq="M")
    so_far = [outturn.to(month) for month in months]
    lines = {
        say("track_record.rise_chart.due"): (SOFT, [each.path for each in so_far]),
        say("track_record.rise_chart.rise"): (BLUE, [each.increment for each in so_far]),
    }
    if outturn.odd:
        usual, names = outturn.usual, ", ".join(f"{odd.month:%B %Y}" for odd in outturn.odd)
        label = say("track_record.rise_chart.usual", months=names)
        lines[label] = (ORANGE, [usual.to(month).increment for month in months])

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

    words = of_chart("track_record.rise_chart", rise=rise, bound=bound, base=base, about=outturn.about)
    return Chart(draw, heights=(3.4, 3.8), **words, sources=outturn.about.sources, data=rise_table(outturn))
