"""One printed country, name or code -> ISO 3166 alpha-3. Raises CellError for what is unknown or has two readings.

Names in the languages of LANGUAGES come from the Unicode CLDR (babel), codes from pycountry, and
the codes of US trade statistics from `terms`; the tables here hold only what those lack.
"""

import difflib
import re
import unicodedata
from functools import cache

from ..words.amounts import by_word
from ..words.cells import CellError, fold
from ..words.terms import CENSUS_COUNTRIES

LANGUAGES = ("en", "vi", "fr", "de", "es")
MORE_NAMES = {  # folded
    "USA": "u.s|u.s.a|u.s.|u.s.a.|us of a|america|the united states|united states (usa)|my|mi|hoa ki|"
    "hop chung quoc hoa ky|hop chung quoc my",
    "VNM": "chxhcn viet nam|cong hoa xa hoi chu nghia viet nam|s.r. vietnam|sr vietnam|socialist republic of vietnam|"
    "vietnam, socialist republic of|viet nam, socialist republic of",
    "GBR": "uk|u.k.|great britain|britain|anh", "RUS": "lien bang nga|lb nga", "TWN": "chinese taipei",
    "KOR": "republic of korea|korea, rep.|rep. of korea|korea (republic of)|dai han dan quoc|rok",
    "PRK": "dprk|bac trieu tien", "CHN": "prc|mainland china|china, mainland|china, p.r.", "HKG": "hong kong, china",
    "LAO": "lao pdr", "CIV": "ivory coast", "TUR": "turkey", "ARE": "uae", "NLD": "holland", "SWZ": "swaziland",
    "MKD": "macedonia", "MMR": "burma", "COD": "dr congo|drc|zaire", "AUS": "uc|o-xtray-li-a", "JPN": "nhat",
    "SGP": "singapo|xin-ga-po", "MYS": "ma-lai-xi-a", "IDN": "in-do-ne-xi-a", "PHL": "phi-lip-pin",
    "KHM": "cam-pu-chia", "ITA": "y",
}  # fmt: skip
AMBIGUOUS = {
    "korea": "KOR or PRK", "congo": "COG or COD", "virgin islands": "VGB or VIR", "saint martin": "MAF or SXM",
    "st. martin": "MAF or SXM", "na": "NAM, or nothing where NA stands for a missing one",
}  # fmt: skip
# Schedule C, and in it the United States; areas that UN Comtrade reports under codes of its own
OWN_CODES = {code: alpha3 for code, (_, alpha3) in CENSUS_COUNTRIES.items()} | {
    "1000": "USA", "842": "USA", "251": "FRA", "381": "ITA", "579": "NOR", "699": "IND", "757": "CHE",
}  # fmt: skip
TWO_NAMES = re.compile(r"(?P<one>[^()]+?)\s*\((?P<other>[^()]+)\)")
NOT_IN_CAPITALS = {"nga": "RUS (Nga in Vietnamese) or NGA (Nigeria)"}


def code(text: str) -> str:
    """The alpha-3 code of a printed country. `NA` may be Namibia or missing, a blank is country_missing."""
    printed = unicodedata.normalize("NFKC", text).strip()
    if not printed:
        raise CellError("country_missing", "blank", "write the country's code")
    name = fold(printed).removesuffix(".0")
    readings = AMBIGUOUS.get(name) or (None if printed.isupper() else NOT_IN_CAPITALS.get(name))
    if readings:
        raise CellError("ambiguous_country", readings, f"write {readings}")
    found = _code(printed.upper()) or _names().get(printed.casefold()) or _names().get(name) or _twice_named(printed)
    if found is None:
        alike = [known for known in _names() if known[:1] == name[:1] and abs(len(known) - len(name)) < 4]
        close = difflib.get_close_matches(name, alike, 1)
        fix = f"nearest: {close[0].title()} ({_names()[close[0]]})" if close else "write the ISO 3166 code, such as VNM"
        raise CellError("unknown_country", "not a known country name or code", fix)
    return found


def _twice_named(printed: str) -> str | None:
    """`Hoa Kỳ (Mỹ)` and `Viet-Nam`: a name and, in brackets, another one of it; or a hyphen for a blank."""
    both = TWO_NAMES.fullmatch(printed)
    found = {_code(part.upper()) or _names().get(fold(part)) for part in both.groups()} if both else set()
    return found.pop() if len(found) == 1 else _names().get(fold(printed.replace("-", " ")))


def _code(text: str) -> str | None:
    """An alpha-2, alpha-3, UN M49 or Census code."""
    import pycountry

    digits = text.removesuffix(".0")
    if digits in OWN_CODES:
        return OWN_CODES[digits]
    get = pycountry.countries.get
    country = get(numeric=digits.zfill(3)) or get(alpha_2=text) or get(alpha_3=text)
    return None if country is None else str(country.alpha_3)


@cache
def _names() -> dict[str, str]:
    """Folded name -> alpha-3; a name that two countries share once folded is left out."""
    import pycountry
    from babel import Locale

    territories = [Locale.parse(language).territories for language in LANGUAGES]
    printed = [*CENSUS_COUNTRIES.values()]
    for country in pycountry.countries:
        own = [getattr(country, field, None) for field in ("name", "official_name", "common_name")]
        local = [names.get(country.alpha_2) for names in territories]
        printed += [(name, country.alpha_3) for name in (*own, *local) if name]
    found: dict[str, set[str]] = {}
    for name, alpha3 in printed:
        for form in {fold(name), unicodedata.normalize("NFKC", name).casefold()}:
            found.setdefault(form, set()).add(alpha3)
    return {name: alpha3 for name, (alpha3, *others) in found.items() if not others} | by_word(MORE_NAMES)
