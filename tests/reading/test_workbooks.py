"""Workbooks that claim or hold more than a table: refused before a reader makes every cell of it."""

import io
import random
import zipfile
import zlib

import pytest

from tests import builders
from tradebalance.reading import decoding, headers
from tradebalance.reading.options import Options
from tradebalance.words.problems import Refused

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OF_DOCUMENTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OF_PACKAGES = "http://schemas.openxmlformats.org/package/2006"
RELATIONSHIPS = f'<Relationships xmlns="{OF_PACKAGES}/relationships">'
SERIES = Options(reporter="VNM", partner="USA", flow="export", unit="USD mn")
TABLE = [("A1", "period"), ("B1", "value"), ("A2", "2025Q1"), ("B2", "31400")]


def workbook(cells, dimension="", more="", rows="", packing=zipfile.ZIP_DEFLATED):
    """A workbook of one sheet with the texts of some cells, by their places, and any other parts of its XML."""
    body = "".join(f'<row><c r="{at}" t="inlineStr"><is><t>{text}</t></is></c></row>' for at, text in cells)
    said = f'<dimension ref="{dimension}"/>' if dimension else ""
    sheet = f'<worksheet xmlns="{MAIN}">{said}<sheetData>{body}{rows}</sheetData>{more}</worksheet>'
    kinds = '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="text/xml"/>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{OF_PACKAGES}/content-types">{kinds}</Types>',
        "_rels/.rels": f'{RELATIONSHIPS}<Relationship Id="r1" Type="{OF_DOCUMENTS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OF_DOCUMENTS}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{RELATIONSHIPS}<Relationship Id="r1" Type="{OF_DOCUMENTS}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", packing) as book:
        for name, part in parts.items():
            book.writestr(name, part)
    return content.getvalue()


def read(content):
    return builders.figures(content, "f.xlsx", SERIES)


def refused(content):
    with pytest.raises(Refused) as refusal:
        read(content)
    (problem,) = refusal.value.problems
    return problem


def test_what_a_sheet_claims_to_measure_is_not_asked():
    (figure,) = read(workbook(TABLE, "A1:XFD1048576")).figures
    assert (figure["period"], figure["value_usd_mn"]) == ("2025Q1", "31400")


@pytest.mark.parametrize(
    ("place", "code", "words"),
    [
        ("XFD1048576", "too_many_columns", "column 16,384"),
        ("SG3", "too_many_columns", "column 501"),
        ("A100001", "too_large", "row 100,001"),
        ("SF10001", "too_large", "10,001 rows of 500 cells"),
        ("B99999999999", "too_large", "row 99,999,999,999"),
    ],
)
def test_a_cell_far_from_the_table_is_refused_with_its_place(place, code, words):
    problem = refused(workbook([*TABLE, (place, "1")], "A1:B2"))
    assert problem.code == code
    assert words in problem.reason
    assert "'S'" in problem.reason


def test_a_cell_without_a_place_is_counted_from_the_one_before():
    cells = "<c><v>1</v></c>" * (headers.MOST_COLUMNS + 1)
    assert refused(workbook(TABLE, rows=f"<row>{cells}</row>")).code == "too_many_columns"
    tall = workbook(TABLE, rows="<row><c><v>1</v></c></row>" * headers.MOST_ROWS, packing=zipfile.ZIP_STORED)
    assert refused(tall).code == "too_large"


def test_far_cells_with_a_format_and_nothing_in_them_are_no_part_of_a_table():
    assert len(read(workbook(TABLE, rows='<row r="1048576"><c r="XFD1048576" s="0"/></row>')).figures) == 1


def test_hidden_columns_without_end_cost_nothing():
    everywhere = '<cols><col min="3" max="999999999999" hidden="1"/></cols>'
    assert len(read(workbook(TABLE, more=everywhere)).figures) == 1


def test_merged_ranges_over_one_another_are_refused():
    tall = [*TABLE, ("A9000", "end")]
    ranges = '<mergeCell ref="A3:B8999"/>' * 300
    assert "merged" in refused(workbook(tall, more=f"<mergeCells>{ranges}</mergeCells>")).reason


def entities(levels):
    named = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels))
    return f'<!DOCTYPE worksheet [<!ENTITY e0 "ha">{named}]>'


def test_entities_that_explode_are_refused():
    content = io.BytesIO(workbook([*TABLE, ("C1", "&e9;")]))
    with zipfile.ZipFile(content) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts["xl/worksheets/sheet1.xml"] = entities(10).encode() + parts["xl/worksheets/sheet1.xml"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        for name, part in parts.items():
            book.writestr(name, part)
    assert refused(packed.getvalue()).code == "not_text"


def test_no_other_reader_of_archives_unpacks_more_than_was_counted():
    """One reader stops where an archive says that a member ends, another goes on to the end of what is packed."""
    noise = random.Random(1).randbytes(60_000).hex()
    content, sheet = workbook([*TABLE, ("C1", noise)]), "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        whole, said = book.getinfo(sheet), book.read(sheet)[:200]
    lying = content.replace(whole.file_size.to_bytes(4, "little"), len(said).to_bytes(4, "little"))
    lying = lying.replace(whole.CRC.to_bytes(4, "little"), zlib.crc32(said).to_bytes(4, "little"))
    with zipfile.ZipFile(io.BytesIO(decoding.workbook_archive(lying, "f.xlsx"))) as handed_on:
        assert handed_on.getinfo(sheet).compress_type == zipfile.ZIP_STORED
        assert handed_on.getinfo(sheet).compress_size == len(said)
        assert handed_on.read(sheet) == said
