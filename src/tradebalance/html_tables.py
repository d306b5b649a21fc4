"""The tables of an HTML page as rows of cells, spans filled in; a single pass, whatever the markup."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

MOST_SPAN = 200
MOST_CELLS = 50_000
MOST_COLUMNS = 600  # more than a table of figures may have


@dataclass
class Row:
    """A table's row: the line of its <tr>, and its cells with the columns and rows they span; or its caption."""

    line: int
    cells: list[tuple[str, int, int]] = field(default_factory=list)
    is_caption: bool = False


class _Tables(HTMLParser):
    """Collects the rows of every table; those of a table inside another one belong to the inner one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[Row]] = []
        self.open: list[list[Row]] = []
        self.text: list[str] | None = None
        self.span = (1, 1)
        self.skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._close_cell()
            self.open.append([])
            self.tables.append(self.open[-1])
        elif tag in ("script", "style"):
            self.skipping += 1
        elif tag == "caption" and self.open:
            self._close_cell()
            self.open[-1].append(Row(self.getpos()[0], is_caption=True))
            self.span, self.text = (1, 1), []
        elif tag == "tr" and self.open:
            self._close_cell()
            self.open[-1].append(Row(self.getpos()[0]))
        elif tag in ("td", "th") and self.open and self.open[-1]:
            self._close_cell()
            named = dict(attrs)
            self.span = (_span(named.get("colspan")), _span(named.get("rowspan")))
            self.text = []
        elif tag in ("br", "p", "div"):
            self.handle_data(" ")
        elif tag == "sup":
            self.handle_data("[")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "caption"):
            self._close_cell()
        elif tag in ("script", "style"):
            self.skipping = max(0, self.skipping - 1)
        elif tag == "table" and self.open:
            self._close_cell()
            self.open.pop()
        elif tag == "sup":
            self.handle_data("]")

    def handle_data(self, data: str) -> None:
        if self.text is not None and not self.skipping:
            self.text.append(data)

    def _close_cell(self) -> None:
        if self.text is not None and self.open and self.open[-1]:
            self.open[-1][-1].cells.append((" ".join("".join(self.text).split()), *self.span))
        self.text = None


def _span(text: str | None) -> int:
    digits = (text or "").strip()
    return min(max(int(digits), 1), MOST_SPAN) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 1


def tables(page: str) -> list[list[tuple[int, list[str], bool]]]:
    """Each table of a page as rows: line, cells, and whether one cell spans the row.

    The line is that of the <tr>, or the row's number in its table where rows share a line.
    """
    if page.count("<") > 2 * page.count(">") + 100:
        return []  # markup that never closes, which the parser would go over again and again
    parser = _Tables()
    parser.feed(page)
    parser.close()
    return [_filled(rows) for rows in parser.tables]


def _filled(rows: list[Row]) -> list[tuple[int, list[str], bool]]:
    by_line = len({row.line for row in rows if not row.is_caption}) == sum(not row.is_caption for row in rows)
    below: dict[tuple[int, int], str] = {}
    filled = []
    for number, row in enumerate(rows):
        cells: list[str] = []
        for text, columns, height in row.cells[:MOST_COLUMNS]:
            if len(cells) > MOST_COLUMNS:
                break
            while (number, len(cells)) in below:
                cells.append(below[number, len(cells)])
            for _ in range(columns):
                if len(below) < MOST_CELLS:
                    below |= dict.fromkeys(((number + under, len(cells)) for under in range(1, height)), text)
                cells.append(text)
        while (number, len(cells)) in below:
            cells.append(below[number, len(cells)])
        is_title = len(row.cells) == 1 and (len(cells) > 1 or row.is_caption)
        filled.append((row.line if by_line else number + 1, cells, is_title))
    return filled
