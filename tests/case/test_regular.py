"""Files that are none, and files without end: refused before they are read."""

import os

import pytest

from releases import CASE
from tradebalance.case import raw, regular
from tradebalance.words.problems import Refused

MANY = "[" * 50_000


@pytest.fixture
def pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    return tmp_path / "pipe.csv"


def test_a_pipe_a_device_and_a_folder_are_refused_unread(command, pipe):
    for path in (pipe, "/dev/zero"):
        for kind in ("flows", "ledger", "scenario"):
            outcome = command("check", "--kind", kind, path)
            assert (outcome.code, outcome.out) == (2, "")
            assert f"error: {path}: a pipe or a device, not a file" in outcome.err
    with pytest.raises(Refused, match="a folder, not a file"):
        regular.read(pipe.parent)


def test_a_pipe_among_the_raw_files_is_told_with_the_problems_of_the_others(pipe):
    pipe.with_name("torn.csv").write_text("", encoding="utf-8")
    with pytest.raises(Refused) as refusal:
        raw.raw_files(pipe.parent)
    assert {(problem.file, problem.code) for problem in refusal.value.problems} == {
        ("pipe.csv", "not_text"),
        ("torn.csv", "empty_file"),
    }


@pytest.mark.parametrize("name", ["scenarios/even.yaml", "case.yaml", "data/corrections.yaml", "data/arrivals.yaml"])
def test_a_pipe_under_the_name_of_a_written_file_is_refused(command, small_case, name):
    folder = small_case("even")
    (folder / "case.yaml").write_bytes((CASE / "case.yaml").read_bytes())
    (folder / name).unlink()
    os.mkfifo(folder / name)
    outcome = command("run", "even", "--case", folder)
    assert outcome.code == 2
    assert f"{name}: " in outcome.err
    assert "a pipe or a device" in outcome.err


def test_a_file_of_more_than_can_be_read_at_once_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(regular, "MOST_BYTES", 10)
    path = tmp_path / "long.csv"
    path.write_bytes(b"x" * 10)
    assert regular.read(path) == b"x" * 10
    path.write_bytes(b"x" * 11)
    with pytest.raises(Refused, match=r"long\.csv: 11 bytes, of at most 10"):
        regular.read(path)


def test_json_nested_without_end_is_no_json(tmp_path):
    path = tmp_path / "f.json"
    path.write_text(MANY + "]" * len(MANY), encoding="utf-8")
    with pytest.raises(ValueError, match="nested too deeply"):
        regular.read_json(path)
