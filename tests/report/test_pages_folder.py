"""The folder of pages: what stands in its way is told in words, what others wrote stays, what was cut off goes."""

import pytest

from tradebalance.case import writing
from tradebalance.case.writing import CannotWrite, sha256_of_text
from tradebalance.report import pages_folder, proofs
from tradebalance.report.pages_folder import held

OWN = '<html><head><meta content="tradebalance 0.1" name="generator"/></head></html>'
PAGE = "01_trade_gap"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_held_folder_has_a_place_for_the_run_alone_which_goes_with_it(out):
    with held(out, [PAGE]) as own:
        assert own.is_dir()
        (own / "ipython").mkdir()
        with pytest.raises(writing.Busy, match=f"another run holds {out}"), held(out, []):
            pass
        assert own.is_dir()  # the other run took nothing away
    assert files(out) == [".lock"]


def test_what_a_run_that_was_killed_left_is_cleared_and_nothing_else(out):
    left = [".work/ipython/history", ".01_trade_gap.html.a1b2c3d4", "records/.x.json.abcdefgh", "..writable.zzzzzzzz"]
    kept = [".gitignore", "records/x.json", ".mine.html", "figures/a.svg", "notes.txt"]
    for name in (*left, *kept):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("")
    with held(out, []):
        pass
    assert [name for name in left if (out / name).exists()] == []
    assert [name for name in kept if not (out / name).exists()] == []


IN_THE_WAY = {
    "a file": (lambda out: out.write_text(""), "out is no folder"),
    "a link to nothing": (lambda out: out.symlink_to("nowhere"), "out is a link to nowhere, which is not there"),
    "a folder for the lock": (lambda out: (out / ".lock").mkdir(parents=True), ".lock is a folder, and a run needs"),
    "a link for the lock": (lambda out: linked(out, ".lock"), ".lock is a link, and a run needs"),
    "a file for the work": (lambda out: written(out, ".work"), ".work is a file, and a run needs"),
    "a link for the work": (lambda out: linked(out, ".work"), ".work is a link, and a run needs"),
}


def linked(out, name):
    out.mkdir()
    (out / name).symlink_to(out.parent)


def written(out, name, text=""):
    out.mkdir(exist_ok=True)
    (out / name).write_text(text)


@pytest.mark.parametrize(("makes", "reason"), IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_what_stands_in_the_way_is_told_in_words_and_stays(out, makes, reason):
    makes(out)
    before = [out, *out.rglob("*")]
    with pytest.raises(CannotWrite, match=f"^cannot write {out}: .*{reason}") as refused, held(out, []):
        pass
    assert "Errno" not in str(refused.value)
    assert [out, *out.rglob("*")] == before


def test_a_file_above_the_folder_and_a_link_to_a_folder(out, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match="file is no folder; name one by --out"), held(tmp_path / "file" / "a", []):
        pass
    (tmp_path / "there").mkdir()
    out.symlink_to(tmp_path / "there")
    with held(out, []):
        pass
    assert files(tmp_path / "there") == [".lock"]


@pytest.mark.parametrize("name", ["index.html", "files.html", f"{PAGE}.html"])
def test_pages_of_others_stay(out, name):
    written(out, name, "<html>mine</html>")
    with pytest.raises(CannotWrite, match=f"{name} there was not written by this command"), held(out, [PAGE]):
        pass
    assert files(out) == [name]
    (out / name).unlink()
    (out / name).symlink_to("elsewhere.html")
    with pytest.raises(CannotWrite, match="not written by this command"), held(out, [PAGE]):
        pass


def test_pages_of_this_command_are_written_over_and_those_of_other_names_are_no_matter(out):
    written(out, "mine.html", "<html>mine</html>")
    for name in ("index.html", f"{PAGE}.html"):
        written(out, name, OWN)
    with held(out, [PAGE]):
        pass
    assert (out / "mine.html").read_text() == "<html>mine</html>"
    plain = "<html>of a template without a mark</html>"
    proofs.keep(out, PAGE, proofs.Made("f", "c", {}), {"headline": "x"}, {f"{PAGE}.html": plain})
    with held(out, [PAGE]):
        pass


def test_a_record_proves_every_file_of_its_page_and_takes_them_with_it(out):
    made, text = proofs.Made("f", "c", {}), {f"{PAGE}.html": OWN, f"figures/{PAGE}-a.svg": "<svg/>"}
    proofs.keep(out, PAGE, made, {"headline": "x"}, text)
    assert proofs.proven(out, PAGE)["files"] == {name: sha256_of_text(each) for name, each in text.items()}
    (out / f"figures/{PAGE}-a.svg").write_text("<svg>other</svg>")
    assert proofs.proven(out, PAGE) is None
    proofs.keep(out, PAGE, made, {"headline": "x"}, {f"{PAGE}.html": OWN})  # it draws no more
    assert not (out / f"figures/{PAGE}-a.svg").exists()
    assert proofs.proven(out, PAGE)
    proofs.drop(out, PAGE)
    assert not list(out.rglob("*.*"))


def test_unfinished_files_are_those_that_writing_names(tmp_path, monkeypatch):
    """Their names are made elsewhere: one is left here as a kill would leave it."""
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: None)
    monkeypatch.setattr("pathlib.Path.unlink", lambda *_args, **_options: None)
    writing.write_text(tmp_path / "04-even.html", "x")
    (left,) = tmp_path.iterdir()
    assert pages_folder.UNFINISHED.fullmatch(left.name)
