"""Forecasts as they stood: a file a book and release, what is kept in it when reports are written, and how it did.

An entry (a method's forecast of trade, a scenario's additions, the milestones of deals) is written once and stays; a
file grows only by methods and scenarios that it has not. So an assumption that is tried leaves nothing. A replay is no
forecast, since it may know what came later.
"""

import contextlib
import json
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import Any

import pandas as pd

from .. import __version__
from ..answers import milestones, score
from ..assumptions.baseline import DEFAULT
from ..assumptions.written import Assumptions
from ..facts import trade
from ..facts.known import Known
from ..words.plain import plain
from ..words.problems import Problem, Refused, raise_errors
from . import asof, folder, inputs, regular, store, writing
from .folder import Folder

KEYS = ("reporter", "as_of", "known", "trade", "scenarios", "milestones")
OF_SCENARIO = ["scenario", "title", "draws", "seed", "first_quarter", "additional_usd_mn"]
IN_USD_MN = {name: f"{name}_usd_mn" for name in ("outturn", "error", "crps", "interval_score")}
RELEASES = ("first", "latest")  # what was first published of a quarter, and what the newest release has


def keep(where: Folder, answers: Iterable[Mapping[str, Any]]) -> list[str]:
    """Keep what each book's newest release has not kept yet; returns what is new, a line a file.

    `answers` are such JSON as `run` prints: of those that are neither replays nor changed for their run, the additions
    are kept. Raises writing.CannotWrite, and Refused for a file that is no forecast.
    """
    own = [record for record in answers if not record["is_replay"] and not record["changes"]]
    held, books = store.hold(where), []
    for reporter in folder.declared(where).books:
        with contextlib.suppress(Refused):  # a book without figures, of which nothing can be forecast
            books.append(asof.known(reporter, case=held))
    lines = []
    for known in books:
        records = [one for one in own if one["reporter"] == known.reporter]
        lines.append(_kept(where, known, records, has_deals=known is books[0]))  # deals are of no book
    return [line for line in lines if line]


def _kept(where: Folder, known: Known, records: Iterable[Mapping[str, Any]], *, has_deals: bool) -> str:
    """Add to a book's file what it has not; returns what is new, or nothing."""
    path = where.forecasts / f"{known.reporter}-{known.as_of}.json"
    kept: dict[str, Any] = {"reporter": known.reporter, "as_of": str(known.as_of), "known": known.words}
    kept = _read(path) if path.exists() else {**kept, "trade": [], "scenarios": [], "milestones": []}
    there = {one["method"] for one in kept["trade"] if not one.get("note")}
    methods = [_trade(known, name) for name in score.methods(known) if name not in there]
    there = {one["scenario"] for one in kept["scenarios"]}
    scenarios = [_additions(record) for record in records if record["scenario"] not in there]
    dated = milestones.milestones(known, _assumed(where)) if has_deals and not kept["milestones"] else []
    new = [
        *(one["method"] for one in methods),
        *(one["scenario"] for one in scenarios),
        *(["milestones"] if dated else []),
    ]
    if not new:
        return ""
    grown = {**kept, "trade": kept["trade"] + methods, "scenarios": kept["scenarios"] + scenarios}
    writing.write_text(path, text({**grown, "milestones": kept["milestones"] or dated}))
    return f"{path.stem}: {', '.join(new)} kept"


def _trade(known: Known, method: str) -> dict[str, Any]:
    """A method's forecast of trade, with what it was made from."""
    files = {**known.files, **(known.pooled_files if method == DEFAULT else {})}
    return score.trade(known, method) | {"version": __version__, "inputs": files}


def _assumed(where: Folder) -> Assumptions:
    return inputs.parse_assumptions(inputs.document(where, inputs.ASSUMPTIONS))


def _additions(record: Mapping[str, Any]) -> dict[str, Any]:
    """What the deals of a scenario add, by quarter on average and in all, with what it was made from."""
    added = [row["additional_mean_usd_mn"] for row in record["by_quarter"]]
    kept = {key: record[key] for key in OF_SCENARIO} | {"additional_mean_by_quarter_usd_mn": added}
    return {key: _rounded(value) for key, value in kept.items()} | {key: record[key] for key in ("version", "inputs")}


def _rounded(value: Any) -> Any:
    """Floats to 0.1 USD million at any depth, so that another machine's last bit is no other forecast."""
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, score.DIGITS) if isinstance(value, float) else value


def text(kept: Mapping[str, Any]) -> str:
    """A file of forecasts: a line an entry's key, and a line a milestone, so that a diff shows which one is new."""
    lists = {key: [_lines(one) for one in kept[key]] for key in ("trade", "scenarios")}
    lists["milestones"] = [f"\n  {_json(one)}" for one in kept["milestones"]]
    head = [f" {_json(key)}: {_json(kept[key])}" for key in ("reporter", "as_of", "known")]
    body = [f" {_json(key)}: [{','.join(entries)}\n ]" for key, entries in lists.items()]
    return "{\n" + ",\n".join([*head, *body]) + "\n}\n"


def _lines(entry: Mapping[str, Any]) -> str:
    return "\n  {" + ",\n   ".join(f"{_json(key)}: {_json(value)}" for key, value in entry.items()) + "}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _read(path: Path) -> dict[str, Any]:
    """A file of forecasts. Raises Refused for any other."""
    try:
        kept = regular.read_json(path, f"forecasts/{path.name}")
        missing = [key for key in KEYS if key not in kept]
    except (ValueError, TypeError):
        missing = ["the whole"]
    if missing:
        reason = f"no file of forecasts: it lacks {', '.join(missing)}"
        fix = "take it away, or put it back as it was"
        raise Refused([Problem("empty", f"forecasts/{path.name}", reason, fix)])
    return dict(kept)


def read(where: Folder) -> dict[str, dict[str, Any]]:
    """Every file of forecasts by its name. Raises Refused with every file that is none."""
    found: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for path in sorted(where.forecasts.glob("*.json")):
        try:
            found[path.name] = _read(path)
        except Refused as refused:
            problems += refused.problems
    raise_errors(problems)
    return found


def judged(where: Folder) -> dict[str, str]:
    """What of each file is held against what came, its trade and milestones, by name -> sha256.

    Of a file that is no forecast, its own: whoever reads it is told.
    """
    found = {}
    for path in sorted(where.forecasts.glob("*.json")):
        try:
            kept = _read(path)
            found[f"forecasts/{path.name}: trade, milestones"] = writing.sha256_of_text(
                _json([kept["trade"], kept["milestones"]])
            )
        except Refused:
            found[f"forecasts/{path.name}"] = writing.sha256_of(path)
    return found


def outturns(where: Folder, reporter: str, after: pd.Period) -> dict[str, pd.DataFrame]:
    """Exports, imports and gap of a book's quarters, as first published after a month, and by the newest release.

    Of what was out by that month both are the newest. Raises Refused for a book without figures.
    """
    facts = store.facts(where)
    latest = asof.known(reporter, case=where)
    first = latest.history
    for release in reversed(trade.releases(facts.flows, reporter, facts.pair.other(reporter))):
        if after < release < latest.as_of:
            then = asof.known(reporter, release, case=where).history
            first = pd.concat([then, first.loc[first.index.difference(then.index)]]).sort_index()
    return dict(zip(RELEASES, (first, latest.history), strict=True))


def _listed(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What is in a file of forecasts."""
    return {
        **{key: kept[key] for key in ("reporter", "as_of")},
        "methods": [" ".join(filter(None, (one["method"], one.get("note")))) for one in kept["trade"]],
        "scenarios": [one["scenario"] for one in kept["scenarios"]],
        "milestones": len(kept["milestones"]),
    }


def _with_units(found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(quarter=found["quarter"].map(str)).rename(columns=IN_USD_MN)


def scores(where: Folder) -> dict[str, Any]:
    """Every kept forecast against the figures and events published since, as plain types for JSON.

    Raises Refused for a file that is no forecast, or one on a book without figures.
    """
    files, held = read(where), store.hold(where)
    tables: list[pd.DataFrame] = []
    dated: list[dict[str, Any]] = []
    for kept in files.values():
        about = {"reporter": kept["reporter"], "as_of": kept["as_of"]}
        since = outturns(held, kept["reporter"], pd.Period(kept["as_of"], freq="M"))
        tables += [score.scores(one | about, since) for one in kept["trade"]]
        dated += [one | {"as_of": kept["as_of"]} for one in kept["milestones"]]
    found = score.together(tables)
    facts = store.facts(held)
    at = max([*facts.flows["vintage"], *(pd.Period(kept["as_of"], freq="M") for kept in files.values())])
    become = milestones.resolved(dated, facts.events, at)
    return {
        "files": [{"file": name, **_listed(kept)} for name, kept in files.items()],
        "trade": score.summary(found),
        "quarters": [plain(row) for row in _with_units(found).to_dict("records")],
        "due": _due(files.values(), {(row["reporter"], row["quarter"]) for _, row in found.iterrows()}),
        "milestones": {**milestones.brier(become, at), "each": become},
    }


def _due(files: Iterable[Mapping[str, Any]], published: Set[tuple[str, pd.Period]]) -> dict[str, Any]:
    """How many quarters of a book were forecast, of how many the figures are out, and which one is due next, when."""
    forecast = {
        (kept["reporter"], pd.Period(one["first_quarter"], freq="Q") + ahead)
        for kept in files
        for one in kept["trade"]
        for ahead in range(len(one["gap_usd_mn"]))
    }
    waiting = [(when.asfreq("M", how="end") + trade.lag(of), of, when) for of, when in forecast - published]
    due = (
        {key: str(value) for key, value in zip(("due", "reporter", "quarter"), min(waiting), strict=True)}
        if waiting
        else None
    )
    return {"forecast": len(forecast), "published": len(forecast) - len(waiting), "next": due}
