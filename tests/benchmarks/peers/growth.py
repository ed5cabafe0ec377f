"""How each tool's time grows with the number of timesteps, drawn as rnnviz draws its figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnviz.scene.marks import Circle, Mark, Polyline, Rect, Scene, Segment
from rnnviz.scene.marks import Path as Outline
from rnnviz.scene.style import Style, ThemeName, load_style
from rnnviz.scene.text import label
from rnnviz.writers import svg_text
from tests.benchmarks.peers.cases import BY_HAND, CELL, GATES, STEPS, TRACE, Row
from tests.benchmarks.peers.table import Find

FILES: dict[ThemeName, str] = {"light": "growth.svg", "dark": "growth-dark.svg"}
FASTEST, SLOWEST = 1e-4, 300.0  # seconds: the range of the vertical axis, to the limit of a run
_TICKS = {1e-4: "0.1 ms", 1e-3: "1 ms", 1e-2: "10 ms", 0.1: "0.1 s", 1.0: "1 s", 10.0: "10 s"}
_TICKS |= {100.0: "100 s", 300.0: "5 min"}
_PANELS = (
    ("LSTMCell loop, recorded and drawn", CELL.rows),
    ("Written out gate by gate, recorded and drawn", GATES.rows),
    ("Heatmap and lines of h; and running it alone", (*BY_HAND.rows, *TRACE.rows)),
)
_HUES = {
    "torchlens": "f",
    "torchlens-rank": "c",
    "torchview": "i",
    "torchviz": "o",
    "matplotlib": "g",
}
_LEFT, _TOP, _PLOT, _HEIGHT, _LABELS, _GAP = 64.0, 56.0, 216.0, 300.0, 132.0, 0.0
_LINE = 14.0  # between two labels, at least


@dataclass(frozen=True)
class _Curve:
    """One tool's line: what is known of it, and where it stopped."""

    row: Row
    points: tuple[tuple[float, float], ...]  # (T, seconds)
    stopped: str  # why
    stopped_at: int  # T


def draw(find: Find, folder: Path) -> list[Path]:
    """Writes the picture for light pages and for dark ones."""
    paths = []
    for theme, name in FILES.items():
        folder.mkdir(parents=True, exist_ok=True)
        paths.append(folder / name)
        paths[-1].write_text(svg_text(build(find, load_style(theme))), "utf-8")
    return paths


def build(find: Find, style: Style) -> Scene:
    """The picture: a panel for each job, both axes logarithmic."""
    marks: list[Mark] = []
    step = _PLOT + _LABELS + _GAP
    for place, (title, rows) in enumerate(_PANELS):
        curves = [curve for row in rows if (curve := _curve(row, find)).points]
        marks += _panel(_LEFT + place * step, title, curves, style, numbered=place == 0)
    return Scene(
        _LEFT + len(_PANELS) * step,
        _TOP + _HEIGHT + 52,
        tuple(marks),
        background=style.ui.card,
        title="Time to record and draw an LSTM, by number of timesteps",
    )


def _curve(row: Row, find: Find) -> _Curve:
    points, stopped, stopped_at = [], "", 0
    for steps in STEPS:
        found = find(row.case(steps))
        if found is not None and found.seconds is not None:
            points.append((float(steps), found.seconds))
        elif found is not None and not stopped:
            stopped, stopped_at = f"{found.failure.partition(' (')[0]} at T = {steps}", steps
    return _Curve(row, tuple(points), stopped, stopped_at)


def _across(left: float, steps: float) -> float:
    first, last = math.log(STEPS[0]), math.log(STEPS[-1])
    return left + 12 + (_PLOT - 24) * (math.log(steps) - first) / (last - first)


def _down(seconds: float) -> float:
    if math.isnan(seconds):
        return math.nan
    low, high = math.log(FASTEST), math.log(SLOWEST)
    share = (math.log(min(max(seconds, FASTEST), SLOWEST)) - low) / (high - low)
    return _TOP + _HEIGHT * (1 - share)


def _panel(
    left: float, title: str, curves: list[_Curve], style: Style, numbered: bool
) -> list[Mark]:
    ui = style.ui
    marks: list[Mark] = [label(title, left, _TOP - 24, ui.text, 12, weight=600)]
    for seconds, name in _TICKS.items():
        y = _down(seconds)
        line: tuple[Segment, ...] = (("M", left, y), ("L", left + _PLOT, y))
        dash = (3.0, 3.0) if seconds == SLOWEST else ()
        marks.append(Outline(line, stroke=ui.border_strong if dash else ui.grid, dash=dash))
        if numbered:
            marks.append(label(name, left - 8, y + 4, ui.muted, 11, anchor="end"))
    for steps in STEPS:
        name = f"T = {steps}" if steps == STEPS[0] else str(steps)
        x, y = _across(left, steps), _TOP + _HEIGHT
        marks.append(Outline((("M", x, y), ("L", x, y + 4)), stroke=ui.border_strong))
        marks.append(label(name, x, y + 18, ui.muted, 11, anchor="middle"))
    frame = Rect(left, _TOP, _PLOT, _HEIGHT, stroke=ui.border)
    return [*marks, frame, *_lines(left, curves, style), *_names(left, curves, style)]


def _lines(left: float, curves: list[_Curve], style: Style) -> list[Mark]:
    marks: list[Mark] = []
    for curve in reversed(curves):  # rnnviz's is on top
        color, width = _color(curve.row, style), _width(curve.row)
        places = [(_across(left, steps), _down(seconds)) for steps, seconds in curve.points]
        line = [
            (_across(left, steps), _down(dict(curve.points).get(steps, math.nan)))
            for steps in STEPS
        ]
        dash = (4.0, 3.0) if _is_limit(curve.row) else ()
        marks.append(Polyline(np.array(line), stroke=color, stroke_width=width, dash=dash))
        marks += [Circle(x, y, width + 0.8, fill=color) for x, y in places]
        if curve.stopped:
            to = _across(left, curve.stopped_at)
            marks += [_riser(x, y, to, color) for x, y in places if x < to][-1:]
            marks += _cross(to, _TOP, color)
    return marks


def _riser(x: float, y: float, to: float, color: str) -> Mark:
    """From the last that was finished to the first that was not."""
    way: tuple[Segment, ...] = (("M", x, y), ("L", to, _TOP))
    return Outline(way, stroke=color, dash=(2.0, 3.0))


def _cross(x: float, y: float, color: str) -> list[Mark]:
    """Where a tool came to no end."""
    r = 4.0
    return [
        Outline((("M", x - r, y - r), ("L", x + r, y + r)), stroke=color, stroke_width=1.5),
        Outline((("M", x - r, y + r), ("L", x + r, y - r)), stroke=color, stroke_width=1.5),
    ]


def _names(left: float, curves: list[_Curve], style: Style) -> list[Mark]:
    """Each line's name at the right edge, no two on each other; on top those that stopped."""
    marks: list[Mark] = []
    x, free = left + _PLOT + 8, _TOP + 4
    for curve in sorted(curves, key=lambda curve: (not curve.stopped, _end(curve))):
        color = _color(curve.row, style, text=True)
        weight = 600 if _is_ours(curve.row) else 400
        y = free if curve.stopped else max(free, _end(curve) + 4)
        marks.append(label(curve.row.short, x, y, color, 11, weight=weight))
        if curve.stopped:
            marks.append(label(curve.stopped, x, y + 13, style.ui.muted, 10.5))
        free = y + (2 * _LINE if curve.stopped else _LINE)
    return marks


def _end(curve: _Curve) -> float:
    return _down(curve.points[-1][1])


def _color(row: Row, style: Style, text: bool = False) -> str:
    if _is_ours(row):
        return style.role("h").text if text else style.role("h").line
    if _is_limit(row):
        return style.ui.muted
    hue = style.role(_HUES[row.tool])
    return hue.text if text else hue.line


def _is_ours(row: Row) -> bool:
    return row.tool in ("rnnviz", "trajectories", "trace")


def _is_limit(row: Row) -> bool:
    return row.tool == "forward"


def _width(row: Row) -> float:
    return 2.5 if _is_ours(row) else 1.5
