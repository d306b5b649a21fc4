"""The repository's case as the tests' numbers speak of it: at the releases of releases.yaml, whatever came since."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import yaml

from tradebalance.case import folder, store

CHECKOUT = Path(__file__).resolve().parents[1]
NAMED = yaml.safe_load(Path(__file__).with_name("releases.yaml").read_text(encoding="utf-8"))
MADE = "TRADEBALANCE_TESTS_CASE"  # tells the other processes of a run of the copy that the first one made


def later() -> list[Path]:
    """The folders of releases that the numbers do not speak of, below the checkout."""
    files = [each for raw in ("data/raw", "cases/*/data/raw") for each in CHECKOUT.glob(f"{raw}/**/[!.]*.*")]
    folders = sorted({each.parent.relative_to(CHECKOUT) for each in files if each.is_file()})
    kept = [each for each in folders if not any(part.startswith(".") for part in each.parts)]
    return [each for each in kept if each.name > NAMED.get(each.parent.as_posix(), "")]


def _case() -> Path:
    """Where the numbers' case stands: the checkout, or, where it holds more, a copy that this run makes once."""
    checkout, _, made = os.environ.get(MADE, "").partition(os.pathsep)
    if Path(checkout) == CHECKOUT:
        return Path(made)
    return _copied(later()) if later() else CHECKOUT


def _copied(without: list[Path]) -> Path:
    """A copy of the checkout's cases without some releases, built, until this process ends."""
    made = Path(tempfile.mkdtemp(prefix="tradebalance-tests-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    roots = folder.lay_out(made)
    for release in without:
        shutil.rmtree(made / release)
    for root in roots:
        if any(each.is_file() for each in root.glob("data/raw/**/*")):
            store.build(folder.Folder(root))
        else:
            shutil.rmtree(root)  # a case of which nothing is named
    os.environ[MADE] = os.pathsep.join((str(CHECKOUT), str(made)))
    return made


CASE = _case()


def stand_in(root: Path) -> None:
    """Have CASE, or the checkout, be the case at hand and the shipped one, here and in processes started here."""
    if CASE != CHECKOUT:
        folder.PACKAGE = root / "src" / "tradebalance"
        os.chdir(root)
