"""A publisher's file becomes a release that `build` takes, or nothing is left of it and one error says why."""

import ssl
import threading
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from tradebalance.case import fetch as fetching
from tradebalance.case import folder, store
from tradebalance.case.fetch import Limits, Unreachable, fetch
from tradebalance.case.folder import Folder
from tradebalance.case.writing import CannotWrite
from tradebalance.words.problems import Problem, Refused
from tradebalance.words.terms import month

from ..bulletin_pdf import bulletin
from ..reading.test_readers import xlsx

ROOT = Path(__file__).resolve().parents[2]
CENSUS = ROOT / "data/raw/us-census/2026-10/vietnam.csv"
NEW = "us-census/2026-10/country.xlsx"
QUICK = Limits(silence=5, pause=0.001)
USA = [
    ("HOA KỲ", "", "", "14.000.000", "", "90.000.000"),
    ("Hàng hóa khác", "USD", "", "14.000.000", "", "90.000.000"),
]


def workbook(first: int = 2025, *, without: str = "") -> bytes:
    """The Census Bureau's workbook, with one partner; from January of a year to August 2026."""
    header, *rows = [line.split(",") for line in CENSUS.read_text(encoding="utf-8").splitlines()]
    kept = [at for at, name in enumerate(header) if name != without]
    cells = [[float(row[0]), row[1], row[2], *map(float, row[3:])] for row in rows if int(row[0]) >= first]
    return xlsx([[row[at] for at in kept] for row in (header, *cells)])


@cache
def july(flow: str) -> bytes:
    return bulletin(flow, "2026-07", [USA])


WORKBOOK = workbook()


class Said(NamedTuple):
    """One answer of a server: it may be shorter than it says, and come only once the test is over."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    missing: int = 0
    late: bool = False


class Publisher:
    """A server on this machine that gives the answers it is told to, one a request and the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[Said] = [Said()]
        self.asked: list[str] = []
        self.over = threading.Event()
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.asked.append(self.path)
                said = publisher.answers.pop(0) if len(publisher.answers) > 1 else publisher.answers[0]
                if said.late:
                    publisher.over.wait(10)
                    return
                self.send_response(said.status)
                for name, value in said.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said.body) + said.missing))
                self.end_headers()
                self.wfile.write(said.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/country.xlsx"

    def says(self, *answers: Said) -> str:
        self.answers = [*answers]
        return self.url

    def stop(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))  # a tenth of a second each
    started = Publisher()
    yield started
    started.stop()


@pytest.fixture
def case(tmp_path: Path) -> Folder:
    """A case without data."""
    (tmp_path / "data/raw").mkdir(parents=True)
    return folder.case(str(tmp_path))


def everything(case: Folder) -> dict[str, bytes]:
    """Every file of a case, and every folder with an empty text."""
    found = {path.relative_to(case.root).as_posix(): path for path in case.root.rglob("*")}
    return {name: path.read_bytes() if path.is_file() else b"" for name, path in found.items()}


def refused(case: Folder, *arguments: object, limits: Limits = QUICK) -> Problem:
    """The one problem of a file that is refused, which leaves the case as it was."""
    before = everything(case)
    with pytest.raises(Refused) as caught:
        fetch(case, *arguments, limits=limits)
    assert everything(case) == before
    (problem,) = caught.value.problems
    return problem


# --- a new release --------------------------------------------------------------------------------


def test_the_census_workbook_becomes_the_release_of_two_months_on_which_build_takes(case, publisher):
    path, is_new = fetch(case, "us-census", publisher.says(Said(WORKBOOK)), limits=QUICK)
    assert (path, is_new) == (case.raw / NEW, True)
    assert path.read_bytes() == WORKBOOK
    assert [each.name for each in sorted(path.parent.iterdir())] == ["country.source.yaml", "country.xlsx"]
    assert not list(case.root.rglob(".*"))
    store.build(case)
    flows = store.read_flows(case.processed / "flows.csv").astype(str)
    new = flows[(flows["vintage"] == "2026-10") & (flows["period"] == "2026-08") & (flows["flow"] == "import")]
    assert new[["partner", "value_usd_mn", "status"]].to_numpy().tolist() == [["VNM", "26474.5", "preliminary"]]
    (file,) = [file for name, file in store.facts(case).files.items() if name == NEW]
    assert (file.sidecar.url, file.sidecar.licence) == (publisher.url, "public domain (US government work)")


def test_the_same_file_again_changes_nothing(case, publisher):
    path, _ = fetch(case, "us-census", publisher.says(Said(WORKBOOK)), limits=QUICK)
    before = everything(case)
    assert fetch(case, "us-census", publisher.url, limits=QUICK) == (path, False)
    assert everything(case) == before


def test_a_release_that_is_there_stays_as_it_is_and_another_name_may_be_given(case, publisher):
    fetch(case, "us-census", publisher.says(Said(workbook(2026))), limits=QUICK)
    problem = refused(case, "us-census", publisher.says(Said(WORKBOOK)))
    assert (problem.code, problem.file) == ("name_clash", str(case.raw / "us-census/2026-10"))
    path, _ = fetch(case, "us-census", publisher.url, vintage=month("2026-11"), limits=QUICK)
    assert path == case.raw / "us-census/2026-11/country.xlsx"
    store.build(case)


def test_both_bulletins_of_a_month_become_releases_of_the_next_which_build_takes(case, publisher):
    url = f"{publisher.url}/2026-t7-5x(vn-sb).pdf"
    for flow in ("export", "import"):
        publisher.says(Said(july(flow)))
        path, is_new = fetch(case, "vietnam-customs", url, month("2026-07"), limits=QUICK)
        assert (path, is_new) == (case.raw / f"vietnam-customs-bulletins/{flow}s/2026-08/bulletin.pdf", True)
    store.build(case)
    flows = store.read_flows(case.processed / "flows.csv").astype(str)
    new = flows[(flows["reporter"] == "VNM") & (flows["frequency"] == "M")]
    assert new[["partner", "flow", "period", "vintage", "value_usd_mn"]].to_numpy().tolist() == [
        ["USA", "export", "2026-07", "2026-08", "14"],
        ["USA", "import", "2026-07", "2026-08", "14"],
    ]


# --- what is refused ------------------------------------------------------------------------------


def test_a_page_a_torn_workbook_and_another_layout_are_no_release(case, publisher):
    page = b"<!DOCTYPE html><html><title>Maintenance</title></html>"
    found = {}
    for name, body in {
        "page": page, "torn": WORKBOOK[:-300], "column": workbook(without="IFEB"), "key": workbook(without="CTY_CODE"),
    }.items():  # fmt: skip
        problem = refused(case, "us-census", publisher.says(Said(body)))
        assert problem.file == publisher.url
        found[name] = problem.code, problem.column
    assert found == {
        "page": ("not_csv", None), "torn": ("truncated", None), "column": ("missing_column", "IFEB"),
        "key": ("unknown_layout", None),
    }  # fmt: skip


def test_a_file_without_the_month_that_was_asked_for_is_no_release(case, publisher):
    problem = refused(case, "us-census", publisher.says(Said(WORKBOOK)), month("2026-09"))
    assert (problem.code, problem.value) == ("missing_period", "2026-08")
    problem = refused(case, "vietnam-customs", publisher.says(Said(july("export"))), month("2026-06"))
    assert (problem.code, problem.value) == ("missing_period", "2026-07")


def test_a_release_before_its_figures_is_refused(case, publisher):
    problem = refused(case, "us-census", publisher.says(Said(WORKBOOK)), None, month("2026-07"))
    assert (problem.code, problem.column) == ("vintage_too_early", "vintage")


def test_what_does_not_go_with_the_rest_of_the_case_is_refused(case, publisher):
    fetch(case, "vietnam-customs", publisher.says(Said(july("export"))), limits=QUICK)
    other = bulletin("export", "2026-07", [[(name, unit, "", "15", "", "15") for name, unit, *_ in USA]])
    problem = refused(case, "vietnam-customs", publisher.says(Said(other)), None, month("2026-09"))
    assert (problem.code, problem.file) == ("duplicate_key", publisher.url)


def test_too_large_a_file_is_not_read_to_its_end(case, publisher):
    problem = refused(case, "us-census", publisher.says(Said(WORKBOOK)), limits=QUICK._replace(size=len(WORKBOOK) - 1))
    assert (problem.code, problem.file) == ("too_large", publisher.url)
    fetch(case, "us-census", publisher.url, limits=QUICK._replace(size=len(WORKBOOK)))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/country.xlsx",
        "ftp://127.0.0.1/country.xlsx",
        "country.xlsx",
        "http://127.0.0.1.example.org/",
    ],
)
def test_an_address_that_is_not_safe_is_not_asked(case, url):
    assert refused(case, "us-census", url).code == "bad_value"


def test_a_folder_that_cannot_be_written_is_said_so_and_nothing_is_left(case, publisher, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    before = everything(case)
    monkeypatch.setattr(fetching.Path, "rename", full)
    with pytest.raises(CannotWrite, match=r"country\.xlsx: No space left"):
        fetch(case, "us-census", publisher.says(Said(WORKBOOK)), limits=QUICK)
    assert everything(case) == before


# --- what may pass, and what does not -------------------------------------------------------------


def test_a_server_that_is_busy_is_asked_again(case, publisher):
    busy = [Said(status=503), Said(status=429, headers=(("Retry-After", "0"),)), Said(WORKBOOK[:50], missing=9)]
    assert fetch(case, "us-census", publisher.says(*busy, Said(WORKBOOK)), limits=QUICK)[1]
    assert len(publisher.asked) == 4


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (Said(status=503), "503 Service Unavailable"),
        (Said(WORKBOOK[:1000], missing=len(WORKBOOK) - 1000), "without sending complete message body"),
        (Said(late=True), "timed out"),
    ],
)
def test_what_does_not_pass_is_told_after_the_last_try(case, publisher, said, value):
    problem = refused(case, "us-census", publisher.says(said), limits=QUICK._replace(silence=0.1, tries=3))
    assert (problem.code, problem.file) == ("unreachable", publisher.url)
    assert value in problem.value
    assert "3 tries" in problem.reason
    assert len(publisher.asked) == 3
    with pytest.raises(Unreachable):
        fetch(case, "us-census", publisher.url, limits=QUICK._replace(silence=0.1, tries=1))


def test_a_server_that_asks_for_more_time_than_there_is_is_not_asked_again(case, publisher):
    said = Said(status=503, headers=(("Retry-After", "3600"),))
    assert "1 tries" in refused(case, "us-census", publisher.says(said)).reason
    assert len(publisher.asked) == 1


def test_an_answer_that_takes_longer_than_there_is_time_is_cut_off(case, publisher):
    problem = refused(case, "us-census", publisher.says(Said(WORKBOOK)), limits=QUICK._replace(altogether=-1))
    assert problem.value == "the answer takes too long"


def test_no_connection_is_told(case, publisher):
    publisher.server.server_close()
    assert refused(case, "us-census", publisher.url).code == "unreachable"


def test_a_file_that_is_not_there_is_asked_for_once(case, publisher):
    problem = refused(case, "us-census", publisher.says(Said(status=404)))
    assert (problem.code, problem.file, problem.value) == ("unreachable", publisher.url, "404 Not Found")
    assert publisher.asked == ["/country.xlsx"]


# --- ways -----------------------------------------------------------------------------------------


def moved(url: str) -> Said:
    return Said(status=302, headers=(("Location", url),))


def test_a_redirect_is_followed_where_it_is_safe(case, publisher):
    assert fetch(case, "us-census", publisher.says(moved("/there"), Said(WORKBOOK)), limits=QUICK)[1]
    assert publisher.asked == ["/country.xlsx", "/there"]
    problem = refused(case, "us-census", publisher.says(moved("http://example.org/there")))
    assert (problem.code, problem.file) == ("bad_value", "http://example.org/there")
    assert "redirects" in refused(case, "us-census", publisher.says(moved("/country.xlsx"))).value


def test_the_proxy_of_the_environment_is_used(case, publisher, monkeypatch):
    monkeypatch.setenv("http_proxy", publisher.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    publisher.says(Said(WORKBOOK))
    assert fetch(case, "us-census", "http://127.0.0.1:9/country.xlsx", limits=QUICK)[1]
    assert publisher.asked == ["http://127.0.0.1:9/country.xlsx"]

    monkeypatch.setenv("http_proxy", "nonsense://127.0.0.1:9")
    assert "proxy" in refused(case, "us-census", publisher.url).reason


# --- the command ----------------------------------------------------------------------------------


def test_the_command_says_what_it_did_and_its_code_whether_another_day_may_do(
    case: Folder, publisher: Publisher, command: Callable, monkeypatch: pytest.MonkeyPatch
):
    def run(*options: str) -> tuple[int, str]:
        outcome = command("fetch", "us-census", "--url", publisher.url, "--case", case.root, *options)
        return outcome.code, outcome.out.removeprefix(f"{case.raw}/") + outcome.err

    publisher.says(Said(WORKBOOK))
    assert run() == (0, f"{NEW}: new, for `tradebalance build`\n")
    assert run("--vintage", "2026-10") == (0, f"{NEW}: there already, the same; nothing changed\n")
    assert run("2026-09")[0] == 2
    publisher.says(Said(status=503, headers=(("Retry-After", "3600"),)))
    assert run()[0] == 1
    wrong = command("fetch", "vietnam-customs", "2026-07")
    assert (wrong.code, "--url" in wrong.err) == (2, True)
    assert "--vintage" in run("--vintage", "2026")[1]


def test_a_certificate_that_nobody_vouches_for_is_refused(case, publisher):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("self_signed.pem"))
    publisher.says(Said(WORKBOOK))
    publisher.server.socket = context.wrap_socket(publisher.server.socket, server_side=True)
    publisher.server.handle_error = lambda *_: None  # that the other side hung up
    problem = refused(case, "us-census", publisher.url.replace("http://127.0.0.1", "https://localhost"))
    assert problem.code == "unreachable"
    assert "certificate verify failed" in problem.value
    assert publisher.asked == []
