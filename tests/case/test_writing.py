"""No command writes over what it did not write: raw files, another folder's files, an older table."""

import shutil

import pytest

from releases import CASE
from tradebalance.case import writing
from tradebalance.words.problems import Refused

RAW = "data/raw/us-census/2026-10"


@pytest.fixture
def case(small_case):
    return small_case("even")


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command_line", ["build", "report even"])
def test_a_folder_of_raw_files_is_not_written_to(command, case, tmp_path, command_line):
    (case / RAW / "flows.csv").write_text("mine", encoding="utf-8")
    (tmp_path / "linked").symlink_to(case / RAW)
    before = contents(case)
    for out in (case / RAW, case / "data/raw", case / "data/raw/new", tmp_path / "linked"):
        outcome = command(*command_line.split(), "--case", case if command_line != "build" else CASE, "--out", out)
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err == (
            f"error: {out}: data/raw holds what publishers wrote. name a place outside of it by --out [name_clash]\n"
        )
    assert contents(case) == before


def test_a_build_elsewhere_writes_over_an_earlier_build_only(command, tmp_path):
    assert command("build", "--out", tmp_path / "out").code == 0
    assert command("build", "--out", tmp_path / "out").code == 0
    for name in ("flows.csv", "inputs.csv"):
        (tmp_path / name).mkdir()
        shutil.copytree(tmp_path / "out", tmp_path / name, dirs_exist_ok=True)
        (tmp_path / name / name).write_text("mine\n", encoding="utf-8")
        outcome = command("build", "--out", tmp_path / name)
        assert outcome.code == 2
        assert f"{tmp_path / name / name}: a file of this name is there, which no build wrote" in outcome.err
        assert (tmp_path / name / name).read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_table_is_written_to_a_new_file_only(command, tmp_path, ending):
    out = tmp_path / f"t.{ending}"
    for _ in range(2):  # the same bytes are no loss
        assert command("table", "leaves", "--out", out).code == 0
    out.write_bytes(b"mine")
    outcome = command("table", "leaves", "--out", out)
    assert outcome.code == 2
    assert f"{out}: a file of this name is there, with other content" in outcome.err
    assert contents(tmp_path) == {out.name: b"mine"}


def test_a_table_is_not_written_among_raw_files(command, case):
    for name in ("vietnam.csv", "new.csv"):
        outcome = command("table", "leaves", "--out", case / RAW / name)
        assert (outcome.code, outcome.out) == (2, "")
    assert contents(case / RAW) == contents(CASE / RAW)


def test_a_report_fills_a_folder_that_is_new_or_has_one(tmp_path):
    marks = ("records",)
    writing.refuse_others(tmp_path / "new", *marks)
    (tmp_path / ".hidden").touch()
    writing.refuse_others(tmp_path, *marks)
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match="not of this command"):
        writing.refuse_others(tmp_path, *marks)
    (tmp_path / "records").mkdir()
    writing.refuse_others(tmp_path, *marks)


def test_a_report_into_a_folder_with_files_of_somebody_else_is_refused(command, tmp_path):
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    outcome = command("report", "even", "--out", tmp_path)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"error: {tmp_path}: the folder holds what is not of this command" in outcome.err
    assert contents(tmp_path) == {"index.html": b"mine"}
