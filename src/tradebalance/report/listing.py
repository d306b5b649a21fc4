"""What a user may name: a case's scenarios, the assumptions and keys that `--set` takes, and the cases."""

from collections.abc import Mapping
from typing import Any

from ..assumptions.distributions import Assumption, Record
from ..assumptions.overrides import covers
from ..assumptions.scenario import ScenarioSpec
from ..case import folder, inputs
from ..case.folder import Folder
from ..words import schema

WIDTH = 100
TITLES = {
    "scenarios": "Scenarios, for `tradebalance run NAME`:",
    "assumptions": "Assumptions, for --set PATH=VALUE (in brackets the 5 and 95 % points, or a source's range):",
    "keys": "Keys of a scenario, for --set KEY=VALUE:",
    "cases": "Cases, for --case NAME; without it, the first:",
}
Listing = dict[str, list[dict[str, Any]]]


def listing(where: Folder, what: str | None = None) -> Listing:
    """The scenarios, the assumptions with the keys, or the cases; all of them if nothing is asked for."""
    found: Listing = {}
    if what in (None, "scenarios"):
        read = {name: inputs.read_scenario(where, name)[0] for name in inputs.names(where)}
        found["scenarios"] = [{"name": n, "reporter": one.reporter, "title": one.title} for n, one in read.items()]
    if what in (None, "assumptions"):
        known = inputs.parse_assumptions(inputs.document(where, inputs.ASSUMPTIONS))
        found["assumptions"] = [_assumption(record) for record in known.by_path.values()]
        paths = [path for path in schema.paths(ScenarioSpec) if path.split(".")[0] != "set"]
        ends = [path for path in paths if not any(covers(path, other) for other in paths if other != path)]
        found["keys"] = [*map(_key, ends)]
    if what in (None, "cases"):
        cases = map(folder.declared, dict.fromkeys([where, *map(Folder, folder.cases().values())]))
        found["cases"] = [{"name": case.name, "home": case.home, "partner": case.partner} for case in cases]
    return found


def _assumption(record: Record) -> dict[str, Any]:
    said: dict[str, Any] = {"path": record.path, "value": record.words}
    if isinstance(record, Assumption) and record.form != "slip":  # a slip is stated in months, and acts in quarters
        low, high = record.ends or (None, None)
        said |= {"centre": record.centre, "low": low, "high": high}
    return {**said, "strength": str(record.strength), "source": record.source}


def _key(path: str) -> dict[str, Any]:
    """A key with its default, None where it has to be given or stands for a mapping."""
    field = ScenarioSpec.model_fields.get(path)
    default = field.default if field else None
    return {"key": path, "default": default if isinstance(default, str | int) else None}


def as_text(found: Listing) -> str:
    """The listing for a terminal, at most 100 columns wide."""
    blocks = [
        [TITLES[kind], *(line for row in rows for line in _lines(kind, row, rows))] for kind, rows in found.items()
    ]
    return "\n\n".join(map("\n".join, blocks))


def _lines(kind: str, row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    if kind == "scenarios":
        widest = max(len(each["name"]) for each in rows)
        return [_cut(f"{row['name']:<{widest}}  {row['reporter']}  {row['title']}")]
    if kind == "assumptions":
        spread = "" if row.get("low") is None else f" [{row['low']:.2g}, {row['high']:.2g}]"
        centre = f"{row['centre']:.2g}{spread}, " if spread and row["value"].startswith(("Beta", "Gamma")) else ""
        value = f"{centre}{row['value']}" if centre else f"{row['value']}{spread}"
        return [_cut(f"{row['path']} = {value}"), _cut(f"    {row['strength']}: {row['source']}")]
    if kind == "keys":
        return [_cut(row["key"] + ("" if row["default"] in (None, "") else f" = {row['default']}"))]
    return [_cut(f"{row['name']}: the surplus of {row['home']} with {row['partner']}")]


def _cut(line: str) -> str:
    line = f"  {line}"
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 4].rstrip()} ..."
