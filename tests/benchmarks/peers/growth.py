"""How each tool's time grows with the number of timesteps, drawn as rnnviz draws its figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnviz.scene.marks import Circle, Mark, Polyline, Rect, Scene, Segment
from rnnviz.scene.marks import Path as Outline
from rnnviz.scene.style import Style, ThemeName, load_style
from rnnviz.scene.text import label, text_width
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
_LEFT, _TOP, _PLOT, _HEIGHT, _LABELS, _GAP = 64.0, 56.0, 216.0, 300.0, 112.0, 8.0
_LINE = 14.0  # between two labels, at least


@dataclass(frozen=True)
class _Curve:
    """One tool's line: what is known of it, and where it stopped."""

    row: Row
    points: tuple[tuple[float, float], ...]  # (T, seconds)
    stopped: str


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
    points, stopped = [], ""
    for steps in STEPS:
        found = find(row.case(steps))
        if found is not None and found.seconds is not None:
            points.append((float(steps), found.seconds))
        elif found is not None and not stopped:
            stopped = f"{found.failure.partition(' (')[0]} at {steps}"
    return _Curve(row, tuple(points), stopped)


def _across(left: float, steps: float) -> float:
    first, last = math.log(STEPS[0]), math.log(STEPS[-1])
    return left + 12 + (_PLOT - 24) * (math.log(steps) - first) / (last - first)


def _down(seconds: float) -> float:
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
        dash = (4.0, 3.0) if _is_limit(curve.row) else ()
        marks.append(Polyline(np.array(places), stroke=color, stroke_width=width, dash=dash))
        marks += [Circle(x, y, width + 0.8, fill=color) for x, y in places]
        if curve.stopped:
            marks += _cross(*places[-1], color)
    return marks


def _cross(x: float, y: float, color: str) -> list[Mark]:
    """Where a line ends because the next did."""
    r = 5.0
    return [
        Outline((("M", x - r, y - r), ("L", x + r, y + r)), stroke=color, stroke_width=1.5),
        Outline((("M", x - r, y + r), ("L", x + r, y - r)), stroke=color, stroke_width=1.5),
    ]


def _names(left: float, curves: list[_Curve], style: Style) -> list[Mark]:
    """Each line's name at its end, no two on each other.

    Lines that go to the last number of timesteps are named at the edge; the others where they
    stop, with the reason.
    """
    marks: list[Mark] = []
    whole = sorted((curve for curve in curves if not curve.stopped), key=_end)
    for curve, y in zip(whole, _apart([_end(curve) for curve in whole], _LINE), strict=True):
        marks.append(_name(curve, left + _PLOT + 8, y + 4, style))
    short = sorted((curve for curve in curves if curve.stopped), key=_end)
    for curve, y in zip(short, _apart([_end(curve) for curve in short], 2 * _LINE), strict=True):
        x = _across(left, curve.points[-1][0]) + 10
        width = text_width(curve.stopped, 10.5) + 4
        marks.append(Rect(x - 2, y - 8, width, 2 * _LINE, fill=style.ui.card, opacity=0.8))
        marks.append(_name(curve, x, y + 4, style))
        marks.append(label(curve.stopped, x, y + 4 + _LINE, style.ui.muted, 10.5))
    return marks


def _name(curve: _Curve, x: float, y: float, style: Style) -> Mark:
    weight = 600 if _is_ours(curve.row) else 400
    return label(curve.row.short, x, y, _color(curve.row, style, text=True), 11, weight=weight)


def _end(curve: _Curve) -> float:
    return _down(curve.points[-1][1])


def _apart(wished: list[float], least: float) -> list[float]:
    """Ascending heights, moved down where they would come too near."""
    heights: list[float] = []
    for height in wished:
        heights.append(max(height, heights[-1] + least) if heights else height)
    return heights


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
