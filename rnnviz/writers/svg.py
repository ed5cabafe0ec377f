"""A scene as SVG: pure text, needing no window system; text stays text."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from rnnviz.scene.geometry import HATCH_EVERY, HATCH_WIDTH, arrow
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import (
    Apertures,
    Cells,
    Circle,
    Clip,
    Color,
    Font,
    Mark,
    Path,
    Polyline,
    Rect,
    Run,
    Scene,
    Segment,
    Text,
)
from rnnviz.scene.text import run_drop, run_italic, run_size, run_weight
from rnnviz.writers.progress import Told, nobody
from rnnviz.writers.svg_cells import apertures, cells
from rnnviz.writers.svg_syntax import attributes, box, content, data, number, translucent

# Few readers have the bundled fonts: those that stand in for them are about as wide or narrower.
FAMILIES: dict[Font, str] = {
    "ui": "Inter, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', "
    "'DejaVu Sans', sans-serif",
    "mono": "'JetBrains Mono', Menlo, 'DejaVu Sans Mono', Consolas, 'Liberation Mono', monospace",
    "math": "STIX, 'STIX Two Text', 'Times New Roman', Times, 'Liberation Serif', "
    "'Nimbus Roman', 'DejaVu Serif', serif",
}
_FEATURES: dict[Font, str] = {
    "ui": "white-space:pre;font-variant-numeric:tabular-nums",
    "mono": "white-space:pre;font-variant-ligatures:none;font-feature-settings:'calt' 0,'zero' 1",
    "math": "white-space:pre",
}


def svg_text(scene: Scene, told: Told = nobody) -> str:
    """The scene as a whole SVG document."""
    body = _Body(f"r{zlib.crc32(listing(scene).encode()):08x}", told, _count(scene.marks))
    lines = list(body.marks(scene.marks))
    place = attributes(
        width=float(scene.width),
        height=float(scene.height),
        viewBox=" ".join(number(v) for v in (scene.x, scene.y, scene.width, scene.height)),
        role="img",
    )
    head = [f'<svg xmlns="http://www.w3.org/2000/svg"{place}>']
    if scene.title:
        head.append(f"<title>{content(scene.title)}</title>")
    if body.definitions:
        head += ["<defs>", *body.definitions, "</defs>"]
    if scene.background is not None:
        paper = box(scene.x, scene.y, scene.width, scene.height)
        head.append(f"<rect{attributes(**paper, fill=scene.background)}/>")
    return "\n".join([*head, *lines, "</svg>\n"])


def _count(marks: tuple[Mark, ...]) -> int:
    """How many marks there are, those within clips too."""
    return len(marks) + sum(_count(mark.marks) for mark in marks if isinstance(mark, Clip))


class _Body:
    """The marks of one document, and the patterns and clips that they refer to.

    Their ids begin with a prefix of the document's own: several pictures may share one page.
    """

    def __init__(self, prefix: str, told: Told, total: int) -> None:
        self._prefix = prefix
        self._told, self._done, self._total = told, 0, total
        self.definitions: list[str] = []
        self._hatches: dict[Color, str] = {}
        self._clips = 0
        self._writers: dict[type, Callable[[Any], Iterator[str]]] = {
            Rect: self._rect,
            Circle: _circle,
            Path: _path,
            Polyline: _polyline,
            Text: _text,
            Cells: cells,
            Apertures: apertures,
            Clip: self._clip,
        }

    def marks(self, marks: tuple[Mark, ...]) -> Iterator[str]:
        for mark in marks:
            self._told(self._done, self._total)
            self._done += 1
            yield from self._writers[type(mark)](mark)

    def _rect(self, mark: Rect) -> Iterator[str]:
        place = box(mark.x, mark.y, mark.width, mark.height)
        radius = float(min(mark.radius, mark.width / 2, mark.height / 2)) or None
        if mark.fill is not None or mark.stroke is not None:
            given = attributes(
                **place,
                rx=radius,
                fill=mark.fill or "none",
                fill_opacity=translucent(mark.opacity) if mark.fill else None,
                **_stroke(mark.stroke, mark.stroke_width, mark.dash, mark.opacity),
                **data(mark.key),
            )
            yield f"<rect{given}/>"
        if mark.hatch is not None:
            pattern = f"url(#{self._hatch(mark.hatch)})"
            given = attributes(**place, rx=radius, fill=pattern, opacity=translucent(mark.opacity))
            yield f"<rect{given}/>"

    def _hatch(self, color: Color) -> str:
        """The id of the pattern of 45° lines in a colour."""
        if color not in self._hatches:
            name = self._hatches[color] = f"{self._prefix}h{len(self._hatches)}"
            place = attributes(
                id=name,
                width=HATCH_EVERY,
                height=HATCH_EVERY,
                patternUnits="userSpaceOnUse",
                patternTransform="rotate(45)",
            )
            line = attributes(width=HATCH_WIDTH, height=HATCH_EVERY, fill=color)
            self.definitions.append(f"<pattern{place}><rect{line}/></pattern>")
        return self._hatches[color]

    def _clip(self, mark: Clip) -> Iterator[str]:
        name = f"{self._prefix}c{self._clips}"
        self._clips += 1
        place = attributes(**box(mark.x, mark.y, mark.width, mark.height))
        self.definitions.append(f'<clipPath id="{name}"><rect{place}/></clipPath>')
        yield f'<g clip-path="url(#{name})">'
        if mark.shift:
            yield f'<g transform="translate({number(mark.shift)})">'
        yield from self.marks(mark.marks)
        yield "</g></g>" if mark.shift else "</g>"


def _stroke(
    color: Color | None, width: float, dash: tuple[float, ...], opacity: float
) -> dict[str, object]:
    if color is None or width <= 0:
        return {}
    return {
        "stroke": color,
        "stroke_width": float(width),
        "stroke_dasharray": " ".join(number(length) for length in dash) or None,
        "stroke_opacity": translucent(opacity),
    }


def _circle(mark: Circle) -> Iterator[str]:
    given = attributes(
        cx=float(mark.x),
        cy=float(mark.y),
        r=float(mark.radius),
        fill=mark.fill or "none",
        fill_opacity=translucent(mark.opacity) if mark.fill else None,
        **_stroke(mark.stroke, mark.stroke_width, (), mark.opacity),
        **data(mark.key),
    )
    yield f"<circle{given}/>"


def _outline(segments: tuple[Segment, ...]) -> str:
    return "".join(
        segment[0] + " ".join(number(float(value)) for value in segment[1:]) for segment in segments
    )


def _path(mark: Path) -> Iterator[str]:
    pointed = arrow(mark) if mark.arrow else None
    given = attributes(
        d=_outline(pointed.line if pointed else mark.segments),
        fill=mark.fill or "none",
        fill_opacity=translucent(mark.opacity) if mark.fill else None,
        stroke_linejoin="round" if len(mark.segments) > 2 else None,
        **_stroke(mark.stroke, mark.stroke_width, mark.dash, mark.opacity),
        **data(mark.key),
    )
    yield f"<path{given}/>"
    if pointed:
        corners = " ".join(f"{number(x)},{number(y)}" for x, y in pointed.head)
        head = attributes(points=corners, fill=mark.stroke, fill_opacity=translucent(mark.opacity))
        yield f"<polygon{head}/>"


def _polyline(mark: Polyline) -> Iterator[str]:
    pieces, joined = [], False
    for x, y in mark.points.tolist():
        if math.isfinite(x) and math.isfinite(y):
            pieces.append(f"{'L' if joined else 'M'}{number(x)} {number(y)}")
            joined = True
        else:
            joined = False
    given = attributes(
        d="".join(pieces),
        fill="none",
        stroke_linejoin="round",
        **_stroke(mark.stroke, mark.stroke_width, mark.dash, mark.opacity),
        **data(mark.key),
    )
    yield f"<path{given}/>"


def _text(mark: Text) -> Iterator[str]:
    turn = f"rotate({number(mark.rotation)} {number(mark.x)} {number(mark.y)})"
    given = attributes(
        x=float(mark.x),
        y=float(mark.y),
        fill=mark.color,
        font_family=FAMILIES[mark.font],
        font_size=float(mark.size),
        font_weight=mark.weight if mark.weight != 400 else None,
        font_style="italic" if mark.italic else None,
        text_anchor=mark.anchor if mark.anchor != "start" else None,
        transform=turn if mark.rotation else None,
        opacity=translucent(mark.opacity),
        style=_FEATURES[mark.font],
        **data(mark.key),
    )
    yield f'<text{given} xml:space="preserve">{"".join(_runs(mark))}</text>'


def _runs(mark: Text) -> Iterator[str]:
    line = 0.0
    for run in mark.runs:
        drop = run_drop(run, mark.size)
        given = _run_attributes(mark, run, drop - line)
        line = drop
        yield f"<tspan{given}>{content(run.text)}</tspan>" if given else content(run.text)


def _run_attributes(mark: Text, run: Run, down: float) -> str:
    weight, italic = run_weight(run, mark.weight), run_italic(run, mark.italic)
    return attributes(
        dy=down or None,
        fill=run.color if run.color != mark.color else None,
        font_size=run_size(run, mark.size) if run.shift else None,
        font_weight=weight if weight != mark.weight else None,
        font_style=("italic" if italic else "normal") if italic != mark.italic else None,
    )
