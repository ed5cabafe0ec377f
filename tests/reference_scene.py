"""A scene that holds every kind of mark, for comparing the ways of drawing it."""

from __future__ import annotations

import numpy as np

from rnnviz.element import Element
from rnnviz.scene.marks import (
    Apertures,
    Cells,
    Circle,
    Clip,
    Mark,
    Path,
    Polyline,
    Rect,
    Run,
    Scene,
    Text,
)
from rnnviz.scene.style import Style
from rnnviz.scene.text import math_runs, symbol

WIDTH, HEIGHT = 640.0, 400.0


def card(style: Style, x: float, y: float, state: str) -> list[Mark]:
    """A node of the unrolled graph: done, current or future."""
    ui, random = style.ui, np.random.default_rng(int(x))
    future = state == "future"
    frame = {"done": ui.border_strong, "current": style.current.line, "future": ui.border_strong}
    marks: list[Mark] = [
        Rect(
            x,
            y,
            108,
            142,
            fill=ui.canvas if future else ui.card,
            stroke=frame[state],
            stroke_width=1.25,
            radius=8,
            dash=(3, 3) if future else (),
        )
    ]
    for number, name in enumerate("hcifgo"):
        role, top = style.role(name), y + 10 + number * 20.5 + (4 if number > 1 else 0)
        ink = ui.muted if future else role.text
        opacity = 0.6 if future else 1.0
        marks.append(
            Text(x + 14, top + 12, symbol(name), ink, 15, "math", anchor="middle", opacity=opacity)
        )
        key = Element(name, layer=0, direction=0, t=int(x) // 134, sequence=0)
        if not future and name in "ifo":
            marks.append(
                Apertures(
                    x + 24, top, 76, 14, random.uniform(size=8), role.line, role.fill, 1.0, key=key
                )
            )
        elif not future:
            colors = style.signed.colors(random.uniform(-1, 1, (1, 8)), 1.0)
            marks.append(Cells(x + 24, top, 76, 14, colors, gap=1.0, key=key))
        stroke = ui.border if future else role.line
        marks.append(Rect(x + 24, top, 76, 14, stroke=stroke, radius=2))
    return marks


def wires(style: Style, y: float) -> list[Mark]:
    """Arrows of every kind."""
    h, c = style.role("h"), style.role("c")
    return [
        Path((("M", 118, y + 17), ("L", 144, y + 17)), stroke=h.line, stroke_width=1.5, arrow=True),
        Path((("M", 118, y + 37), ("L", 144, y + 37)), stroke=c.line, stroke_width=3, arrow=True),
        Path(
            (("M", 252, y + 17), ("L", 278, y + 17)),
            stroke=style.ui.border_strong,
            stroke_width=1.5,
            dash=(3, 3),
            arrow=True,
        ),
        Path((("M", 64, y), ("L", 64, y - 28)), stroke=h.line, stroke_width=1.5, arrow=True),
        Path(
            (("M", 198, y), ("C", 198, y - 30, 260, y - 5, 260, y - 28)),
            stroke=c.line,
            stroke_width=2.5,
            arrow=True,
        ),
        Text(70, y - 8, math_runs("h_1^{(1)}"), h.text, 15, "math"),
        Text(124, y + 11, symbol("h", sub="1"), h.text, 15, "math"),
        Text(124, y + 54, symbol("c", sub="t-1"), c.text, 15, "math"),
    ]


def lettering(style: Style) -> list[Mark]:
    """Text in each font, size and anchor."""
    ui = style.ui
    formula = math_runs("f_t = σ(W_{if} x_t + b_{if}) ⊙ c_{t-1}")
    return [
        Text(410, 28, (Run("Forget gate"),), ui.text, 16, weight=600),
        Text(410, 46, (Run("layer 0 · t = 3 · sequence 0"),), ui.muted, 11),
        Text(410, 64, (Run("weight_hh_l0[8:16]  != ->"),), ui.text, 11.5, "mono"),
        Text(410, 90, formula, ui.text, 18, "math"),
        Text(630, 110, (Run("−0.204"),), ui.text_secondary, anchor="end"),
        Text(630, 126, (Run("0.111"),), ui.text_secondary, anchor="end"),
        Text(
            520,
            146,
            (
                Run("plain "),
                Run("bold ", bold=True),
                Run("colour", color=style.role("h").text),
                Run(" & <escaped>"),
            ),
            ui.text,
            anchor="middle",
        ),
        Text(400, 150, (Run("rotated 10.5"),), ui.muted, 10.5, rotation=-90),
    ]


def rasters(style: Style) -> list[Mark]:
    """Matrices: with numbers, with gaps, as one picture; values that are none."""
    random, ui = np.random.default_rng(7), style.ui
    values = random.uniform(-1, 1, (3, 4))
    values[1, 1], values[2, 3] = np.nan, np.inf
    marks: list[Mark] = [
        Cells(
            410,
            165,
            155,
            56,
            style.signed.colors(values, 1.0),
            gap=1.0,
            crossed=~np.isfinite(values),
            key=Element("weight_hh_l0"),
            axes=("row", "column"),
        ),
        Text(429, 178, (Run("−0.54"),), ui.text, 10.5, weight=500, anchor="middle"),
        Cells(410, 230, 100, 60, style.magnitude.colors(random.uniform(0, 1, (12, 20)), 1.0), 1.0),
        Cells(
            520, 230, 110, 60, style.signed.colors(random.uniform(-1, 1, (60, 110)), 1.0), gap=0.0
        ),
    ]
    wave = np.sin(np.linspace(0, 9, 80))
    marks += [
        Cells(410, 300, 220, 8, style.signed.colors(wave[None, :], 1.0), gap=0.0),
        Rect(410, 300, 220, 8, stroke=ui.border_strong),
    ]
    return marks


def reference_scene(style: Style) -> Scene:
    """Every mark there is, in a theme's colours."""
    ui = style.ui
    marks: list[Mark] = [
        Rect(135, 20, 126, 220, fill=style.current.fill),
        Rect(135, 20, 126, 24, fill=style.current.line, radius=6),
        Text(
            198,
            37,
            math_runs("t = 3", color=style.current.text),
            ui.text,
            15,
            "math",
            anchor="middle",
        ),
        *(
            mark
            for x, state in zip((10, 144, 278), ("done", "current", "future"), strict=True)
            for mark in card(style, x, 90, state)
        ),
        *wires(style, 90),
        *lettering(style),
        *rasters(style),
        Rect(
            10,
            260,
            80,
            40,
            fill=style.role("padding").fill,
            stroke=ui.border_strong,
            hatch=style.role("padding").line,
            radius=2,
        ),
        Rect(100, 260, 60, 40, hatch=style.role("padding").line),
        Rect(
            170.4,
            260.3,
            40.2,
            40.6,
            fill=style.role("h").fill,
            stroke=style.role("h").line,
            opacity=0.38,
        ),
        Circle(
            240, 280, 16, fill=style.role("y").fill, stroke=style.role("y").line, stroke_width=2
        ),
        Circle(280, 280, 4, fill=ui.text),
        Rect(300, 264, 70, 30, stroke=ui.focus_ring, stroke_width=2, radius=5),
        Path(
            (("M", 10, 350), ("L", 40, 320), ("L", 70, 350), ("Z",)),
            stroke=ui.text,
            fill=ui.accent_soft,
        ),
        Path((("M", 10.0, 375.0), ("L", 390.0, 375.0)), stroke=ui.border_strong),
        Path((("M", 80.0, 310.0), ("L", 80.0, 390.0)), stroke=ui.border_strong, dash=(3, 3)),
    ]
    t = np.linspace(0, 1, 200)
    curve = np.stack([100 + 280 * t, 345 + 25 * np.sin(14 * t) * t], axis=1)
    curve[90:100] = np.nan
    marks += [
        Polyline(curve, style.role("h").line, 1.5),
        Clip(
            410, 320, 220, 60,
            (
                Rect(400, 310, 240, 80, fill=style.role("c").fill),
                Circle(410, 320, 30, fill=style.role("i").line),
                Circle(630, 380, 30, fill=style.role("o").line, opacity=0.5),
                Text(600, 350, (Run("cut off at the edge"),), ui.text),
            ),
        ),
    ]  # fmt: skip
    return Scene(WIDTH, HEIGHT, tuple(marks), background=style.background, title="Every <mark>")
