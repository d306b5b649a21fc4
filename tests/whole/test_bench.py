"""What `make bench` compares is the same model, and the page has all that it measures; times are held by no test."""

from dataclasses import replace
from decimal import Decimal

import pytest

import bench
import bench_peers
from tradebalance.answers.model import model
from tradebalance.case import inputs


@pytest.fixture(scope="module")
def simplified():
    return bench_peers.simplified(model(inputs.gather("even", draws=2_000)))


@pytest.mark.parametrize(("peer", "draws"), [(bench_peers.whole_arrays, 2_000), (bench_peers.pandas_loop, 30)])
def test_a_peer_is_timed_on_the_same_model(simplified, peer, draws):
    found = bench_peers.summed(peer(simplified, draws), simplified)
    assert bench_peers.disagreements(bench_peers.ours(simplified), found) == []


def test_a_peer_of_another_model_is_refused(simplified):
    """One assumption in one part is enough, and all years show it."""
    first, *rest = sorted(simplified.components, key=lambda part: -part.value_usd_mn)
    dearer = replace(first.factors.price, form="value", parameters=(Decimal("0.9"),))
    other = replace(simplified, components=(replace(first, factors=replace(first.factors, price=dearer)), *rest))
    found = bench_peers.summed(bench_peers.whole_arrays(other, 2_000), other)
    told = bench_peers.disagreements(bench_peers.ours(simplified), found)
    assert {line.split(":")[0] for line in told} >= {"mean of total", "mean of 2030"}


def test_the_page_has_every_row_that_is_measured_and_no_other():
    text = bench.PAGE.read_text(encoding="utf-8").split(bench.BEGIN)[1].split(bench.END)[0]
    parts = {part.splitlines()[0]: part for part in text.split("### ")[1:]}
    assert list(parts) == [table.title for table in bench.TABLES]
    for table in bench.TABLES:
        lines = [line for line in parts[table.title].splitlines() if line.startswith("|")]
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        assert cells[0][1:] == list(table.heads)
        assert [row[0] for row in cells[2:]] == list(table.rows)
        assert all(len(row) == len(cells[0]) and all(row) for row in cells[2:])


@pytest.mark.slow
@pytest.mark.parametrize("by", ["draws", "parts", "quarters", "scenarios"])
def test_cost_by_a_size_is_measured(by):
    found = bench.child("grown", by, 2 if by == "scenarios" else 24)
    assert found["seconds"] > 0
    assert 30 < found["peak_mb"] < 2_000


@pytest.mark.slow
def test_the_layers_of_a_command_are_those_of_the_table():
    found = bench.child("layers", "run", "slipped", "--draws", "100")
    assert sorted(found) == sorted(bench.LAYERS.values())
    assert all(seconds > 0 for seconds in found.values())


@pytest.mark.slow
@pytest.mark.parametrize(("how", "left"), [("report", "html"), ("loop", "ipynb"), ("command", "ipynb")])
def test_a_batch_leaves_a_page_or_notebook_of_each_set(how, left, tmp_path):
    assert bench.child("batch", how, 1, tmp_path)["seconds"] > 0
    assert [path.suffix for path in tmp_path.iterdir()] == [f".{left}"]
