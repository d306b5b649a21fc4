"""Bytes -> text, or a refusal that says what the bytes are: an archive, a page, a pointer, another encoding.

Every function raises Refused.
"""

import codecs
import csv
import gzip
import io
import re
import unicodedata
import zipfile
import zlib
from contextlib import suppress

from ..words.problems import refuse

MOST_UNPACKED = 50_000_000
MOST_RATIO = 100
ENCODINGS = {
    "utf-8": "utf-8-sig", "utf8": "utf-8-sig", "utf-8-sig": "utf-8-sig", "utf-16": "utf-16", "utf16": "utf-16",
    "utf-16le": "utf-16-le", "utf-16-le": "utf-16-le", "utf-16be": "utf-16-be", "utf-16-be": "utf-16-be",
    "cp1258": "cp1258", "windows-1258": "cp1258", "cp1252": "cp1252", "windows-1252": "cp1252",
    "latin-1": "latin-1", "latin1": "latin-1", "iso-8859-1": "latin-1", "ascii": "ascii",
}  # fmt: skip
PARQUET = b"PAR1"
MAGIC: tuple[tuple[bytes | tuple[bytes, ...], str, str], ...] = (
    (b"PK\x03\x04", "ZIP or XLSX content", "rename it to .xlsx or .zip, or export it as CSV"),
    (b"PK\x05\x06", "an empty ZIP archive", "pack the file again"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "save it as .xlsx or CSV"),
    (b"\x1f\x8b", "gzip content", "rename it to .gz, or unpack it"),
    (b"%PDF", "a PDF", "export the table as CSV"),
    ((b"\x89PNG", b"\xff\xd8\xff", b"GIF8"), "a picture", "give the table as CSV"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it"),
    (b"(\xb5/\xfd", "zstd content", "unpack it"),
    (b"BZh", "bzip2 content", "unpack it"),
    (b"\xfd7zXZ", "xz content", "unpack it"),
    (b"SQLite format 3", "a database", "export the table as CSV"),
    (PARQUET, "Parquet content", "export it as CSV"),
)
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
LFS = b"version https://git-lfs.github.com/spec"
CONFLICT = re.compile(r"^(<{7}|>{7}|={7}|\|{7})( .*)?$", re.MULTILINE)
MARKUP = re.compile(r"\s*<(!--|(!doctype|html|head|body|\?xml|error|table|div|script)\b)", re.IGNORECASE)
LEFT_BY_MAC = ("__MACOSX/", ".DS_Store")


def text(content: bytes, file: str, encoding: str | None = None) -> str:
    """The text in NFC. Raises Refused for an empty file, one that is no text, and one in another encoding."""
    _refuse_empty(content, file)
    if content.startswith(PARQUET) and (not content.endswith(PARQUET) or len(content) < 12):
        refuse("truncated", file, "no Parquet footer", "delete it: data/processed is rebuilt from data/raw")
    for magic, what, fix in MAGIC:
        if content.startswith(magic):
            refuse("not_text", file, what, fix)
    decoded = _decoded(content, file, encoding)
    if not decoded:
        refuse("empty_file", file, "nothing but a byte order mark", "put the data in, or remove the file")
    if "\0" in decoded:
        place = _place(decoded, decoded.index("\0"))
        refuse("nul_byte", file, "a NUL character", "the file is damaged: get it again", *place)
    return unicodedata.normalize("NFC", decoded)


def refuse_pointer(content: bytes, file: str) -> None:
    """Raise Refused for a Git LFS pointer, whatever the file's name says that it is."""
    start = content[:1_000].removeprefix(codecs.BOM_UTF8).lstrip()
    if start.startswith(LFS):
        first = start.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
        refuse("lfs_pointer", file, "a Git LFS pointer, not the file", "run git lfs pull", 1, None, first)


def page_problem(decoded: str, file: str) -> None:
    """Raise Refused for a text that is a page, JSON or a merge with conflicts under a table's name."""
    first = re.split(r"[\r\n]", decoded.lstrip("\ufeff \t\r\n"), maxsplit=1)[0].strip()
    line = decoded[: decoded.find(first)].count("\n") + 1 if first else 1
    if MARKUP.match(first):
        title = re.search(r"<title>(.*?)</title>", decoded[:5000], re.IGNORECASE | re.DOTALL)
        words = f" ({title[1].strip()[:80]})" if title else ""
        reason = f"an HTML or XML page{words} saved as a table"
        refuse("not_csv", file, reason, "download it again", line, None, first[:80])
    if first[:1] in ("{", "[") and first[1:2] in ("", '"', "{", "[", " ", "\r"):
        refuse("not_csv", file, "JSON, not a table", "download the table", line, None, first[:80])
    refuse_conflict(decoded, file)


def refuse_conflict(decoded: str, file: str) -> None:
    """Raise Refused for a text with the markers of a merge that was not resolved."""
    lines = re.sub(r"\r\n?", "\n", decoded)
    if conflict := CONFLICT.search(lines):
        at = lines[: conflict.start()].count("\n") + 1
        refuse("merge_conflict", file, "a conflict marker", "resolve the merge", at, None, conflict[0])


def _refuse_empty(content: bytes, file: str) -> None:
    if not content:
        refuse("empty_file", file, "the file has 0 bytes", "put the data in, or remove the file")


def _decoded(content: bytes, file: str, encoding: str | None) -> str:
    declared = ENCODINGS.get((encoding or "utf-8").strip().casefold())
    if declared is None:
        refuse("bad_encoding", file, f"no encoding {encoding!r}", f"use one of {', '.join(sorted(set(ENCODINGS)))}")
    if not declared.startswith("utf") and not content.isascii():
        with suppress(UnicodeDecodeError):
            content.decode("utf-8")
            refuse("bad_encoding", file, f"declared {encoding}, but the bytes are UTF-8", "do not declare an encoding")
    name = next((name for mark, name in MARKS if content.startswith(mark)), declared)
    if name == "utf-8-sig" and b"\0" in content and _every_second_is_nul(content):
        refuse("bad_encoding", file, "NUL bytes in every second place: UTF-16 without its mark", "save it as UTF-8")
    if name == "utf-8-sig":  # or places are off by its length
        content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode(name)
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("latin-1")
        line, column = _place(before, len(before)) if name != "utf-16" else (None, None)
        found = f"0x{content[error.start]:02X}" if name != "utf-16" else None
        fix = "save it as UTF-8, or declare its encoding (cp1258, utf-16); TCVN3 and VNI fonts must be converted"
        refuse("bad_encoding", file, f"not {name.removesuffix('-sig').upper()}", fix, line, column, found)


def _every_second_is_nul(content: bytes) -> bool:
    halves = (content[0::2], content[1::2])
    return any(half and half.count(0) > 0.6 * len(half) for half in halves) and content.count(0) < 0.7 * len(content)


def _place(before: str, at: int) -> tuple[int, str | None]:
    """The physical line of a position, and the header's name of the field that it is in."""
    lines = re.split(r"\r\n|\r|\n", before[:at] + "|")
    header = next((line for line in re.split(r"\r\n|\r|\n", before) if line.strip()), "")
    delimiter = max(",;\t|", key=header.count)
    names = next(csv.reader([header.replace("\0", "")[:10_000]], delimiter=delimiter), [])
    field = lines[-1][:-1].count(delimiter)
    inside = len(lines) > 1 and field < len(names)
    return len(lines), names[field].strip() if inside else None


def gunzipped(content: bytes, file: str) -> bytes:
    """What a gzip file holds. Raises Refused beyond 50 MB or 100 times its size, and if it is cut off."""
    if not content.startswith(b"\x1f\x8b"):
        refuse("not_text" if content else "empty_file", file, "no gzip content", "rename it, or get it again")
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            unpacked = packed.read(min(MOST_UNPACKED, MOST_RATIO * len(content)) + 1)
    except (EOFError, zlib.error, OSError) as error:
        refuse("truncated", file, f"the gzip content is cut off or damaged: {error}", "download it again")
    _refuse_bomb(len(unpacked), len(content), file)
    return unpacked


def unzipped(content: bytes, file: str) -> tuple[str, bytes]:
    """Name and content of the one file in a ZIP archive. Raises Refused for bombs, outside paths or several files."""
    with _archive(content, file) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith(LEFT_BY_MAC)]
        if len(members) != 1:
            reason = f"the archive holds {len(members)} files"
            refuse("not_text", file, reason, "unpack it, and check one file at a time")
        return members[0].filename, _member(archive, members[0], file)


def workbook_archive(content: bytes, file: str) -> bytes:
    """A workbook's members in an archive that is not packed. Raises Refused unless the bytes are a sound ZIP archive.

    What is made of the workbook is made of this, so that no other reader of archives unpacks more than was counted.
    """
    _refuse_empty(content, file)
    if not content.startswith(b"PK"):
        page_problem(content[:100_000].decode("utf-8", "replace"), file)
        refuse("not_text", file, "not an XLSX workbook", "download it again, or name it as what it is")
    unpacked = io.BytesIO()
    with _archive(content, file) as archive, zipfile.ZipFile(unpacked, "w") as stored:
        for name, member in archive.NameToInfo.items():
            stored.writestr(name, _member(archive, member, file))
    return unpacked.getvalue()


def _archive(content: bytes, file: str) -> zipfile.ZipFile:
    """A ZIP archive. Refused are one that is not whole or unpacks to too much, and a member outside the folder."""
    _refuse_empty(content, file)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError) as error:
        code = "truncated" if content.startswith(b"PK") else "not_text"
        refuse(code, file, f"not a whole ZIP archive: {error}", "download it again")
    for member in archive.infolist():
        parts = re.split(r"[/\\]", member.filename)
        is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
        if ".." in parts or parts[0] == "" or ":" in parts[0] or is_link:
            refuse("unsafe_member", file, "the member's path leaves the folder", "pack it again", value=member.filename)
    sizes = [(member.file_size, max(member.compress_size, 1)) for member in archive.infolist()]
    _refuse_bomb(sum(size for size, _ in sizes), len(content), file)
    if any(size > MOST_RATIO * packed for size, packed in sizes):
        _refuse_bomb(MOST_UNPACKED + 1, len(content), file)
    return archive


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str) -> bytes:
    try:
        with archive.open(member) as packed:
            unpacked = packed.read(MOST_UNPACKED + 1)
    except Exception as error:  # zlib, lzma and bz2 raise errors of their own
        refuse("truncated", file, f"a member is damaged or locked: {error}", "pack it again", value=member.filename)
    _refuse_bomb(len(unpacked), max(member.compress_size, 1), file)
    return unpacked


def _refuse_bomb(unpacked: int, packed: int, file: str) -> None:
    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(packed, 1):
        reason = f"{packed:,} bytes unpack to over {min(unpacked, MOST_UNPACKED):,}: the limits are 50 MB and 100 times"
        refuse("decompression_ratio", file, reason, "unpack it by hand if it is wanted")
