"""Sentences of comparisons: deals against baselines, why gaps differ, and how earlier answers did."""

from collections.abc import Mapping, Sequence

import pandas as pd

from . import comparison
from .answer import Answer
from .known import Known
from .replay import Trial
from .sentences import billions, is_certain, percent, stock_against_flow, years
from .terms import USD_MN_PER_BN, book_name


def headline(answers: Sequence[Answer]) -> str:
    """The finding of a comparison: what the baseline moves against what the deals do, credited where any are."""
    credited, gaps = [a for a in answers if not is_certain(a)], _gaps(answers)
    whole = [a for a in answers if is_certain(a)] if credited else []
    at_word = f" as credited, ${_span(_deals(whole))} billion at their word" if whole else ""
    return (
        f"Over the next four quarters the choice of baseline moves the gap by ${billions(max(gaps) - min(gaps))} "
        f"billion, the deals by ${_span(_deals(credited or answers))} billion{at_word}"
    )


def lead(answers: Sequence[Answer]) -> str:
    """Stock against flow, and how much of the gap each way of delivery closes under each baseline."""
    closures = [
        (row["closure"], answer, method)
        for answer in answers
        for method, row in comparison.decisions(answer).iterrows()
        if row["closure"] is not None
    ]
    if not closures:
        return f"{stock_against_flow(answers[0])} Under no baseline is there a gap to close."
    low, high = (pick(closures, key=lambda each: float(each[0])) for pick in (min, max))
    return (
        f"{stock_against_flow(answers[0])}{_every_dollar(answers)} Over its horizon a scenario closes "
        f"{percent(low[0])} of the gap without deals at the least ({low[1].scenario.name} over {years(low[1])}, "
        f"under {low[2]}) and "
        f"{percent(high[0])} at the most ({high[1].scenario.name} over {years(high[1])}, under {high[2]}). "
        f"Per cents in the table are that share: mean additional imports over the sum of the baseline's gaps."
    )


def _every_dollar(answers: Sequence[Answer]) -> str:
    """What is additional where every announced dollar is taken for goods that arrive."""
    whole = [answer for answer in answers if is_certain(answer)]
    if not whole or len(whole) == len(answers):
        return ""
    names = " and ".join(f"“{answer.scenario.name}”" for answer in whole)
    return f" Taken at their word ({names}), the deals bring ${_span(_deals(whole))} billion in the next four quarters."


def _deals(answers: Sequence[Answer]) -> list[float]:
    return [float(comparison.additional_by_quarter(answer).iloc[:4].sum()) for answer in answers]


def _gaps(answers: Sequence[Answer]) -> list[float]:
    return [float(gap) for answer in answers for gap in comparison.decisions(answer)["gap_4"]]


def _span(usd_mn: Sequence[float], digits: int = 2) -> str:
    low, high = billions(min(usd_mn), digits), billions(max(usd_mn), digits)
    return low if low == high else f"{low} to {high}"


def attribution_lead(old: Answer, new: Answer, spans: Mapping[str, pd.Series]) -> str:
    """What moved the gap between two answers, over the first of some spans, and what the terms miss of it."""
    if old is new:
        return "There is one scenario only, so there is nothing to tell apart."
    span, terms = next(iter(spans.items()))
    return (
        f"From {_name(old)} to {_name(new)} the gap over {_span_words(span)} changes by "
        f"{float(terms['change']) / USD_MN_PER_BN:+,.2f} billion dollars. {_paths_differ(old, new)}Every term is "
        f"counted on its own; together they miss the change by {abs(float(terms['residual'])):.1f} million dollars. "
        f"What was delivered in quarters published since is inside their imports, where nobody tells it apart. Sums "
        f"over more than two years ahead are scenarios, not forecasts."
    )


def _name(answer: Answer) -> str:
    return f"“{answer.scenario.name}” as of {answer.known.as_of}"


def _span_words(span: str) -> str:
    """`next four quarters, 2026Q3 to 2027Q2` as `the next four quarters (2026Q3 to 2027Q2)`."""
    what, _, when = span.partition(", ")
    words = f"the quarters {what}" if what.startswith("published") else f"the {what}"
    return f"{words} ({when})" if when else words


def _paths_differ(old: Answer, new: Answer) -> str:
    """That two scenarios do not stand on one baseline, so that most of a change may have nothing to do with deals."""
    methods = [answer.scenario.baseline.method for answer in (old, new)]
    if methods[0] == methods[1]:
        return ""
    return f"The first stands on {methods[0]}, the second on {methods[1]}: that is the term of trade without deals. "


def trial_headline(found: Trial) -> str:
    """The finding of a replay."""
    inside = [str(method) for method, row in found.in_all.iterrows() if row["is_inside"]]
    held = f"only {' and '.join(inside)} held it" if inside else "no baseline's band held it"
    held = "every baseline's band held it" if len(inside) == len(found.in_all) else held
    return (
        f"As of {found.answer.known.as_of:%B %Y}, the {len(found.outturn)} quarters to {found.outturn.index[-1]} were "
        f"forecast at ${_span(list(found.in_all['p50']), 1)} billion; they brought "
        f"${billions(found.outturn.sum())} billion, and {held}"
    )


def trial_lead(found: Trial) -> str:
    """What was replayed, how the scores are to be read, and what is hindsight in it."""
    all_in = [m for m, row in found.in_all.iterrows() if row["quarters_inside"] == row["quarters"]]
    hit = (
        f"{', '.join(map(str, all_in))} had every quarter inside its band"
        if all_in
        else "none had every quarter inside"
    )
    least = found.in_all["crps"].astype(float).idxmin()
    return (
        f"The scenario “{found.answer.scenario.name}” with figures, ledger and errors of the baselines as of "
        f"{found.answer.known.as_of:%B %Y}, on the {book_name(found.answer.scenario.reporter)}. Bands are the 5 and "
        f"95 % points of the gap with deals; {hit}; the smallest CRPS is that of {least}. "
        f"{hindsight(found.answer.hindsight)}"
    )


def hindsight(of: Sequence[str]) -> str:
    return f"With hindsight: {'; '.join(of)}." if of else "Nothing in it is hindsight."


def hedgehog_lead(knowns: Sequence[Known], method: str) -> str:
    """What the successive forecasts stand on."""
    true = sum(not known.hindsight for known in knowns)
    return (
        f"From each quarter's end of data the baseline {method} gives the gap of the next two years without deals, "
        f"with the figures that were out by then. Of the {len(knowns)} months, {true} stand on figures as they were "
        f"printed at the time; the others, with hindsight, on the newest release cut to what was out."
    )


def replayed(found: Trial, words: Mapping[str, str]) -> str:
    """For the first page: how the answer of an earlier month did, under each baseline that has words."""
    parts = [
        f"{_replayed_band(row)} with {words[str(method)]}, {_hits(row)}" for method, row in found.in_all.iterrows()
    ]
    then, quarters = found.answer.known.as_of, found.outturn.index
    return (
        f"How it did: run as of {then:%B %Y}, the same model puts the gap of the {len(quarters)} quarters to "
        f"{quarters[-1]} on the {book_name(found.answer.scenario.reporter)}, with its 5 and 95 % points, at "
        f"{'; and at '.join(parts)}. The gap was ${billions(found.outturn.sum())} billion. The deals "
        f"move such a forecast by ${_span(_replayed_deals(found), 1)} billion. {hindsight(found.answer.hindsight)}"
    )


def _replayed_band(row: pd.Series) -> str:
    return f"${billions(row['p50'])} ({billions(row['p05'])} to {billions(row['p95'])}) billion"


def _hits(row: pd.Series) -> str:
    word = "hit" if row["is_inside"] else "missed"
    return f"{word}, with {row['quarters_inside']} of the {row['quarters']} quarters inside their ranges"


def _replayed_deals(found: Trial) -> list[float]:
    return [float(comparison.additional_by_quarter(found.answer)[found.outturn.index].sum())]
