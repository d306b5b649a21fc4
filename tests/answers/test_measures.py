"""The measures of a sweep are those of `run --json`, under the same names."""

import pytest

from builders import gather, solved
from tradebalance.answers import measures
from tradebalance.answers.answer import solve
from tradebalance.pages import records


def at(path, said):
    """What stands at a path of JSON."""
    head, _, rest = path.partition(".")
    return at(rest, said[head]) if rest else said[head]


@pytest.mark.parametrize("name", ["slipped", "as_announced"])
def test_every_measure_is_what_run_prints_under_its_name(name):
    answer = solved(name, draws=500)
    said, years = records.as_json(answer), {}
    for measure, year, *points in measures.measures(answer):
        own = dict(zip(measures.POINTS, points, strict=True))
        if year is not None:
            years[year] = {point: own[point] for point in ("mean", "p05", "p95")}
        elif isinstance(at(measure, said), dict):
            assert own == at(measure, said)
        else:
            assert own == {"mean": at(measure, said), "p05": None, "p50": None, "p95": None}
    assert years == {int(row["year"]): row["additional_usd_mn"] for row in said["by_year"]}
    assert {"additional_usd_mn", "closure.annual_rate", "of_which.added_usd_mn"} <= {
        row[0] for row in measures.measures(answer)
    }


def test_what_is_not_defined_has_no_points():
    level = {"method": "fixed", "exports_usd_mn": 1000, "imports_usd_mn": 5000}
    rows = {
        row[0]: row[2:] for row in measures.measures(solve(gather("as_announced", baseline=level))) if row[1] is None
    }
    assert rows["closure.annual_rate"] == rows["months_of_todays_gap"] == [None] * 4
    assert rows["additional_usd_mn"][0] > 0
