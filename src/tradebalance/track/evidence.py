"""What became of past pledges, the priors made from them, and single figures: the files of data/raw/evidence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..words import cells
from ..words.problems import raise_errors

EPISODE_COLUMNS = ("episode", "date", "committed", "realised", "ratio", "increment_ratio", "status", "source_url")
PRIOR_COLUMNS = ("block", "item", "distribution", "params", "mean", "p05", "p95", "unit", "anchors", "strength")
FIGURE_COLUMNS = ("value", "low", "high", "unit", "source_url")
NAMES = ("metric", "parameter")  # the column that names a figure in micro.csv and parameters.csv
is_episodes = {"episode", "increment_ratio"}.issubset  # by a file's columns
is_priors = {"block", "item", "distribution"}.issubset
PARAMETERS = {"Beta": ("a", "b"), "LogNormal": ("median", "sigma"), "Gamma": ("shape", "mean")}


@dataclass(frozen=True)
class Episode:
    """A past pledge and its outcome as shares of what was pledged; None where no plain number is given.

    `words` are what stands in the cells of the two ratios: "about 0" or "<=0" is a bound, not a number.
    """

    name: str
    ratio: Fraction | None
    increment_ratio: Fraction | None
    words: Mapping[str, str]
    source_id: str


@dataclass(frozen=True)
class Prior:
    """A distribution with its parameters by name (empty for a fixed value or a form in words)."""

    block: str
    item: str
    distribution: str
    parameters: Mapping[str, Fraction]
    p05: Fraction | None
    p95: Fraction | None
    unit: str
    anchors: str
    strength: str
    source_id: str


@dataclass(frozen=True)
class Figure:
    """One number of the literature or of a count, with its range where one is given."""

    name: str
    value: Fraction | None
    low: Fraction | None
    high: Fraction | None
    unit: str
    source_id: str


def is_figures(columns: Iterable[str]) -> bool:
    return bool(set(NAMES) & set(columns)) and {"value", "low", "high"} <= set(columns)


def is_cited(columns: Iterable[str]) -> bool:
    """Whether a file holds figures of items or products that are cited cell by cell, each with unit and address."""
    return {"value", "unit", "source_url"} <= set(columns) and bool({"item", "product"} & set(columns))


def episodes(columns: Sequence[str], rows: cells.Rows, file: str) -> list[Episode]:
    """Past pledges in file order. Raises Refused with every problem."""
    check = cells.Cells(file)
    check.need(EPISODE_COLUMNS, columns)
    found = []
    for line, row in rows:
        if not row["episode"].strip():
            check.note("empty", line, "episode", "", "an episode without a name")
        ratio = check.read(line, row, "ratio", cells.maybe_number)
        if ratio is not None and ratio < 0:
            check.note("out_of_range", line, "ratio", row["ratio"], "a share of what was pledged is not negative")
        words = {name: row[name].strip() for name in ("ratio", "increment_ratio")}
        found.append(Episode(row["episode"], ratio, _plain(row["increment_ratio"]), words, f"{file}:{line}"))
    raise_errors(check.problems)
    return found


def priors(columns: Sequence[str], rows: cells.Rows, file: str) -> list[Prior]:
    """The priors in file order. Raises Refused with every problem."""
    check = cells.Cells(file)
    check.need(PRIOR_COLUMNS, columns)
    found: dict[tuple[str, str], Prior] = {}
    for line, row in rows:
        key = (row["block"], row["item"])
        check.once(line, "item", key, found)
        p05, p95 = (check.read(line, row, name, cells.maybe_number) for name in ("p05", "p95"))
        if p05 is not None and p95 is not None and p05 > p95:
            check.note("bad_interval", line, "p95", row["p95"], f"below p05, {row['p05']}")
        parameters = _parameters(check, line, row)
        found[key] = Prior(*key, row["distribution"], parameters, p05, p95, row["unit"], row["anchors"],
                           row["strength"], f"{file}:{line}")  # fmt: skip
    raise_errors(check.problems)
    return list(found.values())


def figures(columns: Sequence[str], rows: cells.Rows, file: str) -> list[Figure]:
    """Single figures in file order. Raises Refused with every problem."""
    check = cells.Cells(file)
    check.need(FIGURE_COLUMNS, columns)
    name = next(each for each in NAMES if each in columns)
    found = []
    for line, row in rows:
        low, high = (check.read(line, row, each, cells.maybe_number) for each in ("low", "high"))
        is_word = not row["unit"].strip()  # a form, such as logistic, has no unit
        value = _plain(row["value"]) if is_word else check.read(line, row, "value", cells.maybe_number)
        if low is not None and high is not None and low > high:
            check.note("bad_interval", line, "high", row["high"], f"below low, {row['low']}")
        found.append(Figure(row[name], value, low, high, row["unit"], f"{file}:{line}"))
    raise_errors(check.problems)
    return found


def _parameters(check: cells.Cells, line: int, row: Mapping[str, str]) -> dict[str, Fraction]:
    """`a=1.5;b=6` by name, for the distributions that are known; nothing for a fixed value or words."""
    wanted = PARAMETERS.get(row["distribution"])
    if wanted is None:
        return {}
    given = dict(part.split("=", 1) for part in row["params"].split(";") if "=" in part)
    if tuple(given) != wanted:
        reason = f"{row['distribution']} needs {';'.join(f'{name}=' for name in wanted)}"
        check.note("bad_value", line, "params", row["params"], reason)
        return {}
    read = {name: check.read(line, {"params": text}, "params", cells.number) for name, text in given.items()}
    for name, value in read.items():
        if value is not None and value <= 0:
            check.note("out_of_range", line, "params", row["params"], f"{name} is not above 0")
    return {name: value for name, value in read.items() if value is not None}


def _plain(text: str) -> Fraction | None:
    """The number in a cell that may also hold words, such as `<=0 vs usual`."""
    try:
        return cells.maybe_number(text.strip())
    except ValueError:
        return None
