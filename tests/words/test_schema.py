"""One reader of the hand-written files: a record, or every problem of the file at once on its line."""

import pytest

from tradebalance.case.folder import Declaration
from tradebalance.case.inputs import parse_assumptions
from tradebalance.case.sidecars import Corrections, Sidecar
from tradebalance.reading import readers
from tradebalance.words.problems import Refused
from tradebalance.words.schema import Strict, read

WHOLE_FILES = {
    "case.yaml": lambda document: read(Declaration, document),
    "corrections.yaml": lambda document: read(Corrections, document),
    "a.source.yaml": lambda document: read(Sidecar, document),
    "_assumptions.yaml": parse_assumptions,
}


class Pair(Strict):
    first: int
    second: int


def pair(text: str, **given: object) -> Pair:
    return read(Pair, readers.yaml_document(text.encode(), "pair.yaml"), **given)


def test_a_key_that_is_given_need_not_be_written():
    assert pair("first: 1\nsecond: 2\n") == pair("first: 1\n", second=2) == Pair(first=1, second=2)


def test_what_is_wrong_with_the_yaml_and_with_the_keys_is_told_at_once():
    with pytest.raises(Refused) as refused:
        pair("first: 1\nfirst: 2\nthird: 3\nsecond: x\n")
    assert [(problem.row, problem.column, problem.code) for problem in refused.value.problems] == [
        (2, "first", "duplicate_key"),
        (3, "third", "unknown_key"),
        (4, "second", "wrong_type"),
    ]


@pytest.mark.parametrize("text", ["hello\n", "null\n", "- a\n- b\n", "3\n"])
@pytest.mark.parametrize("file", WHOLE_FILES)
def test_a_file_that_is_one_value_or_a_list_is_refused_in_one_sentence(file, text):
    with pytest.raises(Refused) as refused:
        WHOLE_FILES[file](readers.yaml_document(text.encode(), file))
    (problem,) = refused.value.problems
    assert (problem.file, problem.row, problem.code) == (file, 1, "wrong_type")
    assert "mapping" in problem.reason
    assert str(problem)


def test_a_file_that_cannot_be_parsed_is_told_of_that_alone():
    with pytest.raises(Refused) as refused:
        pair("first: [1\n")
    assert [problem.code for problem in refused.value.problems] == ["yaml_syntax"]
