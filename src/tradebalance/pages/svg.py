"""A drawing as SVG: whole, to be taken away, and spare, to stand inside a page.

Inside a page letters are letters, colours are the page's own, so that a dark page has no white card, and what cannot
be seen is left out: numbers keep one decimal, groups without a purpose go, and a clip stays only where it cuts.
"""

import io
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import NamedTuple
from xml.etree import ElementTree

from .chart import COLOURS, FONT_SIZE, INK, PAPER, TITLE, Chart, height_of, styled

XLINK = "{http://www.w3.org/1999/xlink}href"
NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
HEX = re.compile(r"#[0-9a-f]{6}")
MOVED = re.compile(r"translate\((-?[\d.]+)[ ,]+(-?[\d.]+)\)")
TICK = re.compile(r"[xy]tick_\d+$")
TURNED = re.compile(r"rotate\((-?[\d.]+)")
KEPT = ("fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "stroke-opacity")
SLACK = 0.5  # what a clip may cut off unseen
Box = tuple[float, float, float, float]


def whole(chart: Chart, *, narrow: bool = False) -> str:
    """The drawing with its title as a file of its own, in the colours of paper; the same chart gives the same text."""
    return _drawn(chart, narrow)


def inside(chart: Chart, *, narrow: bool = False) -> str:
    """The drawing as an element of a page, under the class `wide` or `narrow`. Its title stands above it there."""
    root = ElementTree.fromstring(_drawn(chart, narrow))
    mark = f"{chart.name}-{'n' if narrow else 'w'}-"
    clips = {clip.get("id", ""): _box(clip[0]) for clip in root.iter() if _tag(clip) == "clipPath"}
    markers = {path.get("id", ""): path for defs in root.iter() if _tag(defs) == "defs" for path in defs}
    used: dict[str, Box] = {}
    body = "".join(_children(root, _Known(clips, markers, mark), used))
    defs = "".join(f'<clipPath id="{mark}{name}">{_rectangle(box)}</clipPath>' for name, box in sorted(used.items()))
    width, height = map(float, root.get("viewBox", "").split()[2:])
    top = 72 * height_of(chart.title_lines(narrow))  # points an inch
    box = " ".join(map(_short, (0, top, width, height - top)))
    return (
        f'<svg class="{"narrow" if narrow else "wide"}" viewBox="{box}" '
        f'font-size="{FONT_SIZE}" stroke-linejoin="round">{defs}{body}</svg>'
    )


def _drawn(chart: Chart, narrow: bool) -> str:
    if narrow not in chart.drawings:
        buffer, undated = io.StringIO(), {"Date": None, "Creator": None, "Format": None, "Type": None}
        with styled():
            chart.figure(narrow).savefig(buffer, format="svg", metadata=undated)
        chart.drawings[narrow] = buffer.getvalue()
    return chart.drawings[narrow]


class _Known(NamedTuple):
    """What shapes of a drawing refer to by name: its clips and its markers, of which a band of a fan is one; and what
    names stand after on a page."""

    clips: Mapping[str, Box]
    markers: Mapping[str, ElementTree.Element]
    mark: str


def _children(of: ElementTree.Element, known: _Known, used: dict[str, Box]) -> Iterator[str]:
    for child in of:
        tag = _tag(child)
        if tag == "g":
            yield from _group(child, known, used)
        elif tag == "text":
            yield _text(child)
        elif tag == "path":
            yield _path(child, known, used)
        elif tag == "use":
            yield _used(child, known.markers)


def _group(group: ElementTree.Element, known: _Known, used: dict[str, Box]) -> Iterator[str]:
    if group.get("id", "").startswith(TITLE):
        return
    if TICK.match(group.get("id", "")):
        known = known._replace(markers={})  # the grid and the words beside them say as much
    inner = "".join(_children(group, known, used))
    clip = _clip(group.get("clip-path"), None, known, used)
    yield f"<g{clip}>{inner}</g>" if inner and clip else inner


def _path(path: ElementTree.Element, known: _Known, used: dict[str, Box]) -> str:
    style = _style(path)
    if not style:
        return ""
    clip = _clip(path.get("clip-path"), _box(path), known, used)
    return f'<path d="{_line(path.get("d", ""))}"{clip} style="{style}"/>'


def _used(use: ElementTree.Element, markers: Mapping[str, ElementTree.Element]) -> str:
    """A marker where it stands: its own path, moved there."""
    marker = markers.get(use.get(XLINK, "")[1:])
    if marker is None:
        return ""
    style = _style(marker, **_said(use))
    at = float(use.get("x", 0)), float(use.get("y", 0))
    return f'<path d="{_line(marker.get("d", ""), at)}" style="{style}"/>' if style else ""


def _style(of: ElementTree.Element, **given: str) -> str:
    """The style of a shape in the page's colours, with what is given from where it is used; nothing for one that cannot
    be seen."""
    said = {**given, **_said(of)}
    if said.get("fill") in ("none", PAPER) and "stroke" not in said:
        return ""
    return ";".join(f"{key}:{_coloured(said[key])}" for key in KEPT if key in said)


def _coloured(value: str) -> str:
    name = COLOURS.get(value)
    return f"var(--{name},{value})" if name else value if HEX.fullmatch(value) else NUMBER.sub(_rounded, value)


def _text(text: ElementTree.Element) -> str:
    said, moves = _said(text), text.get("transform", "")
    moved, turned = MOVED.search(moves), TURNED.search(moves)
    x, y = (_short(each) for each in (moved.groups() if moved else (text.get("x", "0"), text.get("y", "0"))))
    angle = _short(turned[1]) if turned else "0"
    font = said.get("font", "")  # size and weight stand here or apart
    size = float((said.get("font-size") or font or "0").partition("px")[0].split()[-1])
    is_bold = "bold" in font or "700" in font or said.get("font-weight") in ("bold", "700")
    looks = {
        "transform": f"rotate({angle} {x} {y})" if angle != "0" else "",
        "text-anchor": said.get("text-anchor", ""),
        "font-size": _short(size) if size not in (0, FONT_SIZE) else "",
        "font-weight": "bold" if is_bold else "",
        "style": f"fill:{_coloured(said.get('fill', INK))}",
    }
    given = "".join(f' {key}="{value}"' for key, value in looks.items() if value and value != "start")
    return f'<text x="{x}" y="{y}"{given}>{escape(text.text or "")}</text>'


def _said(of: ElementTree.Element) -> dict[str, str]:
    return dict(part.strip().split(": ", 1) for part in of.get("style", "").split(";") if ": " in part)


def _line(path: str, at: tuple[float, float] = (0.0, 0.0)) -> str:
    """A path's commands in numbers of one decimal, upright and level lines by one number."""
    out: list[str] = []
    here: tuple[str, ...] = ("", "")
    for command in re.findall(r"[A-Za-z][^A-Za-z]*", path):
        letter = command[0]
        numbers = [_short(float(n) + at[i % 2]) for i, n in enumerate(NUMBER.findall(command))]
        if letter == "L" and numbers[0] == here[0] and numbers[1] == here[1]:
            continue
        if letter == "L" and numbers[0] == here[0]:
            out.append(f"V{numbers[1]}")
        elif letter == "L" and numbers[1] == here[1]:
            out.append(f"H{numbers[0]}")
        else:
            out.append(letter + " ".join(numbers))
        here = tuple(numbers[-2:]) if numbers else here
    return "".join(out)


def _box(path: ElementTree.Element) -> Box:
    if _tag(path) == "rect":
        x, y, width, height = (float(path.get(key, 0)) for key in ("x", "y", "width", "height"))
        return x, y, x + width, y + height
    numbers = [float(n) for n in NUMBER.findall(path.get("d", ""))] or [0.0, 0.0]
    return min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])


def _clip(given: str | None, box: Box | None, known: _Known, used: dict[str, Box]) -> str:
    """A reference to a clip where it cuts something of a box off."""
    name = given[5:-1] if given else ""
    if name not in known.clips:
        return ""
    left, top, right, bottom = known.clips[name]
    if (
        box
        and box[0] >= left - SLACK
        and box[1] >= top - SLACK
        and box[2] <= right + SLACK
        and box[3] <= bottom + SLACK
    ):
        return ""
    used[name] = known.clips[name]
    return f' clip-path="url(#{known.mark}{name})"'


def _rectangle(box: Box) -> str:
    left, top, right, bottom = box
    return (
        f'<rect x="{_short(left)}" y="{_short(top)}" width="{_short(right - left)}" height="{_short(bottom - top)}"/>'
    )


def _short(number: float | str) -> str:
    return f"{round(float(number), 1) + 0.0:g}"


def _rounded(match: re.Match[str]) -> str:
    return f"{round(float(match[0]), 2) + 0.0:g}"


def _tag(of: ElementTree.Element) -> str:
    return str(of.tag).rpartition("}")[2]
