"""What every page of a report holds to, read off its HTML as a reader meets it; each rule returns the faults it finds.

A page answers in words that a reader has: no name of code, no sentence twice, no row of nothing, no sum that does not
add up as printed, and no number that stands neither in the page's own record nor in one of its tables.
"""

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bs4 import BeautifulSoup, Tag

FILES = "Sources and files"  # the folded part of a page that names files, and the page of them
HEADS = ["h1", "h2", "h3", "h4"]
RUNNING = [*HEADS, "p", "li", "dd", "dt", "caption", "label", "legend"]
MOST_WORDS = 15  # of a title
A_SENTENCE = 8  # words; what is shorter may well stand twice
ABBREVIATION = re.compile(r"\b(U\.S|e\.g|i\.e|No|St|Co|Corp|Inc|Ltd|vs)\.")
ADDRESS = re.compile(r"https?://[^\s;)]+")
SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z“])|\n")
NUMBER = re.compile(r"(?<![\w.,])[+\-−]?\d+(?:,\d{3})*(?:\.\d+)?")
AMOUNT = re.compile(r"[\s\d.,+\-−%()$]*\d(?:[\s\d.,+\-−%()$]|to|bn)*")
ONE_NUMBER = re.compile(r"\$?([+\-−]?\d+(?:,\d{3})*(?:\.\d+)?)(?:\s*(?:%|bn))?")
HEARD = ("aria-label", "alt", "title", "content")
TOTAL = re.compile(r"(All|Total|Sum|In all)\b", re.IGNORECASE)
RAW = {
    "a name of code": re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b"),
    "a file or a path of an assumption": re.compile(r"\b[a-z_]{3,}\.[a-z_]{3,}\b(?!\.[a-z]{2})"),
    "a backtick": re.compile("`"),
    "a checksum": re.compile(r"\b[0-9a-f]{64}\b"),
    "a placeholder": re.compile(r"\{[^}]*\}?"),
    "a country's code": re.compile(r"\b(?:VNM|USA)\b"),
    "a tranche's key": re.compile(r"\bT[123]\b"),
    "a value of code": re.compile(r"\b(?:nan|NaN|NaT|None|True|False|inf)\b"),
}
NEVER = {"airline model": "a seasonal model"}
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# numbers that are part of a name or a date and no figure of the page
NAMES = re.compile(
    r"\b(?:19|20)\d\d(?:Q[1-4]|-\d\d(?:-\d\d)?)?(?!\s*(?:%|\.\d))\b|\bQ[1-4]\b"
    rf"|\b\d{{1,2}} (?={MONTHS})|\b[Ss]ections? \d+(?: and \d+)?|\bHS \d+|\b7\d7s?\b"
    r"|\bA3\d\d\w*|\b[A-Z]+-\d\w*|\b\d+[A-Z]\w*|\b[A-Z]+\d+\w*"
)
RANGE_WORDS = re.compile(r"\b5 (?:to|and) (?:its |the )?95\b|\b5 and its 95\b|\b100\b(?= dollars| %)")
# what stands about a number that is per cent or billions, alone, in a range or in the brackets of a range
RANGE_END = r"(?: ?(?:to|of(?: the)?|and) \$?[+\-−]?[\d.,]+)?\)?"
IS_PER_CENT = re.compile(rf"{RANGE_END}\s*%|{RANGE_END}\s*points?\b"), re.compile(r"%\s*\((?:[\d.,]+ to )?$")
IS_BILLIONS = (
    re.compile(rf"{RANGE_END}\s*(?:\([^)]*\)\s*)?(?:billion|bn)\b"),
    re.compile(r"\$[+\-−]?(?:[\d.,]+ \((?:[\d.,]+ to )?)?$"),
)
PER_CENT, BILLIONS, BARE = (Decimal(1), Decimal(100)), (Decimal(1), Decimal("0.001")), (Decimal(1),)


@dataclass(frozen=True)
class Cells:
    """A table as printed: its columns' heads, and a label and the cells of each row."""

    caption: str
    heads: list[str]
    rows: list[list[str]]

    def column(self, at: int) -> list[str]:
        return [row[at] if at < len(row) else "" for row in self.rows]


@dataclass
class Read:
    """A page as read: its name, its elements, and the numbers that it may print."""

    name: str
    soup: BeautifulSoup
    figures: list[Decimal] = field(default_factory=list)

    @property
    def is_of_files(self) -> bool:
        return self.name == "files"


def read(name: str, html: str, records: Iterable[Any] = (), tables: Iterable[str] = ()) -> Read:
    """A page of that name; `records` are JSON whose figures it may print, `tables` the CSV files beside it."""
    soup = BeautifulSoup(html, "html.parser")
    for gone in soup.find_all(["style", "script"]):
        gone.decompose()
    page = Read(name, soup)
    cells = itertools.chain.from_iterable(itertools.chain([table.heads], table.rows) for table in tables_of(page))
    texts = [text for row in cells for text in row]
    texts += [cell for table in tables for row in csv.reader(io.StringIO(table)) for cell in row]
    texts += [element.get_text() for element in soup.select("svg text")]
    page.figures = [*figures_in(records), *(number for text in texts for number in numbers(text))]
    return page


def tables_of(page: Read) -> list[Cells]:
    found = []
    for table in page.soup.find_all("table"):
        rows = [[squeezed(cell) for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
        caption = table.find("caption")
        found.append(Cells(squeezed(caption) if caption else "", rows[0] if rows else [], rows[1:]))
    return found


def squeezed(element: Tag) -> str:
    return " ".join(element.get_text(" ", strip=False).split())


def is_folded_file(element: Tag) -> bool:
    """Whether an element stands in the folded part that names sources and files."""
    for fold in element.find_parents("details"):
        summary = fold.find("summary")
        if summary and squeezed(summary).startswith(FILES):
            return True
    return False


def texts(page: Read) -> Iterator[tuple[str, str]]:
    """Every text that a reader of a page sees or hears, with the kind of element that it stands in, but for the part
    that names files."""
    for leaf in page.soup.find_all(string=True):
        parent = leaf.parent
        if type(leaf).__name__ != "NavigableString" or not leaf.strip() or not parent or is_folded_file(parent):
            continue
        yield parent.name, " ".join(ADDRESS.sub("", leaf).split())
    for element in page.soup.select("[aria-label], [alt], [title], meta[name=description]"):
        for key in HEARD:
            if element.get(key) and not is_folded_file(element):
                yield f"{element.name}[{key}]", " ".join(str(element[key]).split())


def running(page: Read) -> list[tuple[str, str]]:
    """The running text of a page: an element's name and its words, links and bold words in their places."""
    found = page.soup.find_all(RUNNING)
    told = [each for each in found if not each.find(RUNNING) and not is_folded_file(each)]
    return [("source" if "source" in each.get("class", ()) else each.name, squeezed_inline(each)) for each in told]


def squeezed_inline(element: Tag) -> str:
    return " ".join(element.get_text().split())


# --- rules ----------------------------------------------------------------------------------------


def raw_names(page: Read, ids: Iterable[str] = ()) -> list[str]:
    """Names of code and of files where a reader meets them; `ids` are those of the case."""
    keys = [re.escape(each) for each in sorted(ids, key=len, reverse=True)]
    rules = {**RAW, "an id of the case": re.compile(rf"(?<![\w-])(?:{'|'.join(keys)})(?![\w-])")} if keys else RAW
    return [
        f"{rule}: {match[0]!r} in <{kind}> {_short(text, match.start())}"
        for kind, text in texts(page)
        for rule, pattern in rules.items()
        for match in pattern.finditer(text)
    ]


def banned_words(page: Read, banned: Mapping[str, str] = NEVER) -> list[str]:
    return [
        f"{word!r} (say {instead!r}) in <{kind}> {_short(text, text.lower().index(word))}"
        for kind, text in texts(page)
        for word, instead in banned.items()
        if word in text.lower()
    ]


def long_titles(page: Read) -> list[str]:
    titles = [squeezed_inline(each) for each in page.soup.find_all(HEADS)]
    return [f"{len(words(title))} words: {title}" for title in titles if len(words(title)) > MOST_WORDS]


def repeated_sentences(page: Read) -> list[str]:
    """Sentences of some length that stand twice in running text; a chart's sources are no sentence."""
    texts = [text for kind, text in running(page) if kind != "source"]
    told = [sentence for text in texts for sentence in sentences(text) if len(words(sentence)) >= A_SENTENCE]
    return [f"{count} times: {sentence}" for sentence, count in Counter(told).items() if count > 1]


def rows_of_nothing(page: Read) -> list[str]:
    """Rows of two cells and more whose every number is zero. One number that is zero is an answer."""
    found = []
    for table in tables_of(page):
        for label, *cells in table.rows:
            amounts = [number for cell in cells if AMOUNT.fullmatch(cell) for number in numbers(cell)]
            if len(amounts) > 1 and not any(amounts):
                found.append(f"{table.caption!r}: row {label!r} is {' | '.join(cells)}")
    return found


def sums_that_fail(page: Read) -> list[str]:
    """Tables whose row of a total is not the sum of the others as printed, and steps that do not lead to their end."""
    found = []
    for table in tables_of(page):
        found += [*_totals(table), *_steps(table)]
    for drawing in page.soup.select("svg"):
        found += _steps_drawn([element.get_text().strip() for element in drawing.select("text")])
    return list(dict.fromkeys(found))


def _totals(table: Cells) -> Iterator[str]:
    at = next((n for n, row in enumerate(table.rows) if TOTAL.match(row[0])), None)
    if at is None or at < 2:
        return
    for column in range(1, len(table.heads)):
        *parts, total = [one_number(cell) for cell in table.column(column)[: at + 1]]
        if total is None or None in parts:
            continue
        if sum(parts) != total:
            yield f"{table.caption!r}: {table.heads[column]!r} adds up to {sum(parts)}, and {total} is printed"


def _steps(table: Cells) -> Iterator[str]:
    """A column of signed steps from a sum: its last is the sum of them, or the next column is what is left."""
    for column in range(1, len(table.heads)):
        cells = table.column(column)
        signed = [cell[:1] in "+-−" and bool(cell) for cell in cells]
        if sum(signed[1:-1]) < 2 or sum(signed[1:-1]) < len(cells) - 3:
            continue
        steps = [one_number(cell) for cell in cells]
        if None not in steps and not signed[-1]:
            whole = sum(steps[:-1], Decimal(0))
            if whole != steps[-1]:
                yield f"{table.caption!r}: steps add up to {whole}, and {steps[-1]} is printed"
        left = [one_number(cell) for cell in table.column(column + 1)] if column + 1 < len(table.heads) else []
        if not left or None in left or None in steps[:-1] or left[0] != steps[0]:
            continue
        for row in range(1, len(left) - 1):
            expected = left[row - 1] + steps[row]
            if expected != left[row]:
                yield f"{table.caption!r}: {table.rows[row][0]!r} leaves {expected}, and {left[row]} is printed"


def _steps_drawn(labels: list[str]) -> Iterator[str]:
    """Labels of a drawing that lead from a sum by signed steps to another: one unsigned, signed ones, one unsigned."""
    run: list[Decimal] = []
    for label in [*labels, ""]:
        number = one_number(label)
        is_step = number is not None and label[:1] in "+-−"
        if number is not None and not is_step and len(run) > 3:
            if sum(run) != number:
                yield f"a drawing's steps {' '.join(map(str, run))} add up to {sum(run)}, and {number} is drawn"
            run = []
        elif number is not None and is_step and run:
            run.append(number)
        else:
            run = [number] if number is not None and not is_step else []


def untraced_numbers(page: Read) -> list[str]:
    """Numbers of running text that are no figure of the page's record, its tables or its drawings as printed."""
    return [
        f"{match[0]} in <{kind}> {_short(match.string, match.start())}"
        for kind, text in running(page)
        for match in NUMBER.finditer(RANGE_WORDS.sub(" ", NAMES.sub(" ", text)))
        if not is_known(match[0], page.figures, scales_of(match))
    ]


def scales_of(number: re.Match[str]) -> tuple[Decimal, ...]:
    """What a figure may be multiplied by to be a number of a text, by what stands about it: a record has USD million
    and fractions, a table billions and per cent. A whole number without a unit is a count; one with decimals may be
    any of these, as its unit may stand further off."""
    before, after = number.string[: number.start()], number.string[number.end() :]
    for scales, (behind, ahead) in ((PER_CENT, IS_PER_CENT), (BILLIONS, IS_BILLIONS)):
        if behind.match(after) or ahead.search(before):
            return scales
    return (*PER_CENT, *BILLIONS) if "." in number[0] else BARE


def is_known(printed: str, figures: Iterable[Decimal], scales: Sequence[Decimal] = (*PER_CENT, *BILLIONS)) -> bool:
    """Whether a printed number is one of some figures, each so multiplied, at its decimals; a count is so exactly."""
    text = printed.replace(",", "").lstrip("+-−")
    number, digits = Decimal(text), len(text.partition(".")[2])
    near = Decimal("0.501") * Decimal(10) ** -digits if scales != BARE else Decimal(0)
    return any(abs(abs(figure) * scale - number) <= near for figure in figures for scale in scales)


RULES = {
    "names": raw_names,
    "words": banned_words,
    "titles": long_titles,
    "sentences": repeated_sentences,
    "rows": rows_of_nothing,
    "sums": sums_that_fail,
    "numbers": untraced_numbers,
}

# --- parts of rules -------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    return [word for word in text.split() if re.search(r"\w", word)]


def sentences(text: str) -> list[str]:
    kept = ABBREVIATION.sub(lambda found: found[0].replace(".", "\0"), text)
    return [sentence.replace("\0", ".").strip(" .") for sentence in SENTENCE_END.split(kept)]


def numbers(text: str) -> list[Decimal]:
    return [_decimal(found) for found in NUMBER.findall(text)]


def one_number(cell: str) -> Decimal | None:
    """The number that a cell is, if it is one."""
    found = ONE_NUMBER.fullmatch(cell.strip())
    return _decimal(found[1]) if found else None


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("−", "-"))


def figures_in(found: Any) -> Iterator[Decimal]:
    """Every number of a JSON record, as it is written; what stands in a text is none."""
    if isinstance(found, Mapping):
        for value in found.values():
            yield from figures_in(value)
    elif isinstance(found, str | bool) or found is None:
        return
    elif isinstance(found, int | float):
        if found == found and abs(found) != float("inf"):
            yield Decimal(repr(found))
    elif isinstance(found, Iterable):
        for value in found:
            yield from figures_in(value)


def _short(text: str, at: int) -> str:
    return f"“{text[max(0, at - 40) : at + 60]}”"
