"""The case's folder of frozen forecasts: written once, never changed, read to be scored."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from . import asof, frozen, writing
from .known import Known
from .problems import Problem, Refused
from .store import Case

HASH_DIGITS = 8  # of a second forecast of the same scenario, book and month: enough to tell a folder's files apart


def keep(where: Case, records: Iterable[Mapping[str, Any]]) -> list[Path]:
    """Freeze the forecasts among answers' records; returns the files that are new.

    A forecast that is there already stays; another one of the same name gets a file with its checksum. Raises
    writing.CannotWrite.
    """
    kept = []
    for record in records:
        forecast = frozen.freeze(record)
        if forecast is not None:
            kept += _kept(where.forecasts / f"{frozen.key(forecast)}.json", _text(forecast))
    return kept


def _kept(path: Path, text: str) -> list[Path]:
    other = path.with_name(f"{path.stem}-{writing.sha256_of_text(text)[:HASH_DIGITS]}.json")
    if any(file.exists() and file.read_text(encoding="utf-8") == text for file in (path, other)):
        return []
    new = next((file for file in (path, other) if writing.write_new(file, text)), None)
    if new is None:
        raise writing.CannotWrite(f"{other}: it is there with another text than its name says; put it back as it was")
    return [new]


def _text(forecast: Mapping[str, Any]) -> str:
    return json.dumps(forecast, indent=1, ensure_ascii=False) + "\n"


def read(where: Case) -> dict[str, dict[str, Any]]:
    """Every frozen forecast by the name of its file. Raises Refused with every file that is none."""
    found, problems = {}, []
    for path in sorted(where.forecasts.glob("*.json")):
        try:
            forecast = json.loads(path.read_text(encoding="utf-8"))
            missing = [key for key in frozen.KEPT if key not in forecast]
        except (ValueError, TypeError):
            missing = ["the whole"]
        if missing:
            reason, fix = (
                f"not a frozen forecast: it lacks {', '.join(missing)}",
                "take it away, or put it back as it was",
            )
            problems.append(Problem("empty", f"forecasts/{path.name}", reason, fix))
        else:
            found[path.name] = forecast
    if problems:
        raise Refused(problems)
    return found


def score(where: Case) -> dict[str, Any]:
    """Every frozen forecast against the figures published since, as plain types for JSON.

    Raises Refused for a file that is no forecast, or one on a book without figures.
    """
    forecasts = read(where)
    books = {reporter: asof.known(reporter, case=where) for reporter in {f["reporter"] for f in forecasts.values()}}
    tables = {name: frozen.scored(one, books[one["reporter"]].history) for name, one in forecasts.items()}
    return {
        "outturn": {reporter: _outturn(known) for reporter, known in sorted(books.items())},
        "forecasts": [
            {
                "file": name,
                **{key: one[key] for key in ("scenario", "reporter", "as_of", "version")},
                **frozen.summary([tables[name]]),
                "quarters": [{"quarter": str(when), **_plain(row)} for when, row in tables[name].iterrows()],
            }
            for name, one in forecasts.items()
        ],
        "all": frozen.summary(tables.values()),
    }


def _outturn(known: Known) -> str:
    return f"{known.words}, to {known.history.index[-1]}"


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name if name == "is_inside" else f"{name}_usd_mn": row[name] for name in frozen.COLUMNS}
