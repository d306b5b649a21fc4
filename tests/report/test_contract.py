"""Every page of a report holds to one contract: a reader's words, each said once, and numbers that are found again."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from statistics import median

import pytest

from rendered import OF_NOTEBOOKS, OF_SCENARIOS, OWN_BOOK, record_of
from tests.report import contract
from tradebalance.case import folder, inputs, store

PAGES = ["index", "files", *OF_NOTEBOOKS]
NOT_OF_FILES = {"names", "rows"}  # the page that names files names them
MEDIAN_KB, SET_MB = 150, 5.9 / 2  # of a page; of the pages of one book, half of what they once were


@pytest.fixture(scope="module")
def read(pages):
    """A page by its name, read once."""
    found = {}

    def of(name: str) -> contract.Read:
        if name not in found:
            found[name] = contract.read(name, text_of(pages, name), records_of(pages, name), csv_of(pages, name))
        return found[name]

    return of


@pytest.fixture(scope="module")
def ids():
    """The keys of the case that no reader knows: of the ledger, and of scenarios that are no words."""
    facts = store.facts(folder.case())
    return {event.id for event in facts.events} | {name for name in inputs.names(folder.case()) if "_" in name}


def text_of(pages: Path, name: str) -> str:
    return (pages / f"{name}.html").read_text(encoding="utf-8")


def records_of(pages: Path, name: str) -> Iterator[object]:
    """What a page proves itself by, without the sentences that it says: the first page is told from all."""
    for each in OF_NOTEBOOKS if name in ("index", "files") else [name]:
        yield {key: value for key, value in record_of(pages, each).items() if key not in ("headline", "says")}


def csv_of(pages: Path, name: str) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((pages / "data").glob(f"{name}-*.csv"))]


def page(body: str, *records: object, csv: str = "") -> contract.Read:
    return contract.read("page", f"<html><body>{body}</body></html>", records, [csv] if csv else [])


def table(*rows: str, caption: str = "Amounts") -> str:
    cells = ["".join(f"<td>{cell.strip()}</td>" for cell in row.split("|")) for row in rows]
    return f"<table><caption>{caption}</caption>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


FOLD = "<details><summary>Sources and files of this page</summary>{}</details>"
SENTENCE = "The surplus of the year is larger than that of the year before."
GOOD = f"""<h1>New imports: $9 billion, 0.48 % of the surplus</h1>
<p>{SENTENCE}</p><p>In 2027Q3 they are $0.14 billion.</p>
{table("Part | bn | Share", "Aircraft | 6.5 | 72 %", "Unnamed | 2.5 | 28 %", "All | 9.0 | 100 %")}"""
RECORD = {"new_usd_mn": 9012.0, "share": 0.0048, "by_year": [{"year": "2027", "usd_mn": 140.1}]}


def test_a_page_of_words_and_figures_passes_every_rule():
    for rule in contract.RULES.values():
        assert rule(page(GOOD, RECORD)) == []


@pytest.mark.parametrize(
    ("rule", "planted"),
    [
        ("names", "<p>Delay of slip_months</p>"),
        ("names", "<p>The delay is slip.aircraft here</p>"),
        ("names", "<p>As `even`</p>"),
        ("names", "<td>T3</td>"),
        ("names", "<p>On USA figures</p>"),
        ("names", f"<p>{'0a' * 32}</p>"),
        ("names", "<p>Of {{gap:bn}} billion</p>"),
        ("names", "<p>nan</p>"),
        ("names", "<p>of VJ-737-200</p>"),
        ("names", '<div role="img" aria-label="seasonal_naive"></div>'),
        ("names", "<svg><text>seasonal_naive</text></svg>"),
        ("words", "<p>By the airline model</p>"),
        ("titles", f"<h2>{'word ' * 16}</h2>"),
        ("sentences", f"<ul><li>{SENTENCE}</li></ul>"),
        ("rows", table("Part | bn | Share", "Other | 0.0 | 0 %")),
        ("rows", table("Part | bn | Range", "Other | 0.00 | 0.00 to 0.00", "Others | 1 | 2")),
        ("sums", table("Part | bn", "One | 1.1", "Two | 1.1", "All | 2.3")),
        (
            "sums",
            table("Step | bn", "Announced | 9.0", "Not firm | −2.1", "Anyway | −1.0", "Early | +0.2", "New | 6.0"),
        ),
        (
            "sums",
            table(
                "Step | bn | Left", "Sum | +9.0 | 9.0", "Not firm | −2.1 | 6.9", "Anyway | −1.0 | 5.8", "New | | 5.8"
            ),
        ),
        ("sums", "<svg>" + "".join(f"<text>{t}</text>" for t in "9.0 −2.1 −1.0 +0.2 6.2".split()) + "</svg>"),
        ("numbers", "<p>The deals bring $14.7 billion.</p>"),
        ("numbers", "<h2>In all 0.49 %</h2>"),
        ("numbers", "<li>against 9.1 billion</li>"),
        ("numbers", "<table><caption>Of 17 deals</caption></table>"),
        ("numbers", "<p>It is said of 3 parts.</p>"),
        ("numbers", "<p>They come to $0.48 billion.</p>"),
        ("numbers", "<p>It is (7 to 14) billion.</p>"),
    ],
)
def test_each_rule_finds_what_is_planted_and_the_others_do_not(rule, planted):
    read = page(GOOD + planted.replace("{{", "{").replace("}}", "}"), RECORD)
    found = {
        name: contract.raw_names(read, ["VJ-737-200"]) if name == "names" else of(read)
        for name, of in contract.RULES.items()
    }
    assert found.pop(rule)
    assert {name for name, faults in found.items() if faults} <= ({"numbers"} if rule in ("names", "sums") else set())


@pytest.mark.parametrize(
    "passing",
    [
        FOLD.format(f"<p>data/raw/us_census.csv: {'0a' * 32}, `even`</p>"),
        "<p>See https://x.example/a_b.csv.</p>",
        "<p>Section 301 holds from 24 July 2026, HS 8800, Boeing 737s.</p>",
        "<p>Nine times in ten: the 5 to 95 % range.</p>",
        table("Measure | Found", "Chance | 0 %"),
        table("Part | bn", "One | 1.1", "All | 1.2"),
        table("Month | Change", "2026-01 | +1.5 %", "2026-02 | -3.0 %", "2026-03 | +2.0 %", "2026-04 | +9.0 %"),
    ],
)
def test_what_is_no_fault_is_not_found(passing):
    read = page(GOOD + passing, RECORD)
    assert {name: faults for name, of in contract.RULES.items() if (faults := of(read))} == {}


@pytest.mark.parametrize(
    ("printed", "figure", "is_known"),
    [
        ("8.5", "8519.3", True),
        ("8.5", "8560.0", False),
        ("8.5", "-8.49", True),
        ("0.48", "0.0048", True),
        ("0.48", "0.00486", False),
        ("1,234", "1234.4", True),
        ("17", "18", False),
        ("7", "99", False),
    ],
)
def test_a_number_is_known_as_it_is_in_billions_or_in_per_cent_at_its_decimals(printed, figure, is_known):
    assert contract.is_known(printed, [Decimal(figure)]) is is_known


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("$9 (4 to 14) billion", {"9": 4100, "4": 4100, "14": 14_000}),
        ("of $60 to 64 billion", {"60": 60_000, "64": 64_100}),
        ("88 % (85 to 91) of it", {"88": 0.88, "85": 0.85, "91": 0.91}),
        ("60 to 82 % of it", {"60": 0.6, "82": 0.82}),
        ("13 of 16 quarters", {"13": 13, "16": 16}),
        ("of it 5.8 from these", {"5.8": 5791}),
    ],
)
def test_a_number_is_held_at_its_unit_and_a_count_exactly(text, held):
    found = {match[0]: contract.scales_of(match) for match in contract.NUMBER.finditer(text)}
    assert {
        number: contract.is_known(number, [Decimal(str(held[number]))], scales) for number, scales in found.items()
    } == {number: number != "9" for number in held}


def test_what_a_record_says_in_a_text_proves_no_number():
    assert contract.untraced_numbers(page("<p>It is 14.72 here.</p>", {"says": "It is 14.72 here."})) != []
    assert contract.untraced_numbers(page("<p>It is 14.72 here.</p>", {"it": 14.72})) == []


def test_numbers_of_the_files_beside_a_page_are_known():
    assert contract.untraced_numbers(page("<p>It is 14.72 here.</p>", csv="Year,bn\n2027,14.72\n")) == []


@pytest.mark.slow
@pytest.mark.parametrize("rule", contract.RULES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_holds_to_the_contract(read, ids, name, rule):
    if name == "files" and rule in NOT_OF_FILES | {"numbers"}:
        assert read(name).soup.select("table td.h")  # it names files and checksums
        return
    page = read(name)
    found = contract.raw_names(page, ids) if rule == "names" else contract.RULES[rule](page)
    assert found == []


@pytest.mark.slow
def test_pages_are_light(pages):
    """The median page is at most 150 kB; those of a book, one of every scenario among them, half of 5.9 MB."""
    sizes = {name: len(text_of(pages, name).encode()) for name in PAGES}
    of_scenarios = [sizes[name] for name in OWN_BOOK if name in OF_SCENARIOS]
    others = sum(sizes[name] for name in ("index", "files", *OWN_BOOK) if name not in OF_SCENARIOS)
    assert median(sizes.values()) <= MEDIAN_KB * 1000, sizes
    assert others + len(inputs.names(folder.case())) * max(of_scenarios) <= SET_MB * 1e6, sizes
