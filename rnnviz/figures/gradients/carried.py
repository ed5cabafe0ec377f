"""Beside the units: the gate that carries their gradient, and what one step back multiplies."""

from __future__ import annotations

import numpy as np

from rnnviz.figures.gradients import flows
from rnnviz.figures.gradients.flows import Sizes
from rnnviz.figures.gradients.heat import Heat
from rnnviz.figures.gradients.layout import Layout
from rnnviz.figures.gradients.subject import Subject
from rnnviz.figures.gradients.symbols import set_math
from rnnviz.figures.plots import Box
from rnnviz.model.trace import Trace
from rnnviz.scene.axes import format_value
from rnnviz.scene.marks import Mark, Rect, Run
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, math_runs

_GATES = {"LSTM": ("f", "Mean forget gate"), "GRU": ("z", "Mean update gate")}
_STEPS = {
    "LSTM": ("carry", "f_t", "f", "about 1 keeps the gradient"),
    "GRU": ("carry", "z_t", "z", "about 1 keeps the gradient"),
    "RNN": ("", "(1 − h_t^2) W_{hh}", "h", "small when units saturate"),
}
_THICK = 14.0
_NUMBER = 11.0  # px of a bar that has its number beside it


def gate_bars(shown: Subject, heat: Heat, box: Box, layout: Layout, style: Style) -> list[Mark]:
    """The mean of the gate that carries, a bar for each row of units."""
    kind = shown.run.kind
    if kind not in _GATES or shown.tensor == "x":
        return step_formulas(shown, layout, box.y - 12, style)
    gate, title = _GATES[kind]
    x, width = layout.side
    means, count = flows.mean_gate(shown.run, gate, shown.lane, shown.sequence)
    if count < shown.length:
        title += f", {count} steps"
    marks: list[Mark] = [label(title, x, box.y - 12, style.ui.text, 12, weight=600)]
    if shown.run.output_size != shown.run.hidden_size and shown.tensor == "h":
        return marks
    rows = _by_row(means, max(len(heat.sizes), 1))
    pitch = box.height / len(rows)
    role, numbered = style.role(gate), pitch >= _NUMBER
    room = width - (46 if numbered else 0)
    high = min(pitch - (2.0 if pitch >= 6 else 0.0), _THICK)
    for place, mean in enumerate(rows):
        y = box.y + place * pitch
        wide = room * float(np.clip(mean, 0, 1)) if np.isfinite(mean) else 0.0
        top, radius = y + (pitch - high) / 2, 1.0 if high >= 4 else 0.0
        marks.append(Rect(x, top, room, high, fill=role.fill, radius=radius))
        marks.append(Rect(x, top, wide, high, fill=role.line, radius=radius))
        if numbered:
            heavy = heat.selected is not None and place == heat.selected // max(heat.merged, 1)
            ink = style.ui.text if heavy else style.ui.text_secondary
            text, base = format_value(float(mean), 3), y + pitch / 2 + 4
            weight = 600 if heavy else 400
            marks.append(label(text, x + width, base, ink, 11, weight=weight, anchor="end"))
    return marks


def _by_row(means: Sizes, rows: int) -> Sizes:
    """Means of the units that share a row."""
    if rows >= len(means):
        return means
    starts = np.arange(rows) * len(means) // rows
    result: Sizes = np.add.reduceat(means, starts) / np.diff(np.append(starts, len(means)))
    return result


def step_formulas(shown: Subject, layout: Layout, y: float, style: Style) -> list[Mark]:
    """What a gradient is multiplied with on its way back by one step, of each cell on show."""
    x, width = layout.side
    marks: list[Mark] = [label("Factor of one step back", x, y, style.ui.text, 12, weight=600)]
    runs = [shown.run]
    if shown.rival is not None and shown.rival.pr.run is not None:
        runs.append(shown.rival.pr.run)
    for run in runs:
        name, formula, role, note = _step_of(run)
        y += 26
        hue = style.role(role).text
        diagonal = () if name else (Run("diag", hue),)
        words = (Run(f"{name or run.kind}  "), *diagonal, *math_runs(formula, hue))
        marks.append(set_math(words, x, y, style, 14))
        y += 17
        marks.append(label(elide(note, width, 11), x, y, style.ui.muted, 11))
    return marks


def _step_of(run: Trace) -> tuple[str, str, str, str]:
    """What carries, its formula and hue, and what makes it large or small."""
    if run.kind == "RNN" and run.spec.nonlinearity == "relu":
        return "", "(h_t > 0) W_{hh}", "h", "0 where a unit is off"
    return _STEPS[run.kind]
