"""What was bought by kind: every line once, adding up, and what of the announced sum can stand in it."""

import pytest

from tests import builders
from tradebalance.case import asof
from tradebalance.pages import goods_by_kind
from tradebalance.words import terms


@pytest.fixture(scope="module")
def goods():
    return asof.goods_of(case=builders.shipped())


@pytest.fixture(scope="module")
def parts():
    return builders.solved("even", draws=200).components


def test_the_table_by_kind_holds_every_line_and_adds_up(goods, parts):
    shown = goods_by_kind.by_kind_table(goods, parts)
    found = goods.compared()
    assert shown.loc["All", "Jan to Jul 2026"] == f"{sum(found['now']):,.0f}" == "13,312"
    assert shown.loc["Other transport equipment incl. aircraft", ["Jan to Jul 2025", "Jan to Jul 2026"]].tolist() == [
        "299", "287",
    ]  # fmt: skip
    assert list(shown.columns) == ["2025", "Jan to Jul 2025", "Jan to Jul 2026", "Rise", "Can hold"]
    for column in ("2025", "Jan to Jul 2025", "Jan to Jul 2026", "Rise"):
        *parts_of, whole = (int(text.replace(",", "")) for text in shown[column])
        assert sum(parts_of) == whole  # they were rounded each, and two million dollars off
    assert shown.loc["All", "Rise"] == f"{13_312 - int(shown.loc['All', 'Jan to Jul 2025'].replace(',', '')):+,}"
    assert "Vietjet: 200 Boeing 737s" in shown.loc["Other transport equipment incl. aircraft", "Can hold"]
    assert shown.loc["Plastics in primary form", "Can hold"] == "nothing announced"
    assert shown.loc["Computers, electronics and parts", "Can hold"] == "Unnamed, under negotiation"


def test_the_lead_splits_the_rise_by_what_can_stand_in_it(goods, parts):
    said = goods_by_kind.lead(goods, parts)
    found = goods.compared()
    by_kind = {goods.kind(name)[1]: name for name in found.index}
    named = [by_kind["Machinery and equipment"], by_kind["Other transport equipment incl. aircraft"]]
    cables = by_kind["Electric wires and cables"]
    rises = found["now"] - found["before"]
    assert f"{float(sum(rises[named])) / 1000:.1f} of that rise is in lines in which a named part" in said
    assert "no airliner shows on these figures" in said
    assert "LPG" in goods_by_kind.note()
    assert not [leaf for leaf in goods_by_kind._can_stand(goods, cables, parts) if not leaf.is_remainder]


def test_a_case_without_bulletins_says_so_and_shows_no_table():
    solved = builders.solved("even", draws=200)
    none = asof.goods_of(terms.month("2022-12"), case=builders.shipped())
    assert goods_by_kind.lead(none, solved.components).startswith("No bulletin by commodity is at hand")
    assert goods_by_kind.by_kind_table(none, solved.components).empty


def test_the_chart_by_kind_names_every_bar(goods):
    chart = goods_by_kind.kinds_chart(goods, ["a"])
    found = goods.compared()
    largest = found["now"].astype(float).sort_values(ascending=False).index[:10]
    assert list(chart.data.index) == [goods.kind(name)[1] for name in largest]
    assert list(chart.data["Now, bn"]) == [f"{float(found.at[name, 'now']) / 1000:,.2f}" for name in largest]
    (axes,) = chart.figure().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == list(chart.data.index)
