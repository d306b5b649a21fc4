"""Every scenario's quarterly answer, as committed. `make golden` rewrites the files; the diff shows what moved."""

from pathlib import Path

import pandas as pd
import pytest

from tradebalance import inputs, store, writing
from tradebalance.answer import Answer, solve

GOLDEN = Path(__file__).parent / "golden"
NAMES = inputs.names(store.case())


def golden(result: Answer) -> pd.DataFrame:
    """The gap without and with deals by quarter, to 0.1 USD million."""
    with_deals = result.simulated.gap[["mean", "p05", "p50", "p95"]].add_prefix("gap_")
    table = pd.concat([result.baseline["gap_usd_mn"].rename("baseline_gap"), with_deals], axis=1)
    return table.map(lambda value: f"{float(value):.1f}").rename_axis("quarter").reset_index().astype(str)


@pytest.mark.parametrize("name", NAMES)
def test_scenario(name):
    expected = pd.read_csv(GOLDEN / f"{name}.csv", dtype=str)
    pd.testing.assert_frame_equal(golden(solve(inputs.gather(name))), expected, check_dtype=False)


def test_every_golden_file_has_a_scenario():
    assert sorted(path.stem for path in GOLDEN.glob("*.csv")) == NAMES


if __name__ == "__main__":
    for each in NAMES:
        writing.write_csv(GOLDEN / f"{each}.csv", golden(solve(inputs.gather(each))))
