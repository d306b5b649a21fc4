"""Texts in CSV files: none that a spreadsheet runs, and all of them there again when read."""

import csv
import io
import json
import re
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import builders
from tradebalance.case import writing
from tradebalance.words import plain

TRIGGERS = "=+-@"  # by OWASP's page on CSV injection, with tab and carriage return
FORMULAS = {
    "=1+1": "'=1+1",
    " =1+1": " '=1+1",
    "\u00a0=1+1": "\u00a0'=1+1",
    "ok\n=cmd|'/c calc'!A0": "ok\n'=cmd|'/c calc'!A0",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t'=1",
    "\rx": "'\rx",
    "-x": "'-x",
    "'=1": "''=1",
    "Boeing; =HYPERLINK(A1)": "Boeing; '=HYPERLINK(A1)",
    "a;;-b;+c": "a;;'-b;'+c",
    "a\t@b": "a\t'@b",
    "a = b; c - d": "a = b; c - d",
    "-27.3": "-27.3",
    "+1": "+1",
    "2025; -3 %": "2025; '-3 %",
}


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_stands_behind_an_apostrophe(text):
    assert plain.defused(text) == FORMULAS[text]
    assert builders.csv_rows(plain.csv_text(["note"], [[text], [None]])) == [["note"], [text], [""]]


@given(st.text(alphabet=st.sampled_from("=+-@;,\t\r\n' \"a1.") | st.characters(exclude_characters="\0"), max_size=40))
def test_no_part_of_a_cell_begins_a_formula_however_it_is_split_and_it_reads_back_equal(text):
    written = plain.defused(text)
    assert builders.restored(written) == text
    parts = [] if plain.NUMBER.fullmatch(written) else re.split("[;\t\r\n]", written)
    assert not [part for part in parts if part.strip().startswith(tuple(TRIGGERS))]
    assert not written.startswith(("\t", "\r"))


def test_a_table_written_as_it_stands_is_defused_and_its_numbers_stay(tmp_path):
    table = pd.DataFrame({"name": ["x;=1", "-2.5", None], "value": [-2.5, 3.0, None]})
    writing.write_csv(tmp_path / "t.csv", table)
    rows = list(csv.reader(io.StringIO((tmp_path / "t.csv").read_text(encoding="utf-8"))))
    assert rows == [["name", "value"], ["x;'=1", "-2.5"], ["-2.5", "3.0"], ["", ""]]


OBEYED = {"\x1b[31mred": "\\u001b[31mred", "a\0b": "a\\u0000b", "\u202egnp": "\\u202egnp", "a\rb\x07": "a\\rb\\u0007",
          "\u2066x\u200b": "\\u2066x\\u200b", "\x9bH": "\\u009bH", "\udcff": "\\udcff", "\U000e0041": "\\udb40\\udc41",
          "Việt Nam – 1\u00a0%\n\tok": "Việt Nam – 1\u00a0%\n\tok"}  # fmt: skip


@pytest.mark.parametrize("text", OBEYED)
def test_what_a_terminal_would_obey_or_hide_is_shown(text):
    assert plain.shown(text) == OBEYED[text]


@given(st.text() | st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"]))
def test_nothing_unshown_is_left_and_json_stays_equal(text):
    written = plain.shown(text)
    assert not {unicodedata.category(one) for one in set(written) - {"\n", "\t"}} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert json.loads(plain.shown(json.dumps(text, ensure_ascii=False))) == text


@given(st.text("'=+-@|%;\t\r\n ab1.\u00a0", max_size=8))
def test_what_was_defused_is_restored(text):
    assert plain.restored(plain.defused(text)) == text
