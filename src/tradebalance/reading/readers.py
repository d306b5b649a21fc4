"""Bytes -> rectangular tables with their physical line numbers, and YAML with a key-to-line map.

Knows file formats, not what is in them. Every function raises Refused, or returns the problems beside what was read.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import yaml

from ..words.problems import Problem, raise_errors, refuse
from ..words.schema import Document, KeyPath
from . import headers
from .periods import Reading


class Row(NamedTuple):
    """One record: its physical line in the file (the header is line 1) and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A file as a table: its name, columns in order, and rows; `read_from` is all there is of a printed one, with
    titles and notes."""

    file: str
    columns: list[str]
    rows: list[Row]
    read_from: headers.Grid | None = None

    @property
    def grid(self) -> headers.Grid:
        """A printed table's records, with the cells that its rows have."""
        assert self.read_from is not None
        texts = {row.line: (*row.cells.values(),) for row in self.rows}
        records = [(record, texts.get(record.line, ())) for record in self.read_from.records]
        now = (replace(record, cells=cells + record.cells[len(cells) :]) for record, cells in records)
        return replace(self.read_from, records=tuple(now))


def printed(grid: headers.Grid, reading: Reading) -> Table:
    """A printed table by the names that stand above its columns, one used twice with the column's number; without
    columns where no header is found."""
    header = headers.find(grid.records, reading)
    if header is None:
        return Table(grid.file, [], [], grid)
    names = [column.name for column in header.columns]
    names = [name if name and names.count(name) == 1 else f"{name}[{at + 1}]" for at, name in enumerate(names)]
    rows = [Row(each.line, dict(zip(names, each.cells, strict=False))) for each in grid.records[header.last + 1 :]]
    return Table(grid.file, names, rows, grid)


def rectangular(grid: headers.Grid) -> Table:
    """A file's records as a table, the first one its header. Raises Refused for names used twice or rows torn."""
    if not grid.records:
        refuse("empty_file", grid.file, "the file has no header", "restore the file")
    header = [cell.strip() for cell in grid.records[0].cells]
    problems = [
        Problem("duplicate_column", grid.file, "the column's name is used twice", "rename one", 1, name)
        for name, count in Counter(header).items()
        if count > 1
    ]
    for record in grid.records[1:]:
        if len(record.cells) != len(header):
            reason = f"{len(record.cells)} cells in a table of {len(header)} columns"
            fix = "quote cells that contain a comma"
            problems.append(Problem("ragged_row", grid.file, reason, fix, record.line, None, record.raw or None))
    raise_errors(problems)
    rows = [Row(record.line, dict(zip(header, record.cells, strict=True))) for record in grid.records[1:]]
    return Table(grid.file, header, rows)


INTEGER = re.compile(r"[+-]?(0|[1-9]\d{0,17})")  # a leading zero is octal to YAML 1.1, decimal to others
DIGITS = re.compile(r"[+-]?\d+")
NUMBER = re.compile(r"[+-]?(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][+-]?\d{1,3})?")
NOT_FINITE = re.compile(r"[+-]?\.?(nan|inf|infinity)", re.IGNORECASE)
MOST_DIGITS = 18
LONGEST_YAML = 500_000  # bytes: ten times the longest file of any case shipped
DEEPEST_YAML = 50  # lists and mappings inside one another; a scenario has five
TRUTH = {"true": True, "false": False}
NULLS = {"", "~", "null"}
TRUTH_LOOKALIKES = {"yes", "no", "on", "off", "y", "n"} | {"True", "False", "TRUE", "FALSE"}


def yaml_document(content: bytes, file: str) -> Document:
    """Parse one YAML document. Never raises: problems are in the result, whose data is then partial."""
    document = Document(file)
    if len(content) > LONGEST_YAML:
        reason = f"{len(content):,} bytes of YAML (limit {LONGEST_YAML:,})"
        document.problems.append(Problem("too_large", file, reason, "give only what the file is to say", 1))
        return document
    try:
        text = content.decode("utf-8-sig")
        unwanted, node = _composed(text, file)
        document.problems += unwanted
        if node is not None:
            document.data = _plain(node, (), document)
        elif not document.problems:
            fix = "copy a shipped scenario and edit it"
            document.problems.append(Problem("empty_file", file, "the file is empty", fix, 1))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        document.problems.append(Problem("yaml_syntax", file, "not UTF-8", "save the file as UTF-8", line))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        fix = "indent with spaces, not tabs" if "\\t" in reason else "check the indentation and quotes on this line"
        document.problems.append(Problem("yaml_syntax", file, reason, fix, mark.line + 1 if mark else 1))
    return document


# What libyaml reads otherwise than PyYAML: a tab after a colon, a question mark or a tag among {}, marks of byte order
# and line ends that no keyboard has.
READ_OTHERWISE = re.compile("[\t?!\ufeff\x85\u2028\u2029]")


@lru_cache(maxsize=64)
def _composed(text: str, file: str) -> tuple[list[Problem], yaml.Node | None]:
    """What is unwanted in a text, else its nodes. Kept: a case's few files are read often, and nodes only read."""
    loader = _loader(text)
    unwanted = [*_unwanted_events(text, file, loader)]
    return unwanted, None if unwanted else yaml.compose(text, Loader=loader)


def _loader(text: str) -> Any:
    """libyaml's loader, ten times as fast, for a text that it reads as PyYAML's own does; else that one, also for all
    that is wrong, which it says in the words that are known here."""
    quick, depth = getattr(yaml, "CSafeLoader", yaml.SafeLoader), 0
    if READ_OTHERWISE.search(text):
        return yaml.SafeLoader
    try:
        for event in yaml.parse(text, Loader=quick):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST_YAML:
                return yaml.SafeLoader
    except yaml.YAMLError:
        return yaml.SafeLoader
    return quick


def _unwanted_events(text: str, file: str, loader: Any) -> Iterator[Problem]:
    """Aliases and tags, which a file that people must be able to read at sight does not need; and nesting so deep that
    nothing below it is looked at."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST_YAML:
            yield Problem("yaml_syntax", file, f"nested deeper than {DEEPEST_YAML} levels", "flatten the file", line)
            return
        tag = getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            reason = "an alias repeats a part of the file out of sight"
            yield Problem("alias_limit", file, reason, "write the part out", line, value=f"*{event.anchor}")
        elif tag not in (None, "!"):
            reason = "a tag can make the file run code"
            yield Problem("unsafe_yaml", file, reason, "remove the tag", line, value=tag)


def _plain(node: yaml.Node, path: KeyPath, document: Document) -> object:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, str(i)), document) for i, item in enumerate(node.value)]
    text = str(node.value)
    return text if getattr(node, "style", None) else _scalar(text, path, document)  # quoted or a block: a text


def _mapping(node: yaml.MappingNode, path: KeyPath, document: Document) -> dict[str, object]:
    result: dict[str, object] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            fix = "use a word as the key"
            document.problems.append(document.problem("yaml_syntax", path, "a key that is not a word", fix))
            continue
        key = key_node.value
        if key in result:
            line = key_node.start_mark.line + 1
            reason = f"the key stands already on line {document.lines[*path, key]}"
            where = ".".join((*path, key))
            document.problems.append(Problem("duplicate_key", document.file, reason, "keep one", line, where, key))
            continue
        document.lines[*path, key] = key_node.start_mark.line + 1
        result[key] = _plain(value_node, (*path, key), document)
    return result


def _scalar(text: str, path: KeyPath, document: Document) -> object:
    if text in TRUTH or text in NULLS:
        return TRUTH.get(text)
    if text.lower() in TRUTH_LOOKALIKES or text in TRUTH_LOOKALIKES:
        reason = "other YAML readers take this word for a truth value"
        fix = f'write "{text}" in quotes if it is a word, true or false if it is not'
        document.problems.append(document.problem("wrong_type", path, reason, fix, text))
        return text
    if NOT_FINITE.fullmatch(text):
        document.problems.append(document.problem("not_finite", path, "not a finite number", "give a number", text))
        return None
    if INTEGER.fullmatch(text):
        return int(text)
    if len(text) > MOST_DIGITS and DIGITS.fullmatch(text):
        reason, fix = f"a number of {len(text)} digits", "correct the number, or quote it if it is a word"
        document.problems.append(document.problem("out_of_range", path, reason, fix, text))
        return None
    return Decimal(text) if NUMBER.fullmatch(text) else text
