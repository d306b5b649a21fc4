"""What was bought so far by kind of goods, and what of the announced sum can stand in each kind."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd

from ..assumptions.credit import Component
from ..facts.goods import Goods, Kind
from ..facts.ledger import Leaf
from ..words.citations import Citation
from ..words.terms import USD_MN_PER_BN, Category, Flow
from .chart import BLUE, PALE_ORANGE, Chart, bars
from .names import deal_words
from .say import Worded, between, label, number, of_chart, parts_adding_up, say
from .wording import Cell, table

SHOWN_LINES = 14  # of the bulletins' lines, the largest; the others are one row
DRAWN_LINES = 10


def note() -> str:
    """What a line of the bulletins can and cannot say of a deal."""
    return say("goods_by_kind.note")


def lead(goods: Goods, parts: Sequence[Component]) -> str:
    """What was bought by kind in the year so far, what of its rise the announced parts can be, and what they cannot;
    a sentence that there is nothing where no bulletin is at hand."""
    found, last = goods.compared(), goods.last()
    if last is None or found.empty:
        return say("goods_by_kind.none")
    rises = found["now"] - found["before"]
    parts_ = parts_adding_up([float(sum(rises[names])) for names in _by_stand(goods, found.index, parts)])
    jets = [name for name in found.index if goods.kind(name)[0] == Category.AIRCRAFT]
    sums = {"before": found.loc[jets, "before"].sum(), "now": found.loc[jets, "now"].sum()}
    down = sums["now"] <= sums["before"]
    flew = say("goods_by_kind.jets_down", **sums) if down else say("goods_by_kind.jets_up", **sums)
    said = {"parts": parts_, "jets": flew if jets else ""}
    return say("goods_by_kind.lead", last=last, now=sum(found["now"]), rise=sum(rises), **said)


def _inside(goods: Goods, name: str) -> str:
    """A line's English name inside a sentence."""
    words = goods.kind(name)[1]
    return words[:1].lower() + words[1:]


def _top(rises: pd.Series, count: int) -> list[str]:
    return list(rises.astype(float).sort_values(ascending=False).index[:count])


def _by_stand(goods: Goods, names: Iterable[str], parts: Sequence[Component]) -> tuple[list[str], list[str], list[str]]:
    """Lines by what of the announced sum can stand in them: a named part, an unnamed rest only, nothing."""
    found: dict[str, list[str]] = {"named": [], "rests": [], "none": []}
    for name in names:
        leaves = _can_stand(goods, name, parts)
        key = "named" if any(not leaf.is_remainder for leaf in leaves) else "rests" if leaves else "none"
        found[key].append(name)
    return found["named"], found["rests"], found["none"]


def _can_stand(goods: Goods, name: str, parts: Sequence[Component]) -> list[Leaf]:
    """The goods of the announced sum that can stand in a line; all of them in one that is not mapped."""
    kind: Kind | None = goods.kinds.by_name.get(name)
    held = (part.leaf for part in parts if part.leaf.is_goods and (kind is None or kind.can_hold(part.category)))
    return list({leaf.id: leaf for leaf in held}.values())


def by_kind_table(goods: Goods, parts: Sequence[Component]) -> pd.DataFrame:
    """Imports by kind in USD million: full years, the year so far and a year before, the rise, and what of the
    announced sum can stand in the line; the largest lines, the others together, and all."""
    found, last = goods.compared(), goods.last()
    if last is None or found.empty:
        return pd.DataFrame()
    years = _by_line(goods, "year")
    shown = _top(found["now"], SHOWN_LINES)
    shown += [name for name in found.index if name not in shown and goods.kind(name)[0] == Category.ENERGY]
    rest = [name for name in found.index if name not in shown]
    rows = {goods.kind(name)[1]: [name] for name in shown}
    rows |= {say("goods_by_kind.other_lines", count=len(rest)): rest, say("goods_by_kind.all_lines"): list(found.index)}
    columns: dict[str, Callable[[tuple[str, list[str]]], Cell]] = {"Kind": lambda row: row[0]}
    amounts: dict[str, pd.Series] = {Worded(year): years[year] for year in years.columns[-1:]}
    amounts |= {
        say("goods_by_kind.so_far", month=at): found[name] for name, at in (("before", last - 12), ("now", last))
    }
    printed = {name: _printed(of, rows) for name, of in amounts.items()}
    columns |= {name: partial(_printed_cell, of) for name, of in printed.items()}
    before, now = list(printed.values())[-2:]
    columns["Rise"] = lambda row: number(now[row[0]] - before[row[0]], "+,.0f")
    columns["Can hold"] = lambda row: _stand_words(goods, row[1], parts)
    return table(rows.items(), columns, say("goods_by_kind.table.caption"))


def _printed(amounts: pd.Series, rows: Mapping[str, list[str]]) -> dict[str, float]:
    """What the lines of each row come to in whole USD million, as printed; the last row is the sum of the others."""
    parts = [float(sum(amounts.reindex(lines).dropna(), Decimal(0))) for lines in rows.values()][:-1]
    fitted = parts_adding_up(parts, digits=0, scale=1)
    return dict(zip(rows, [*fitted, sum(fitted)], strict=True))


def _printed_cell(printed: Mapping[str, float], row: tuple[str, list[str]]) -> str:
    return number(printed[row[0]], ",.0f")


def _stand_words(goods: Goods, names: Sequence[str], parts: Sequence[Component]) -> str:
    """The parts that a line can hold, the named ones and then the rests."""
    if len(names) > 1:
        return ""
    leaves = sorted(_can_stand(goods, names[0], parts), key=lambda leaf: leaf.is_remainder)
    return "; ".join(map(deal_words, leaves)) or say("goods_by_kind.holds_none")


def _by_line(goods: Goods, by: str) -> pd.DataFrame:
    """Imports in USD million, a row a line as printed, a column a period."""
    found = goods.table(by)
    found = found[found["flow"] == Flow.IMPORT]
    return found.pivot(index="commodity", columns="period", values="value_usd_mn")


def kinds_chart(goods: Goods, sources: Sequence[Citation]) -> Chart:
    """Imports by kind of the year so far beside those of a year before, the largest lines."""
    found, last = goods.compared(), goods.last()
    assert last is not None
    shown = _top(found["now"], DRAWN_LINES)
    now, before = ([float(found.at[name, of]) / USD_MN_PER_BN for name in shown] for of in ("now", "before"))
    labels = [(max(ends), between(*map(_hundredths, ends))) for ends in zip(before, now, strict=True)]
    series: list[dict[str, Any]] = [{"width": now, "color": BLUE}]
    series += [{"width": before, "color": PALE_ORANGE, "height": 0.26}]
    rises = found["now"] - found["before"]
    top = _top(rises, 1)[0]
    said = {"last": last, "kind": _inside(goods, top), "rise": rises[top], "all": sum(rises)}
    words = of_chart("goods_by_kind.kinds_chart", **said)
    heights = (0.3 * len(shown) + 0.3, 0.44 * len(shown) + 0.3)
    names = [goods.kind(name)[1] for name in shown]
    draw = bars(names, series, labels)
    amounts = {label("Before, bn"): before, label("Now, bn"): now}
    data = pd.DataFrame(amounts, index=pd.Index(names, name=label("Kind")))
    return Chart(draw, heights, **words, sources=sources, data=data.map(_hundredths))


def _hundredths(amount: float) -> str:
    return number(amount, ",.2f")
