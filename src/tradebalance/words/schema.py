"""Declared shapes of YAML files: pydantic models whose complaints come out as problems.

pydantic finds all errors of a file at once and keeps the declarations short; this module
translates its error types into the project's codes and names the nearest known key.

Types of the fields that scenarios and assumptions share: quarters, months and days as YAML writes them.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Real
from typing import Annotated, Any, Protocol, TypeVar, get_origin

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from .problems import Problem
from .terms import month, quarter

KeyPath = tuple[str, ...]
Model = TypeVar("Model", bound=BaseModel)


class Lines(Protocol):
    """What a YAML document offers: its content, what was wrong already, a problem at a key path with its line."""

    file: str
    data: object
    problems: list[Problem]

    def written_at(self, path: KeyPath) -> KeyPath:
        """The path as it stands in the file: `milestones` may stand inside `profile` or beside it."""

    def problem(self, code: str, path: KeyPath, reason: str, fix: str, value: object = None) -> Problem: ...


class Strict(BaseModel):
    """A mapping with known keys only; nothing is converted, and the record is frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_default=False)


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
Positive = Annotated[Number, Field(gt=0)]
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
    "greater_than": ("out_of_range", "too small"),
    "greater_than_equal": ("out_of_range", "too small"),
    "less_than": ("out_of_range", "too large"),
    "less_than_equal": ("out_of_range", "too large"),
}
BOUNDS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}


def validated(
    model: type[Model], data: object, lines: Lines, where: KeyPath = ()
) -> tuple[Model | None, list[Problem]]:
    """The data as a record of `model`, or None and every problem, each on its key's line.

    A key that the document already complains of is not complained of twice.
    """
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        found = [_problem(detail, model, lines, where) for detail in error.errors(include_url=False)]
        known = {(problem.row, problem.column) for problem in lines.problems}
        return None, [problem for problem in found if (problem.row, problem.column) not in known]


def _problem(detail: ErrorDetails, model: type[BaseModel], lines: Lines, where: KeyPath) -> Problem:
    path = (*where, *(str(step) for step in detail["loc"] if step != "[key]"))
    path = lines.written_at(path)
    context: Mapping[str, Any] = detail.get("ctx", {})
    kind = detail["type"]
    value = None if kind == "missing" or detail["input"] is None else shown(detail["input"])
    if kind == "own":
        return lines.problem(context["own_code"], path, context["reason"], context["fix"], value)
    if kind in ("enum", "literal_error"):
        fix = f"use {context['expected']}" + nearest(str(detail["input"]), _quoted(context["expected"]))
        return lines.problem("wrong_type", path, "not one of the words known here", fix, value)
    code, reason = CODES.get(kind, ("wrong_type", detail["msg"]))
    if code == "empty" and context.get("actual_length"):
        code, reason = "wrong_type", detail["msg"]
    if kind == "model_type":
        return lines.problem(
            code, path, reason, _mapping(_model_at(model, detail["loc"]), path, detail["input"]), value
        )
    return lines.problem(code, path, reason, _fix(kind, path[-1] if path else "", model, detail, context), value)


def _fix(kind: str, key: str, model: type[BaseModel], detail: ErrorDetails, context: Mapping[str, Any]) -> str:
    if kind == "extra_forbidden":
        known = keys(_model_at(model, detail["loc"][:-1]))
        if ":" in key:
            return f"put a blank after the colon: {key.replace(':', ': ', 1)}"
        return f"use {', '.join(known)}" + nearest(key, known)
    bound = next((f"{words} {context[name]}" for name, words in BOUNDS.items() if name in context), None)
    if bound:
        return f"give a value {bound}"
    return "give a value" if CODES.get(kind, ("",))[0] == "empty" else "correct the value"


def _mapping(model: type[BaseModel], path: KeyPath, value: object) -> str:
    """What to write where one value stands for a mapping: the first key that takes it, else the keys there are."""
    for key in keys(model):
        try:
            model.model_validate({key: value})
        except ValidationError as error:
            if any(detail["loc"][:1] == (key,) for detail in error.errors()):
                continue
        return f"write {'.'.join((*path, key))}={shown(value)}, in a file {path[-1]}: {{{key}: {shown(value)}}}"
    return f"give its keys: {', '.join(keys(model))}"


def nearest(word: str, known: list[str]) -> str:
    """`; did you mean X?` for the known word nearest to one that is not, or nothing."""
    close = difflib.get_close_matches(word, known, 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def keys(model: type[BaseModel]) -> list[str]:
    """The keys of a mapping that the model is validated from."""
    return [field.alias or name for name, field in model.model_fields.items() if name != "name"]


def paths(model: type[BaseModel]) -> Iterator[str]:
    """The dotted paths of a mapping's keys and of those of the mappings in it; NAME stands for keys that are names."""
    for name, field in model.model_fields.items():
        if name != "name":
            key = field.alias or name
            inner = _models_in(field.annotation)[:1]
            at = f"{key}.NAME" if get_origin(field.annotation) is dict else key
            yield at
            yield from (f"{at}.{path}" for each in inner for path in paths(each))


def _model_at(model: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel]:
    """The model that the mapping at a path is validated by."""
    for step in path:
        by_key = {field.alias or name: field for name, field in model.model_fields.items()}
        found = _models_in(by_key[str(step)].annotation) if str(step) in by_key else []
        model = found[0] if found else model
    return model


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


def _quoted(expected: str) -> list[str]:
    return [part.strip("'") for part in expected.replace(" or ", ", ").split(", ")]


def shown(value: object) -> str:
    """A value as it would be written in YAML: a mapping as {median: 3, sigma: 0.2}."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {shown(each)}' for key, each in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _as_quarter(value: object) -> object:
    if isinstance(value, pd.Period):
        return value
    try:
        return quarter(str(value))
    except ValueError as error:
        raise wrong("wrong_type", str(error), "write quarters like 2027Q1") from None


def _as_month(value: object) -> object:
    if value == "newest":
        return None
    try:
        return month(str(value))
    except ValueError as error:
        raise wrong("wrong_type", str(error), "write newest, or a month like 2025-05") from None


def _as_day(value: object) -> object:
    try:
        if ISO_DAY.fullmatch(str(value)):
            return pd.Timestamp(str(value))
    except ValueError:
        pass
    raise wrong("wrong_type", f"{value!r} is not a day like 2026-07-24", "write days like 2026-07-24")


Quarter = Annotated[pd.Period, BeforeValidator(_as_quarter)]
Month = Annotated[pd.Period | None, BeforeValidator(_as_month)]
Day = Annotated[pd.Timestamp, BeforeValidator(_as_day)]
