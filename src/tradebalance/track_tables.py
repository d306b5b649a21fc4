"""Tables of outturns for readers: text cells, money in billions of dollars, shares in per cent."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import pandas as pd

from . import track_words
from .held_out import Checked
from .outturn import PledgeOutturn, RiseOutturn
from .sentences import billions, percent
from .terms import USD_MN_PER_BN
from .track_words import group_words
from .tracking import Standing

Cell = str
MISSING = "not published"
BOTH = "Group or product"


def groups(outturn: PledgeOutturn) -> pd.DataFrame:
    """Each group by the last month that all its lines hold."""
    return _standings([each for each in outturn.standings if each.product is None], "Group")


def products(outturn: PledgeOutturn) -> pd.DataFrame:
    """The products of the groups that are published as far as the figures go, each by the last month it holds."""
    groups_ = {each.group for each in outturn.standings if each.product is None and each.through == outturn.last}
    found = [each for each in outturn.standings if each.product and each.group in groups_]
    table = _standings(found, "Product")
    table.insert(0, "Group", [group_words(each.group) for each in found])
    return table


def standings(outturn: PledgeOutturn) -> pd.DataFrame:
    """Groups and, below each, its products; for a terminal."""
    return _standings(outturn.standings, BOTH)


def _standings(found: Sequence[Standing], index: str) -> pd.DataFrame:
    columns: dict[str, Callable[[Standing], Cell]] = {
        "Through": lambda s: str(s.through),
        "Target to date, bn": lambda s: billions(s.target, 2),
        "Actual, bn": lambda s: _bn(s.actual),
        "Level": lambda s: _share(s.ratio),
        "Increment": lambda s: _share(s.increment_ratio),
        "Year's target, bn": lambda s: billions(s.full_target, 2),
        "Needed a month, bn": lambda s: "" if s.required is None else billions(s.required, 2),
    }
    indent = "  " if index == BOTH else ""
    names = [f"{indent}{s.product}" if s.product else group_words(s.group) for s in found]
    cells = {name: [of(s) for s in found] for name, of in columns.items()}
    return pd.DataFrame(cells, index=pd.Index(names, name=index))


def by_vintage(outturn: PledgeOutturn, group: str) -> pd.DataFrame:
    """What was known of a group at the end of each month, and the verdict then."""
    columns: dict[str, Callable[[Standing], Cell]] = {
        "Through": lambda s: str(s.through),
        "Level": lambda s: _share(s.ratio),
        "Increment": lambda s: _share(s.increment_ratio),
        "Needed a month, bn": lambda s: "" if s.required is None else billions(s.required, 2),
        "So far a month, bn": lambda s: _bn(s.so_far),
        "Verdict": lambda s: s.verdict,
    }
    found = outturn.by_vintage(group)
    index = pd.Index([str(as_of) for as_of in found], name="Known at the end of")
    return pd.DataFrame({name: [of(s) for s in found.values()] for name, of in columns.items()}, index=index)


def printed(outturn: PledgeOutturn) -> pd.DataFrame:
    """What was printed of a group, and the same from these data."""
    pairs = [(each, outturn.beside(each)) for each in outturn.printed]
    rows: Mapping[str, list[Cell]] = {
        "Path": [each.path for each, _ in pairs],
        "Through": [str(each.through) for each, _ in pairs],
        "Target printed, bn": [_bn(each.target_usd_mn, 1, "") for each, _ in pairs],
        "Target here, bn": [billions(own.target, 2) for _, own in pairs],
        "Actual printed, bn": [_bn(each.actual_usd_mn, 1, "") for each, _ in pairs],
        "Actual here, bn": [_bn(own.actual) if each.actual_usd_mn is not None else "" for each, own in pairs],
    }
    return pd.DataFrame(rows, index=pd.Index([group_words(each.group) for each, _ in pairs], name="Group"))


def rise(outturn: RiseOutturn) -> pd.DataFrame:
    """The rise by quarter and so far against the even path."""
    columns: dict[str, list[Cell]] = {
        "Rise, bn": [], "Due, bn": [], "Rise so far, bn": [], "Due so far, bn": [], "At most": [],
        "Needed a month, bn": [],
    }  # fmt: skip
    names = []
    for alone, to_date in outturn.by_quarter:
        whole = (alone.through - alone.first).n == 2
        names.append(f"{alone.through.asfreq('Q')}" if whole else _span(alone.first, alone.through))
        cells = [billions(amount, 2) for amount in (alone.increment, alone.path, to_date.increment, to_date.path)]
        needed = "" if to_date.required is None else billions(to_date.required, 2)
        for column, cell in zip(columns, [*cells, _share(to_date.increment_ratio), needed], strict=True):
            columns[column].append(cell)
    return pd.DataFrame(columns, index=pd.Index(names, name="Quarter"))


def windows(outturn: RiseOutturn) -> pd.DataFrame:
    """The assumed window of each announced total, with its reason."""
    rows: Mapping[str, list[Cell]] = {
        "Announced, bn": [billions(outturn.announced[w.tranche], 2) for w in outturn.windows],
        "From": [str(w.first) for w in outturn.windows],
        "Months": [str(w.months) for w in outturn.windows],
        "Due so far, bn": [billions(outturn.rise.due[w.tranche], 2) for w in outturn.windows],
        "Why": [w.source for w in outturn.windows],
        "Strength": [w.strength for w in outturn.windows],
    }
    return pd.DataFrame(rows, index=pd.Index([w.tranche for w in outturn.windows], name="Total"))


def episodes(found: Sequence[Checked]) -> pd.DataFrame:
    """Each episode held out, with the range of the prior without it."""
    tests = [(each, test) for each in found for test in each.tests]
    rows: Mapping[str, list[Cell]] = {
        "Prior": [f"{each.prior.block}: {each.prior.item}" for each, _ in tests],
        "Outcome": [f"{float(test.outcome):.2f}" for _, test in tests],
        "Prior without it, 5 to 95 %": [f"{test.low:.2f} to {test.high:.2f}" for _, test in tests],
        "Share of it below": [percent(Fraction(test.below), 0) for _, test in tests],
        "Covered": ["yes" if test.is_covered else "no" for _, test in tests],
    }
    return pd.DataFrame(rows, index=pd.Index([test.episode for _, test in tests], name="Held out"))


def coverage(found: Sequence[Checked]) -> pd.DataFrame:
    """How many episodes each prior rests on, and how many of those held out it covers."""
    rows: Mapping[str, list[Cell]] = {
        "With a number": [str(each.n) for each in found],
        "Held out": [str(len(each.tests)) for each in found],
        "Covered": [str(sum(test.is_covered for test in each.tests)) if each.tests else "" for each in found],
        "Left out": [_left_out(each) for each in found],
        "Strength": [each.prior.strength for each in found],
    }
    names = [f"{each.prior.block}: {each.prior.item}" for each in found]
    return pd.DataFrame(rows, index=pd.Index(names, name="Prior"))


def _left_out(each: Checked) -> Cell:
    words = [f"never tested: {', '.join(each.apart)}"] if each.apart else []
    words += [f"no plain number: {', '.join(each.without_number)}"] if each.without_number else []
    words += [f"nothing left without: {', '.join(each.nothing_left)}"] if each.nothing_left else []
    return "; ".join(words)


def _span(first: pd.Period, last: pd.Period) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _bn(amount: Fraction | None, digits: int = 2, absent: str = MISSING) -> Cell:
    return absent if amount is None else f"{float(amount) / USD_MN_PER_BN:,.{digits}f}"


def _share(share: Fraction | None) -> Cell:
    return "" if share is None else percent(share, 1)


def as_text(outturn: PledgeOutturn | RiseOutturn) -> str:
    """The outturn for a terminal: the lead, the tables, the sources."""
    if isinstance(outturn, PledgeOutturn):
        parts = [track_words.pledge_lead(outturn), standings(outturn).to_string(), track_words.near(outturn)]
    else:
        parts = [track_words.rise_lead(outturn), rise(outturn).to_string(), track_words.odd_lead(outturn)]
    return "\n\n".join([*parts, "\n".join(f"Source: {source}" for source in outturn.about.sources)])
