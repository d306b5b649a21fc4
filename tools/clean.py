"""`make clean`: what set-up, tests and reports made goes; what somebody else put beside it stays, and is told."""

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

CACHES = (".venv", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", "build/lib")
MADE = (".venv.lock", "build/bdist.*", "src/*.egg-info")
CHART = re.compile(r'<figure class="chart mathjax_ignore" id="([\w-]+)"')


def clean(root: Path) -> None:
    """Remove what was made below a checkout."""
    for path in [root / name for name in CACHES] + [path for pattern in MADE for path in root.glob(pattern)]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if (root / "build").is_dir() and not any((root / "build").iterdir()):
        (root / "build").rmdir()
    for reports in (root / "reports", *root.glob("cases/*/reports")):
        _clean_reports(reports)


def _clean_reports(reports: Path) -> None:
    """Remove the pages that their records prove to be as they were written, what lies beside each, and the index."""
    records = sorted((reports / "records").glob("*.json"))
    for record in records:
        _remove_page(reports, record)
    if records:
        for name in ("index.html", "files.html", ".lock"):
            (reports / name).unlink(missing_ok=True)
    for folder in (reports / "records", reports / "figures", reports / "data", reports):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    for path in sorted(reports.rglob("*")):
        if path.is_file() and path != reports / "README.md":
            print(f"{path}: not as a report wrote it; it stays")


def _remove_page(reports: Path, record: Path) -> None:
    page = reports / f"{record.stem}.html"
    written = page.read_bytes() if page.is_file() else b""
    try:
        proof = json.loads(record.read_text(encoding="utf-8"))["page_sha256"]
    except (ValueError, KeyError, TypeError):
        return
    if written and hashlib.sha256(written).hexdigest() != proof:
        return
    for chart in CHART.findall(written.decode("utf-8")):
        (reports / "figures" / f"{record.stem}-{chart}.svg").unlink(missing_ok=True)
        (reports / "data" / f"{record.stem}-{chart}.csv").unlink(missing_ok=True)
    page.unlink(missing_ok=True)
    record.unlink()


if __name__ == "__main__":
    clean(Path(sys.argv[1] if sys.argv[1:] else "."))
