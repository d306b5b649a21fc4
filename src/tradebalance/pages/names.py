"""What deals, rests, assumptions and ways of forecasting are called on a page: words in place of the keys of files.

Names stand in the catalogue of messages under their keys, `deal.VJ-737-200`, `assumption.additionality`. What has no
name there is told by what is known of it, a deal by buyer, seller and number of pieces; a key itself is never shown.
"""

import re
from collections.abc import Iterable

from ..assumptions.baseline import method_of
from ..facts.ledger import Event, Leaf
from ..words.terms import CATEGORY_WORDS, Category, Role, Status, ValueKind
from .say import book, label, label_if_any, opening, said_if_any, say, spaced

PARENTHESIS = re.compile(r"\s*\([^)]*\)")
STATUS_WORDS = {
    Status.PLANNED: "planned",
    Status.NEGOTIATING: "in talks",
    Status.MOU: "memorandum",
    Status.SIGNED: "signed",
    Status.DELIVERED: "delivered",
    Status.CANCELLED: "cancelled",
}
ROLE_WORDS = {
    Role.HEADLINE: "total",
    Role.DEAL: "deal",
    Role.SUBSET: "part of a deal",
    Role.RESTATEMENT: "told again",
    Role.AGGREGATE: "several deals",
    Role.PRICE_EVIDENCE: "tells a price",
}
VALUE_WORDS = {
    ValueKind.LIST: "list prices",
    ValueKind.ANNOUNCED: "as announced",
    ValueKind.ESTIMATE: "an estimate",
    ValueKind.CONTRACT: "a contract's",
}
BY_KEY = ("tariff_effect", "correlation", "conversion")  # sections whose first key may have words of its own


def deal_words(leaf: Leaf) -> str:
    """A part of the announced sum: `Vietjet: 200 Boeing 737s`, `Unnamed, under negotiation`."""
    named = said_if_any(f"deal.{leaf.id}")
    if named:
        return named
    if leaf.is_remainder:
        return say(f"deal.rest_{leaf.now.status}")
    return event_words(leaf.now)


def event_words(event: Event) -> str:
    """A deal by what a row of the ledger says of it: `Vietnam Airlines: 30 aircraft from Boeing`."""
    buyer, seller = who_words(event.buyer), who_words(event.seller)
    if not event.quantity or event.category != Category.AIRCRAFT:  # other quantities are barrels, tonnes, memoranda
        return say("deal.told", buyer=buyer, description=event.description)
    of = category_words(event.category)
    return say("deal.pieces", buyer=buyer, seller=seller, pieces=event.quantity, of=of)


def who_words(name: str) -> str:
    """Who buys or sells, without what stands in brackets beside a name."""
    return PARENTHESIS.sub("", name) or name.strip("()")


def id_words(deal: str) -> str:
    """A deal or rest where no more than its key is at hand."""
    return said_if_any(f"deal.{deal}") or spaced(deal.replace("-", " "))


def in_words(text: str, parts: Iterable[Leaf]) -> str:
    """A text with the parts of the announced sum named in place of their keys."""
    told = {leaf.id: deal_words(leaf) for leaf in parts}
    keys = "|".join(map(re.escape, sorted(told, key=len, reverse=True)))
    return re.sub(rf"(?<![\w-])(?:{keys})(?![\w-])", lambda found: told[found[0]], text) if told else text


def category_words(category: str) -> str:
    """A kind of goods: `farm goods`."""
    return label(CATEGORY_WORDS[Category(category)]) if category in [*Category] else category


def method_words(name: object) -> str:
    """A way to forecast in a few words, by its name in a scenario: `mean of three`."""
    return label_if_any(method_of(str(name)).short)


def assumption_words(path: str, parts: Iterable[Leaf] = ()) -> str:
    """What an assumption says, from its path: `Share of aircraft that would not have been bought anyway`. A deal that
    is among `parts` is told as there."""
    told = {leaf.id: deal_words(leaf) for leaf in parts}
    section, *rest = path.split(".")
    if section in ("books", "deals") and len(rest) > 1:
        whose, key, *rest = rest
        owner = book(whose) if section == "books" else told.get(whose) or id_words(whose)
        found = said_if_any(f"assumption.{section}_{key}", whose=owner, of=_of(rest))
    else:
        own = said_if_any(f"assumption.{section}_{rest[0]}", of=_of(rest[1:])) if section in BY_KEY and rest else ""
        found = own or said_if_any(f"assumption.{section}", of=_of(rest))
    return opening(found or spaced(path.replace(".", ", ")))


def _of(rest: list[str]) -> str:
    """What the keys after a section name: kinds of goods, a deal, a tranche, a day, or whatever has no line of its
    own."""
    words = [_key_words(key) for key in rest if key != "default"]
    return ", ".join(words) if words else say("assumption.others")


def _key_words(key: str) -> str:
    return said_if_any(f"of.{key}") or said_if_any(f"deal.{key}") or category_words(key).replace("_", " ")
