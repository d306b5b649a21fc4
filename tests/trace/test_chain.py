"""What a chain is as text and as JSON."""

import json
from decimal import Decimal

import pytest


def test_the_command_names_file_line_columns_and_address(command):
    outcome = command("trace", "gap_usd_mn", "2025Q1")
    assert outcome.code == 0
    assert "36511.8" in outcome.out.replace(",", "")
    for column in ("IJAN", "IFEB", "IMAR", "EJAN", "EFEB", "EMAR"):
        assert f"data/raw/us-census/2026-10/vietnam.csv:35 {column}\n" in outcome.out
    assert "https://www.census.gov/" in outcome.out


def plain_types(found, path=""):
    if isinstance(found, dict):
        return [each for key, value in found.items() for each in plain_types(value, f"{path}.{key}")]
    if isinstance(found, list):
        return [each for value in found for each in plain_types(value, path)]
    return [(path, found)]


@pytest.mark.parametrize(
    "arguments", ["gap_usd_mn 2025Q1", "gap_usd_mn 2025 --reporter VNM", "announced_usd_mn T1",
                  "annual_rate --scenario even --draws 10", "mirror_ratio_imports 2025Q1"]
)  # fmt: skip
def test_the_json_form_is_plain_types_with_decimal_strings(command, arguments):
    chain = json.loads(command("trace", *arguments.split(), "--json").out)
    for path, value in plain_types(chain):
        assert value is None or isinstance(value, str | int), (path, value)
        if isinstance(value, int):
            assert path.endswith(".row")
    Decimal(chain["value"])
    assert "E" not in chain["value"]


def test_a_part_that_stands_in_several_places_is_told_in_full_once(command):
    text = command("trace", "credited_usd_mn", "--scenario", "even", "--draws", "10").out
    assert text.count("commitments.csv:2 value") == 1
    assert "as above" in text
