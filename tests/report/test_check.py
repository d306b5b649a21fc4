"""`check` judges a case's hand-written files by what they are, each by the reader that the case reads it with."""

from pathlib import Path

import pytest

from builders import gather, shipped
from tradebalance.answers import model, unused
from tradebalance.case import folder
from tradebalance.reading import readers
from tradebalance.report.check import check

ROOT = Path(__file__).resolve().parents[2]
SIDECAR = "data/raw/us-census/2026-10/vietnam.source.yaml"
KINDS = {
    "case.yaml": "case",
    "cases/phase-one/case.yaml": "case",
    "data/corrections.yaml": "corrections",
    "data/arrivals.yaml": "arrivals",
    "data/commodities.yaml": "commodities",
    SIDECAR: "sidecar",
    "scenarios/_assumptions.yaml": "scenario",
    "data/raw/timeline/2026-11/timeline.csv": "timeline",
    "data/raw/us-duties/2026-10/vietnam.csv": "duties",
    "data/raw/evidence/2026-11/episodes.csv": "episodes",
    "data/raw/evidence/2026-11/priors.csv": "priors",
    "data/raw/evidence/2026-11/parameters.csv": "evidence",
}


def test_every_committed_file_of_the_case_passes_as_what_it_is():
    reports = check([ROOT / file for file in KINDS], None, folder.case())
    assert {report["file"]: (report["kind"], report["problems"]) for report in reports} == {
        str(ROOT / file): (kind, []) for file, kind in KINDS.items()
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "places"),
    [
        ("case.yaml", "partner: USA", "partner: USAA", [("partner", "unknown_country")]),
        ("data/corrections.yaml", "reason:", "why:",
         [("corrections.0.reason", "empty"), ("corrections.0.why", "unknown_key")]),
        ("data/arrivals.yaml", "deal:", "deals:", None),
        ("data/commodities.yaml", "category: aircraft", "category: airplanes", [("lines.0.category", "wrong_type")]),
        (SIDECAR, "title: ", "title: TODO # ", [("title", "empty")]),
        (SIDECAR, "url: ", "url: TODO # ", [("url", "empty")]),
        (SIDECAR, "reporter: USA", "reporter: USAA", [("reporter", "unknown_country")]),
        (SIDECAR, "sha256: ", "sha256: 0", [("sha256", "wrong_type")]),
    ],
)  # fmt: skip
def test_what_is_wrong_in_one_is_told_at_its_key(tmp_path, file, old, new, places):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert old in text
    changed = tmp_path / Path(file).name
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")
    (report,) = check([changed], None, folder.case())
    found = [(problem["column"], problem["code"]) for problem in report["problems"]]
    assert not report["ok"]
    assert all(problem["row"] for problem in report["problems"])
    assert places is None or found == places


def test_a_sidecar_is_held_against_the_file_beside_it(tmp_path):
    for name in ("vietnam.csv", "vietnam.source.yaml"):
        (tmp_path / name).write_bytes((ROOT / SIDECAR).with_name(name).read_bytes())
    with (tmp_path / "vietnam.csv").open("a") as file:
        file.write("\n")
    (report,) = check([tmp_path / "vietnam.source.yaml"], None, folder.case())
    assert [problem["code"] for problem in report["problems"]] == ["checksum_mismatch"]


IDLE = "set:\n  additionality.defence: 0.5\n  additionality.aircraft: 0.5\n  slip_months.default: 3\n"


def scenario_of(folder_, name, more):
    file = folder_ / f"{name}.yaml"
    file.write_text((ROOT / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8") + more, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("timeline/2026-11/timeline.csv", "2026-07-24,tariff", "2026-07-34,tariff", ("date", "bad_date")),
        ("us-duties/2026-10/vietnam.csv", "2026-08,1872229277", "2026-09,1872229277", ("period", "missing_value")),
        ("us-duties/2026-10/vietnam.csv", ",1872229277,", ",1.872.229.277,", ("calculated_duties_usd", "not_a_number")),
        ("evidence/2026-11/priors.csv", ",0.", ",O.", None),
    ],
)
def test_a_raw_file_without_trade_is_refused_at_its_cell_and_for_its_checksum(tmp_path, file, old, new, place):
    raw = ROOT / "data" / "raw" / file
    changed = tmp_path / raw.name
    changed.write_text(raw.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    (report,) = check([changed], None, folder.case())
    found = [(problem["column"], problem["code"]) for problem in report["problems"]]
    assert not report["ok"]
    assert report["rows_kept"] < report["rows_read"]
    assert place is None or place in found
    beside = raw.with_name(f"{raw.stem}.source.yaml")
    (tmp_path / beside.name).write_bytes(beside.read_bytes())
    (held,) = check([changed], None, folder.case())
    assert "checksum_mismatch" in {problem["code"] for problem in held["problems"]}


def test_a_path_that_moves_nothing_is_warned_of_on_its_line_in_the_words_of_run(tmp_path):
    file = scenario_of(tmp_path, "even", IDLE)
    (report,) = check([file], None, shipped())
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [lines[problem["row"] - 1].strip() for problem in report["problems"]] == [
        "additionality.defence: 0.5",
        "slip_months.default: 3",
    ]
    assert report["ok"]
    said = readers.yaml_document(file.read_bytes(), "even.yaml")
    told = unused.unused(model.model(gather("even", said=said)))
    assert [{**warning.as_json(), "row": None} for warning in told] == [
        {**problem, "row": None} for problem in report["problems"]
    ]


def test_a_tranche_filled_by_no_deal_of_the_ledger_is_refused_as_run_refuses_it(tmp_path):
    file = scenario_of(tmp_path, "even", "")
    text = file.read_text(encoding="utf-8")
    assert "include:" in text
    file.write_text(text.replace("include: {", "include: {fill: {T3: [NO-DEAL]}, "), encoding="utf-8")
    (report,) = check([file], None, shipped())
    assert [(problem["code"], problem["value"]) for problem in report["problems"]] == [("unknown_parent", "NO-DEAL")]
    assert not report["ok"]
