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
from ..answers.replay import Trial
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
from ..track.outturn import RiseOutturn
from ..words.citations import Citation
from ..words.phrase import Phrase
from ..words.plain import DIGITS, plain
from ..words.schema import shown
from . import baseline
from .commitments import by_attribution, unnamed
from .delivery_scenario import collected_rates, covered_share
from .names import deal_words
from .say import phrase
from .uncertainty import binding, goal_reasons, soon
from .wording import a_years_gap, at_years_ends, says

BOOK = "reporter home=pair.home partner=pair.partner as_of known=words"
MN = "_usd_mn"
MEAN_ERRORS = " ".join(
    f"{name}:mn={of}.standard_errors.mean"
    for name, of in (("credited", "credited"), ("delivered_in_horizon", "delivered"), ("additional", "additional"))
)
UNITS = {"mn": MN, "a_month": "_usd_mn_a_month", "to_date": "_to_date_usd_mn"}
STEP_KEYS = {"mean": "usd_mn", "p05": "p05_usd_mn", "p95": "p95_usd_mn", "order_free": "order_free_usd_mn"}


def named(of: object, keys: str, digits: int = DIGITS) -> dict[str, object]:
    """Attributes of a record under `key`, `key=its.path` or, with a unit of UNITS, `key:mn=its.path`; a month or
    quarter as text. What a phrase counts stands beside it: `known`, `known_figures`."""
    found: dict[str, object] = {}
    for word in keys.split():
        name, _, path = word.partition("=")
        key, _, unit = name.partition(":")
        value = attrgetter(path or key)(of)
        if isinstance(value, Phrase):
            found |= {f"{key}_{name}": count for name, count in value.counts().items()}
        value = value.points if isinstance(value, Range) else phrase(value) if isinstance(value, Phrase) else value
        found[key + UNITS.get(unit, "")] = str(value) if isinstance(value, pd.Period) else plain(value, digits)
    return found


def _amounts(row: pd.Series) -> dict[str, object]:
    """A row's amounts in USD million, by their names with the unit."""
    return dict(plain(row.add_suffix(MN)))


def _table(index: str, found: pd.DataFrame) -> list[dict[str, object]]:
    """A record a row, with its label."""
    return [{index: str(label), **plain(row)} for label, row in found.iterrows()]


def made_from(sources: Iterable[str | Citation], files: Mapping[str, str]) -> dict[str, object]:
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
        **named(known, f"{BOOK} announced:mn gap_last_four_quarters:mn=gap_last_four"),
        "last_four_quarters": list(map(str, known.last_four)),
        **newest_as_json(known),
        **made_from(dict.fromkeys(cited), {**all_files(*books), **(files or {})}),
    }


def books_as_json(known: Known, others: Iterable[Known], books: Books | None) -> dict[str, object]:
    """The facts, how far the two books are apart, and what the newest release revised, in USD million."""
    found = known_as_json(known, *others)
    if books:
        keys = "first last gap_own:mn gap_own_se:mn gap_other:mn apart:mn in_exports:mn in_imports:mn"
        found["books_apart"] = {"own": books.reporter, "other": books.partner, **named(mirror.apart(books), keys)}
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
        **named(known, BOOK),
        **_quarter(found),
        **flows,
        **_points(found),
        **made_from(known.figure_sources, known.files),
    }


def changes_as_json(found: Changes) -> dict[str, object]:
    """Two releases side by side: months added and revised, and the headlines by each, in USD million or as shares."""
    return {
        **known_as_json(found.after),
        **_revised(found.revisions),
        "new_months": len(found.added),
        "months_added": list(map(str, found.added.index)),
        "headlines": [named(one, "measure was_of was was_revised=revised is_of now change") for one in found.headlines],
        **made_from(found.after.sources, all_files(found.before, found.after)),
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
        "moved": named(backtest.moved(known, bands), "from=first to=last exports:mn imports:mn gap:mn"),
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
    said = named(rise.about, "reporter partner") | named(rise.bound, "from=first through")
    amounts = named(rise, "at_most:mn as_published:mn=rise.increment over=base_year")
    return {"can_have_arrived": amounts | said}


def as_json(answer: Solution, rise: RiseOutturn | None = None) -> dict[str, object]:
    """The answer as plain types for JSON: USD million to a dollar, shares to nine decimals; what a `rise` bounds."""
    simulated, scenario, known = answer.simulated, answer.scenario, answer.known
    return {
        **named(scenario, "scenario=name title"),
        **named(known, f"{BOOK} is_replay"),
        "with_hindsight": list(answer.hindsight),
        "changes": _changes(answer.inputs),
        **_unused_changes(answer),
        "draws": simulated.draws,
        "seed": scenario.seed,
        **({"dollars_of": answer.calendar.dollars_of} if answer.calendar.dollars_of else {}),
        **named(answer, "first_quarter=calendar.first last_quarter=calendar.last"),
        "announced_usd_mn": plain(known.announced),
        "of_it_yearly_usd_mn": plain(known.yearly),
        "bridge": _table("step", simulated.steps[list(STEP_KEYS)].rename(columns=STEP_KEYS)),
        **named(answer, "credited:mn delivered_in_horizon:mn=delivered additional:mn"),
        "mean_standard_errors": named(answer, MEAN_ERRORS),
        **_tariff(answer),
        **named(answer, "gap_last_four_quarters:mn=gap_last_four gap_last_four_quarters_se:mn=known.gap_error"),
        "last_four_quarters": list(map(str, known.last_four)),
        **newest_as_json(known),
        **at_most_as_json(rise),
        "closure": {
            **named(answer, "annual_rate best_year=best_year_rate"),
            "best_year_label": str(answer.best_year),
            **named(answer, "against_baseline=baseline_closure"),
        },
        **named(answer, "months_of_todays_gap first_quarter_closed"),
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
        **made_from(known.sources, known.files),
    }


def scenario_as_json(answer: Solution, rise: RiseOutturn | None, central: Solution | None) -> dict[str, object]:
    """The same for the record of its page: with what it closes beside the central scenario, every assumption, and what
    was collected of published tariffs."""
    found = None if central is None else timing.against(answer, central)
    beside = "share_a_year=own central_share_a_year=other apart times"
    return {
        **as_json(answer, rise),
        "against_central": None if found is None else {**_span(found.over), **named(found, beside)},
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
        **named(found[-1], "last_month=month last=share"),
        "rates": [
            {
                "since": str(each.since),
                **named(each, "rate collected share most"),
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
    units = {"units": named(each.rate, "at_most units backlog a_month months elsewhere")} if each.rate else {}
    return {"deal": each.leaf.id, **named(each, f"{bounds} start_at_most:mn=start_usd_mn"), **lines, **units}


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
    return {**name, **named(part, f"{amounts} due_first=first due_last=last is_printed is_open")}


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
        **named(found.answer, "as_of=known.as_of scenario=scenario.name baseline=scenario.baseline.method"),
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


def goal_as_json(sought: Sought, of: Model) -> dict[str, object]:
    """Plain types for JSON: USD million to a dollar, shares to nine decimals."""
    goal, known, scenario = sought.goal, of.inputs.known, of.inputs.scenario
    return {
        **named(of.inputs, "scenario=scenario.name reporter=scenario.reporter as_of=known.as_of"),
        "changes": _changes(of.inputs),
        "close": goal.share,
        "by": str(goal.by),
        "confidence": goal.confidence,
        "quarters": sought.quarters,
        "draws": sought.draws,
        "seed": scenario.seed,
        "announced_usd_mn": plain(known.announced, 6),
        **named(sought, "gap_last_four_quarters:mn=gap_today baseline_gap_four_quarters:mn=baseline_gap", 6),
        "feasible": sought.feasible,
        "why": goal_reasons(sought),
        **named(sought, "larger_without_deals:mn=rise takes_off:mn=off", 6),
        "as_it_is": {"probability": sought.probability, "share": plain(sought.share)},
        "every_dollar_share": plain(sought.every_dollar),
        "levers": [_lever_json(lever) for lever in sought.levers],
        **made_from(known.sources, known.files),
    }


def _lever_json(lever: Lever) -> dict[str, object]:
    return {
        **named(lever, "lever=name feasible unit"),
        "as_it_is": round(lever.as_it_is, DIGITS),  # quarters stay a whole number
        "needed": None if lever.needed is None else round(lever.needed, DIGITS),
        **named(lever, "times probability share"),
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
                **named(one, "baseline=method four_quarters_to=last"),
                **named(one, "purchases:mn deals:mn", 6),
                **named(one, "export_growth=growth holding_growth=holding"),
            }
            for one in held
        ],
        "goal": goal_as_json(sought, answer),
    }
