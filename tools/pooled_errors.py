"""Print the tables of assumptions/pool.py from the Census files of the shipped cases."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from tradebalance.assumptions import fan
from tradebalance.assumptions.baseline import COLUMNS, DEFAULT, METHODS, above_zero
from tradebalance.assumptions.methods import HORIZON
from tradebalance.case import asof, folder

CASES = ("vietnam", "taiwan", "thailand", "phase-one")
BOOK, FIRST = "USA", 2006  # before it Vietnam's trade was opening, and errors are of another size


def histories() -> list[pd.DataFrame]:
    """The quarters of the four partners on the US book."""
    return [above_zero(asof.known(BOOK, None, case=folder.case(name)).history)[COLUMNS] for name in CASES]


def errors(history: pd.DataFrame) -> pd.DataFrame:
    """A row an outturn whose forecasts from all horizons are known: its year, exports_1 to _8, imports_1 to _8."""
    origins = range(METHODS[DEFAULT].needs, len(history))
    found = fan.log_errors(DEFAULT, history, origins)
    names = [f"{flow}_{ahead}" for flow in ("exports", "imports") for ahead in range(1, HORIZON + 1)]
    ats, ahead = range(HORIZON - 1, len(origins)), np.arange(HORIZON)  # forecasts of the quarter at each origin
    rows = [found[at - ahead, :, ahead].T.ravel() for at in ats]
    return pd.DataFrame(rows, columns=names).assign(year=history.index[[origins[at] for at in ats]].year)


def tables(found: Iterable[pd.DataFrame]) -> list[str]:
    """The three tables: exports, imports and together, a line a whole year from FIRST on."""
    every = pd.concat(map(errors, found))
    whole = every[every["year"].between(FIRST, every["year"].max() - 1)]
    lines: list[list[str]] = [[], [], []]
    for year, part in whole.groupby("year"):
        exports, imports = (part.filter(like=flow).to_numpy() * 100 for flow in ("exports", "imports"))
        sizes = [np.sqrt((flow**2).mean(axis=0)) for flow in (exports, imports)]
        for table, numbers in zip(lines, [*sizes, (exports * imports).mean(axis=0)], strict=True):
            table.append(" ".join([str(year), f"{len(part):2d}", *(f"{number:.1f}" for number in numbers)]))
    return ["\n".join(table) for table in lines]


if __name__ == "__main__":
    for name, text in zip(("EXPORTS", "IMPORTS", "TOGETHER"), tables(histories()), strict=True):
        print(f'{name} = """\n{text}\n"""')
