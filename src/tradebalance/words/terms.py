"""The project's words: code lists, column names, the unit, and periods.

Countries are ISO 3166 alpha-3, periods pandas Periods, money USD million, nominal.
"""

from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

USD_MN_PER_BN = 1000
SCALE_JUMP = 300  # a step this large is a unit that slipped by 1,000, not trade


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
    LNG = "lng"
    ENERGY = "energy"  # all other fuels: crude oil, refined products, LPG, ethane, coal
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
    NOT_FOUND = "not_found"  # searched for, and not found by that day


class Confidence(StrEnum):
    """How sure the sources make a ledger row: several say so, one does, or one weak or unconfirmed one."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Strength(StrEnum):
    """How far an assumption can be trusted: many sources, some, one to three episodes, nobody measured it."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"
    JUDGEMENT = "judgement"


CATEGORY_WORDS = {each: each.replace("_", " ") for each in Category} | {
    Category.AGRICULTURE: "farm goods",
    Category.LNG: "LNG",
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


def book_name(reporter: str) -> str:
    """The book in words; a reporter's book that has no name here is its customs'."""
    return BOOKS.get(reporter, f"{country_name(reporter)} Customs book")


def figures_name(reporter: str) -> str:
    """The book in a reader's words: `US Census figures`."""
    return f"{book_name(reporter).removesuffix('book')}figures"


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


# Schedule C of the US Census Bureau (the country codes of its trade statistics): code, ISO 3166 alpha-3, name as
# printed. A row counts only if code and name agree; any other partner is kept
# aside with a warning, so the list may grow at leisure and a mistake in it moves no figure.
PRINTED_COUNTRIES = (
    "1220 CAN Canada|2010 MEX Mexico|3010 COL Colombia|3330 PER Peru|3370 CHL Chile|3510 BRA Brazil|3570 ARG Argentina|"
    "4010 SWE Sweden|4039 NOR Norway|4050 FIN Finland|4099 DNK Denmark|4120 GBR United Kingdom|4190 IRL Ireland|"
    "4210 NLD Netherlands|4231 BEL Belgium|4279 FRA France|4280 DEU Germany|4330 AUT Austria|4370 HUN Hungary|"
    "4419 CHE Switzerland|4550 POL Poland|4700 ESP Spain|4710 PRT Portugal|4759 ITA Italy|4840 GRC Greece|"
    "5081 ISR Israel|5170 SAU Saudi Arabia|5330 IND India|5350 PAK Pakistan|5380 BGD Bangladesh|5420 LKA Sri Lanka|"
    "5490 THA Thailand|5520 VNM Vietnam|5530 LAO Laos|5550 KHM Cambodia|5570 MYS Malaysia|5590 SGP Singapore|"
    "5600 IDN Indonesia|5650 PHL Philippines|5700 CHN China|5800 KOR Korea, South|5820 HKG Hong Kong|5830 TWN Taiwan|"
    "5880 JPN Japan|6021 AUS Australia|6141 NZL New Zealand|7290 EGY Egypt|7910 ZAF South Africa"
)
CENSUS_COUNTRIES = {each[:4]: (each[9:], each[5:8]) for each in PRINTED_COUNTRIES.split("|")}


def country_name(code: str) -> str:
    """A country in words, by its ISO alpha-3 code; one that is not listed is called by its code."""
    names = {alpha3: name for name, alpha3 in CENSUS_COUNTRIES.values()}
    return "the United States" if code == "USA" else names.get(code, code)
