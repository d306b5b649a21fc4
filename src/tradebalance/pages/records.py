"""Facts, answers and outturns as plain types for JSON: USD million to a dollar, shares to nine decimals."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from operator import attrgetter

import pandas as pd

from .. import __version__
from ..answers import timing
from ..answers.answer import LEVELS, Range, Solution, contributions, of_which
from ..answers.arrivals import Arrival
from ..answers.changes import Changes
from ..answers.comparison import choices, decisions
from ..answers.goal import BreakEven, Lever, Sought
from ..answers.model import Inputs, Model
from ..answers.replay import Trial, errors_by_horizon
from ..answers.sensitivity import Outlook, Sobol, Tornado
from ..answers.tariffs import A_YEAR
from ..answers.unused import NO_EFFECT
from ..assumptions import backtest
from ..assumptions.baseline import COLUMNS, DEFAULT
from ..assumptions.distributions import MONTHS_A_QUARTER, Assumption, Record
from ..assumptions.nowcast import POINTS, Nowcast, running
from ..assumptions.scenario import SETTINGS
from ..facts import duties, mirror
from ..facts.known import Known
from ..facts.mirror import Books
from ..facts.revisions import Revisions
from ..track.live import LivePart, LivePledge, in_all
from ..track.outturn import PledgeOutturn, RiseOutturn, input_files
from ..track.pledges import TrackerFigure
from ..track.rise import Rise
from ..track.tracking import Standing
from ..words.citations import Citation
from ..words.phrase import Phrase
from ..words.plain import DIGITS, plain
from ..words.schema import shown
from . import baseline, live_pledges
from .commitments import by_attribution, unnamed
from .delivery_scenario import collected_rates, covered_share
from .names import deal_words
from .say import phrase
from .uncertainty import binding, goal_reasons, soon
from .wording import a_years_gap, at_years_ends, says

BOOK = "reporter home=pair.home partner=pair.partner as_of known=words"
ABOUT = "case as_of known=words reporter partner path"
MN = "_usd_mn"
MEAN_ERRORS = " ".join(
    f"{name}:mn={of}.standard_errors.mean"
    for name, of in (("credited", "credited"), ("delivered_in_horizon", "delivered"), ("additional", "additional"))
)
UNITS = {"mn": MN, "a_month": "_usd_mn_a_month", "to_date": "_to_date_usd_mn"}
STEP_KEYS = {"mean": "usd_mn", "p05": "p05_usd_mn", "p95": "p95_usd_mn", "order_free": "order_free_usd_mn"}


def _named(of: object, keys: str, digits: int = DIGITS) -> dict[str, object]:
    """Attributes of a record under `key`, `key=its.path` or, with a unit of UNITS, `key:mn=its.path`; a month or
    quarter as text."""
    found: dict[str, object] = {}
    for word in keys.split():
        name, _, path = word.partition("=")
        key, _, unit = name.partition(":")
        value = attrgetter(path or key)(of)
        value = value.points if isinstance(value, Range) else phrase(value) if isinstance(value, Phrase) else value
        found[key + UNITS.get(unit, "")] = str(value) if isinstance(value, pd.Period) else plain(value, digits)
    return found


def _amounts(row: pd.Series) -> dict[str, object]:
    """A row's amounts in USD million, by their names with the unit."""
    return dict(plain(row.add_suffix(MN)))


def _table(index: str, found: pd.DataFrame) -> list[dict[str, object]]:
    """A record a row, with its label."""
    return [{index: str(label), **plain(row)} for label, row in found.iterrows()]


def _made_from(sources: Iterable[str | Citation], files: Mapping[str, str]) -> dict[str, object]:
    """How every record ends: the sources, the files' checksums, and the version."""
    return {"sources": list(map(str, sources)), "inputs": dict(files), "version": __version__}


def _changes(inputs: Inputs) -> dict[str, str]:
    return {name: shown(value) for name, value in inputs.changes.items()}


def all_files(*books: Known) -> dict[str, str]:
    """Every input file of books shown side by side, those behind their revisions too -> sha256."""
    return {file: sha256 for book in books for file, sha256 in {**book.files, **book.revision_files}.items()}


def known_as_json(
    known: Known, *others: Known, sources: Iterable[Citation] = (), files: Mapping[str, str] | None = None
) -> dict[str, object]:
    """The facts as plain types for JSON, in USD million, with the sources and inputs of other books shown beside.

    `sources` and `files` (name to sha256) are those of whatever else is shown.
    """
    books = (known, *others)
    cited = [*(each for book in books for each in book.sources), *sources]
    return {
        **_named(known, f"{BOOK} announced:mn gap_last_four_quarters:mn=gap_last_four"),
        "last_four_quarters": list(map(str, known.last_four)),
        **newest_as_json(known),
        **_made_from(dict.fromkeys(cited), {**all_files(*books), **(files or {})}),
    }


def books_as_json(known: Known, others: Iterable[Known], books: Books | None) -> dict[str, object]:
    """The facts, how far the two books are apart, and what the newest release revised, in USD million."""
    found = known_as_json(known, *others)
    if books:
        keys = "first last gap_own:mn gap_own_se:mn gap_other:mn apart:mn in_exports:mn in_imports:mn"
        found["books_apart"] = {"own": books.reporter, "other": books.partner, **_named(mirror.apart(books), keys)}
    if known.revisions:
        found["revised"] = _revised(known.revisions)
    return found


def _revised(revisions: Revisions) -> dict[str, object]:
    """What a release changed of the gap: the months, and all of them together."""
    changed = revisions.changed["change_usd_mn"]
    return {
        "from": str(revisions.old),
        "to": str(revisions.new),
        "months_held_by_both": len(revisions.of("gap")),
        "months_changed": len(changed),
        "changed_in_all_usd_mn": plain(changed.sum()),
        "months_revised": [{"month": str(month), "change_usd_mn": plain(change)} for month, change in changed.items()],
    }


def newest_as_json(known: Known) -> dict[str, object]:
    """The newest twelve months and the nowcast of the running quarter in USD million, each where the book has it."""
    twelve, found = known.twelve_months, running(known)
    said: dict[str, object] = {}
    if twelve:
        said["twelve_months"] = {"last_month": str(twelve.last), **plain(twelve.now)}
    if found:
        published = known.months["gap_usd_mn"][known.months.index.asfreq("Q") == found.quarter]
        said["nowcast"] = {**_quarter(found), "published_usd_mn": plain(published.sum()), **_points(found)}
    return said


def _quarter(found: Nowcast) -> dict[str, object]:
    return {"quarter": str(found.quarter), "months_known": found.months_known}


def _points(found: Nowcast) -> dict[str, object]:
    return {f"gap{MN}": dict(zip(("p10", "p50", "p90"), map(plain, found.gap_at(*POINTS)), strict=True))}


def nowcast_as_json(known: Known, found: Nowcast) -> dict[str, object]:
    """The running quarter from its published months: medians of the flows, and the gap's with its 80 % band."""
    flows = dict(zip(COLUMNS, map(plain, found.values), strict=True))
    return {
        **_named(known, BOOK),
        **_quarter(found),
        **flows,
        **_points(found),
        **_made_from(known.figure_sources, known.files),
    }


def changes_as_json(found: Changes) -> dict[str, object]:
    """Two releases side by side: months added and revised, and the headlines by each, in USD million or as shares."""
    return {
        **known_as_json(found.after),
        **_revised(found.revisions),
        "new_months": len(found.added),
        "months_added": list(map(str, found.added.index)),
        "headlines": [
            _named(one, "measure was_of was was_revised=revised is_of now change") for one in found.headlines
        ],
        **_made_from(found.after.sources, all_files(found.before, found.after)),
    }


def baselines_as_json(known: Known, years: pd.DataFrame, found: pd.DataFrame, bands: pd.DataFrame) -> dict[str, object]:
    """The facts, each baseline's gap over the next four quarters in USD million, the default's path with its bands, and
    the backtest's scores."""
    table, ahead = backtest.scores(found).round(6), baseline.a_year_ahead(found)
    rows = [dict(zip(table.index.names, key, strict=True)) | plain(row) for key, row in table.iterrows()]
    return {
        **known_as_json(known),
        "inputs": {**known.files, **known.pooled_files},
        "default": DEFAULT,
        "chosen": backtest.choice(found),
        "origins": int(found["origin"].nunique()),
        "mean_ranks": plain(backtest.ranks(found)),
        "in_band": dict(zip(("held", "of"), baseline.in_band(found), strict=True)),
        "a_year_ahead": {**ahead[["inside", "above"]].sum().to_dict(), "of": len(ahead)},
        "estimated_on": baseline.estimated_on(known),
        f"methods_apart{MN}": plain(baseline.methods_apart(years)),
        "moved": _named(backtest.moved(known, bands), "from=first to=last exports:mn imports:mn gap:mn"),
        "next_four_quarters_gap_usd_mn": {str(method): plain(row.round(1)) for method, row in years.iterrows()},
        "by_quarter": [
            {"series": series, "quarter": str(quarter), **_amounts(row.round(1))}
            for (series, quarter), row in bands.iterrows()
        ],
        "backtest": rows,
    }


def at_most_as_json(rise: RiseOutturn | None) -> dict[str, object]:
    """The one most that can have arrived in addition, and what it is of; nothing for a case that follows none."""
    if rise is None:
        return {}
    said = _named(rise.about, "reporter partner") | _named(rise.bound, "from=first through")
    amounts = _named(rise, "at_most:mn as_published:mn=rise.increment over=base_year")
    return {"can_have_arrived": amounts | said}


def as_json(answer: Solution, rise: RiseOutturn | None = None) -> dict[str, object]:
    """The answer as plain types for JSON: USD million to a dollar, shares to nine decimals; what a `rise` bounds."""
    simulated, scenario, known = answer.simulated, answer.scenario, answer.known
    return {
        **_named(scenario, "scenario=name title"),
        **_named(known, f"{BOOK} is_replay"),
        "with_hindsight": list(answer.hindsight),
        "changes": _changes(answer.inputs),
        **_unused_changes(answer),
        "draws": simulated.draws,
        "seed": scenario.seed,
        **({"dollars_of": answer.calendar.dollars_of} if answer.calendar.dollars_of else {}),
        **_named(answer, "first_quarter=calendar.first last_quarter=calendar.last"),
        "announced_usd_mn": plain(known.announced),
        "of_it_yearly_usd_mn": plain(known.yearly),
        "bridge": _table("step", simulated.steps[list(STEP_KEYS)].rename(columns=STEP_KEYS)),
        **_named(answer, "credited:mn delivered_in_horizon:mn=delivered additional:mn"),
        "mean_standard_errors": _named(answer, MEAN_ERRORS),
        **_tariff(answer),
        **_named(answer, "gap_last_four_quarters:mn=gap_last_four gap_last_four_quarters_se:mn=known.gap_error"),
        "last_four_quarters": list(map(str, known.last_four)),
        **newest_as_json(known),
        **at_most_as_json(rise),
        "closure": {
            **_named(answer, "annual_rate best_year=best_year_rate"),
            "best_year_label": str(answer.best_year),
            **_named(answer, "against_baseline=baseline_closure"),
        },
        **_named(answer, "months_of_todays_gap first_quarter_closed"),
        **_timing(answer),
        **_of_which(answer),
        "says": says(answer),
        "probability_closed": simulated.probability_closed,
        "probability_at_or_below": _probabilities(answer),
        "by_quarter": _table("quarter", answer.by_quarter),
        "by_year": _by_year(answer),
        "contributions": _contributions(answer),
        **_parts(answer),
        "warnings": list(map(str, answer.warnings)),
        **_made_from(known.sources, known.files),
    }


def scenario_as_json(answer: Solution, rise: RiseOutturn | None, central: Solution | None) -> dict[str, object]:
    """The same for the record of its page: with what it closes beside the central scenario, every assumption, and what
    was collected of published tariffs."""
    found = None if central is None else timing.against(answer, central)
    beside = "share_a_year=own central_share_a_year=other apart times"
    return {
        **as_json(answer, rise),
        "against_central": None if found is None else {**_span(found.over), **_named(found, beside)},
        "assumptions": [_assumption(each) for each in (*answer.assumptions, *answer.settings)],
        "duties": _duties(answer),
    }


def _span(over: pd.PeriodIndex) -> dict[str, object]:
    return {"first_quarter": str(over[0]), "last_quarter": str(over[-1])}


def _assumption(of: Record) -> dict[str, object]:
    """An assumption's mean and 5 and 95 % points, in the unit that its path says: a delay in months; in words what is
    no one number."""
    if not isinstance(of, Assumption):
        return {"path": of.path, "taken_as": of.words}
    times = MONTHS_A_QUARTER if of.form == "slip" else 1
    points = {"mean": of.mean, "p05": of.quantile(0.05), "p95": of.quantile(0.95)}
    return {"path": of.path, **{name: plain(times * point) for name, point in points.items()}}


def _duties(answer: Solution) -> dict[str, object] | None:
    """What was collected in the base year, in the last month and under each published rate; shares as fractions."""
    found, rates = answer.known.duties, collected_rates(answer)
    if not rates:
        return None
    return {
        "base_year": duties.BASE_YEAR,
        "base": plain(duties.base(found)),
        **_named(found[-1], "last_month=month last=share"),
        "rates": [
            {
                "since": str(each.since),
                **_named(each, "rate collected share most"),
                "first_month": str(each.months[0]),
                "last_month": str(each.months[-1]),
                "taken_as": plain(covered_share(answer, each).mean),
            }
            for each in rates
        ],
    }


def _tariff(answer: Solution) -> dict[str, object]:
    """The tariff's rates and what they add to exports, imports and the gap by year; nothing without any."""
    duty, moved = answer.duty, answer.moved_by_tariffs
    if duty is None:
        return {}
    of = {"rates": duty.path, "rates_on_imports": duty.imports}
    rates = {
        key: [{"day": str(day.date()), "rate": plain(rate)} for day, rate in path.rates]
        for key, path in of.items()
        if path is not None
    }
    flows = [flow for flow in moved if flow != "imports" or duty.imports]
    a_year = {f"{flow}_change_a_year{MN}": plain(moved[flow].loc[A_YEAR]) for flow in flows}
    changes = {f"{flow}_change_by_year": _table("year", moved[flow].drop(A_YEAR).add_suffix(MN)) for flow in flows}
    return {"tariff": {"path": answer.scenario.tariff.name, **rates, **a_year, **changes}}


def _by_year(answer: Solution) -> list[dict[str, object]]:
    """Each calendar year: additional imports, and exports and imports without the deals, of its quarters in the
    horizon."""
    return [
        {
            "year": str(year),
            "quarters_in_horizon": int((answer.calendar.quarters.year == year).sum()),
            f"additional{MN}": {point: plain(row[f"additional_{point}{MN}"]) for point in ("mean", "p05", "p95")},
            **{key: plain(row[key]) for key in (f"baseline_exports{MN}", f"baseline_imports{MN}")},
        }
        for year, row in answer.by_year.iterrows()
    ]


def _timing(answer: Solution) -> dict[str, object]:
    """When how much comes, and what it is of a year's gap over the years of delivery; nothing where nothing comes."""
    found, over = timing.timing(answer), timing.years_of_delivery(answer)
    if found is None:
        return {}
    return {
        "timing": {
            "little_before": found.little_before,
            f"little{MN}": plain(found.little),
            "peak_years": list(found.peak),
            f"at_peak{MN}": plain(found.at_peak),
        },
        "years_of_delivery": {
            **_span(over),
            f"additional{MN}_a_year": plain(timing.a_year(answer, over)),
            f"gap_of_a_year{MN}": plain(answer.gap_of_a_year),
            "gap_of_a_year_is_of": a_years_gap(answer),
            "share_a_year": plain(timing.share_of_a_year(answer, over)),
        },
    }


def _of_which(answer: Solution) -> dict[str, object]:
    """The two lines: what stood before the talks, what these added; nothing for a case that names none."""
    found = of_which(answer)
    return {} if found is None else {"of_which": {f"{name}{MN}": plain(part) for name, part in found._asdict().items()}}


def _unused_changes(answer: Solution) -> dict[str, list[str | None]]:
    """The paths that were changed and move nothing; the key stands only where more than a setting was changed."""
    found = [warning.column for warning in answer.warnings if warning.code == NO_EFFECT]
    return {"unused_changes": found} if found or set(answer.inputs.changes).difference(SETTINGS) else {}


def _probabilities(answer: Solution, *also: pd.Period) -> list[dict[str, object]]:
    """The chance that four quarters' gap is at or below a share of today's, by the last quarter of each year, and by
    other quarters."""
    return [
        {
            "four_quarters_to": str(quarter),
            "level_usd_mn": plain(level),
            "level_of_todays": share,
            "probability": plain(chance),
        }
        for quarter, chances in at_years_ends(answer.simulated.at_or_below, *also).iterrows()
        for share, (level, chance) in zip(LEVELS, chances.items(), strict=True)
    ]


def _contributions(answer: Solution) -> list[dict[str, object]]:
    additional = contributions(answer)[["additional"]]
    return _table("category", additional.set_axis(["additional_mean_usd_mn"], axis=1))


def announced_as_json(
    answer: Solution, arrived: Iterable[Arrival], rise: RiseOutturn | None = None
) -> dict[str, object]:
    """What of the announced sum has a name, the parts of an answer, and what can have arrived of each and in all, in
    USD million."""
    leaves = answer.known.leaves
    return {
        "unnamed_usd_mn": plain(unnamed(leaves)),
        "named_usd_mn": plain(answer.known.announced - unnamed(leaves)),
        "named_by_attribution": [
            {"attribution": word, "named_usd_mn": plain(value)} for word, value in by_attribution(leaves).items()
        ],
        **_parts(answer),
        "arrived": [_arrived(each) for each in arrived],
        **at_most_as_json(rise),
    }


def _arrived(each: Arrival) -> dict[str, object]:
    """The bounds of a part, with how many customs lines and which of a seller's units bound it, where any do."""
    bounds = "at_least:mn=low_usd_mn at_most:mn=high_usd_mn additional_at_most:mn=additional_usd_mn"
    lines = {"lines": len(each.held.lines)} if each.held else {}
    units = {"units": _named(each.rate, "at_most units backlog a_month months elsewhere")} if each.rate else {}
    return {"deal": each.leaf.id, **_named(each, f"{bounds} start_at_most:mn=start_usd_mn"), **lines, **units}


def _parts(answer: Solution) -> dict[str, object]:
    """The parts of an answer, and what of their announced sum no source printed a whole window of."""
    parts = timing.parts(answer)
    without = sum((part.announced for part in parts if not part.is_printed), Fraction(0))
    return {"deals": [_due_part(part) for part in parts], f"without_window{MN}": plain(without)}


def _due_part(part: timing.DuePart) -> dict[str, object]:
    """A deal or a rest: what was announced, what of it is firm and additional on average, when it is due, and whether a
    source printed that."""
    amounts = "announced:mn credited_mean:mn=credited additional_mean:mn=additional"
    name = {"deal": part.leaf.id, "name": deal_words(part.leaf)}
    return {**name, **_named(part, f"{amounts} due_first=first due_last=last is_printed is_open")}


def compared_as_json(answers: Sequence[Solution]) -> dict[str, object]:
    """What scenarios come to over years that are the same for all, and the deals of each under each baseline, a pair
    an entry, in USD million."""
    over, year = timing.years_of_delivery(*answers), timing.common_year(answers)
    return {
        "years_of_delivery": _span(over) if len(over) else None,
        "common_year": year,
        "side_by_side": [
            {
                "scenario": answer.scenario.name,
                f"by_end_of_common_year{MN}": None if year is None else plain(timing.by_end_of(answer, year)),
                "share_a_year": plain(timing.share_of_a_year(answer, over)),
                **_of_which(answer),
            }
            for answer in answers
        ],
        "decisions": [
            {
                "scenario": answer.scenario.name,
                "baseline": str(method),
                **_amounts(row.drop(["share", "closure"])),
                **plain(row[["share", "closure"]]),
            }
            for answer in answers
            for method, row in decisions(answer, over).iterrows()
        ],
    }


def attribution_as_json(spans: Mapping[str, pd.Series]) -> list[dict[str, object]]:
    """The terms of a change of the gap over each of some named spans, in USD million."""
    return [{"quarters": span, **_amounts(terms)} for span, terms in spans.items()]


def comparison_as_json(answers: Sequence[Solution], spans: Mapping[str, pd.Series]) -> dict[str, object]:
    """What a comparison shows as plain types for JSON, in USD million."""
    return {
        **known_as_json(*(answer.known for answer in answers)),
        "scenarios": [answer.scenario.name for answer in answers],
        **compared_as_json(answers),
        "next_four_quarters": _choices(answers),
        "attribution": attribution_as_json(spans),
    }


def _choices(answers: Sequence[Solution]) -> dict[str, object]:
    """What the choice of a projection moves over the next four quarters, and that of a scenario, USD million."""
    found = choices(answers)
    amounts = {"projections": found.projections, **vars(found)}
    return _amounts(pd.Series({name: amount for name, amount in amounts.items() if amount is not None}))


def trial_as_json(found: Trial) -> dict[str, object]:
    """A replay against what was published since: bands and scores of the quarters' sum by baseline, in USD million."""
    amounts = ["p05", "p50", "p95", "outturn", "error", "interval_score", "crps"]
    return {
        **_named(found.answer, "as_of=known.as_of scenario=scenario.name baseline=scenario.baseline.method"),
        "quarters": list(map(str, found.outturn.index)),
        "with_hindsight": list(found.answer.hindsight),
        "baselines": [
            {
                "baseline": str(method),
                "is_inside": bool(row["is_inside"]),
                "quarters_inside": int(row["quarters_inside"]),
                **_amounts(row[amounts]),
            }
            for method, row in found.in_all.iterrows()
        ],
    }


def outturn_as_json(outturn: PledgeOutturn | RiseOutturn) -> dict[str, object]:
    """The outturn as plain types for JSON: USD million to a dollar, shares to nine decimals."""
    about = outturn.about
    body = _pledge_json(outturn) if isinstance(outturn, PledgeOutturn) else _rise_json(outturn)
    return {**_named(about, ABOUT), **body, "note": about.note, **_made_from(about.sources, about.files)}


def track_record_as_json(
    replay: PledgeOutturn, rise: RiseOutturn, trial: Trial, successive: pd.DataFrame, files: Mapping[str, str]
) -> dict[str, object]:
    """Both outturns and what earlier forecasts said, for the record of their page, with the checksums of everything
    that it shows."""
    errors = errors_by_horizon(successive)
    sources = dict.fromkeys(map(str, [*replay.about.sources, *rise.about.sources, *trial.answer.known.sources]))
    return {
        **_of_page(rise),
        "replay": outturn_as_json(replay),
        "rise": outturn_as_json(rise),
        "earlier_forecast": trial_as_json(trial),
        "errors_by_horizon": [{"quarters_ahead": int(ahead), **plain(row)} for ahead, row in errors.iterrows()],
        **_made_from(sources, {**input_files(replay, rise, files), **trial.answer.known.files}),
    }


def _of_page(rise: RiseOutturn) -> dict[str, object]:
    """What the line above a page's title says."""
    about, last = rise.about, (rise.through + 1).asfreq("Q") - 1  # the last quarter that is published to its last month
    return {
        **_named(about, "reporter home"),
        "partner": ({about.reporter, about.partner} - {about.home}).pop(),
        **_named(about, "as_of known=words"),
        "last_four_quarters": [str(last - n) for n in (3, 2, 1, 0)],
    }


def pledges_as_json(pledges: Sequence[LivePledge]) -> dict[str, object]:
    """The live pledges as plain types for JSON: USD million to a dollar, shares to nine decimals."""
    return {
        "in_all": _named(in_all(pledges), "announced:mn without_window:mn number short"),
        "pledges": [_live(pledge) for pledge in pledges],
        **_made_from(live_pledges.sources(pledges), live_pledges.input_files(pledges)),
    }


def live_pledges_as_json(pledges: Sequence[LivePledge], case: str) -> dict[str, object]:
    """The same for the record of their page, whose pair is that of the case, or of the first pledge."""
    own = next((pledge for pledge in pledges if pledge.case == case), pledges[0]).outturn
    return {**_of_page(own), **pledges_as_json(pledges)}


def _live(pledge: LivePledge) -> dict[str, object]:
    amounts = (
        "announced:mn dated:mn yearly:mn undated:mn unnamed:mn due_as_printed:mn due:mn increment:mn=bound.increment"
    )
    return {
        **_named(pledge.outturn.about, "case home as_of known=words"),
        **_named(pledge, f"first=bound.first through {amounts} increment_ratio=bound.increment_ratio"),
        **_named(pledge, "due:a_month=due_a_month increment:a_month=bound.so_far"),
        "months": pledge.months,
        "windows_assumed": pledge.is_assumed,
        "parts": [_part(part) for part in pledge.parts],
    }


def _part(part: LivePart) -> dict[str, object]:
    window = part.window
    return {
        **_named(part, "id announced:mn=value_usd_mn"),
        "itemised": part.is_named,
        "from": str(window.first) if window else None,
        "to": str(window.span[-1]) if window else None,
        "recurs": bool(window and window.recurs),
        "source": str(part.source),
    }


def _pledge_json(outturn: PledgeOutturn) -> dict[str, object]:
    return {
        "base_year": outturn.pledge.base_year,
        "year": outturn.last.year,
        "groups": [_standing(standing) for standing in outturn.standings],
        "by_month": [_standing(each) for group in outturn.pledge.groups for each in outturn.by_month(group)],
        "by_vintage": [
            {"known_at_the_end_of": str(as_of), **_standing(each)}
            for group in outturn.pledge.groups
            for as_of, each in outturn.by_vintage(group).items()
        ],
        "printed": [_printed(each, outturn.beside(each)) for each in outturn.printed],
    }


def _printed(printed: TrackerFigure, own: Standing) -> dict[str, object]:
    """What a tracker printed, and the same from these data."""
    return {
        **_named(printed, "group path through"),
        **_named(own, "target:mn"),
        **_named(printed, "target_printed:mn=target_usd_mn"),
        **_named(own, "actual:mn"),
        **_named(printed, "actual_printed:mn=actual_usd_mn url"),
    }


def _standing(standing: Standing) -> dict[str, object]:
    """A row of a month that is not published has no actual and no ratio."""
    keys = "group product through target:mn actual:mn ratio increment_ratio full_target:mn base_to_date:mn"
    return _named(standing, f"{keys} required:a_month so_far:a_month verdict")


def _rise_json(outturn: RiseOutturn) -> dict[str, object]:
    return {
        "base_year": outturn.base_year,
        **at_most_as_json(outturn),
        "groups": [_rise(outturn.rise)],
        "without_odd_months": [_rise(outturn.without_odd)],
        "by_quarter": [_rise_quarter(alone, to_date) for alone, to_date in outturn.by_quarter],
        "odd_months": [
            {
                **_named(odd, "month actual:mn=value usual:mn=usual z"),
                "share_of_base_year": plain(odd.value / outturn.base),
                "excess_share_of_base_year": plain((odd.value - odd.usual) / outturn.base),
            }
            for odd in outturn.odd
        ],
        "windows": [
            {
                "tranche": tranche,
                "from": str(window.first),
                "months": window.months,
                "announced_usd_mn": plain(outturn.announced[tranche]),
                "is_printed": tranche in outturn.printed,
                "recurs": window.recurs,
                "source": window.source,
            }
            for tranche, window in outturn.windows.items()
        ],
        "without_window": [
            {"tranche": tranche, "announced_usd_mn": plain(amount)} for tranche, amount in outturn.undated.items()
        ],
    }


def _rise(rise: Rise) -> dict[str, object]:
    """One row: the level and its target in the form of a pledge's, and the increment, the most that was added."""
    return {
        "group": "all",
        "product": None,
        **_named(rise, "first through"),
        "target_usd_mn": plain(rise.base_to_date + rise.path),
        **_named(rise, "actual:mn=exports ratio increment_ratio"),
        "full_target_usd_mn": plain(rise.full_base + rise.whole),
        **_named(rise, "path:mn increment:mn announced:mn=whole required:a_month so_far:a_month"),
    }


def _rise_quarter(alone: Rise, to_date: Rise) -> dict[str, object]:
    return {
        "quarter": str(alone.through.asfreq("Q")),
        **_named(alone, "through increment:mn path:mn"),
        **_named(to_date, "increment:to_date path:to_date increment_ratio_to_date=increment_ratio required:a_month"),
    }


def goal_as_json(sought: Sought, of: Model) -> dict[str, object]:
    """Plain types for JSON: USD million to a dollar, shares to nine decimals."""
    goal, known, scenario = sought.goal, of.inputs.known, of.inputs.scenario
    return {
        **_named(of.inputs, "scenario=scenario.name reporter=scenario.reporter as_of=known.as_of"),
        "changes": _changes(of.inputs),
        "close": goal.share,
        "by": str(goal.by),
        "confidence": goal.confidence,
        "quarters": sought.quarters,
        "draws": sought.draws,
        "seed": scenario.seed,
        "announced_usd_mn": plain(known.announced, 6),
        **_named(sought, "gap_last_four_quarters:mn=gap_today baseline_gap_four_quarters:mn=baseline_gap", 6),
        "feasible": sought.feasible,
        "why": goal_reasons(sought),
        **_named(sought, "larger_without_deals:mn=rise takes_off:mn=off", 6),
        "as_it_is": {"probability": sought.probability, "share": plain(sought.share)},
        "every_dollar_share": plain(sought.every_dollar),
        "levers": [_lever_json(lever) for lever in sought.levers],
        **_made_from(known.sources, known.files),
    }


def _lever_json(lever: Lever) -> dict[str, object]:
    return {
        **_named(lever, "lever=name feasible unit"),
        "as_it_is": round(lever.as_it_is, DIGITS),  # quarters stay a whole number
        "needed": None if lever.needed is None else round(lever.needed, DIGITS),
        **_named(lever, "times probability share"),
    }


def uncertainty_as_json(
    answer: Solution, width: Outlook, swings: Tornado, shares: Sobol, sought: Sought, held: Sequence[BreakEven]
) -> dict[str, object]:
    """What the page found as plain types for JSON: USD million, shares as fractions."""
    return {
        **known_as_json(answer.known),
        "uncertainty_of": answer.scenario.name,
        "draws": answer.simulated.draws,
        "seed": answer.scenario.seed,
        "bands": _table("four_quarters_to", width.with_deals),
        "additional_bands": _table("four_quarters_to", width.additional),
        "variance": _table("four_quarters_to", width.shares.join(width.spreads.add_prefix("sd_").add_suffix(MN))),
        "probability_at_or_below": _probabilities(answer, soon(width)),
        "binding": [{"deal": leaf.id, **plain(row)} for leaf, row in binding(answer).iterrows()],
        "tornado": {
            "by": swings.by,
            "at_means": plain(swings.mean_path[swings.by]),
            "rows": _table("assumption", swings.table),
            "not_varied": list(swings.not_varied),
        },
        "sobol": {
            "by": shares.by,
            "draws": shares.draws,
            "alone": dict(zip(("share", "low", "high"), map(plain, shares.first_sum), strict=True)),
            "rows": _table("input", shares.table),
        },
        "sobol_warnings": list(shares.warnings),
        "break_even": [
            {
                **_named(one, "baseline=method four_quarters_to=last"),
                **_named(one, "purchases:mn deals:mn", 6),
                **_named(one, "export_growth=growth holding_growth=holding"),
            }
            for one in held
        ],
        "goal": goal_as_json(sought, answer),
    }
