"""Values as JSON and CSV hold them: numbers to a fixed digit, exact ones as text without idle zeros."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

DIGITS = 9  # a machine's last bits are no other answer


def plain(value: Any, digits: int = DIGITS) -> Any:
    """A number as a float of so many digits, what is none as None; a row, mapping or named tuple by its names.

    Text stays, and so does a truth value.
    """
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping | pd.Series):
        return {str(name): plain(each, digits) for name, each in value.items()}
    if value is None or isinstance(value, str | bool):
        return value
    number = float(value)
    return None if math.isnan(number) else round(number, digits)


def text_of(cell: object) -> str:
    """A cell's text: None as nothing, a Decimal in plain digits without the zeros that say nothing."""
    if isinstance(cell, Decimal) and cell.is_finite():
        digits = format(cell, "f")
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
        return "0" if digits == "-0" else digits
    return "" if cell is None else str(cell)


def text_or_none(cell: object) -> str | None:
    """The same, but for nothing, which JSON has a word for."""
    return None if cell is None else text_of(cell)
