"""From a shown figure back to its raw rows, its cells, its assumptions and the publisher's address.

A figure is asked for by COLUMN and PERIOD; where it has no period, by what picks it (a tranche, a deal,
a category, a stage), or by nothing. The figures of a scenario need its answer.
"""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from ..answers.answer import Solution
from ..case import asof, folder
from ..case.folder import Folder
from ..case.store import Facts
from ..facts.ledger import leaves
from ..words import terms
from ..words.problems import refuse
from ..words.schema import nearest
from . import answer, goods, ledger, trade
from .answer import COLUMNS, answer_chain
from .chain import Chain

# column -> how a period of it is traced
PERIODIC: dict[str, Callable[[Facts, str, pd.Period, str, pd.Period | None], Chain]] = {
    **dict.fromkeys(trade.COLUMNS, trade.trade),
    **dict.fromkeys(trade.FOUR_QUARTERS, trade.four_quarters),
    **dict.fromkeys(trade.TWELVE_MONTHS, trade.twelve_months),
    **dict.fromkeys((*trade.RATIOS, trade.DIFFERENCE), trade.mirror),
    **dict.fromkeys(trade.REVISIONS, trade.revision),
}
OF_FACTS = (*PERIODIC, trade.LAST_FOUR, ledger.ANNOUNCED, ledger.CAN_HAVE_ARRIVED)
OF_ANSWER = (*answer.COLUMNS, ledger.LOW, ledger.HIGH)
TAKES_NOTHING = (trade.LAST_FOUR, ledger.CAN_HAVE_ARRIVED, *answer.CLOSURE, answer.SHARE, answer.CLOSED)


def trace(
    facts: Facts,
    column: str,
    period: pd.Period | str = "",
    reporter: str = "",
    at: pd.Period | None = None,
    where: Folder | None = None,
) -> Chain:
    """The chain behind a figure of the facts, on a book (default: the partner's), as known at the end of month `at`
    (default: the newest).

    `column` may be the id of a deal or tranche; `where` is the facts' folder, if not the one at hand.
    Raises Refused for an unknown column, book or part, and for a period that is not all published.
    """
    where = where or folder.case()
    return _with_corrections(facts, _of_facts(where, facts, column, period, reporter or facts.pair.partner, at))


def _of_facts(
    where: Folder, facts: Facts, column: str, period: pd.Period | str, reporter: str, at: pd.Period | None
) -> Chain:
    which = str(period)
    _check_nothing(column, which)
    asof.refuse_later(at, at and asof.newest_month(facts, reporter), "trace")
    if column in PERIODIC:
        return PERIODIC[column](facts, column, _period(column, which), reporter, at)
    if column == trade.LAST_FOUR:
        return trade.last_four(facts, reporter, at)
    if column == ledger.CAN_HAVE_ARRIVED:
        return ledger.can_have_arrived(where, facts, at)
    if goods.is_of_goods(column):
        return goods.goods(where, facts, column, _period(column, which), at)
    known = leaves(facts.events, (at or asof.newest_month(facts, reporter)).end_time.date())
    if column == ledger.ANNOUNCED:
        return ledger.announced(facts, known, which)
    ids = [*(leaf.id for leaf in known), *(event.id for event in facts.events)]
    if which or column not in ids:
        if column in OF_ANSWER:
            refuse("empty", "trace", "a scenario's figure", "name the scenario by --scenario", value=column)
        fix = f"use {', '.join(OF_FACTS)}, of a scenario {', '.join(OF_ANSWER)}, or the id of a deal or tranche"
        fix += nearest(column, [*OF_FACTS, *OF_ANSWER, *ids])
        refuse("unknown_key", "trace", "no such column", fix, value=column)
    return ledger.announced(facts, known, column)


def trace_answer_of(where: Folder, facts: Facts, answer: Solution, column: str, period: str = "") -> Chain:
    """The chain behind a figure of a scenario's answer, or of the facts on its book and date. Raises Refused."""
    _check_nothing(column, period)
    if column in (ledger.LOW, ledger.HIGH):
        chain = ledger.arrived(where, facts, answer, column, period)
    elif column in COLUMNS:
        chain = answer_chain(where, facts, answer, column, period)
    else:
        chain = _of_facts(where, facts, column, period, answer.scenario.reporter, answer.scenario.as_of)
    return _with_corrections(facts, chain)


def _check_nothing(column: str, which: str) -> None:
    if column in TAKES_NOTHING and which:
        refuse("bad_period", "trace", f"{column} has no period", "leave it out", value=which)


def _period(column: str, period: str) -> pd.Period:
    if not period:
        refuse("bad_period", "trace", f"{column} is of a period", "add one: 2025, 2025Q1 or 2025-03", value=column)
    try:
        return terms.period(period)
    except ValueError as error:
        refuse("bad_period", "trace", str(error), "use 2025, 2025Q1 or 2025-03", value=period)


def _with_corrections(facts: Facts, chain: Chain) -> Chain:
    rows = {(cell.file, cell.row) for cell in chain.all_cells()}
    return replace(chain, corrections=tuple(each for each in facts.corrections if (each.file, each.row) in rows))
