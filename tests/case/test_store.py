"""Raw files are what their sidecars say, processed data is what the raw files give, and nothing is half-written."""

import hashlib
import os
import re
import shutil
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from releases import CASE, CHECKOUT
from tests.reading.test_readers import xlsx
from tradebalance.case import asof, folder, raw, store, writing
from tradebalance.case.folder import Folder
from tradebalance.case.writing import CannotWrite
from tradebalance.facts import goods, own_book
from tradebalance.facts.census import MONTHS
from tradebalance.words.problems import Problem, Refused
from tradebalance.words.terms import month

CENSUS = "us-census/2026-10/vietnam"
NEW = "us-census/2026-11/country"
FILES = ["commitments.csv", "fits.json", "flows.csv", "goods-USA.csv", "inputs.csv", "kept_aside.csv"]
WHERE_THERE_IS = {"fits.json", "goods-USA.csv"}  # a book in pieces, Vietnam's trade


@pytest.fixture
def case(tmp_path: Path) -> Folder:
    shutil.copytree(CASE / "data/raw", tmp_path / "data/raw", copy_function=shutil.copyfile)
    shutil.copyfile(CASE / "data/corrections.yaml", tmp_path / "data/corrections.yaml")
    shutil.copytree(CASE / "scenarios", tmp_path / "scenarios", copy_function=shutil.copyfile)
    return folder.case(str(tmp_path))


@pytest.fixture(scope="session")
def processed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a build of the shipped raw files gives, built once."""
    out = tmp_path_factory.mktemp("processed")
    assert store.build(folder.case(), None, out) == []
    return out


@pytest.fixture
def built(case: Folder, processed: Path) -> Folder:
    """The case as it stands after a build."""
    shutil.copytree(processed, case.processed)
    return case


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8", newline="")


def restate_checksum(data: Path) -> None:
    sidecar = data.with_name(f"{data.stem}.source.yaml")
    lines = sidecar.read_text(encoding="utf-8").splitlines()
    lines = [f"sha256: {writing.sha256_of(data)}" if line.startswith("sha256:") else line for line in lines]
    sidecar.write_text("\n".join(lines) + "\n", encoding="utf-8")


def edit_census(case: Folder, year: int, column: str, value: str) -> tuple[int, str]:
    """Put a value into a cell of the newest Census file, the checksum restated; returns line and old value."""
    path = case.raw / f"{CENSUS}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith(str(year)))
    cells = dict(zip(lines[0].split(","), lines[at].split(","), strict=True))
    old, cells[column] = cells[column], value
    lines[at] = ",".join(cells.values())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    restate_checksum(path)
    return at + 1, old


def build_problems(case: Folder) -> tuple[Problem, ...]:
    """The problems of a build that is refused; what was processed before must stand untouched."""
    before = {path.name: path.read_bytes() for path in case.processed.glob("*")}
    with pytest.raises(Refused) as caught:
        store.build(case)
    assert {path.name: path.read_bytes() for path in case.processed.glob("*")} == before
    return caught.value.problems


def places(problems: tuple[Problem, ...]) -> set[tuple[str, str, int | None, str | None]]:
    return {(problem.code, problem.file, problem.row, problem.column) for problem in problems}


def flows_of(case: Folder) -> pd.DataFrame:
    return pd.read_csv(case.processed / "flows.csv", dtype=str)


@pytest.mark.newest
def test_every_raw_file_of_the_repository_passes_its_own_checks():
    files = {file.name: file for file in raw.raw_files(CHECKOUT / "data/raw")}
    on_disk = {path for path in (CHECKOUT / "data/raw").rglob("*") if path.suffix in raw.DATA_SUFFIXES}
    assert files.keys() == {path.relative_to(CHECKOUT / "data/raw").as_posix() for path in on_disk}
    for name, file in files.items():
        assert file.sha256 == hashlib.sha256((CHECKOUT / "data/raw" / name).read_bytes()).hexdigest()
        assert str(file.sidecar.vintage) == name.split("/")[-2]


@pytest.mark.newest
@pytest.mark.parametrize("case", [".", *(path.parent.name for path in CHECKOUT.glob("cases/*/case.yaml"))])
def test_the_processed_data_in_the_repository_is_what_a_build_gives(case, tmp_path):
    where = Folder(CHECKOUT / "cases" / case if case != "." else CHECKOUT)
    store.build(where, None, tmp_path)
    built = {path.name: path.read_bytes() for path in tmp_path.glob("[!.]*")}
    assert {*FILES} - WHERE_THERE_IS <= built.keys() <= {*FILES}
    for name, content in built.items():
        assert (where.processed / name).read_bytes() == content, f"{name}: run `make build`"
    assert {path.name for path in where.processed.glob("[!.]*")} == built.keys()


def test_every_problem_of_every_file_is_in_one_report_and_nothing_is_written(case, tmp_path):
    edit(case.raw / "evidence/2026-11/priors.source.yaml", "producer:", "produced_by:")
    edit(case.raw / f"{CENSUS}.csv", "19595.5", "19595.6")
    (case.raw / "capacity/2026-11/capacity.source.yaml").unlink()
    (case.raw / "timeline/2026-11/timeline.csv").unlink()
    (case.raw / "products/2026-11").rename(case.raw / "products/2026-10")
    (case.raw / "products/notes.txt").write_text("a stray file", encoding="utf-8")
    with pytest.raises(Refused) as caught:
        store.build(case, None, tmp_path / "out")
    assert places(caught.value.problems) == {
        ("unknown_key", "evidence/2026-11/priors.source.yaml", 2, "produced_by"),
        ("empty", "evidence/2026-11/priors.source.yaml", 1, "producer"),
        ("checksum_mismatch", f"{CENSUS}.source.yaml", 19, "sha256"),
        ("source_missing", "capacity/2026-11/capacity.csv", None, None),
        ("unknown_key", "timeline/2026-11/timeline.source.yaml", None, None),
        ("bad_value", "products/2026-10/by_product.source.yaml", 6, "vintage"),
        ("unknown_key", "products/notes.txt", None, None),
    }
    assert not (tmp_path / "out").exists()


def test_problems_inside_figures_fragments_and_ledger_are_in_one_report(case, tmp_path):
    names = (CENSUS, "vietnam-customs/2026-11/fragments", "commitments/2026-11/commitments")
    census, fragments, ledger = (case.raw / f"{name}.csv" for name in names)
    edit(census, "19595.5", "n/a")
    edit(fragments, "VN001,export", "VN001,exprot")
    edit(ledger, "VJ-HON-2024,T1,probable,T1", "VJ-HON-2024,T1,probable,T9")
    for path in (census, fragments, ledger):
        sidecar = path.with_suffix(".source.yaml")
        old = re.search(r"[0-9a-f]{64}", sidecar.read_text(encoding="utf-8")).group()
        edit(sidecar, old, writing.sha256_of(path))
    with pytest.raises(Refused) as caught:
        store.build(case, None, tmp_path / "out")
    codes = {problem.code for problem in caught.value.problems}
    assert {"not_a_number", "unknown_flow", "unknown_parent"} <= codes
    assert not (tmp_path / "out").exists()


def test_a_fragment_that_stands_twice_is_refused_by_the_build_too(case, tmp_path):
    fragments = case.raw / "vietnam-customs/2026-11/fragments.csv"
    old = writing.sha256_of(fragments)
    lines = fragments.read_text(encoding="utf-8").splitlines(keepends=True)
    fragments.write_text("".join([*lines, lines[1]]), encoding="utf-8", newline="")
    edit(fragments.with_suffix(".source.yaml"), old, writing.sha256_of(fragments))
    with pytest.raises(Refused) as caught:
        store.build(case, None, tmp_path / "out")
    (problem,) = caught.value.problems
    assert (problem.code, problem.column, problem.row) == ("duplicate_key", "id", len(lines) + 1)


def paste_sidecar(case: Folder, problems: tuple[Problem, ...]) -> None:
    (problem,) = problems
    assert problem.code == "source_missing"
    first, _, text = problem.fix.partition("\n")
    (case.raw / first.rstrip(":").split()[-1]).write_text(text, encoding="utf-8")


def test_the_sidecar_that_a_missing_one_is_answered_with_makes_the_build_pass(case):
    (case.raw / NEW).parent.mkdir()
    shutil.copyfile(case.raw / f"{CENSUS}.csv", case.raw / f"{NEW}.csv")
    paste_sidecar(case, build_problems(case))
    assert store.build(case) == []
    flows = flows_of(case)
    old, new = (
        flows[flows["ids"].str.startswith(name)].set_index(["flow", "frequency", "period"])["value_usd_mn"]
        for name in (CENSUS, NEW)
    )
    assert not new.empty
    pd.testing.assert_series_equal(new, old)


def test_a_workbook_with_other_partners_keeps_the_unknown_aside_and_takes_the_known(case):
    header, *rows = [line.split(",") for line in (case.raw / f"{CENSUS}.csv").read_text(encoding="utf-8").splitlines()]
    last = rows[-1]
    thai, unknown, renamed = ([last[0], code, name, *last[3:]] for code, name in
                              [("5490", "Thailand"), ("9999", "Atlantis"), ("5700", "Vietnam")])  # fmt: skip
    cells = [[row[0], row[1], row[2], *map(float, row[3:])] for row in [*rows, unknown, thai, renamed]]
    (case.raw / NEW).parent.mkdir()
    (case.raw / f"{NEW}.xlsx").write_bytes(xlsx([header, *([float(year), *rest] for year, *rest in cells)]))
    paste_sidecar(case, build_problems(case))
    warnings = store.build(case)
    expected = [(len(rows) + 2, "9999", "Atlantis"), (len(rows) + 4, "5700", "Vietnam")]
    (warning,) = warnings
    assert (warning.row, warning.severity, warning.code) == (expected[0][0], "warning", "unknown_country")
    assert warning.reason.startswith("2 rows of 2 partners")
    assert warning.reason.endswith("Atlantis, Vietnam")
    aside = pd.read_csv(case.processed / "kept_aside.csv", dtype=str).to_dict("records")
    assert aside == [{"file": f"{NEW}.xlsx", "row": str(line), "code": c, "name": n} for line, c, n in expected]
    flows = flows_of(case)
    new = flows[(flows["vintage"] == "2026-11") & (flows["period"] == "2026-08") & (flows["flow"] == "import")]
    assert dict(zip(new["partner"], new["value_usd_mn"], strict=True)) == {
        "THA": last[header.index("IAUG")],
        "VNM": last[header.index("IAUG")],
    }
    assert set(new["ids"]) == {f"{NEW}.xlsx:{len(rows) + 1}", f"{NEW}.xlsx:{len(rows) + 3}"}


def test_a_workbook_of_every_partner_is_one_warning_with_a_count(case):
    header, *rows = [line.split(",") for line in (case.raw / f"{CENSUS}.csv").read_text(encoding="utf-8").splitlines()]
    others = [[row[0], f"{8000 + n}", f"Land {n}", *row[3:]] for n in range(200) for row in rows[-2:]]
    (case.raw / NEW).parent.mkdir()
    text = "\n".join(",".join(row) for row in [header, *rows, *others]) + "\n"
    (case.raw / f"{NEW}.csv").write_text(text, encoding="utf-8")
    paste_sidecar(case, build_problems(case))
    (warning,) = store.build(case)
    assert warning.reason.startswith("400 rows of 200 partners are kept aside")
    assert str(warning).count("Land") == 3
    assert len(pd.read_csv(case.processed / "kept_aside.csv")) == 400


def test_a_build_tells_of_each_book_and_source_in_one_line(built):
    said = store.contents(built.processed)
    assert "USA with VNM, us-census 2026-10: 832 monthly figures to 2026-08; earlier releases: 1" in said
    books = [(line.partition(" 20")[0], "monthly" in line) for line in said]
    assert len(books) == len(set(books))


@pytest.mark.parametrize(("vintage", "last"), [("2026-10", "2026-08"), ("2024-08", "2024-06")])
def test_months_not_yet_published_are_absent_and_never_zero(vintage, last):
    flows = flows_of(folder.case())
    monthly = flows[(flows["vintage"] == vintage) & (flows["frequency"] == "M") & (flows["partner"] == "VNM")]
    for flow in ("import", "export"):
        one = monthly[monthly["flow"] == flow]
        assert max(one["period"]) == last
        recent = one[one["period"] >= "2000-01"]
        assert all(Decimal(value) > 0 for value in recent["value_usd_mn"])


def test_a_quarter_not_yet_complete_is_absent():
    flows = flows_of(folder.case())
    quarters = flows[(flows["vintage"] == "2026-10") & (flows["frequency"] == "Q")]
    assert max(quarters["period"]) == "2026Q2"


@pytest.mark.parametrize(
    ("year", "column", "value", "code", "named"),
    [
        (2026, "ISEP", "26000.1", "future_period", "ISEP"),
        (2026, "EDEC", "1", "future_period", "EDEC"),
        (2025, "IYR", "193880.4", "annual_mismatch", "IYR"),
        (2025, "EJUN", "1292.4", "annual_mismatch", "EYR"),
        (2025, "IJUN", "-1", "negative_flow", "IJUN"),
        (2025, "IJUN", "n/a", "not_a_number", "IJUN"),
        (2025, "IJUN", '"17,760.3"', "ambiguous_number", "IJUN"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_at_its_cell(case, year, column, value, code, named):
    line, _ = edit_census(case, year, column, value)
    assert (code, f"{CENSUS}.csv", line, named) in places(build_problems(case))


def test_a_last_period_without_a_figure_is_refused(case):
    edit(case.raw / f"{CENSUS}.source.yaml", "last_period: 2026-08", "last_period: 2026-09")
    assert places(build_problems(case)) == {("missing_period", f"{CENSUS}.csv", None, None)}


def test_a_last_period_before_the_last_figure_is_refused(case):
    edit(case.raw / f"{CENSUS}.source.yaml", "last_period: 2026-08", "last_period: 2026-07")
    assert {(p.code, p.column) for p in build_problems(case)} == {("future_period", "IAUG"), ("future_period", "EAUG")}


def test_a_census_file_with_a_column_missing_is_refused_by_the_columns_name(case):
    path = case.raw / f"{CENSUS}.csv"
    table = pd.read_csv(path, dtype=str).drop(columns="IFEB")
    path.write_text(table.to_csv(index=False), encoding="utf-8")
    restate_checksum(path)
    assert {(p.code, p.column) for p in build_problems(case)} == {("missing_column", "IFEB")}


def test_a_year_whose_status_the_sidecar_does_not_say_is_refused(case):
    edit(case.raw / f"{CENSUS}.source.yaml", "1992-2021 final, 2022-2025 revised, ", "")
    assert {problem.file for problem in build_problems(case)} <= {f"{CENSUS}.csv", f"{CENSUS}.source.yaml"}


def test_every_monthly_figure_of_the_us_book_stands_in_the_raw_line_that_its_id_names():
    lines: dict[str, list[str]] = {}
    flows = flows_of(folder.case())
    monthly = flows[(flows["frequency"] == "M") & (flows["reporter"] == "USA")]
    for row in monthly.itertuples():
        file, line = row.ids.rsplit(":", 1)
        if file not in lines:
            lines[file] = (CASE / "data/raw" / file).read_text(encoding="utf-8").splitlines()
        cells = dict(zip(lines[file][0].split(","), lines[file][int(line) - 1].split(","), strict=True))
        column = {"import": "I", "export": "E"}[row.flow] + MONTHS[int(row.period[5:]) - 1]
        assert (cells["year"], cells[column]) == (row.period[:4], row.value_usd_mn)
    assert len(monthly) > 2000


def test_every_quarter_is_the_exact_sum_of_its_months_and_names_their_lines():
    flows = flows_of(folder.case())
    months: dict[tuple[str, ...], list[tuple[Decimal, str]]] = {}
    keys = ["partner", "flow", "vintage"]
    for row in flows[flows["frequency"] == "M"].to_dict("records"):
        quarter = f"{row['period'][:4]}Q{(int(row['period'][5:]) + 2) // 3}"
        key = (*(row[k] for k in keys), quarter)
        months.setdefault(key, []).append((Decimal(row["value_usd_mn"]), row["ids"]))
    pieced = flows["se_usd_mn"].notna()
    quarters = flows[(flows["frequency"] == "Q") & ~pieced].to_dict("records")
    found = {(*(row[k] for k in keys), row["period"]): (Decimal(row["value_usd_mn"]), row["ids"]) for row in quarters}
    assert found == {
        key: (sum(value for value, _ in parts), " ".join(dict.fromkeys(" ".join(ids for _, ids in parts).split())))
        for key, parts in months.items()
        if len(parts) == 3
    }


def test_facts_are_what_was_built(built):
    facts = store.facts(built)
    last = facts.flows[(facts.flows["period"] == pd.Period("2026-08", "M")) & (facts.flows["flow"] == "import")]
    assert last["value_usd_mn"].tolist() == [Decimal("26474.5")]
    assert len(facts.flows) == len(flows_of(built))
    assert {event.id for event in facts.events} >= {"T1", "T2", "T3"}


def refused_facts(case: Folder) -> Problem:
    with pytest.raises(Refused) as caught:
        store.facts(case)
    (problem,) = caught.value.problems
    return problem


def test_a_raw_file_changed_after_the_build_is_refused_until_it_is_built_again(built):
    path = built.raw / f"{CENSUS}.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    assert (refused_facts(built).code, refused_facts(built).column) == ("checksum_mismatch", "sha256")
    restate_checksum(path)
    assert refused_facts(built).code == "checksum_mismatch"
    assert "tradebalance build" in refused_facts(built).fix
    store.build(built)
    assert store.facts(built).files[f"{CENSUS}.csv"].sha256 == writing.sha256_of(path)


def test_a_case_never_built_is_refused_with_the_command_that_builds_it(case):
    assert "tradebalance build" in refused_facts(case).fix


def test_a_sidecar_changed_after_the_build_is_refused_until_it_is_built_again(built):
    edit(built.raw / f"{CENSUS}.source.yaml", "2026 preliminary", "2026 revised")
    assert "tradebalance build" in refused_facts(built).fix


@pytest.mark.parametrize("damage", ["changed", "cut", "removed"])
@pytest.mark.parametrize("name", FILES)
def test_what_was_built_is_refused_once_it_was_touched(built, name, damage):
    path, held = built.processed / name, store.facts(built)
    content = path.read_bytes()
    if damage == "removed":
        path.unlink()
    else:
        changed = bytearray(content[:-9] if damage == "cut" else content)
        changed[len(changed) // 2] ^= 1
        path.write_bytes(changed)
    assert "tradebalance build" in refused_facts(built).fix
    path.write_bytes(content)
    assert store.facts(built).bulletins == held.bulletins


def test_what_was_cut_is_made_again_as_it_was(built):
    before, names = store.facts(built), ["flows.csv", "goods-USA.csv", "inputs.csv"]
    held = {name: (built.processed / name).read_bytes() for name in names}
    for name in names:
        (built.processed / name).write_bytes(held[name][:-9])
    store.build(built)
    assert {name: (built.processed / name).read_bytes() for name in names} == held
    pd.testing.assert_frame_equal(store.facts(built).flows, before.flows)


def test_a_correction_made_after_the_build_is_refused_until_it_is_built_again(built):
    text = built.corrections.read_text(encoding="utf-8")
    built.corrections.write_text(f"{text}# looked at again\n", encoding="utf-8")
    assert "tradebalance build" in refused_facts(built).fix


def test_what_changes_while_it_is_read_is_not_written_as_if_it_were_what_was_read(built, monkeypatch):
    """The raw file changes after it was read; what was built before stands, and is refused."""
    before = {path.name: path.read_bytes() for path in built.processed.glob("[!.]*")}
    reading = raw.trade

    def changed(files):
        edit_census(built, 2025, "IJUN", "17760.4")
        return reading(files)

    monkeypatch.setattr(raw, "trade", changed)
    with pytest.raises(Refused, match="changed while it was read"):
        store.build(built)
    assert {path.name: path.read_bytes() for path in built.processed.glob("[!.]*")} == before
    assert "tradebalance build" in refused_facts(built).fix


def test_the_lines_of_the_bulletins_come_back_as_they_were_read(built):
    files = raw.raw_files(built.raw)
    read, kept = raw.bulletins(files, "USA"), store.facts(built).bulletins
    assert kept == read
    assert [[*lines] for months in kept.values() for lines in months.values()] == [
        [*lines] for months in read.values() for lines in months.values()
    ]


def test_facts_of_the_same_files_are_put_together_once_and_nobody_writes_into_anothers(built, tmp_path, monkeypatch):
    first = store.facts(built)
    monkeypatch.setattr(store, "read_flows", lambda _: pytest.fail("put together again"))
    first.flows["value_usd_mn"] = Decimal(0)
    again = store.facts(built)
    assert again.events is first.events
    assert set(again.flows["value_usd_mn"]) != {Decimal(0)}


def test_facts_of_another_build_are_other_facts(built):
    store.facts(built)
    edit_census(built, 2026, "IAUG", "26474.6")
    store.build(built)
    flows = store.facts(built).flows
    last = flows[(flows["period"] == month("2026-08")) & (flows["flow"] == "import")]
    assert last["value_usd_mn"].tolist() == [Decimal("26474.6")]


@pytest.mark.parametrize("case", [".", *(path.parent.name for path in CHECKOUT.glob("cases/*/case.yaml"))])
def test_the_columns_that_a_first_line_tells_are_the_tables(case):
    where = Folder(CHECKOUT / "cases" / case if case != "." else CHECKOUT)
    for file in raw.as_they_stand(where.raw):
        assert list(file.columns) == list(file.table.columns)


def test_a_raw_table_is_parsed_when_it_is_asked_for(built):
    file = store.facts(built).files["vietnam-customs-bulletins/2026-08/usa_by_commodity.csv"]
    assert "as_it_stands" not in vars(file)
    assert dict(file.table.rows)[2]["commodity"]
    assert "as_it_stands" in vars(file)


def test_a_kept_fit_is_used_for_the_same_pieces_alone_and_only_if_the_same_code_found_it(built, monkeypatch):
    """Planted settings show when they are used: for what the build pieced together, and for no earlier month."""
    facts = store.facts(built)
    pieces = facts.fragments["VNM", "USA"].fragments

    def settings(fits, *at):
        return own_book.book(pieces, facts.flows, "VNM", "USA", *at, kept=fits).settings

    (key,) = facts.fits
    planted = {key: [-1.0, -1.0, 0.5, 0.5, -6.0, -5.0]}
    early = (month("2025-05"), month("2025-05"))
    assert settings(facts.fits) == settings({})
    assert settings(planted).found == tuple(planted[key]) != settings({}).found
    assert settings(planted, *early) == settings({}, *early)
    monkeypatch.setattr(store, "_code", lambda: "another")
    assert store.facts(built).fits == {}


def test_a_build_without_a_book_in_pieces_leaves_no_fit(built):
    shutil.rmtree(built.raw / "vietnam-customs")
    store.build(built)
    assert not (built.processed / "fits.json").exists()
    assert store.facts(built).fits == {}


def test_a_folder_without_raw_data_is_no_case(tmp_path):
    with pytest.raises(Refused, match="--case"):
        folder.case(str(tmp_path))


# --- writing --------------------------------------------------------------------------------------


def test_a_text_is_written_whole_with_the_folders_it_needs(tmp_path):
    target = tmp_path / "a/b/note.txt"
    writing.write_text(target, "đồng\n")
    assert target.read_bytes() == "đồng\n".encode()
    assert target.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in target.parent.iterdir()] == ["note.txt"]


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["open", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, failure, step):
    target = tmp_path / "note.txt"
    writing.write_text(target, "old\n")

    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(*((os, "fdopen") if step == "open" else (Path, "replace")), fail)
    with pytest.raises(CannotWrite if isinstance(failure, OSError) else KeyboardInterrupt) as caught:
        writing.write_text(target, "new\n")
    monkeypatch.undo()
    assert isinstance(failure, KeyboardInterrupt) or str(target) in str(caught.value)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {"note.txt": "old\n"}


def test_a_target_below_a_file_cannot_be_written_and_says_so(tmp_path, case):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(CannotWrite, match=r"cannot write .*/file/out/"):
        store.build(case, None, tmp_path / "file/out")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"


def test_a_commodity_that_is_in_no_table_is_named_by_the_build_and_counted(case, tmp_path):
    """A newer bulletin with a line that nobody has looked at yet: cotton under a new name."""
    bulletins = case.raw / "vietnam-customs-bulletins/2026-08/usa_by_commodity.csv"
    edit(bulletins, "2026-07,import,Bông các loại,", "2026-07,import,Bông mới,")
    restate_checksum(bulletins)
    (warning,) = store.build(case)
    assert (warning.severity, warning.code, warning.value) == ("warning", "unknown_commodity", "Bông mới")
    table = asof.goods_of(case=case).table()
    (row,) = table[table["category"] == goods.NOT_MAPPED].itertuples()
    assert (str(row.period), row.kind) == ("2026-07", "Bông mới")
    whole = asof.goods_of().table()
    (cotton,) = whole[(whole["kind"] == "Cotton") & (whole["period"] == month("2026-07"))].itertuples()
    assert row.value_usd_mn == cotton.value_usd_mn
