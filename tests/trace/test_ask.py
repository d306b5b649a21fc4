"""Requests for a figure that will not do, and what would."""

import pytest

from tradebalance.trace import ask
from tradebalance.words.problems import Refused


def test_an_unknown_column_names_the_nearest(facts):
    with pytest.raises(Refused, match=r"gap_usd_m.*did you mean 'gap_usd_mn'\?"):
        ask.trace(facts, "gap_usd_m", "2025Q1")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("trace gap_usd_mn", "add one: 2025, 2025Q1 or 2025-03"),
        ("trace annual_rate 2025 --scenario even --draws 10", "annual_rate has no period"),
        ("trace credited_usd_mn", "name the scenario by --scenario"),
        ("trace credited_usd_m --scenario even --draws 10", "did you mean 'credited_usd_mn'?"),
        ("trace announced_usd_mn VJ-737-20", "did you mean 'VJ-737-200'?"),
        ("trace VJ-737-20O", "did you mean 'VJ-737-200'?"),
        ("trace mirror_ratio_export 2025", "did you mean 'mirror_ratio_exports'?"),
        ("trace additional_usd_mn 2040 --scenario even --draws 10", "from 2026Q3 to 2036Q2"),
        ("trace gap_p50_usd_mn 2040Q1 --scenario even --draws 10", "from 2026Q3 to 2036Q2"),
        ("trace credited_usd_mn aircaft --scenario even --draws 10", "did you mean 'aircraft'?"),
        ("trace arrived_low_usd_mn T1 --scenario even --draws 10", "T1-remainder"),
        ("trace can_have_arrived_usd_mn 2023", "can_have_arrived_usd_mn has no period"),
        ("trace imports_of_coton_usd_mn 2025", "did you mean 'cotton'?"),
        ("trace gap_revision_usd_mn 2026", "from 1992-01 to 2024-06"),
        ("trace announced_usd_mn --as-of 2031-01", "use a month up to 2026-10"),
        ("trace announced_usd_mn --as-of 2031", "--as-of"),
        ("trace announced_usd_mn --draws 10", "--scenario"),
        ("trace additional_usd_mn --scenario evne", "did you mean 'even'?"),
    ],
)  # fmt: skip
def test_a_request_that_will_not_do_is_exit_2_and_says_what_would(command, arguments, words):
    outcome = command(*arguments.split())
    assert outcome.code == 2
    assert outcome.out == ""
    assert words in outcome.err
    assert "Traceback" not in outcome.err
