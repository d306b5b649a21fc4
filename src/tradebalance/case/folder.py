"""A case is a folder with data/raw and scenarios in this project's form; the checkout is one.

Its `case.yaml` says what it is about: whose surplus with whom, on whose books, and what is followed.
"""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ..facts.known import Dates
from ..reading import countries, readers
from ..track.pledges import Group
from ..track.priors import Anchors
from ..track.rise import TrackWindow
from ..words.cells import CellError
from ..words.problems import refuse
from ..words.schema import Strict, Words, nearest, read, wrong
from ..words.terms import Pair
from . import regular


def _exists(text: str) -> str:
    try:
        found = countries.code(text)
    except CellError as error:
        raise wrong("unknown_country", error.reason, error.fix) from None
    if found != text:
        raise wrong("unknown_country", "not an ISO 3166 alpha-3 code", f"write {found}")
    return text


Country = Annotated[str, AfterValidator(_exists)]


class Track(Strict):
    """What `track` follows: a pledge by `groups`, or the rise over `base_year` against totals in windows.

    `windows` are those of totals for which the ledger prints none, None for one that is taken to have none.
    """

    reporter: Country
    path: Literal["linear", "seasonal"]
    groups: dict[str, Group] = Field(default_factory=dict)
    base_year: int | None = None
    windows: dict[str, TrackWindow | None] = Field(default_factory=dict)
    anchors: list[Anchors] = Field(default_factory=list)
    never_tested: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if self.windows and self.base_year is None:
            raise wrong("empty", "the year that a rise is over is missing", "give base_year")
        if bool(self.groups) == (self.base_year is not None):
            raise wrong("inconsistent", "a pledge has groups, a rise a base_year", "give one of the two")
        return self


class Declaration(Strict):
    """One case.yaml: the home country is the one whose surplus the gap is, `central` the scenario of the case whose
    answer the first sentences tell; without it the first by name that credits the deals."""

    name: Words
    home: Country
    partner: Country
    books: Annotated[list[Country], Field(min_length=1)]
    central: Words | None = None
    dates: Dates = Dates()
    track: Track | None = None

    @model_validator(mode="after")
    def _two_countries(self) -> Self:
        if self.home == self.partner or not set(self.books) <= {self.home, self.partner}:
            raise wrong("inconsistent", "books are those of two countries", "name home, partner and their books")
        return self

    @property
    def pair(self) -> Pair:
        return Pair(self.home, self.partner)

    @property
    def followed(self) -> Track:
        """What `track` follows. Raises Refused for a case that follows nothing."""
        if self.track is None:
            reason, fix = "this case follows no pledge", "add track with groups or windows"
            refuse("empty", DECLARATION, reason, fix, None, "track")
        return self.track


DECLARATION = "case.yaml"
COMMODITIES, POOLED = "commodities.yaml", "pooled_errors.csv"
LAID_OUT = ("data", "scenarios", "notebooks", "cases")  # what a case and its neighbours consist of, besides case.yaml
LEFT_BEHIND = shutil.ignore_patterns("reports", ".*", "__pycache__")
PACKAGE = Path(__file__).resolve().parents[1]


def shipped() -> Path:
    """The folder of the shipped case: inside an installed package, else the checkout that the package stands in."""
    packed = PACKAGE / "shipped"
    return packed if packed.is_dir() else PACKAGE.parents[1]


class Below:
    """A place in a case's folder, as an attribute of the folder."""

    def __init__(self, *parts: str):
        self.parts = parts

    def __get__(self, folder: "Folder", _: type) -> Path:
        return folder.root.joinpath(*self.parts)


@dataclass(frozen=True)
class Folder:
    """A folder with data/raw and scenarios in this project's form.

    `held` are its facts where they have been read already (`store.hold`); none are read twice then.
    """

    root: Path
    held: Any = field(default=None, compare=False, repr=False)

    raw = Below("data", "raw")
    processed = Below("data", "processed")
    corrections = Below("data", "corrections.yaml")
    arrivals = Below("data", "arrivals.yaml")
    forecasts = Below("forecasts")
    reports = Below("reports")

    @property
    def notebooks(self) -> Path:
        """The case's own notebooks, or those of the shipped case."""
        own = self.root / "notebooks"
        return own if own.is_dir() else shipped() / "notebooks"

    @property
    def scenarios(self) -> Path:
        """The case's own scenarios, or those for every case that has none, as they stand beside it or are shipped."""
        own, beside_it = self.root / "scenarios", self.root.parent / "scenarios"
        if own.is_dir():
            return own
        is_under_cases = self.root.parent.name == "cases" and beside_it.is_dir()
        return beside_it if is_under_cases else shipped() / "cases" / "scenarios"

    @property
    def commodities(self) -> Path:
        """What the lines of Vietnam Customs' bulletins are: the case's own table, or that of the shipped case."""
        own = self.root / "data" / COMMODITIES
        return own if own.exists() else shipped() / "data" / COMMODITIES

    @property
    def pooled(self) -> Path:
        """The errors of forecasts on several partners: the case's own table, or that of the shipped case."""
        own = self.root / "data" / POOLED
        return own if own.exists() else shipped() / "data" / POOLED

    @property
    def declaration(self) -> Path:
        """What the case is about: its own case.yaml, or that of the shipped case."""
        own = self.root / DECLARATION
        return own if own.exists() else shipped() / DECLARATION


def cases() -> dict[str, Path]:
    """The case at hand and the shipped one, and those that stand under them, by name."""
    mains = [main for main in (shipped(), home()) if (main / DECLARATION).is_file()]
    under = [path.parents[1] for main in mains for path in main.glob("cases/*/data/raw")]
    return {declared(Folder(main)).name: main for main in mains} | {root.name: root for root in under}


def case(folder: "str | Path | Folder" = "") -> Folder:
    """The case in a folder or of a name, or one found already; by default the one at hand.

    At hand is the nearest folder, from the current one up, that has a case.yaml, else the shipped case. Names are
    those of `cases`. Raises Refused if there is no data/raw, naming the nearest case.
    """
    if isinstance(folder, Folder):
        return folder
    is_folder = (Path(folder) / "data" / "raw").is_dir()
    by_name = {} if is_folder or not folder else cases()
    root = home() if not folder else Path(folder).resolve() if is_folder else by_name.get(str(folder), Path(folder))
    if not (root / "data" / "raw").is_dir():
        known = f", or one of {', '.join(by_name)}{nearest(str(folder), list(by_name))}" if by_name else ""
        fix = f"name a folder with data/raw and scenarios by --case{known}, or lay one out by `tradebalance init DIR`"
        refuse("empty", str(folder or root), "no case here: there is no data/raw", fix)
    return Folder(root)


def neighbours(where: Folder) -> list[Folder]:
    """A case and those at hand, one of a name: the case itself, its main case and those under it, then the others."""
    above = where.root.parents[1] if where.root.parent.name == "cases" else where.root
    under = [path.parents[1] for path in sorted(above.glob("cases/*/data/raw"))]
    main = [above] if (above / "data" / "raw").is_dir() else []
    found = [where, *map(Folder, [*main, *under, *cases().values()])]
    by_name = {declared(each).name: each for each in reversed(found)}
    return list(by_name.values())


def beside(where: Folder, name: str = "") -> Folder:
    """The main case that one stands under, or one of that by name; as shipped where there is none of its own."""
    above = where.root.parents[1] if where.root.parent.name == "cases" else where.root
    found = above / "cases" / name if name else above
    is_another = found != where.root and (found / "data" / "raw").is_dir()
    return Folder(found if is_another else shipped() / "cases" / name if name else shipped())


def home() -> Path:
    """The nearest folder, from the current one up, that has a case.yaml and data/raw; else the shipped case's."""
    here = Path.cwd()
    found = (path for path in (here, *here.parents) if (path / DECLARATION).is_file())
    return next((path for path in found if (path / "data" / "raw").is_dir()), shipped())


def lay_out(target: Path) -> list[Path]:
    """Copy the shipped cases into a new or empty folder: what each is about, its data, scenarios and notebooks.

    Returns the folders of the cases. Raises Refused where something stands in the way; nothing is overwritten.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        refuse("name_clash", str(target), "the folder is not empty", "name a new one")
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shipped() / DECLARATION, target / DECLARATION)
    for name in LAID_OUT:  # bytes, not modes: what is shipped may be read-only
        shutil.copytree(shipped() / name, target / name, copy_function=shutil.copyfile, ignore=LEFT_BEHIND)
    return [target, *sorted(path.parents[1] for path in target.glob("cases/*/data/raw"))]


def declared(where: Folder) -> Declaration:
    """What a case is about. Raises Refused with every problem of its case.yaml."""
    return read(Declaration, readers.yaml_document(regular.read(where.declaration, DECLARATION), DECLARATION))
