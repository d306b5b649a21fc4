"""What `list` names is what the other commands take."""

from releases import CASE
from tradebalance.case import folder, inputs
from tradebalance.report import listing


def test_every_listed_name_is_taken_and_every_name_is_listed():
    found = listing.listing(folder.case())
    assert [row["name"] for row in found["scenarios"]] == inputs.names(folder.case())
    _, known = inputs.read_scenario(folder.case(), "even")
    assert [row["path"] for row in found["assumptions"]] == list(known.by_path)
    values = {row["path"]: row for row in found["assumptions"]}
    assert values["additionality.aircraft"]["centre"] == 0.7
    assert (values["books.VNM.capture.aircraft"]["low"], values["books.VNM.capture.aircraft"]["high"]) == (0.57, 1)
    keys = {row["key"]: row["default"] for row in found["keys"]}
    assert keys["draws"] == 20_000
    assert {"delivery.from", "baseline.method", "delivery.by_category.NAME.quarters", "prices.dollars_of"} <= set(keys)
    assert "baseline" not in keys
    names = [row["name"] for row in found["cases"]]
    assert names == ["vietnam", *(path.parents[0].name for path in sorted(CASE.glob("cases/*/case.yaml")))]
    assert all(folder.case(name) for name in names[1:])


def test_the_text_fits_100_columns_and_a_part_may_be_asked_for(command):
    outcome = command("list")
    assert (outcome.code, outcome.err) == (0, "")
    assert max(map(len, outcome.out.splitlines())) <= 100
    assert "additionality.aircraft = 0.7 [0.45, 0.9], Beta(7, 3)" in outcome.out
    assert command("list", "scenarios").out in outcome.out
    assert "draws" not in command("list", "cases").out
    assert command("list", "figures").code == 2
