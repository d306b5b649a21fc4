"""The project's words: code lists, column names, the unit, and periods.

Countries are ISO 3166 alpha-3, periods pandas Periods, money USD million, nominal.
"""

from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

USD_MN_PER_BN = 1000


class Flow(StrEnum):
    """From the reporter's side."""

    EXPORT = "export"
    IMPORT = "import"


class Valuation(StrEnum):
    """The price point a customs value is taken at."""

    FOB = "fob"
    CIF = "cif"
    FAS = "fas"
    CUSTOMS_VALUE = "customs_value"


class Basis(StrEnum):
    CUSTOMS = "customs"
    BOP = "bop"


class Frequency(StrEnum):
    MONTHLY = "M"
    QUARTERLY = "Q"
    YEARLY = "Y"


class Origin(StrEnum):
    """Where a figure comes from: printed; added up from printed ones; worked out from printed ones and the
    mirror; or the mirror alone, past the last printed one."""

    PUBLISHED = "published"
    DERIVED = "derived"
    ESTIMATED = "estimated"
    EXTRAPOLATED = "extrapolated"


class Status(StrEnum):
    """What held of a deal on the date of an event, in rising order of firmness but for the last."""

    PLANNED = "planned"
    NEGOTIATING = "negotiating"
    MOU = "mou"
    SIGNED = "signed"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Role(StrEnum):
    """What a ledger row is. Only `part_of` makes a deal a leaf of its tranche."""

    HEADLINE = "headline"
    DEAL = "deal"
    SUBSET = "subset"
    RESTATEMENT = "restatement"
    AGGREGATE = "aggregate"
    PRICE_EVIDENCE = "price_evidence"


class Stage(StrEnum):
    """Where a part of the announced sum stands: a named deal told once, one told again, or a rest without a name."""

    SIGNED = "signed"
    TALKED_ABOUT = "talked_about"
    RESTATED = "restated"
    UNNAMED = "unnamed"


class Category(StrEnum):
    AIRCRAFT = "aircraft"
    ENGINES = "engines_and_aviation_services"
    ENERGY = "energy"
    POWER_EQUIPMENT = "power_equipment"
    AGRICULTURE = "agriculture"
    TECHNOLOGY = "technology"
    DEFENCE = "defence"
    SERVICES = "services"
    FINANCE = "finance"
    MIXED = "mixed"


class ValueKind(StrEnum):
    """What an announced value is: a list price, a headline, an estimate or a contract price."""

    LIST = "list"
    ANNOUNCED = "announced"
    ESTIMATE = "estimate"
    CONTRACT = "contract"


class TimelineKind(StrEnum):
    """What a row of the timeline tells of."""

    OFFICIAL_TOTAL = "official_total"
    TARIFF = "tariff"
    AGREEMENT = "agreement"
    DELIVERY = "delivery"


class Strength(StrEnum):
    """How far an assumption can be trusted: many sources, some, one to three episodes, nobody measured it."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"
    JUDGEMENT = "judgement"


CATEGORY_WORDS = {
    Category.AIRCRAFT: "aircraft",
    Category.ENGINES: "engines and aviation services",
    Category.ENERGY: "energy",
    Category.POWER_EQUIPMENT: "power equipment",
    Category.AGRICULTURE: "farm goods",
    Category.TECHNOLOGY: "technology",
    Category.DEFENCE: "defence",
    Category.SERVICES: "services",
    Category.FINANCE: "finance",
    Category.MIXED: "mixed",
}
FLOW_KEY = ["reporter", "partner", "flow", "valuation", "basis", "frequency", "period", "vintage"]
FLOW_COLUMNS = [*FLOW_KEY, "value_usd_mn", "se_usd_mn", "status", "origin", "ids"]
HOME = "VNM"  # the country whose surplus the gap is, unless a case says otherwise
BOOKS = {"USA": "US Census book", "VNM": "Vietnam Customs book"}
PARTNER = {"USA": "VNM", "VNM": "USA"}
OTHER_SIDE = {Flow.EXPORT: Flow.IMPORT, Flow.IMPORT: Flow.EXPORT}  # what one side exports the other imports
CENSUS_VALUATION = {Flow.EXPORT: Valuation.FAS, Flow.IMPORT: Valuation.CUSTOMS_VALUE}  # its price points


@dataclass(frozen=True)
class Pair:
    """Whose surplus with whom: the home country's exports to the partner, minus its imports from there."""

    home: str
    partner: str

    def other(self, reporter: str) -> str:
        """The side that a reporter of the pair trades with; nothing for any other reporter."""
        return {self.home: self.partner, self.partner: self.home}.get(reporter, "")

    @property
    def home_name(self) -> str:
        return country_name(self.home)

    @property
    def partner_name(self) -> str:
        return country_name(self.partner)

    @property
    def words(self) -> str:
        """Both countries, for a line above a title."""
        return f"{self.home_name}–{self.partner_name}".replace("–the ", "–").removeprefix("the ")


def book_name(reporter: str) -> str:
    """The book in words; a reporter's book that has no name here is its customs'."""
    return BOOKS.get(reporter, f"{country_name(reporter)} Customs book")


def quarter(text: str) -> pd.Period:
    """`2026Q3` as a quarterly Period. Raises ValueError for any other form."""
    if len(text) != 6 or not text[:4].isdecimal() or text[4] != "Q" or text[5] not in "1234":
        raise ValueError(f"{text!r} is not a quarter like 2026Q3")
    return pd.Period(text, freq="Q")


def month(text: str) -> pd.Period:
    """`2026-08` as a monthly Period. Raises ValueError for any other form."""
    if len(text) != 7 or not (text[:4] + text[5:]).isdecimal() or text[4] != "-" or not "01" <= text[5:] <= "12":
        raise ValueError(f"{text!r} is not a month like 2026-08")
    return pd.Period(text, freq="M")


def period(text: str) -> pd.Period:
    """`2025`, `2025Q1` or `2025-03` as a Period. Raises ValueError for any other form."""
    if len(text) == 4 and text.isdecimal():
        return pd.Period(text, freq="Y")
    return quarter(text) if "Q" in text else month(text)


# Schedule C of the US Census Bureau (the country codes of its trade statistics): code -> name as
# printed, ISO 3166 alpha-3. A row counts only if code and name agree; any other partner is kept
# aside with a warning, so the list may grow at leisure and a mistake in it moves no figure.
CENSUS_COUNTRIES = {
    "1220": ("Canada", "CAN"),
    "2010": ("Mexico", "MEX"),
    "3010": ("Colombia", "COL"),
    "3330": ("Peru", "PER"),
    "3370": ("Chile", "CHL"),
    "3510": ("Brazil", "BRA"),
    "3570": ("Argentina", "ARG"),
    "4010": ("Sweden", "SWE"),
    "4039": ("Norway", "NOR"),
    "4050": ("Finland", "FIN"),
    "4099": ("Denmark", "DNK"),
    "4120": ("United Kingdom", "GBR"),
    "4190": ("Ireland", "IRL"),
    "4210": ("Netherlands", "NLD"),
    "4231": ("Belgium", "BEL"),
    "4279": ("France", "FRA"),
    "4280": ("Germany", "DEU"),
    "4330": ("Austria", "AUT"),
    "4370": ("Hungary", "HUN"),
    "4419": ("Switzerland", "CHE"),
    "4550": ("Poland", "POL"),
    "4700": ("Spain", "ESP"),
    "4710": ("Portugal", "PRT"),
    "4759": ("Italy", "ITA"),
    "4840": ("Greece", "GRC"),
    "5081": ("Israel", "ISR"),
    "5170": ("Saudi Arabia", "SAU"),
    "5330": ("India", "IND"),
    "5350": ("Pakistan", "PAK"),
    "5380": ("Bangladesh", "BGD"),
    "5420": ("Sri Lanka", "LKA"),
    "5490": ("Thailand", "THA"),
    "5520": ("Vietnam", "VNM"),
    "5530": ("Laos", "LAO"),
    "5550": ("Cambodia", "KHM"),
    "5570": ("Malaysia", "MYS"),
    "5590": ("Singapore", "SGP"),
    "5600": ("Indonesia", "IDN"),
    "5650": ("Philippines", "PHL"),
    "5700": ("China", "CHN"),
    "5800": ("Korea, South", "KOR"),
    "5820": ("Hong Kong", "HKG"),
    "5830": ("Taiwan", "TWN"),
    "5880": ("Japan", "JPN"),
    "6021": ("Australia", "AUS"),
    "6141": ("New Zealand", "NZL"),
    "7290": ("Egypt", "EGY"),
    "7910": ("South Africa", "ZAF"),
}


def country_name(code: str) -> str:
    """A country in words, by its ISO alpha-3 code; one that is not listed is called by its code."""
    names = {alpha3: name for name, alpha3 in CENSUS_COUNTRIES.values()}
    return {"USA": "the United States", **names}.get(code, code)
