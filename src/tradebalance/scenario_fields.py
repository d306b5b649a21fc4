"""Types of the fields that scenarios and assumptions share: quarters, months and days as YAML writes them."""

import re
from typing import Annotated

import pandas as pd
from pydantic import BeforeValidator

from .terms import month, quarter
from .validation import wrong

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
