"""Errors of forecasts on several partners, data/pooled_errors.csv: what made them, from what, and the table read.

They are of several cases together, which no case's `build` reads, so they are kept as `tools/pooled_errors.py` made
them, with a sidecar that names the raw files. A case without a table of its own has the shipped one.
"""

import io
from typing import Annotated

import pandas as pd
from pydantic import Field

from ..assumptions.pool import COLUMNS
from ..reading import readers
from ..words.problems import refuse
from ..words.schema import Strict, Words, read
from . import regular, sidecars, writing
from .folder import POOLED, Folder
from .sidecars import Sha256

FILE = f"data/{POOLED}"
REMEDY = "restore both files, or make them by `python tools/pooled_errors.py`"


class MadeOf(Strict):
    """What a generated table is: `made_of` are the raw files behind it, below the checkout, with their sha256."""

    title: Words
    made_by: Words
    made_of: Annotated[dict[str, Sha256], Field(min_length=1)]
    note: Words
    sha256: Sha256


def made_of(where: Folder) -> MadeOf:
    """What the sidecar says. Raises Refused with every problem of it, and where it is missing."""
    name, path = sidecars.name(FILE), where.pooled.with_name(sidecars.name(POOLED))
    if not path.is_file():
        refuse("empty", name, "the file is missing", REMEDY)
    return read(MadeOf, readers.yaml_document(regular.read(path, name), name))


def table(where: Folder) -> pd.DataFrame:
    """A row a year and horizon, in this order, with the columns of `pool.COLUMNS`.

    Raises Refused where a file is missing, and where the table is not the one that the sidecar speaks of.
    """
    if not where.pooled.is_file():
        refuse("empty", FILE, "the file is missing", REMEDY)
    content = regular.read(where.pooled, FILE)
    if made_of(where).sha256 != writing.sha256_of(where.pooled):
        refuse("checksum_mismatch", FILE, "not the table that its sidecar speaks of", REMEDY)
    return pd.read_csv(io.BytesIO(content))[COLUMNS]


def checksums(where: Folder) -> dict[str, str]:
    """The table's sha256, by its name below the case that it is of."""
    return {FILE: writing.sha256_of(where.pooled)}
