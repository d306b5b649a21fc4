"""A replay knows nothing that was published later; a made-up pair goes from raw files to its table."""

import csv
import dataclasses
import hashlib
import io
import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tradebalance.case import asof, folder, store
from tradebalance.facts import fragments, mirror, own_book
from tradebalance.pages import commitments, wording
from tradebalance.words.problems import Refused
from tradebalance.words.terms import Flow, Origin, month, period

CASE = folder.case()
AT = month("2025-05")


def planted(facts: store.Facts, at: pd.Period) -> store.Facts:
    """The facts with every figure that came out after a month made three times too large."""
    pair = facts.fragments["VNM", "USA"]
    pieces = [
        dataclasses.replace(piece, value=piece.value * 3) if piece.published > at else piece for piece in pair.fragments
    ]
    late = [
        row.period.asfreq("M", "end") > at - 2 if row.reporter == "USA" else row.vintage > at  # Census: two months on
        for row in facts.flows.itertuples()
    ]
    values = facts.flows["value_usd_mn"].where([not each for each in late], facts.flows["value_usd_mn"] * 3)
    return dataclasses.replace(
        facts,
        flows=facts.flows.assign(value_usd_mn=values),
        fragments={("VNM", "USA"): pair._replace(fragments=pieces)},
    )


@pytest.mark.parametrize("reporter", ["VNM", "USA"])
def test_a_replay_does_not_move_with_what_was_published_later(monkeypatch, reporter):
    facts = store.facts(CASE)
    before, whole = asof.known(reporter, AT), asof.known(reporter)
    monkeypatch.setattr(store, "facts", lambda _: planted(facts, AT))
    pd.testing.assert_frame_equal(asof.known(reporter, AT).history, before.history)
    assert asof.known(reporter, AT).gap_error == before.gap_error
    assert not asof.known(reporter).history["gap_usd_mn"].equals(whole.history["gap_usd_mn"])  # the plant is felt


def test_the_two_books_of_a_replay_do_not_move_either(monkeypatch):
    facts = store.facts(CASE)
    before = mirror.by_quarter(asof.books(AT))
    monkeypatch.setattr(store, "facts", lambda _: planted(facts, AT))
    pd.testing.assert_frame_equal(mirror.by_quarter(asof.books(AT)), before)


def test_a_replay_uses_the_fragments_and_the_mirror_of_its_time_and_says_so():
    early = asof.books(AT)
    printed = store.facts(CASE).fragments["VNM", "USA"].fragments
    before = {f.id for f in printed if f.published <= AT and max(f.months) < month("2023-01")}
    assert {f.id for f in early.pieces.printed} == before
    assert early.pieces.system.months[-1] == month("2025-03")
    assert early.own.vintage == AT
    assert "release of October 2026 cut to what was out by May 2025, with hindsight" in asof.known("VNM", AT).words


def test_a_true_release_stands_in_for_the_mirror_where_one_was_fresh():
    early = asof.books(month("2024-09"))
    assert (early.counted.vintage, early.counted.truncated) == (month("2024-08"), False)
    assert early.pieces.system.mirror[Flow.EXPORT][-1] == float(Decimal("11479.465769"))  # June 2024 as first printed


def test_the_ledgers_page_of_a_replay_shows_no_later_event():
    """No total and no row of a later date; today's tables have some."""
    early, newest, last = asof.known("USA", month("2025-03")), asof.known("USA"), month("2025-03").end_time.date()
    later = [e for e in early.events if e.date.earliest and e.date.earliest > last]
    assert {"T3", "VNA-737-2026"} <= {e.id for e in later}
    totals, dates = {e.description for e in later}, {e.date.words for e in later}
    assert not totals & set(commitments.totals_table(early).index)
    assert totals & set(commitments.totals_table(newest).index)
    for table in (commitments.restated_table, commitments.uncounted_table):
        assert not dates & set(table(early)["Date"])
        assert dates & set(table(newest)["Date"])


def test_the_pages_name_the_corrected_cell_and_why():
    words = wording.corrected(asof.known("USA"))
    plain = words.replace("\\", "")
    assert "row 4 of commitments/2026-11/commitments.csv, signed_on: blank as published, read as “2025-05-07”" in plain
    assert "because the ledger leaves the tranche under negotiation without a date" in plain
    assert wording.corrected(dataclasses.replace(asof.known("USA"), corrections=())) == ""


# --- a made-up pair, from raw files to a table ----------------------------------------------------

TRUE_RATIO = {Flow.EXPORT: Decimal("0.9"), Flow.IMPORT: Decimal("1.1")}  # the made-up book over its mirror
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


def count(flow: Flow, when: pd.Period) -> Decimal:
    """A made-up month of US imports from (for its exports) or exports to Thailand, with a trend and a season."""
    base = 4000 if flow is Flow.EXPORT else 1500
    return Decimal(base + 20 * (when - month("2017-01")).n + 300 * ((when.month * 7) % 5)) / 10


def written(path: Path, columns, rows, sidecar) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    said = {**sidecar, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "vintage": path.parent.name}
    path.with_suffix(".source.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")


def census_rows():
    for year in range(2017, 2026):
        row = {"year": year, "CTY_CODE": "5490", "CTYNAME": "Thailand"}
        for side, flow in (("I", Flow.EXPORT), ("E", Flow.IMPORT)):
            months = {f"{side}{name}": count(flow, month(f"{year}-{n:02}")) for n, name in enumerate(MONTHS, 1)}
            row |= {**months, f"{side}YR": sum(months.values())}
        yield row


def fragment_rows():
    """Every year, and every first quarter, of the made-up book, printed to 0.1 million a month later."""
    spans = [(f"{year}-01", f"{year}-{last}") for year in range(2017, 2025) for last in ("03", "12")]
    for number, (first, last) in enumerate(spans):
        for flow in Flow:
            months = pd.period_range(first, last, freq="M")
            value = sum(TRUE_RATIO[flow] * count(flow, when) for when in months)
            yield dict.fromkeys(fragments.COLUMNS, "") | {
                "id": f"T{number}{flow}", "flow": flow, "start": first, "end": last, "kind": "level",
                "value": f"{value:.1f}", "unit": "USD million", "rounding": "0.05", "wording": "exact",
                "published": str(month(last) + 1), "agency": "customs", "source_title": "made up",
            }  # fmt: skip


@pytest.fixture(scope="module")
def made_up(tmp_path_factory) -> Path:
    """A case with a Thai book in pieces and its US mirror, nothing else."""
    root = tmp_path_factory.mktemp("thailand")
    common = {"title": "made up", "producer": "a test", "url": "https://x.example", "licence": "none"}
    census = {
        "reporter": "USA", "last_period": "2025-12", "status": "to 2024 final, 2025 preliminary", "unit": "USD million",
        "frequency": "monthly", "basis": "customs", "seasonally_adjusted": False,
        "layout": "country", "valuation": {"export": "fas", "import": "customs_value"},
    }  # fmt: skip
    columns = ["year", "CTY_CODE", "CTYNAME", *(f"{s}{m}" for s in "IE" for m in [*MONTHS, "YR"])]
    written(root / "data/raw/us-census/2026-02/thailand.csv", columns, census_rows(), common | census)
    book = {"reporter": "THA", "partner": "USA", "valuation": {"export": "fob", "import": "cif"}}
    written(root / "data/raw/thai-customs/2026-02/f.csv", fragments.COLUMNS, fragment_rows(), common | book)
    (root / "scenarios").mkdir()
    store.build(folder.case(str(root)))
    return root


def test_a_made_up_pair_goes_from_raw_files_to_quarters_that_are_as_they_were_made(made_up):
    table = store.facts(folder.case(str(made_up))).flows
    book = table[table["reporter"] == "THA"]
    assert set(book["partner"]) == {"USA"}
    assert dict(zip(book["flow"], book["valuation"], strict=True)) == {"export": "fob", "import": "cif"}
    for row in book[book["origin"] != Origin.EXTRAPOLATED].itertuples():
        months = pd.period_range(row.period.asfreq("M", "start"), periods=3, freq="M")
        true = sum(TRUE_RATIO[Flow(row.flow)] * count(Flow(row.flow), when) for when in months)
        assert abs(row.value_usd_mn - true) < max(Decimal("0.01") * true, 3 * row.se_usd_mn)
    first = book[(book["period"] == period("2024Q1")) & (book["flow"] == "export")].iloc[0]
    assert first["origin"] == Origin.PUBLISHED
    assert first["ids"].startswith("thai-customs/2026-02/f.csv:")
    loose = book[book["origin"] == Origin.EXTRAPOLATED]
    assert {str(p) for p in loose["period"]} == {f"2025Q{n}" for n in range(1, 5)}
    assert (loose["se_usd_mn"] > 0).all()


def test_the_made_up_pair_has_its_two_books_side_by_side(made_up):
    both = asof.books(reporter="THA", case=folder.case(str(made_up)))
    year = mirror.by_year(both).loc[period("2023")]
    assert abs(year["exports_ratio"] - 1 / TRUE_RATIO[Flow.EXPORT]) < Decimal("0.001")
    assert abs(year["imports_ratio"] - 1 / TRUE_RATIO[Flow.IMPORT]) < Decimal("0.001")
    assert "exports_THA_usd_mn" in year.index
    assert str(both.bound[-1]) == "2024Q4"


def test_the_command_prints_the_made_up_book(made_up, command):
    found = json.loads(command("table", "flows", "--reporter", "THA", "--by", "year", "--case", made_up, "--json").out)
    row = next(r for r in found["rows"] if (r["flow"], r["period"]) == ("export", "2023"))
    true = sum(
        TRUE_RATIO[Flow.EXPORT] * count(Flow.EXPORT, when) for when in pd.period_range("2023-01", periods=12, freq="M")
    )
    assert abs(Decimal(row["value_usd_mn"]) - true) < 1
    assert row["origin"] == "published"


def test_a_book_in_pieces_whose_sidecar_does_not_say_how_it_values_is_refused(made_up, tmp_path):
    import shutil

    shutil.copytree(made_up, tmp_path / "case")
    sidecar = tmp_path / "case/data/raw/thai-customs/2026-02/f.source.yaml"
    said = yaml.safe_load(sidecar.read_text(encoding="utf-8"))
    sidecar.write_text(yaml.safe_dump({**said, "valuation": {"export": "fob"}}), encoding="utf-8")
    with pytest.raises(Refused, match="how does it value exports and imports"):
        store.build(folder.case(str(tmp_path / "case")))


def test_only_what_was_printed_by_a_month_is_reconciled():
    printed = store.facts(CASE).fragments["VNM", "USA"].fragments
    table = store.facts(CASE).flows
    uncounted = table[table["reporter"] == "USA"]
    assert own_book.book(printed, uncounted, "VNM", "USA", AT, AT).quarters["period"].max() == period("2025Q1")
    assert own_book.book(printed, table, "VNM", "USA", AT, AT).quarters["period"].max() == period("2022Q4")
