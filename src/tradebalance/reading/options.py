"""What a sidecar, or `check --set`, says of a file of printed figures; nothing here is guessed from the file."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation

from ..words.amounts import decimal_sign
from ..words.cells import fold, span
from ..words.schema import nearest
from .headers import FLOW_OF
from .periods import FREQUENCIES, Reading


class Unknown(ValueError):
    """An option that there is not, or a value that it cannot have."""


FLOWS = {"export", "import", "balance"}
TRUTH = {True: True, False: False, "true": True, "false": False, None: None}


@dataclass(frozen=True)
class Options:
    """Every key there is; None or empty where nothing is said.

    `rates` is units of a currency for one dollar (`fx_vnd_per_usd: 25000`), `known_gaps` periods as 2024Q3.
    """

    locale: str | None = None
    currency: str | None = None
    unit: str | None = None
    frequency: str | None = None
    to: str | None = None
    reporter: str | None = None
    partner: str | None = None
    flow: str | None = None
    valuation: str | None = None
    vintage: str | None = None
    status: str | None = None
    as_of: str | None = None
    encoding: str | None = None
    date_system: str | None = None
    sheet: str | None = None
    sha256: str | None = None
    allow_missing: bool | None = None
    cumulative: bool | None = None
    known_gaps: tuple[str, ...] = ()
    flow_scheme: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, str] = field(default_factory=dict)

    @property
    def reading(self) -> Reading:
        """How periods are to be read."""
        is_series = bool(self.reporter and self.partner and self.flow and self.unit)
        frequency = FREQUENCIES.get(fold(self.frequency or ""))
        return Reading(self.locale, self.date_system, frequency, is_series=is_series)


ALLOWED = {
    "frequency": set(FREQUENCIES),
    "to": {"quarterly", "q"},
    "date_system": {"excel1900", "excel1904"},
    "flow": FLOWS,
}
PARSED: dict[str, Callable[[str], object]] = {"as_of": span, "locale": decimal_sign}  # raise ValueError
KEYS = [one.name for one in fields(Options) if one.name != "rates"]


def options(said: Mapping[str, object], *, strict: bool = True) -> Options:
    """Options from keys and YAML scalars; `flow_scheme.1` or a mapping. Raises Unknown for a key or value unknown.

    Not `strict`, as for a sidecar which says more than this, other keys are passed over.
    """
    known: dict[str, object] = {}
    codes: dict[str, str] = {}
    rates: dict[str, str] = {}
    for key, value in said.items():
        head, _, tail = key.partition(".")
        if head == "flow_scheme":
            scheme = {tail: value} if tail else dict(value) if isinstance(value, Mapping) else {}
            if scheme and {fold(str(flow)) for flow in scheme.values()} <= FLOW_OF.keys():
                codes |= {str(code): str(flow) for code, flow in scheme.items()}
            elif strict:
                raise Unknown(f"flow_scheme: give each code one of {', '.join(sorted(FLOWS))}, not {value!r}")
        elif key.startswith("fx_") and key.endswith("_per_usd"):
            rates[key[3:-8].upper()] = _rate(key, value)
        elif key == "known_gaps":
            listed = value if isinstance(value, list) else str(value or "").replace("[", "").replace("]", "").split(",")
            known[key] = tuple(str(item).strip() for item in listed if str(item).strip())
        elif key in ("allow_missing", "cumulative"):
            if not isinstance(value, bool | str | None) or value not in TRUTH:
                raise Unknown(f"{key}: give true or false, not {value!r}")
            known[key] = TRUTH[value]
        elif key in KEYS and not isinstance(value, Mapping | list):
            known[key] = None if value is None else str(value)
        elif strict:
            raise Unknown(f"no option {key!r}{nearest(key, KEYS)}; there are {', '.join(KEYS)}, fx_vnd_per_usd")
    for key, value in [*known.items()]:
        reason = None if value is None else _unreadable(key, str(value))
        if reason and strict:
            raise Unknown(f"{key}: {value!r} {reason}")
        if reason:
            del known[key]
    return Options(**known, flow_scheme=codes, rates=rates)  # type: ignore[arg-type]


def is_key(key: str) -> bool:
    """Whether there is such an option."""
    return key.partition(".")[0] in KEYS or (key.startswith("fx_") and key.endswith("_per_usd"))


def _rate(key: str, value: object) -> str:
    with suppress(InvalidOperation):
        if Decimal(str(value)) > 0:
            return str(value)
    raise Unknown(f"{key}: give a rate above 0, not {value!r}")


def _unreadable(key: str, value: str) -> str | None:
    """Why the value of an option will not do, where its words must be among a few or be read; None where it will."""
    if fold(value) not in ALLOWED.get(key, {fold(value)}):
        return f"is not one of {', '.join(sorted(ALLOWED[key]))}"
    try:
        if value and key in PARSED:
            PARSED[key](value)
    except ValueError as error:
        return f"cannot be read: {error}"
    return None


def over(below: Options, above: Options) -> Options:
    """The options of `below`, with those that `above` gives in their place."""
    given = {one.name: getattr(above, one.name) for one in fields(Options)}
    return replace(below, **{name: value for name, value in given.items() if value not in (None, (), {})})
