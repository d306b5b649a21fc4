"""What a page was made from, and the record beside it that proves it: as whole as written, of inputs as they are now.

Every file is hashed once a run, and stamped as it was then. A stamp cannot be set back, so a file that was changed
while a page was made, and undone before the end, is found too. What a page says that it read is held against the files
again, for a scenario may name files of its own.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from ..case import folder, forecasts, inputs, track_inputs, writing
from ..case.folder import Folder
from .jobs import LIVE_NOTEBOOK, TRACK_NOTEBOOK, Job
from .rendering import Page

SHAPING_PACKAGES = ("tradebalance", "matplotlib", "numpy", "pandas", "scipy", "nbconvert")
KINDS_OF_CODE = (".py", ".po", ".j2", ".css", ".json")
KEYS = {"fingerprint", "code", "files", "record", "record_sha256"}
SCENARIOS = "scenarios/"
TOLD = ".first_pages.json"
EARLIER = "from an earlier run"


class Rewritten(RuntimeError):
    """A file was written while a page was made from it."""


class Stamped(NamedTuple):
    """A file's checksum, and where and when it was last written; of a file that is not there, nothing."""

    sha256: str
    stamp: tuple[int, ...]


class Files(dict[Path, Stamped]):
    """The files of a run, each read once, as they were when they were first asked for; those of the code at once."""

    def __init__(self) -> None:
        super().__init__()
        package = Path(str(files("tradebalance")))
        self.code_files = sorted(path for path in package.rglob("*") if path.suffix in KINDS_OF_CODE)
        releases = " ".join(f"{name} {version(name)}" for name in SHAPING_PACKAGES)
        self.code = writing.sha256_of_text(f"{releases}\n{self.told(self.code_files)}")

    def told(self, paths: Iterable[Path]) -> str:
        """Files by name and checksum."""
        return "".join(f"{path.name} {self[path].sha256}\n" for path in paths)

    def __missing__(self, path: Path) -> Stamped:
        stamp = stamp_of(path)
        self[path] = Stamped(writing.sha256_of(path) if stamp else "", stamp)
        return self[path]


def stamp_of(path: Path) -> tuple[int, ...]:
    """What changes whenever a file is written, moved or replaced; nothing for one that is not there."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@dataclass(frozen=True)
class Made:
    """What a page is made from: a checksum of all that shapes it, one of the code alone, and the files behind it."""

    fingerprint: str
    code: str
    files: Mapping[Path, Stamped]


def made_from(where: Folder, job: Job, seen: Files) -> Made:
    """Everything that shapes a page: notebook, parameters, data, scenarios, code, libraries."""
    shown = [
        job.notebook,
        dict(job.parameters),
        job.links,
        job.beside,
        forecasts.judged(where) if job.notebook == TRACK_NOTEBOOK else {},
    ]
    own = list(_own_files(where, job))
    whole = f"{json.dumps(shown, sort_keys=True)}\n{seen.told(own)}{seen.code}"
    return Made(writing.sha256_of_text(whole), seen.code, {path: seen[path] for path in [*own, *seen.code_files]})


def _own_files(where: Folder, job: Job) -> Iterator[Path]:
    """The files of the case, and of those that the page shows beside it, that shape a page."""
    yield from (where.notebooks / f"{job.notebook}.ipynb", *_built(where))
    yield from (where.corrections, where.arrivals, where.commodities, where.pooled)
    for other in _beside(where, job.notebook):
        yield from _built(other)
    names = [*job.scenarios, inputs.ASSUMPTIONS] if job.scenarios else []
    yield from (where.scenarios / f"{name}.yaml" for name in names)


def _built(where: Folder) -> list[Path]:
    return [where.declaration, where.processed / "inputs.csv", where.processed / "flows.csv"]


def _beside(where: Folder, notebook: str) -> list[Folder]:
    """The other cases that a page shows beside its own, as far as they are built."""
    if notebook == TRACK_NOTEBOOK:
        return [folder.beside(where), folder.beside(where, track_inputs.REPLAY)]
    all_of_them = folder.neighbours(where) if notebook == LIVE_NOTEBOOK else []
    return [each for each in all_of_them if (each.processed / "inputs.csv").exists()]


def refuse_changed(where: Folder, made: Made, record: Mapping[str, Any]) -> None:
    """Raises Rewritten with the files that were written since they were hashed, or are not as the page read them."""
    written = [path for path, file in made.files.items() if stamp_of(path) != file.stamp]
    written += [path for path in _read_otherwise(where, record) if path not in written]
    if written:
        names = ", ".join(str(path.relative_to(where.root) if path.is_relative_to(where.root) else path)
                          for path in written)  # fmt: skip
        raise Rewritten(f"{names}: written while the page was made from it; run the report again")


def _read_otherwise(where: Folder, record: Mapping[str, Any]) -> list[Path]:
    """The files of scenarios that are not what a page says it read."""
    read = {name: sha256 for name, sha256 in record.get("inputs", {}).items() if name.startswith(SCENARIOS)}
    paths = {where.scenarios / name.removeprefix(SCENARIOS): sha256 for name, sha256 in read.items()}
    return [path for path, sha256 in paths.items() if not path.is_file() or writing.sha256_of(path) != sha256]


# --- records --------------------------------------------------------------------------------------


def record_path(out: Path, page: str) -> Path:
    return out / "records" / f"{page}.json"


def keep(out: Path, page: str, made: Made, record: Mapping[str, Any], texts: Mapping[str, str]) -> None:
    """Write a page's files, by path, and last the record that proves them; files of the page before that it has no
    longer go. Raises CannotWrite."""
    before = _read(record_path(out, page)) or {"files": {}}
    for path, text in texts.items():
        writing.write_text(out / path, text)
    proof = {
        "fingerprint": made.fingerprint,
        "code": made.code,
        "files": {path: writing.sha256_of_text(text) for path, text in texts.items()},
        "record_sha256": _sha256_of(record),
        "record": record,
    }
    writing.write_text(record_path(out, page), json.dumps(proof, indent=1, ensure_ascii=False) + "\n")
    for path in before["files"].keys() - texts.keys():
        (out / path).unlink(missing_ok=True)


def drop(out: Path, page: str) -> None:
    """Take a page away with what stands beside it."""
    proof = _read(record_path(out, page)) or {"files": {}}
    for path in (f"{page}.html", *proof["files"]):
        (out / path).unlink(missing_ok=True)
    record_path(out, page).unlink(missing_ok=True)


def finished(where: Folder, out: Path, job: Job, made: Made) -> Page | None:
    """The page of an earlier run, if its record proves that it came from the same inputs and is whole."""
    proof = proven(out, job.page)
    if proof is None or proof["fingerprint"] != made.fingerprint or _read_otherwise(where, proof["record"]):
        return None
    return Page(job.page, proof["record"])


def proven(out: Path, page: str) -> Mapping[str, Any] | None:
    """The proof of a page of which every file is there as it was written; None for any other."""
    proof = _read(record_path(out, page))
    return proof if proof and all(_is(out / path, sha256) for path, sha256 in proof["files"].items()) else None


def earlier(out: Path, asked: Iterable[str], code: str) -> Iterator[Page]:
    """Pages that this run was not asked for: as they are where their record proves them and is of the same code, else
    without their record, by reason. None of which no HTML is left."""
    skipped = set(asked)
    for path in sorted((out / "records").glob("*.json")):
        page = path.stem
        if page in skipped or not (out / f"{page}.html").is_file():
            continue
        proof = proven(out, page)
        if proof is None:
            yield Page(page, None, "it or its record was changed since it was made; report it again", is_kept=True)
        elif proof["code"] != code:
            yield Page(page, None, "it was made by another version of this program; report it again", is_kept=True)
        else:
            yield Page(page, proof["record"], status=EARLIER)


# --- the first pages ------------------------------------------------------------------------------


def is_settled(where: Folder, out: Path, seen: Files) -> bool:
    """Whether the data is what it was when the last run found it in order and had kept all that it forecasts."""
    return bool(_json(out / TOLD).get("state") == _state(where, seen))


def is_told(out: Path, pages: Iterable[Page], central: str, seen: Files) -> bool:
    """Whether the first pages are there as they were written for these pages."""
    told = _json(out / TOLD)
    files = told.get("files")
    is_whole = isinstance(files, dict) and all(_is(out / path, sha256) for path, sha256 in files.items())
    return is_whole and told.get("pages") == _told(pages, central, seen)


def note_told(
    where: Folder, out: Path, pages: Iterable[Page], central: str, seen: Files, first: Mapping[str, str]
) -> None:
    """Note what the first pages were written for, and that the data is in order and its forecasts are kept."""
    noted = {
        "pages": _told(pages, central, seen),
        "files": {name: writing.sha256_of_text(html) for name, html in first.items()},
        "state": _state(where, seen),
    }
    writing.write_text(out / TOLD, json.dumps(noted, indent=1) + "\n")


def _told(pages: Iterable[Page], central: str, seen: Files) -> str:
    shown = [(page.name, page.record, page.reason, page.status, page.is_kept) for page in pages]
    return _sha256_of([seen.code, central, shown])


def _state(where: Folder, seen: Files) -> str:
    """A checksum of the code, of all data of the case and by hand, and of the forecasts that are kept."""
    data = sorted(path for path in (where.root / "data").rglob("[!.]*") if path.is_file())
    own = [where.declaration, where.commodities, where.pooled, where.scenarios / f"{inputs.ASSUMPTIONS}.yaml"]
    kept = sorted(where.forecasts.glob("*.json"))
    told = "".join(f"{path} {writing.sha256_of(path)}\n" for path in [*data, *own, *kept] if path.is_file())
    return writing.sha256_of_text(seen.code + told)


# --- files ----------------------------------------------------------------------------------------


def _json(path: Path) -> dict[str, Any]:
    """What a file of JSON holds; nothing of any other file."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _read(path: Path) -> dict[str, Any] | None:
    """A record with its proof, if it is as it was written; None for any other file."""
    proof = _json(path)
    if not proof.keys() >= KEYS or _sha256_of(proof["record"]) != proof["record_sha256"]:
        return None
    return proof if isinstance(proof["files"], dict) and all(map(_is_inside, proof["files"])) else None


def _is_inside(path: str) -> bool:
    return not Path(path).is_absolute() and ".." not in Path(path).parts


def _sha256_of(record: object) -> str:
    return writing.sha256_of_text(json.dumps(record, sort_keys=True))


def _is(path: Path, sha256: str) -> bool:
    return path.is_file() and writing.sha256_of(path) == sha256
