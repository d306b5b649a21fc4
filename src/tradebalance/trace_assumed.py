"""What shapes a scenario's figure: the assumptions that enter it and the scenario's keys, each with its line."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from . import inputs
from .answer import Answer
from .assumption_entries import MIX, Mix
from .chains import Assumed, Setting
from .credit import CERTAIN, NOTHING, ON_TIME, Component
from .distributions import Assumption
from .store import Case

# the assumptions in the order in which they act; a figure rests on those up to its place in the bridge
ORDER = ["goods", "landed", "price", "conversion", "slip", "hazard", "capture", "valuation", "additionality"]
OF_A_BOOK = ("capture", "valuation", "additionality")  # where the last is one of these, a figure is one book's
NINE = Decimal("0.000000001")  # the digits to which `run --json` prints


def decimal(number: Fraction) -> Decimal:
    """To nine decimals, as `run --json` prints."""
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(NINE)


def assumed(where: Case, answer: Answer, found: Sequence[Component], last: str | None) -> Iterable[Assumed]:
    """The assumptions up to the last that acts, each once, with its line and the components it acts on."""
    if last is None or answer.scenario.credit == "none":
        return
    included = [c for c in found if c.included]
    line_of = _lines_of(where, answer)
    for mix, split in _mixes(answer, included):
        words = ", ".join(f"{name} {float(share):g}" for name, share in mix.shares.items())
        yield Assumed(mix.path, words, None, mix.source, mix.strength, *line_of(mix.path), split)
    used: dict[str, tuple[Assumption, list[str]]] = {}
    for name in ORDER[: ORDER.index(last) + 1]:
        for component in included:
            assumption = getattr(component.factors, name)
            if assumption not in (CERTAIN, NOTHING, ON_TIME):
                used.setdefault(assumption.path, (assumption, []))[1].append(component.id)
    if last in OF_A_BOOK:
        lag = answer.inputs.assumptions.first_of(f"books.{answer.scenario.reporter}.lag_quarters")
        used[lag.path] = (lag, [c.id for c in included])
    for path, (assumption, parts) in used.items():
        file, row = line_of(path)
        mean = decimal(assumption.mean)
        form = assumption.words
        yield Assumed(path, form, mean, assumption.source, assumption.strength, file, row, tuple(dict.fromkeys(parts)))


def _lines_of(where: Case, answer: Answer) -> Callable[[str], tuple[str, int | None]]:
    """A function from an assumption's path to the file and line that state it."""
    written, tree = (inputs.document(where, name) for name in (answer.scenario.name, inputs.ASSUMPTIONS))

    def line_of(path: str) -> tuple[str, int | None]:
        if path in answer.inputs.changes:
            return "changed for this run", None
        if path in answer.scenario.set:
            return written.file, written.lines.get(("set", path))
        return tree.file, tree.lines.get(tuple(path.split(".")))

    return line_of


def _mixes(answer: Answer, included: Sequence[Component]) -> Iterable[tuple[Mix, tuple[str, ...]]]:
    """The category mixes that split the remainders among these components, and the components of each."""
    for tranche in dict.fromkeys(c.leaf.event.id for c in included if c.leaf.is_remainder):
        mix = answer.inputs.assumptions.by_path.get(f"{MIX}.{tranche}")
        if isinstance(mix, Mix):
            yield mix, tuple(c.id for c in included if c.leaf.is_remainder and c.leaf.event.id == tranche)


def settings(where: Case, answer: Answer, keys: Iterable[str]) -> Iterable[Setting]:
    """The scenario's keys that shape a figure: as changed for this run, as its file states them, or by default."""
    written = inputs.document(where, answer.scenario.name)
    for key in keys:
        changed = {name: value for name, value in answer.inputs.changes.items() if name.split(".")[0] == key}
        own = written.data.get(key) if isinstance(written.data, dict) else None
        if changed:
            yield from (Setting(name, _words(value), "changed for this run", None) for name, value in changed.items())
        if own is not None and key not in changed:
            yield Setting(key, _words(own), written.file, written.lines.get((key,)))
        elif not changed and key != "set":
            yield Setting(key, _words(getattr(answer.scenario, key)), "by default", None)


def _words(value: object) -> str:
    """A value as a YAML reader would write it on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_words(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(_words(inner) for inner in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
