"""Declared shapes of YAML files: pydantic models whose complaints come out as problems.

pydantic finds all errors of a file at once and keeps the declarations short; this module
translates its error types into the project's codes and names the nearest known key. Last come the types of the
fields that such files share: quarters, months and days as YAML writes them.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from numbers import Real
from typing import Annotated, Any, TypeVar, get_origin

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from .problems import Problem, Refused
from .terms import month, quarter

KeyPath = tuple[str, ...]
Model = TypeVar("Model", bound=BaseModel)


@dataclass
class Document:
    """A YAML file's content in plain types, the line of each key path, and what was wrong.

    Numbers are int or Decimal, exactly as printed; anything that YAML 1.1 would turn into a
    date, a sexagesimal or a truth value without being asked stays a string or is a problem.
    """

    file: str
    data: object = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def written_at(self, path: KeyPath) -> KeyPath:
        """The path as it stands in the file: a delivery's milestones may stand inside `profile` or beside it."""
        if path not in self.lines and "milestones" in path:
            at = path.index("milestones")
            deeper = (*path[:at], "profile", *path[at:])
            return deeper if deeper[: at + 2] in self.lines else path
        return path

    def problem(self, code: str, path: KeyPath, reason: str, fix: str, value: object = None) -> Problem:
        """A problem at a key path, on that key's line (or its nearest known parent's)."""
        known = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in self.lines), ())
        found = None if value is None else str(value)
        return Problem(code, self.file, reason, fix, self.lines.get(known, 1), ".".join(path) or None, found)


class Strict(BaseModel):
    """A mapping with known keys only; nothing is converted, and the record is frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


def wrong(code: str, reason: str, fix: str) -> PydanticCustomError:
    """An error with the project's own code, to raise inside a validator."""
    # pydantic fills {braces} of a template; the words are passed as data so that they stay as they are
    return PydanticCustomError("own", "{reason}", {"own_code": code, "reason": reason, "fix": fix})


def one_of(known: Callable[[], Iterable[str]]) -> BeforeValidator:
    """A word out of a register, looked up when a file is read; the error lists them and names the nearest."""

    def check(value: object) -> object:
        words = list(known())
        if value in words:
            return value
        *first, last = map(repr, words)
        fix = f"use {', '.join(first)} or {last}" + nearest(str(value), words)
        raise wrong("wrong_type", "not one of the words known here", fix)

    return BeforeValidator(check)


def _number(value: object) -> Decimal:
    """A whole number, a Decimal, or a float (numpy's too) as the decimal that it prints as."""
    if isinstance(value, bool) or not isinstance(value, Real | Decimal) or isinstance(value, Fraction):
        raise wrong("wrong_type", "not a number", "give a number, without quotes")
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite():
        raise wrong("not_finite", "not a finite number", "give a number")
    return number


Number = Annotated[Decimal, BeforeValidator(_number)]
Share = Annotated[Number, Field(ge=0, le=1)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
CODES = {
    "extra_forbidden": ("unknown_key", "no such key"),
    "missing": ("empty", "the key is missing"),
    "string_too_short": ("empty", "the text is empty"),
    "too_short": ("empty", "nothing is given"),
    "int_type": ("wrong_type", "not a whole number"),
    "string_type": ("wrong_type", "not a text"),
    "bool_type": ("wrong_type", "neither true nor false"),
    "list_type": ("wrong_type", "not a list"),
    "dict_type": ("wrong_type", "not a mapping of keys to values"),
    "model_type": ("wrong_type", "a mapping of keys, not one value"),
    **dict.fromkeys(("greater_than", "greater_than_equal"), ("out_of_range", "too small")),
    **dict.fromkeys(("less_than", "less_than_equal"), ("out_of_range", "too large")),
}
BOUNDS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}


def read(model: type[Model], document: Document, *beside: Problem, **given: object) -> Model:
    """A file's content as a record of `model`, with the keys that are `given` instead of written.

    Raises Refused with every problem: of the YAML, those `beside`, and of the keys, each on its key's line.
    """
    data = {**document.data, **given} if isinstance(document.data, Mapping) else document.data
    found, problems = validated(model, data, document)
    if found is None or problems or beside or document.problems:
        raise Refused([*document.problems, *beside, *problems])
    return found


def keyed(document: Document, fix: str, of: str = "keys") -> Mapping[str, Any]:
    """A file's content where it is a mapping. Raises Refused for any other, with what could not be read."""
    if not isinstance(document.data, Mapping):
        wrong_type = document.problem("wrong_type", (), f"not a mapping of {of} to values", fix)
        raise Refused(document.problems or [wrong_type])
    return document.data


def validated(
    model: type[Model], data: object, lines: Document, where: KeyPath = ()
) -> tuple[Model | None, list[Problem]]:
    """The data as a record of `model`, or None and every problem, each on its key's line.

    A key that the document already complains of is not complained of twice, nor is a file that it could not read.
    """
    if lines.problems and not isinstance(data, Mapping):
        return None, []
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        found = [_problem(detail, model, lines, where) for detail in error.errors(include_url=False)]
        known = {(problem.row, problem.column) for problem in lines.problems}
        return None, [problem for problem in found if (problem.row, problem.column) not in known]


def _problem(detail: ErrorDetails, model: type[BaseModel], lines: Document, where: KeyPath) -> Problem:
    path = lines.written_at((*where, *(str(step) for step in detail["loc"] if step != "[key]")))
    context: Mapping[str, Any] = detail.get("ctx", {})
    kind = detail["type"]
    value = None if kind == "missing" or detail["input"] is None else shown(detail["input"])
    if kind == "own":
        return lines.problem(context["own_code"], path, context["reason"], context["fix"], value)
    if kind in ("enum", "literal_error"):
        words = re.findall(r"'([^']*)'", context["expected"])
        fix = f"use {context['expected']}" + nearest(str(detail["input"]), words)
        return lines.problem("wrong_type", path, "not one of the words known here", fix, value)
    code, reason = CODES.get(kind, ("wrong_type", detail["msg"]))
    if code == "empty" and context.get("actual_length"):
        code, reason = "wrong_type", detail["msg"]
    return lines.problem(code, path, reason, _fix(path, model, detail, context), value)


def _fix(path: KeyPath, model: type[BaseModel], detail: ErrorDetails, context: Mapping[str, Any]) -> str:
    kind, key = detail["type"], path[-1] if path else ""
    if kind == "model_type":
        return _mapping(_model_at(model, detail["loc"]), path, detail["input"])
    if kind == "extra_forbidden":
        known = list(_by_key(_model_at(model, detail["loc"][:-1])))
        if ":" in key:
            return f"put a blank after the colon: {key.replace(':', ': ', 1)}"
        return f"use {', '.join(known)}" + nearest(key, known)
    bound = next((f"{words} {context[name]}" for name, words in BOUNDS.items() if name in context), None)
    if bound:
        return f"give a value {bound}"
    return "give a value" if CODES.get(kind, ("",))[0] == "empty" else "correct the value"


def _mapping(model: type[BaseModel], path: KeyPath, value: object) -> str:
    """What to write where one value stands for a mapping: the first key that takes it, else the keys there are."""
    for key in _by_key(model) if path else ():  # a whole file is no key's value
        try:
            model.model_validate({key: value})
        except ValidationError as error:
            if any(detail["loc"][:1] == (key,) for detail in error.errors()):
                continue
        return f"write {'.'.join((*path, key))}={shown(value)}, in a file {path[-1]}: {{{key}: {shown(value)}}}"
    return f"give its keys: {', '.join(_by_key(model))}"


def nearest(word: str, known: list[str]) -> str:
    """`; did you mean X?` for the known word nearest to one that is not, or nothing."""
    close = difflib.get_close_matches(word, known, 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _by_key(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields by the keys of a mapping that the model is validated from; one that is excluded is given beside it."""
    return {each.alias or name: each for name, each in model.model_fields.items() if not each.exclude}


def paths(model: type[BaseModel]) -> Iterator[str]:
    """The dotted paths of a mapping's keys and of those of the mappings in it; NAME stands for keys that are names."""
    for key, declared in _by_key(model).items():
        at = f"{key}.NAME" if get_origin(declared.annotation) is dict else key
        yield at
        if get_origin(declared.annotation) is not list:  # what stands in a list has no path of its own
            yield from (f"{at}.{path}" for inner in _models_in(declared.annotation)[:1] for path in paths(inner))


def _model_at(model: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel]:
    for step in path:
        declared = _by_key(model).get(str(step))
        model = next(iter(_models_in(declared.annotation)), model) if declared else model
    return model


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


def shown(value: object) -> str:
    """A value as it would be written in YAML: a mapping as {median: 3, sigma: 0.2}."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {shown(each)}' for key, each in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def written_as(parse: Callable[[str], object], fix: str, code: str = "wrong_type") -> BeforeValidator:
    """A text that `parse` takes, which raises ValueError for any other."""

    def check(value: object) -> object:
        try:
            return parse(str(value))
        except ValueError as error:
            raise wrong(code, str(error), fix) from None

    return BeforeValidator(check)


def _day(text: str) -> pd.Timestamp:
    if ISO_DAY.fullmatch(text):
        with suppress(ValueError):
            return pd.Timestamp(text)
    raise ValueError(f"{text!r} is not a day like 2026-07-24")


NEWEST_OR_MONTH = "write newest, or a month like 2025-05"
Quarter = Annotated[pd.Period, written_as(quarter, "write quarters like 2027Q1")]
Month = Annotated[pd.Period | None, written_as(lambda text: None if text == "newest" else month(text), NEWEST_OR_MONTH)]
Day = Annotated[pd.Timestamp, written_as(_day, "write days like 2026-07-24")]
