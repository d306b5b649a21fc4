"""Write docs/reference.md: every key of the hand-written files, every key of the JSON, every command.

`make reference` runs it and a test fails when the page is no longer what the code says. Names, types, limits and
defaults are read from the records, options from the commands, JSON keys from what the commands print; the words beside
them are in reference.yaml. A key without words there, or words without a key, is refused.
"""

import dataclasses
import enum
import json
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import yaml
from annotated_types import Ge, Gt, Le, Lt
from click.testing import CliRunner
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from tradebalance import cli
from tradebalance.answers.arrivals import Evidence
from tradebalance.assumptions import written
from tradebalance.assumptions.scenario import ScenarioSpec
from tradebalance.assumptions.sweep import AsOf, SweepSpec
from tradebalance.case import sidecars, writing
from tradebalance.case.folder import Declaration
from tradebalance.case.sidecars import Correction, Sidecar
from tradebalance.facts.goods import Kind
from tradebalance.reading.options import Options
from tradebalance.words import schema

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference.md"
WORDS = yaml.safe_load((ROOT / "tools" / "reference.yaml").read_text(encoding="utf-8"))
KINDS = {int: "whole number", str: "text", bool: "true or false", object: "anything", Any: "anything"}
PERIODS = {
    schema.Quarter.__metadata__[0]: "quarter (2027Q1)",
    schema.Month.__metadata__[0]: "month (2026-08)",
    sidecars.Month.__metadata__[0]: "month (2026-08)",
    AsOf.__metadata__[0]: "month (2026-08) or newest",
    schema.Day.__metadata__[0]: "day (2026-07-24)",
    schema.Number.__metadata__[0]: "number",
}
SIGNS = {Ge: "at least", Gt: "above", Le: "at most", Lt: "below"}
SMALL = ("--draws", "100", "--set", "baseline={method: hold}", "--json")  # quick: only the keys are looked at
CORPUS = ROOT / "tests" / "corpus"
KNOWN = ("--as-of", "2026-10")  # a month when two of the running quarter's are known: a newer release may have none
TAXED = ("--set", "tariff.imports={2026-01-01: 0.05, 2027-01-01: 0}")
PRINTED = {  # command -> what is run to see its keys
    "run": [("run", "even", *KNOWN, *SMALL), ("run", "even", *SMALL), ("run", "tariff_46", *TAXED, *SMALL)],
    "goal": [("goal", "even", "--close", "0.01", "--by", "2030Q4", *SMALL)],
    "track": [("track", "--json"), ("track", "--case", "phase-one", "--json")],
    "pledges": [("pledges", "--json")],
    "trace": [
        ("trace", "gap_usd_mn", "2025-03", "--json"),
        ("trace", "additional_usd_mn", "--scenario", "even", *SMALL),
    ],
    "nowcast": [("nowcast", *KNOWN, "--json")],
    "changes": [("changes", "--from", "2024-08", "--to", "2026-10", "--json"), ("changes", "--json")],
    "check": [("check", str(CORPUS / "good" / "g01_plain.csv"), str(CORPUS / "bad" / "b06_text_value.csv"), "--json")],
}
RANGE = {"mean", "p05", "p50", "p95"}
OPEN = {"inputs", "changes"}  # their keys are data
SAME_FORM = {"parts", "without_odd_months", "by_month"}  # told once, elsewhere


class Book:
    """The words of reference.yaml, each used at least once."""

    def __init__(self) -> None:
        self.asked: dict[tuple[str, str], None] = {}

    def __call__(self, part: str, key: str) -> str:
        self.asked[part, key] = None
        return WORDS.get(part, {}).get(key, "")

    def check(self) -> None:
        """Raises SystemExit with every key that has no words, and all words that have no key."""
        known = {(part, key) for part, words in WORDS.items() for key in words}
        wrong = [f"no words for {part}: {key}" for part, key in self.asked if (part, key) not in known]
        wrong += [f"words for what there is not, {part}: {key}" for part, key in known - self.asked.keys()]
        if wrong:
            raise SystemExit("tools/reference.yaml: " + "; ".join(wrong))


def page() -> str:
    """The whole page as Markdown."""
    words = Book()
    parts = [
        "# Reference",
        "Written by `make reference` from the code; change that, or tools/reference.yaml for the words.",
        *commands(),
        *records(words),
        *json_keys(words),
    ]
    words.check()
    return "\n\n".join(parts) + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), ["---"] * len(list(head)), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


# --- commands -------------------------------------------------------------------------------------


def commands() -> list[str]:
    """The commands, their options, each told once, and the exit codes."""
    found = sorted(cli.cli.commands.items())
    rows = [[f"`{usage(name, command)}`", " ".join((command.help or "").split())] for name, command in found]
    options: dict[tuple[str, str], list[str]] = {}
    for name, command in found:
        for option in command.params:
            if isinstance(option, click.Option):
                options.setdefault((spelled(option), option.help or ""), []).append(name)
    listed = [[f"`{option}`", ", ".join(of), text] for (option, text), of in sorted(options.items())]
    codes = re.search(r"Exit codes: (.*?)\.\s", " ".join((cli.__doc__ or "").split()))
    assert codes, "the docstring of cli names the exit codes"
    return [
        "## Commands",
        f"Exit codes: {codes[1]}. Messages go to standard error, answers to standard output.",
        table(["command", "what it does"], rows),
        table(["option", "of", "what it does"], listed),
    ]


def usage(name: str, command: click.Command) -> str:
    return " ".join([name, *(p.make_metavar(click.Context(command)) for p in command.params if not is_option(p))])


def is_option(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option)


def spelled(option: click.Option) -> str:
    choices = "|".join(option.type.choices) if isinstance(option.type, click.Choice) else ""
    value = "" if option.is_flag else f" {option.metavar or choices or option.type.name.upper()}"
    return ", ".join(option.opts) + value


# --- hand-written files ---------------------------------------------------------------------------


def records(words: Book) -> list[str]:
    limits = [
        [
            f"`{section}`",
            limit(section),
            ", ".join(sorted(written.FORMS.get(section, written.NUMBERS))),
            how(words, section),
        ]
        for section in dict.fromkeys([*written.LIMITS, written.MIX, written.WINDOW, written.TARIFF_PATH])
    ]
    return [
        "## A scenario: `scenarios/NAME.yaml`",
        "Other keys are refused; the file's name, 1 to 64 of `A-Za-z0-9_-` and no - first, is the scenario's.",
        *shapes(words, ScenarioSpec, "scenario"),
        "## A sweep: the file of `tradebalance sweep`",
        "One of grid and list; [scale.md](scale.md) has an example.",
        *shapes(words, SweepSpec, "sweep"),
        "## Assumptions: `scenarios/_assumptions.yaml`",
        "An assumption's path joins its keys by dots. Each has exactly one form (value, beta, gamma, shares, median "
        "with sigma, mixture, steps, first with last, rates), and `from` and `strength`.",
        *shapes(words, written.WrittenAssumption, "assumption"),
        table(["section", "from, to", "forms", "looked up"], limits),
        "## A case: `case.yaml`",
        *shapes(words, Declaration, "case.yaml"),
        "## A raw file: `NAME.source.yaml` beside it",
        *shapes(words, Sidecar, "sidecar"),
        "Of a file of printed figures a sidecar, or `check --set`, may say:",
        *shapes(words, Options, "options"),
        "## Corrections: `data/corrections.yaml`, a list under `corrections`",
        *shapes(words, Correction, "correction"),
        "## Arrivals: `data/arrivals.yaml`, a list under `deals`",
        *shapes(words, Evidence, "deal"),
        "## Commodities: `data/commodities.yaml`, a list under `lines`",
        *shapes(words, Kind, "line"),
    ]


def limit(section: str) -> str:
    low, high = written.LIMITS.get(section, ("", ""))
    return f"{low}, {high}" if section in written.LIMITS else ""


def how(words: Book, section: str) -> str:
    return words("sections", section)


def shapes(words: Book, record: type, name: str, seen: set[type] | None = None) -> list[str]:
    """A table of a record's keys, and one of each record inside it that is not told yet."""
    seen = seen if seen is not None else set()
    seen.add(record)
    rows = [
        [f"`{key}`", form(annotation), default, words(words_of(record, key), key)]
        for key, annotation, default in keys(record)
    ]
    tables = [table([name, "form", "default", "meaning"], rows)]
    for key, annotation, _ in keys(record):
        for inner in models(annotation):
            if inner not in seen and not issubclass(record, inner):
                tables += shapes(words, inner, f"{name}: {key}" if name else key, seen)
    return tables


def words_of(record: type, key: str) -> str:
    """The part of reference.yaml that has a record's words: its own, or that of the record it extends."""
    return next((base.__name__ for base in record.__mro__ if key in WORDS.get(base.__name__, {})), record.__name__)


def keys(record: type) -> Iterator[tuple[str, Any, str]]:
    """Key, annotation and default of each field."""
    hints = typing.get_type_hints(record, include_extras=True)
    if dataclasses.is_dataclass(record) and not hasattr(record, "__pydantic_fields__"):
        yield from ((each.name, hints[each.name], "") for each in dataclasses.fields(record))
        return
    for name, field in record.__pydantic_fields__.items():  # type: ignore[attr-defined]
        if not field.exclude:
            yield field.alias or name, hints[name], shown(field)


def shown(field: Any) -> str:
    """A field's default as a file would write it, `required` where there is none."""
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if dataclasses.is_dataclass(default) or hasattr(default, "model_fields_set"):
        return "its defaults"
    if default is None or default in ("", [], {}):
        return ""
    return ", ".join(map(str, default)) if isinstance(default, list) else str(default).replace("True", "true")


def models(annotation: Any) -> list[type]:
    """The records that a field's form holds."""
    if isinstance(annotation, type) and hasattr(annotation, "__pydantic_fields__"):
        return [annotation]
    return [model for part in typing.get_args(annotation) for model in models(part)]


def form(annotation: Any) -> str:
    """A field's form in words: `list of text`, `number at least 0`, `one of a, b`."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return annotated(parts[0], parts[1:])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(form(part) for part in parts if part is not type(None))
    if origin is typing.Literal:
        return "one of " + ", ".join(map(str, parts))
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return "one of " + ", ".join(map(str, annotation))
    if origin is list or (isinstance(origin, type) and issubclass(origin, tuple)):
        return f"list of {form(parts[0])}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"{form(parts[0])}: {form(parts[1])}"
    if isinstance(annotation, type) and hasattr(annotation, "__pydantic_fields__"):
        return "keys below"
    return KINDS.get(annotation, getattr(annotation, "__name__", str(annotation)))


def annotated(kind: Any, limits: Iterable[Any]) -> str:
    """A form with its limits; a word out of a register as the words that its refusal lists."""
    known, said = form(kind), ""
    for each in flat(limits):
        if each in PERIODS if isinstance(each, typing.Hashable) else False:
            known = PERIODS[each]
        elif isinstance(each, BeforeValidator) and kind is str:
            known = listed(each)
        said += bound(each)
    return known + said


def listed(check: BeforeValidator) -> str:
    try:
        check.func("")  # type: ignore[call-arg]
    except PydanticCustomError as refusal:
        return "one of " + ", ".join(re.findall(r"'([^']+)'", (refusal.context or {})["fix"]))
    raise AssertionError("a register took an empty word")


def flat(limits: Iterable[Any]) -> Iterator[Any]:
    """Limits, also those that pydantic's Field gathers."""
    for each in limits:
        yield from getattr(each, "metadata", None) or [each]


def bound(limit: Any) -> str:
    for kind, sign in SIGNS.items():
        if isinstance(limit, kind):
            return f", {sign} {getattr(limit, kind.__name__.lower())}"
    return ""


# --- JSON -----------------------------------------------------------------------------------------


def json_keys(words: Book) -> list[str]:
    """A table of keys for each command that prints JSON."""
    parts = [
        "## JSON",
        "Sums are USD million, shares fractions; a key ending in `[]` is a list, one in `{}` has data for keys, and a "
        f"range is {words('json', 'a_range')}. Numbers of `trace` and of figures in `check` are decimal strings.",
    ]
    for command, runs in PRINTED.items():
        found: dict[str, set[str]] = {}
        for arguments in runs:
            for path, kind in walk(printed(arguments)):
                found.setdefault(path, set()).add(kind)
        rows = [[f"`{path}`", kind_of(kinds), words("json", told(command, path))] for path, kinds in found.items()]
        parts += [f"### `{command} --json`", table(["key", "kind", "meaning"], rows)]
    return parts


def printed(arguments: tuple[str, ...]) -> Any:
    """What a command prints, as data."""
    done = CliRunner().invoke(cli.cli, list(arguments), standalone_mode=False, catch_exceptions=False)
    return json.loads(done.stdout)


def walk(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The path of each key in JSON, and the kind of what stands there."""
    name = leaf(path)
    if name in OPEN:
        yield path + "{}", "text"
    elif isinstance(data, Mapping) and data and set(data) <= RANGE:
        yield path, "range"
    elif isinstance(data, Mapping):
        if data and path and not path.endswith("[]"):
            yield path, "keys below"
        for key, value in data.items():
            yield from walk(value, f"{path}.{key}" if path else key)
    elif isinstance(data, list):
        yield path + "[]", "list"
        for value in () if name in SAME_FORM else data:
            yield from walk(value, path + "[]")
    elif not path.endswith("[]"):
        yield path, {type(None): "null", bool: "true or false", str: "text"}.get(type(data), "number")


def leaf(path: str) -> str:
    return path.rsplit(".", 1)[-1].removesuffix("[]").removesuffix("{}")


def told(command: str, path: str) -> str:
    """Under which key the words of a path stand: the command's own, or the key's wherever it is."""
    own = f"{command}.{leaf(path)}"
    return own if own in WORDS["json"] else leaf(path)


def kind_of(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds, key=lambda kind: (kind == "null", kind)))


if __name__ == "__main__":
    writing.write_text(PAGE, page())
