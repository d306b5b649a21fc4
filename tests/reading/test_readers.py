"""Bytes become rows with physical line numbers; YAML becomes plain types, with every surprise refused."""

import io
import zipfile
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from builders import table_of
from releases import CASE
from tradebalance.reading import grids, readers
from tradebalance.reading.options import Options
from tradebalance.words.problems import Refused

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def xlsx(rows: list[list[str | float | None]]) -> bytes:
    """The smallest workbook that holds rows of text and numbers, None being no cell at all."""
    sheet = "".join(
        f'<row r="{line}">{"".join(_cell(f"{_letters(n)}{line}", value) for n, value in enumerate(cells))}</row>'
        for line, cells in enumerate(rows, 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/></Types>',
        "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{SHEETS}" xmlns:r="{OFFICE}">'
        '<sheets><sheet name="country" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEETS}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), f'<?xml version="1.0" encoding="UTF-8"?>\n{text}')
    return content.getvalue()


def _relation(kind: str, target: str) -> str:
    relation = f'<Relationship Id="rId1" Type={quoteattr(f"{OFFICE}/{kind}")} Target={quoteattr(target)}/>'
    return f'<Relationships xmlns="{PACKAGE}/relationships">{relation}</Relationships>'


def _letters(number: int) -> str:
    before, last = divmod(number, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _cell(address: str, value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{address}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{address}"><v>{value!r}</v></c>'


def rows_of(content: bytes, file: str = "f.csv") -> list[tuple[int, dict[str, str]]]:
    return [(row.line, row.cells) for row in table_of(content, file).rows]


def refusals(content: bytes, file: str = "f.csv") -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(Refused) as caught:
        table_of(content, file)
    return [(problem.code, problem.row, problem.column) for problem in caught.value.problems]


def yaml_problems(content: bytes) -> list[tuple[str, int | None, str | None, str | None]]:
    problems = readers.yaml_document(content, "f.yaml").problems
    return [(problem.code, problem.row, problem.column, problem.value) for problem in problems]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_row_has_its_physical_line_past_quoted_newlines_and_blank_lines(newline):
    text = newline.join(["a,b", "", '"two', 'lines",1', "", "", '"x, ""y""",2', ",", "last,3"])
    assert rows_of(text.encode()) == [
        (3, {"a": f"two{newline}lines", "b": "1"}),
        (7, {"a": 'x, "y"', "b": "2"}),
        (9, {"a": "last", "b": "3"}),
    ]


def test_a_byte_order_mark_is_not_part_of_the_first_column():
    assert rows_of(b"\xef\xbb\xbfid,b\n1,2\n") == [(2, {"id": "1", "b": "2"})]


@given(
    st.lists(st.tuples(st.sampled_from(["x", "two\nlines", "a,b", "three\n\nlines"]), st.integers(0, 3)), min_size=1)
)
def test_every_row_starts_on_the_line_it_is_said_to(parts):
    text, expected = "a,b\n", []
    for cell, blank_lines in parts:
        text += "\n" * blank_lines
        expected.append(text.count("\n") + 1)
        text += f'"{cell}",1\n'
    assert [line for line, _ in rows_of(text.encode())] == expected


def test_every_ragged_row_and_repeated_column_is_told_at_once():
    assert refusals(b"a,b\n1\n1,2\n1,2,3\n") == [("ragged_row", 2, None), ("ragged_row", 4, None)]
    assert refusals(b"a,b,a\n1,2\n1,2,3\n") == [("duplicate_column", 1, "a"), ("ragged_row", 2, None)]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b",\n,\n"])
def test_a_file_without_a_header_is_refused_as_empty(content):
    assert refusals(content) == [("empty_file", None, None)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a,b\n1,2\n1,\xff\n", ("bad_encoding", 3, "b")),
        ("a,b\n".encode("utf-16-le"), ("bad_encoding", None, None)),
        (b'a,b\n1,2\n"open,2\n', ("unclosed_quote", 3, "a")),
        (b'a,b\n1,"x"y\n', ("not_csv", 2, None)),
        (b"a,b\n1," + b"x" * (grids.LONGEST_FIELD + 1), ("field_too_long", 2, "b")),
        (b"version https://git-lfs.github.com/spec/v1\n", ("lfs_pointer", 1, None)),
        (b"<!DOCTYPE html>\n<html></html>", ("not_csv", 1, None)),
        (b"a,b\n<<<<<<< HEAD\n1,2\n", ("merge_conflict", 2, None)),
        ("a,b\n1,Vi\u00e1\u00bb\u2021t Nam\n".encode(), ("mojibake", 2, "b")),
    ],
)
def test_bytes_that_are_no_csv_are_refused_on_their_line(content, problem):
    assert refusals(content) == [problem]


def test_a_workbook_reads_as_the_csv_of_the_same_rows():
    header = ["year", "code", "name", "amount"]
    figures = [[2025.0, 5520.0, "Vietnam & <co>", 12991.6], [None], [2026.0, 1.0, "é", 0.1]]
    text = "\n\nyear,code,name,amount\n2025,5520,Vietnam & <co>,12991.6\n,,,\n2026,1,é,0.1\n"
    read = rows_of(xlsx([[None], [None], header, *figures]), "f.xlsx")
    assert read == rows_of(text.encode())
    assert [line for line, _ in read] == [4, 6]


def test_a_workbook_that_is_none_is_refused():
    assert refusals(b"<html>404</html>", "f.xlsx") == [("not_csv", 1, None)]
    assert refusals(b"not at all", "f.xlsx") == [("not_text", None, None)]


def test_a_document_maps_every_key_path_to_its_line():
    content = b"# a comment\na: 1\n\nb:\n  c: {d: 2,\n      e: 3}\n  f:\n    - 4\n    - g: 5\n"
    assert readers.yaml_document(content, "f.yaml").lines == {
        (): 2,
        ("a",): 2,
        ("b",): 4,
        ("b", "c"): 5,
        ("b", "c", "d"): 5,
        ("b", "c", "e"): 6,
        ("b", "f"): 7,
        ("b", "f", "0"): 8,
        ("b", "f", "1"): 9,
        ("b", "f", "1", "g"): 9,
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Decimal("0.1")),
        ("0.10", Decimal("0.10")),
        ("1e3", Decimal(1000)),
        (".5", Decimal("0.5")),
        ("-4.", Decimal(-4)),
        ("40", 40),
        ("-7", -7),
        ("0", 0),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ('"no"', "no"),
        ("'5'", "5"),
        ('"1:30"', "1:30"),
        ("2025-01-02", "2025-01-02"),
        ("2025-01", "2025-01"),
        ("1:30", "1:30"),
        ("190:20:30", "190:20:30"),
        ("010", "010"),
        ("0o14", "0o14"),
        ("0x1F", "0x1F"),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("even", "even"),
        ("none", "none"),
        ("2027Q1", "2027Q1"),
    ],
)
def test_a_scalar_is_what_it_looks_like(text, value):
    document = readers.yaml_document(f"key: {text}\n".encode(), "f.yaml")
    assert document.problems == []
    assert document.data == {"key": value}
    assert type(document.data["key"]) is type(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**12), max_value=10**12))
def test_a_decimal_keeps_every_printed_digit(number):
    document = readers.yaml_document(f"a: {number:f}\n".encode(), "f.yaml")
    assert str(document.data["a"]) == str(Decimal(f"{number:f}"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a: 1\nb: 2\na: 3\n", ("duplicate_key", 3, "a", "a")),
        (b"a:\n  b: 1\n  c: 2\n  b: 1\n", ("duplicate_key", 4, "a.b", "b")),
        (b"a: &x {b: 1}\nc: *x\n", ("alias_limit", 2, None, "*x")),
        (b"a: 1\nb: !!python/object/apply:os.system [ls]\n", ("unsafe_yaml", 2, None, None)),
        (b"a: 1\nb: !local x\n", ("unsafe_yaml", 2, None, "!local")),
        (b"a: 1\nb: no\n", ("wrong_type", 2, "b", "no")),
        (b"a:\n  - 1\n  - NO\n", ("wrong_type", 3, "a.1", "NO")),
        (b"a: yes\n", ("wrong_type", 1, "a", "yes")),
        (b"a: True\n", ("wrong_type", 1, "a", "True")),
        (b"a: 1\nb: NaN\n", ("not_finite", 2, "b", "NaN")),
        (b"a: .nan\n", ("not_finite", 1, "a", ".nan")),
        (b"a: {b: .inf}\n", ("not_finite", 1, "a.b", ".inf")),
        (b"a: -.Inf\n", ("not_finite", 1, "a", "-.Inf")),
        (b"a: Infinity\n", ("not_finite", 1, "a", "Infinity")),
        (b"a:\n  b: 1\n\tc: 2\n", ("yaml_syntax", 3, None, None)),
        (b"", ("empty_file", 1, None, None)),
        (b"\n\n", ("empty_file", 1, None, None)),
        (b"# only\n# comments\n", ("empty_file", 1, None, None)),
        (b"a: 1\nb: \xff\n", ("yaml_syntax", 2, None, None)),
        (b"a: " + b"[" * 1000, ("yaml_syntax", 1, None, None)),
        (b"a: " + b"{b: " * 1000 + b"1" + b"}" * 1000, ("yaml_syntax", 1, None, None)),
        (b"a: 1\n---\nb: 2\n", ("yaml_syntax", 2, None, None)),
        (b"a: 1\n? [b]\n: 2\n", ("yaml_syntax", None, None, None)),
        (b'a: "open\n', ("yaml_syntax", 2, None, None)),
        (b"a: 1\r\nb: no\r\n", ("wrong_type", 2, "b", "no")),
    ],
)
def test_what_a_reader_would_trip_over_is_refused_on_its_line(content, problem):
    (found,) = yaml_problems(content)
    wanted = tuple(found[n] if expected is None and n != 2 else expected for n, expected in enumerate(problem))
    assert found == wanted


def test_an_integer_too_long_to_be_one_is_a_problem_and_not_a_crash():
    ((_, row, column, _),) = yaml_problems(b"a: 1\nb: " + b"9" * 5000 + b"\n")
    assert (row, column) == (2, "b")


def test_a_tab_is_named_in_the_fix():
    (problem,) = readers.yaml_document(b"a:\n\tb: 1\n", "f.yaml").problems
    assert "tab" in problem.fix


def test_all_problems_of_a_document_are_told_at_once():
    content = b"a: no\nb: .nan\na: 2\nc: {d: 1, d: 2}\n"
    assert {found[:3] for found in yaml_problems(content)} == {
        ("wrong_type", 1, "a"),
        ("not_finite", 2, "b"),
        ("duplicate_key", 3, "a"),
        ("duplicate_key", 4, "c.d"),
    }


def test_every_alias_and_tag_is_told_at_once():
    content = b"a: &x 1\nb: *x\nc: !t 2\nd: *x\n"
    assert [found[:2] for found in yaml_problems(content)] == [
        ("alias_limit", 2),
        ("unsafe_yaml", 3),
        ("alias_limit", 4),
    ]


WITHOUT_END = {
    "a list in a list": b"title: " + b"[" * 50_000 + b"]" * 50_000,
    "a mapping in a mapping": b"title: " + b"{a: " * 50_000 + b"1" + b"}" * 50_000,
    "never closed": b"title: " + b"[" * 50_000,
    "by dashes": b"- " * 20_000 + b"a",
    "by questions": b"? " * 20_000 + b"a",
    "by indents": b"\n".join(b" " * n + b"a:" for n in range(900)),
}


@pytest.mark.parametrize("name", WITHOUT_END)
def test_yaml_nested_without_end_is_refused_at_the_first_level_too_many(name, monkeypatch):
    seen = []
    parse = readers.yaml.parse

    def counted(*given, **more):
        for event in parse(*given, **more):
            seen.append(event)
            yield event

    monkeypatch.setattr(readers.yaml, "parse", counted)
    (problem,) = readers.yaml_document(WITHOUT_END[name], "f.yaml").problems
    assert (problem.code, problem.reason) == ("yaml_syntax", "nested deeper than 50 levels")
    assert len(seen) < 2 * 4 * readers.DEEPEST_YAML  # by the reader that is tried first, and by the other one


def test_yaml_may_nest_as_deep_as_is_said():
    deepest = b"[" * readers.DEEPEST_YAML + b"]" * readers.DEEPEST_YAML
    assert readers.yaml_document(deepest, "f.yaml").problems == []


def test_long_yaml_is_refused_unparsed(monkeypatch):
    monkeypatch.setattr(readers.yaml, "parse", None)
    (problem,) = readers.yaml_document(b"a: 1\n" * 100_001, "f.yaml").problems
    assert (problem.code, problem.row) == ("too_large", 1)
    assert "500,005 bytes" in problem.reason


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"period\n" + b"2025\n" * grids.headers.MOST_ROWS, "f.csv"),
        (b"a" + b",b" * (grids.headers.MOST_CELLS + 1), "f.csv"),
        (b"<table>" + b"<tr><td>1" * 45_000 + b"<tr>" + b"<td>1" * 400, "f.html"),
        (b" " * 5_000_001, "f.html"),
    ],
    ids=["rows", "cells", "cells of a page", "a page"],
)
def test_a_table_too_large_to_hold_is_refused(content, name):
    with pytest.raises(Refused) as refusal:
        grids.grid(content, name, Options())
    (problem,) = refusal.value.problems
    assert (problem.file, problem.code) == (name, "too_large")


# --- the two readers of YAML ----------------------------------------------------------------------

SHIPPED = [
    f"{line}\n"
    for path in sorted(CASE.glob("scenarios/*.yaml"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
ODD = "\t :-{}[],\"'#&*!|>%@`\n\r?\\~é\u2028\x85\x07\ufeff0"


def slowly(content: bytes) -> readers.Document:
    """As PyYAML's own loader reads it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "_loader", lambda _: yaml.SafeLoader)
        patch.setattr(readers, "_composed", readers._composed.__wrapped__)
        return readers.yaml_document(content, "f.yaml")


@given(
    st.integers(0, len(SHIPPED) - 8),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.text(ODD, max_size=2)), max_size=3),
)
@example(0, [(0.5, 0, "\t")])
@example(0, [(0.5, 0, "{a: ?b}")])
def test_a_text_is_read_alike_by_both_loaders(start, edits):
    text = "".join(SHIPPED[start : start + 8])
    for share, removed, added in edits:
        at = int(share * len(text))
        text = text[:at] + added + text[at + removed :]
    assert readers.yaml_document(text.encode(), "f.yaml") == slowly(text.encode())


@pytest.mark.parametrize(
    "text",
    ["a:\tb", "a: {b: ?c}", "a: {b: !1.00, c: 1}", "a: 1\n\ufeff", "a: \x85", "a: [", "[" * 200 + "]" * 200, "{}"],
)
def test_what_the_two_loaders_read_otherwise_is_read_by_the_slower(text):
    assert readers.yaml_document(text.encode(), "f.yaml") == slowly(text.encode())


def test_shipped_files_are_read_by_the_quicker_loader():
    if not yaml.__with_libyaml__:
        pytest.skip("PyYAML stands here without libyaml")
    files = [*CASE.glob("data/**/*.yaml"), CASE / "scenarios/_assumptions.yaml"]
    assert {readers._loader(path.read_text(encoding="utf-8")) for path in files} == {yaml.CSafeLoader}
