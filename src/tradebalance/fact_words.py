"""Sentences of the pages on the facts, the gap and the ledger; every number in them is computed.

Money is shown in billions of dollars.
"""

from collections.abc import Sequence
from fractions import Fraction

from . import commitments
from .commitments import Leaf
from .known import Known
from .sentences import billions, error_words, plain_text, sold
from .terms import book_name, country_name


def gap_headline(known: Known) -> str:
    """The finding of the page on the gap."""
    pair = known.pair
    return (
        f"{pair.home_name}'s goods surplus with {pair.partner_name} is ${billions(known.gap_last_four)} billion over "
        f"the four quarters to {known.last_four[-1]} on the {book_name(known.reporter)}"
    )


def gap_lead(known: Known) -> str:
    """Stock against flow, on a named book, and where the figures come from."""
    exports, imports = (known.history[name].iloc[-4:].sum() for name in ("exports_usd_mn", "imports_usd_mn"))
    return (
        f"The gap is a flow that comes back every year, the announced deals one sum of ${billions(known.announced)} "
        f"billion: on the {book_name(known.reporter)}, {sold(known)} ${billions(exports)} billion of "
        f"goods in the four quarters {known.last_four[0]} to {known.last_four[-1]} and bought ${billions(imports)} "
        f"billion there{error_words(known)}. Figures: {known.words}; not seasonally adjusted, nominal."
    )


def corrected(known: Known) -> str:
    """Which raw cells were read otherwise than they stand, and why; nothing where none was."""
    if not known.corrections:
        return ""
    return plain_text(f"Corrected before use: {'. '.join(known.corrections)}.")


def one_book(known: Known) -> str:
    """That nobody's figures but the reporter's are at hand."""
    side = country_name(known.pair.other(known.reporter))
    return f"Only one book is at hand: there are no figures that {side} publishes of this trade."


def deals_headline(known: Known) -> str:
    """The finding of the page on the ledger."""
    matched = known.announced - _unnamed(known.leaves)
    if known.leaves and matched == known.announced:
        return f"Every one of the ${billions(known.announced)} billion announced has a name"
    return (
        f"No list of the deals was published: ${billions(matched)} of ${billions(known.announced)} billion "
        f"can be matched to named ones"
    )


def deals_lead(known: Known) -> str:
    """Stock against flow, and how much of the announced sum has a buyer, a seller or a product."""
    unvalued = len(commitments.unvalued(known.events, known.as_of.end_time.date()))
    return (
        f"The deals are one sum of ${billions(known.announced, 2)} billion; the gap is a flow that comes back every "
        f"year, ${billions(known.gap_last_four)} billion in the four quarters {known.last_four[0]} to "
        f"{known.last_four[-1]} on the {book_name(known.reporter)}. "
        f"Of the sum, {_matched(known.leaves)}; "
        f"${billions(_unnamed(known.leaves), 2)} billion has no buyer, seller or product to its name; "
        f"{unvalued} named deals inside it have no published value. Deals are counted as known at the end of "
        f"{known.as_of:%B %Y}, each once, at the value that stood when its tranche was announced."
    )


def _unnamed(leaves: Sequence[Leaf]) -> Fraction:
    return sum((Fraction(leaf.value_usd_mn) for leaf in leaves if leaf.is_remainder), Fraction(0))


def _matched(leaves: Sequence[Leaf]) -> str:
    """The named value by how sure its place in the announced totals is."""
    sums: dict[str, Fraction] = {}
    for leaf in leaves:
        if not leaf.is_remainder:
            word = leaf.event.attribution or "not stated"
            sums[word] = sums.get(word, Fraction(0)) + Fraction(leaf.value_usd_mn)
    parts = [f"${billions(value)} billion ({word})" for word, value in sorted(sums.items(), key=lambda item: -item[1])]
    if set(sums) == {"documented"}:
        return f"{parts[0]} stands under a name of its own in what was agreed"
    return f"{' and '.join(parts)} can be matched to named deals by inference, not by any official list"
