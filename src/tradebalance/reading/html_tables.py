"""The tables of an HTML page as a browser shows them: spans filled in, nothing of what is hidden, and notes told from
figures."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from ..words.problems import refuse
from . import headers
from .headers import Record

LONGEST_PAGE = 5_000_000  # characters: some 50,000 rows of ten cells
MOST_SPAN = 200
MOST_CELLS = 50_000
MOST_COLUMNS = 600  # more than a table of figures may have
LONGEST_CELL = 1_000  # characters of what may be a figure
MOST_OPEN = 1_000  # elements inside one another that are told apart

VOID = {"area", "base", "col", "embed", "img", "input", "link", "meta", "source", "track", "wbr"}
LINES = {"br", "hr", "p", "div", "li", "ul", "ol", "dl", "dt", "dd", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}
NEVER_SHOWN = {"script", "style", "template", "noscript", "del", "s", "strike"}  # a figure struck out is none
SMALL = {"sup": "\2\3", "sub": "\2\3", "a": "\4\5", "small": "\4\5"}  # what a note's number is printed in
ENDS = {"td": ("td", "th"), "th": ("td", "th"), "tr": ("tr",), "thead": ("tr", "thead"), "tbody": ("tr", "thead"),
        "tfoot": ("tr", "tbody")}  # fmt: skip
GONE = re.compile(r"display\s*:\s*none|visibility\s*:\s*collapse|font-size\s*:\s*0(?![.\d])")
BLANK = re.compile(r"visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])")
OUT_OF_SIGHT = {"sr-only", "visually-hidden", "screen-reader-text", "sortkey"}  # classes
SHOWN, UNSEEN, AWAY = 0, 1, 2  # unseen keeps its place, what is away has none


@dataclass
class PageRow:
    """A table's row: the line of its <tr>, and its cells with the columns and rows they span; or its caption."""

    line: int
    cells: list[tuple[str, int, int]] = field(default_factory=list)
    is_caption: bool = False


class _Tables(HTMLParser):
    """Collects the rows of every table in a single pass; those of a table inside another belong to the inner one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[PageRow]] = []
        self.open: list[list[PageRow]] = []
        self.text: list[str] | None = None
        self.span = (1, 1)
        self.inside: list[tuple[str, int]] = []  # open elements, and whether they are shown

    @property
    def seen(self) -> int:
        return self.inside[-1][1] if self.inside else SHOWN

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self._end(ENDS.get(tag, ()))
        shown = max(self.seen, self._shown(tag, named))
        if tag not in VOID and tag not in ("br", "hr") and len(self.inside) < MOST_OPEN:
            self.inside.append((tag, shown))
        if tag in ("table", "caption", "tr", "td", "th"):
            self._close_cell()
            if shown != AWAY:
                self._open_part(tag, named)
        else:
            self._put("\6" if tag in LINES else SMALL.get(tag, "\1")[0])

    def _open_part(self, tag: str, named: dict[str, str | None]) -> None:
        if tag == "table":
            self.open.append([])
            self.tables.append(self.open[-1])
        elif tag in ("caption", "tr") and self.open:
            self.open[-1].append(PageRow(self.getpos()[0], is_caption=tag == "caption"))
        if tag in ("caption", "td", "th") and self.open and self.open[-1]:
            self.span, self.text = (_span(named.get("colspan")), _span(named.get("rowspan"))), []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "caption", "table"):
            self._close_cell()
        else:
            self._put("\6" if tag in LINES else SMALL.get(tag, "\1")[-1])
        if self._end((tag,)) != AWAY and tag == "table" and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.seen == SHOWN:
            self._put(" ".join(f"_{data}_".split())[1:-1])

    def _put(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def _shown(self, tag: str, named: dict[str, str | None]) -> int:
        style = (named.get("style") or "").casefold()
        is_away = (
            tag in NEVER_SHOWN or "hidden" in named or not OUT_OF_SIGHT.isdisjoint((named.get("class") or "").split())
        )
        return AWAY if is_away or GONE.search(style) else UNSEEN if BLANK.search(style) else SHOWN

    def _end(self, tags: tuple[str, ...]) -> int:
        """Close the innermost open element of these names in the table at hand; says whether it was shown."""
        for at in range(len(self.inside) - 1, -1, -1) if tags else ():
            tag, shown = self.inside[at]
            if tag in tags:
                del self.inside[at:]
                return shown
            if tag == "table":
                break
        return SHOWN

    def _close_cell(self) -> None:
        if self.text is not None and self.open and self.open[-1]:
            self.open[-1][-1].cells.append((in_one("".join(self.text)), *self.span))
        self.text = None


NOTE = re.compile(
    r"(?<=[^\x01\x02\x04\x06\s])[\s\x01]*(?:\x02+[\x01\x04]*\[?([^\x01-\x06\[\]]{1,12})\]?[\x01\x05]*\x03+"
    r"|\x04+\x01*\[?(\d{1,3}|[^\W\d]|[*†‡§]+)\]?\x01*\x05+)"
)
TWO_NUMBERS = re.compile(r"(?<=\d)\s*[\x01-\x05][\s\x01-\x05]*(?=\d)")


def in_one(text: str) -> str:
    r"""A cell's text, a line a line that is shown. \2 and \3 stand around raised or lowered text and \4 and \5 around
    small text or a link: behind other text, that is a note in square brackets. Digits of two elements (\1 between them)
    are two numbers, on two lines; \6 is a line's end."""
    if len(text) > LONGEST_CELL:
        return " ".join(re.sub("[\1-\6]", " ", text).split())
    noted = NOTE.sub(lambda found: f"[{(found[1] or found[2]).strip()}]", text)
    apart = re.sub("[\1-\5]", "", TWO_NUMBERS.sub("\6", noted))
    return "\n".join(" ".join(line.split()) for line in apart.split("\6") if line.strip())


def _span(text: str | None) -> int:
    digits = (text or "").strip()
    return min(max(int(digits), 1), MOST_SPAN) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 1


def tables(page: str, file: str) -> list[list[Record]]:
    """The rows of each table of a page that are not blank, spans filled in and all of one length.

    The line is that of the <tr>, or the row's number in its table where rows share a line. Raises Refused for a table
    too large.
    """
    if page.count("<") > 2 * page.count(">") + 100:
        return []  # markup that never closes, which the parser would go over again and again
    parser = _Tables()
    parser.feed(page)
    parser.close()
    return [_filled(rows, file) for rows in parser.tables]


def _filled(rows: list[PageRow], file: str) -> list[Record]:
    by_line = len({row.line for row in rows if not row.is_caption}) == sum(not row.is_caption for row in rows)
    below: dict[tuple[int, int], str] = {}
    filled = []
    for number, row in enumerate(rows):
        cells: list[str] = []
        for text, columns, height in (*row.cells[:MOST_COLUMNS], ("", 0, 1)):  # the last for what spans its right end
            while (number, len(cells)) in below:
                cells.append(below[number, len(cells)])
            for _ in range(columns if len(cells) <= MOST_COLUMNS else 0):
                if len(below) < MOST_CELLS:
                    below |= dict.fromkeys(((number + under, len(cells)) for under in range(1, height)), text)
                cells.append(text)
        is_title = len(row.cells) == 1 and (len(cells) > 1 or row.is_caption)
        if any(cells):
            filled.append((row.line if by_line else number + 1, cells, is_title))
    width = max((len(cells) for _, cells, _ in filled), default=0)  # a browser shows what a row lacks as blank
    if len(filled) > headers.MOST_ROWS or len(filled) * width > headers.MOST_CELLS:
        reason = f"a table of {len(filled):,} rows and {width:,} columns"
        refuse("too_large", file, reason, "give the part that is wanted as a file of its own")
    return [Record(line, (*cells, *[""] * (width - len(cells))), is_title) for line, cells, is_title in filled]
