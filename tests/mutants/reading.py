"""Bugs that must not live: what a printed figure says."""

import dataclasses
import pathlib
import tempfile

import pandas as pd

from tests.reading import test_classes, test_kinds
from tests.report import test_layouts
from tests.words import test_money
from tradebalance.facts import census
from tradebalance.reading import html_tables, periods, rows, scope, workbooks
from tradebalance.words import amounts

printed_amount = rows._amount


def every_cell_by_the_locale(sheet, row, column):
    return printed_amount(sheet, dataclasses.replace(row, numeric=frozenset()), column)


def zeros_are_figures(rows):
    return max(pd.Period(year=int(row["year"]), month=12, freq="M") for row in rows)


def good(name):
    return lambda: test_classes.test_what_is_printed_oddly_gives_its_figures(name)


def kind(name):
    return lambda: test_kinds.test_a_kind_reads_right_or_is_refused_for_its_reason(name)


def as_a_quarter(day, reading):
    return day.asfreq(reading.frequency or "Q")


def digits_glued(text):
    return "".join(character for character in text if character >= " ")


def without_sidecar():
    with tempfile.TemporaryDirectory() as folder:
        killer = test_layouts.test_without_a_sidecar_the_last_month_is_derived_and_said_so
        killer(pathlib.Path(folder), "f.csv", test_layouts.VIETNAM)


def points_in_vietnamese():
    test_money.test_nothing_is_guessed("1.200 triệu USD", "", "", "ambiguous_number")


PLANTED = [
    ("a workbook's number is read by the locale", rows, "_amount", every_cell_by_the_locale, good("numbers.xlsx")),
    ("months not yet published are 0", census, "last_published", zeros_are_figures, without_sidecar),
    ("what a page hides is read", html_tables._Tables, "_shown", lambda *_: 0, kind("hidden key.html")),
    ("a note's digit joins the figure", html_tables, "in_one", digits_glued, kind("lowered.html")),
    ("a formula's 0 is a figure", workbooks, "unseen", lambda *_: {}, kind("never calculated.xlsx")),
    ("a product is the whole flow", scope, "check", lambda *_: None, kind("of product")),
    ("a first day is a quarter", periods, "_of_day", as_a_quarter, kind("the day 2025-01-01")),
    ("a multiplier is not read", rows, "_multiplier", lambda *_: None, kind("times 6")),
    ("a point before three digits is decimal", rows, "strict_columns", lambda *_: frozenset(), kind("all points")),
    ("a Vietnamese point is a decimal one", amounts, "is_vietnamese", lambda _: False, points_in_vietnamese),
]
