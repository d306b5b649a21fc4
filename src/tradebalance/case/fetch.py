"""A publisher's file, from its address into a new release of data/raw, with the sidecar that says what it is.

What comes is read, and the case with it, as `build` reads it, before it gets its name. A release is there whole or not
at all, and one that is there stays as it is.
"""

import hashlib
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, NoReturn

import httpx
import pandas as pd
from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exception,
    wait_exponential,
)

from .. import __version__
from ..facts import census, customs_vn
from ..facts.trade import PUBLICATION_LAG_MONTHS
from ..reading import grids, readers
from ..reading.options import Options
from ..reading.readers import Table
from ..words.cells import Rows
from ..words.problems import Problem, Refused, refuse
from . import raw, sidecars, store
from .folder import Folder
from .writing import CannotWrite

# --- from an address ------------------------------------------------------------------------------


class Limits(NamedTuple):
    """Of one download: seconds of silence, before the second try (then twice as many), and altogether; tries; bytes."""

    silence: float = 30
    pause: float = 2
    altogether: float = 300
    tries: int = 4
    size: int = 32 * 1024 * 1024  # a workbook of all partners and years has about 1 MB, a bulletin 0.2


LIMITS = Limits()
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Unreachable(Refused):
    """The publisher did not answer, or not in full; another day it may."""


def download(url: str, limits: Limits = LIMITS) -> bytes:
    """The bytes at an address, by the proxy that the environment names.

    What may pass (no connection, an answer cut off or too slow, 429, 5xx) is tried again, no sooner than the server
    asks for. Raises Unreachable if it does not pass, and Refused for an address, also one redirected to, that is
    neither https nor on this machine, for any other answer, and for too many bytes.
    """
    trying = Retrying(
        retry=retry_if_exception(_may_pass),
        wait=wait_exponential(limits.pause) + wait_exception(_asked_to_wait),
        stop=stop_after_attempt(limits.tries) | stop_before_delay(limits.altogether),
        reraise=True,
    )
    with _client(url, limits) as client:
        try:
            return trying(_body, client, url, limits.size, time.monotonic() + limits.altogether)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            _give_up(url, error, trying.statistics["attempt_number"])


def _client(url: str, limits: Limits) -> httpx.Client:
    headers = {"User-Agent": f"tradebalance/{__version__}", "Accept-Encoding": "identity"}
    hooks = {"request": [_refuse_unsafe]}
    try:
        return httpx.Client(headers=headers, timeout=limits.silence, follow_redirects=True, event_hooks=hooks)
    except (ImportError, ValueError) as error:
        fix = "correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, or unset it"
        refuse("bad_value", url, "the proxy that the environment names is of no known kind", fix, value=str(error))


def _refuse_unsafe(request: httpx.Request) -> None:
    url = request.url
    if url.scheme != "https" and not (url.scheme == "http" and url.host in LOOPBACK):
        fix = "give the publisher's address with https://"
        refuse("bad_value", str(url), "what does not come by https can be changed on its way", fix, value=url.scheme)


def _body(client: httpx.Client, url: str, most: int, ends: float) -> bytes:
    content = bytearray()
    with client.stream("GET", url) as response:
        response.raise_for_status()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > most:
                refuse("too_large", url, f"more than {most:,} bytes", "look at what stands at this address")
            if time.monotonic() > ends:
                raise httpx.ReadTimeout("the answer takes too long")
    return bytes(content)


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.is_server_error or error.response.status_code == httpx.codes.TOO_MANY_REQUESTS
    return isinstance(error, httpx.TransportError)


def _asked_to_wait(error: BaseException) -> float:
    """The seconds that a server asks to wait before the next try; 0 if it does not."""
    asked = error.response.headers.get("Retry-After", "") if isinstance(error, httpx.HTTPStatusError) else ""
    return float(asked) if asked.isdecimal() else 0


def _give_up(url: str, error: httpx.HTTPError | httpx.InvalidURL, tries: int) -> NoReturn:
    answer = error.response if isinstance(error, httpx.HTTPStatusError) else None
    found = f"{answer.status_code} {answer.reason_phrase}" if answer is not None else str(error) or type(error).__name__
    if not _may_pass(error):
        fix = "look the address up on the publisher's page, and give it by --url"
        refuse("unreachable", url, "no file can be had at this address", fix, value=found)
    reason, fix = f"no whole answer in {tries} tries", "try again later, or download it by hand"
    raise Unreachable([Problem("unreachable", url, reason, fix, value=found)]) from None


# --- into a release -------------------------------------------------------------------------------


class Publication(NamedTuple):
    """What a publisher offers: the module of its layout, how its bytes are read, with the address that problems name,
    and the file's name below data/raw, by its first row and the release."""

    layout: ModuleType
    read: Callable[[bytes, str], Rows]
    name: str


def _workbook(content: bytes, url: str) -> Rows:
    return readers.rectangular(grids.grid(content, url, Options(), "country.xlsx")).rows


PUBLICATIONS = {
    "us-census": Publication(census, _workbook, "us-census/{release}/country.xlsx"),
    "vietnam-customs": Publication(
        customs_vn, customs_vn.lines, "vietnam-customs-bulletins/{flow}s/{release}/bulletin.pdf"
    ),
}


def fetch(
    where: Folder,
    source: str,
    url: str = "",
    month: pd.Period | None = None,
    vintage: pd.Period | None = None,
    limits: Limits = LIMITS,
) -> tuple[Path, bool]:
    """The publisher's file in a release of the case, and whether it is new there; with the same bytes it is not.

    The address is by default the publisher's, the release (`vintage`) the month in which figures to the file's last
    month are due. Raises Refused if the file does not end with `month`, if the release is there with something else
    in it, or if `build` would not take it; Unreachable; CannotWrite. Nothing is left of what failed.
    """
    of = PUBLICATIONS[source]
    url = url or of.layout.says([])["url"]
    content = download(url, limits)
    rows = of.read(content, url)
    if not (rows and of.layout.is_layout(rows[0][1])):
        refuse("unknown_layout", url, f"not the layout of {source}", "look at the file: has the publisher changed it?")
    said, last = (ask(cells for _, cells in rows) for ask in (of.layout.says, of.layout.last_published))
    if last is None or month not in (None, last):
        fix = "wait until the month is published, or look the address up again"
        refuse("missing_period", url, f"the file does not end with {month or 'any month'}", fix, value=str(last or ""))
    release = vintage or last + PUBLICATION_LAG_MONTHS[said["reporter"]]
    path = where.raw / of.name.format_map({**rows[0][1], "release": release})
    if path.exists() and path.read_bytes() == content:
        return path, False
    if any(path.parent.glob("*")):
        fix = "it stays as it is: name another release by --vintage, or move it away"
        refuse("name_clash", str(path.parent), "this release is there, with other content", fix)
    _add(where, path, content, said | {"url": str(httpx.URL(url))}, url)
    return path, True


def _add(where: Folder, path: Path, content: bytes, said: dict[str, str], url: str) -> None:
    """Make a release of a file and its sidecar, once the case with it is one that `build` takes."""
    name, there = path.relative_to(where.raw).as_posix(), raw.raw_files(where.raw)
    sidecar = sidecars.template(Table(name, [], []), hashlib.sha256(content).hexdigest(), said)
    try:
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=where.raw.resolve().parent) as folder:
            staged = Path(folder) / name
            staged.parent.mkdir(parents=True)
            staged.write_bytes(content)
            raw.beside(staged).write_text(f"{sidecar}\n", encoding="utf-8", newline="\n")
            raw.trade(store.corrected(where, [*there, *raw.raw_files(Path(folder))]))
            highest = ([each for each in path.parents if not each.exists()] or [path.parent])[-1]
            (Path(folder) / highest.relative_to(where.raw)).rename(highest)  # one step, with no folder before it
    except Refused as refusal:
        raise Refused(replace(p, file=url) if p.file == name else p for p in refusal.problems) from None
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror or error}") from error
