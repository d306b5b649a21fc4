"""Bulletins in the customs office's form, set in type for a test: letters stand where the office prints them."""

import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

POINTS = 72
WIDTH, HEIGHT = 595, 841
FORMS = {"export": "020.T", "import": "021.T"}
# right ends of month and year to date, quantity and dollars, of a commodity; a country's dollars end four points on
ENDS = (361, 433, 491, 566)
Row = tuple[str, ...]  # name, unit ("" of a country), then the four numbers as printed, "" where blank
Text = tuple[float, float, str, str]


def bulletin(
    flow: str, month: str, pages: Sequence[Sequence[Row]], *, numbered: Mapping[int, int] | None = None
) -> bytes:
    """A PDF of pages of rows; `numbered` prints another number on a page."""
    out = io.BytesIO()
    style = {"pdf.fonttype": 42, "font.family": "DejaVu Sans", "font.size": 7}
    with mpl.rc_context(style), PdfPages(out, metadata={"CreationDate": None}) as pdf:
        for number, rows in enumerate(pages, 1):
            last = number == len(pages)
            shown = (numbered or {}).get(number, number)
            texts = [*_head(flow, month, first=number == 1), *_rows(rows), *_foot(flow, shown, last)]
            page = Figure(figsize=(WIDTH / POINTS, HEIGHT / POINTS))
            for x, y, text, side in texts:
                page.text(x / WIDTH, y / HEIGHT, text, ha=side, va="baseline")
            pdf.savefig(page)
    return out.getvalue()


def _head(flow: str, month: str, *, first: bool) -> list[Text]:
    year, number = month.split("-")
    title = [
        (453.0, 786.0, f"Biểu số {FORMS[flow]}/BCB-TC", "left"),
        (273.0, 709.0, f"Tháng {int(number)} năm {year}", "left"),
    ]
    names = [
        (463.0, 672.0, "Cộng dồn đến hết", "left"),
        (325.0, 666.0, "Số liệu tháng báo cáo", "left"),
        (110.0, 656.0, "Nước/Mặt hàng chủ yếu", "left"),
        (282.0, 656.0, "ĐVT", "left"),
        (353.0, 640.0, "Lượng", "right"),
        (432.0, 640.0, "Trị giá (USD)", "right"),
        (481.0, 640.0, "Lượng", "right"),
        (563.0, 640.0, "Trị giá (USD)", "right"),
    ]
    return [*(title if first else []), *names]


def _rows(rows: Sequence[Row]) -> list[Text]:
    texts: list[Text] = []
    for at, (name, unit, *numbers) in enumerate(rows):
        y = 612.0 - 13 * at
        texts.append((65.0 if unit else 61.0, y, name, "left"))
        texts += [(284.0, y, unit, "left")] if unit else []
        ends = ENDS if unit else tuple(end + 4 for end in ENDS)
        texts += [(end, y, number, "right") for end, number in zip(ends, numbers, strict=True) if number]
    return texts


def _foot(flow: str, number: int, last: bool) -> list[Text]:
    day = [(482.0, 60.0, "Ngày in: 07/08/2026", "left")] if last else []
    return [*day, (506.0, 45.0, f"{FORMS[flow]} - trang {number}", "left")]
