"""Write data/pooled_errors.csv and its sidecar from the Census files of the shipped cases."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from tradebalance.assumptions import fan, pool
from tradebalance.assumptions.baseline import COLUMNS, DEFAULT, METHODS, above_zero
from tradebalance.assumptions.methods import HORIZON
from tradebalance.case import asof, folder, sidecars, store, writing
from tradebalance.words.citations import files_of

CASES = ("vietnam", "taiwan", "thailand", "phase-one")
BOOK, FIRST = "USA", 2006  # before it Vietnam's trade was opening, and errors are of another size
TITLE = "Errors of the mixture's forecasts of US trade with several partners, by year and quarters ahead"
NOTE = (
    f"Of the logs of outturn over forecast on the US book, whole years from {FIRST} on by the year of the outturn:"
    " root mean squares of exports and imports of the partner in per cent, and the mean of their products."
)


def known() -> dict[str, tuple[store.Facts, asof.Figures]]:
    """What the newest release of each case has on the US book."""
    found = {}
    for name in CASES:
        facts = store.facts(folder.case(name))
        found[name] = facts, asof.figures_of(facts, BOOK, asof.newest_month(facts, BOOK), facts.pair)
    return found


def histories() -> list[pd.DataFrame]:
    """The quarters of the four partners on the US book."""
    return [above_zero(figures.history)[COLUMNS] for _, figures in known().values()]


def made_of() -> dict[str, str]:
    """The raw files behind the quarters, below the checkout, with their sha256."""
    found: dict[str, str] = {}
    for name, (facts, figures) in known().items():
        above = folder.case(name).root.relative_to(folder.shipped()).as_posix()
        files = asof.checksums(facts, files_of(figures.history_ids))
        found |= {f"{above}/{file}".removeprefix("./"): digest for file, digest in files.items()}
    return found


def errors(history: pd.DataFrame) -> pd.DataFrame:
    """A row an outturn whose forecasts from all horizons are known: its year, exports_1 to _8, imports_1 to _8."""
    origins = range(METHODS[DEFAULT].needs, len(history))
    found = fan.log_errors(DEFAULT, history, origins)
    names = [f"{flow}_{ahead}" for flow in ("exports", "imports") for ahead in range(1, HORIZON + 1)]
    ats, ahead = range(HORIZON - 1, len(origins)), np.arange(HORIZON)  # forecasts of the quarter at each origin
    rows = [found[at - ahead, :, ahead].T.ravel() for at in ats]
    return pd.DataFrame(rows, columns=names).assign(year=history.index[[origins[at] for at in ats]].year)


def table(found: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The columns of `pool.COLUMNS`, a row a whole year from FIRST on and horizon."""
    every = pd.concat(map(errors, found))
    whole = every[every["year"].between(FIRST, every["year"].max() - 1)]
    rows = []
    for year, part in whole.groupby("year"):
        exports, imports = (part.filter(like=flow).to_numpy() * 100 for flow in ("exports", "imports"))
        sizes = [np.sqrt((flow**2).mean(axis=0)) for flow in (exports, imports)]
        by_ahead = zip(*sizes, (exports * imports).mean(axis=0), strict=True)
        rows += [(year, ahead, len(part), *numbers) for ahead, numbers in enumerate(by_ahead, 1)]
    return pd.DataFrame(rows, columns=pool.COLUMNS).round(1) + 0.0


def write(where: Path) -> None:
    """Write the table and its sidecar into a folder."""
    path = where / folder.POOLED
    writing.write_csv(path, table(histories()).astype(dict.fromkeys(pool.COLUMNS[:3], int)))
    said = {"title": TITLE, "made_by": "tools/pooled_errors.py", "made_of": made_of(), "note": NOTE}
    text = yaml.safe_dump(said | {"sha256": writing.sha256_of(path)}, sort_keys=False, width=120)
    writing.write_text(where / sidecars.name(folder.POOLED), text)


if __name__ == "__main__":
    write(folder.shipped() / "data")
