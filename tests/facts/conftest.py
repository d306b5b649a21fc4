"""A ledger that a test speaks of, printed in the test's own docstring."""

import csv

import pytest

Rows = list[tuple[int, dict[str, str]]]
USUAL = {
    "buyer": "B", "seller": "S", "category": "energy", "value": "", "currency": "USD", "unit": "mn",
    "status": "signed", "source": "a paper",
}  # fmt: skip


@pytest.fixture
def rows(request: pytest.FixtureRequest) -> Rows:
    """The rows under the sentence of the test's docstring: a header and cells between commas, the header being line 1.

    Blanks around a cell are for the eye. A ledger states what matters to its test; the columns it leaves out are as
    in USUAL, its values USD million, and it needs no `part_of`.
    """
    _, _, text = request.function.__doc__.partition("\n\n")
    header, *records = [[cell.strip() for cell in row] for row in csv.reader(text.strip().splitlines())]
    return [
        (line, {"part_of": "", **USUAL, **dict(zip(header, cells, strict=True))})
        for line, cells in enumerate(records, 2)
    ]
