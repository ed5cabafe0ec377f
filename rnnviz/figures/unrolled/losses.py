"""The row of losses: what each timestep's is, and the one number that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.numerals import difference_digits, signed
from rnnviz.figures.strips import future_dash
from rnnviz.figures.unrolled.blocks import center_of, scored_of, scored_steps
from rnnviz.figures.unrolled.sheet import LOSS_HEIGHT
from rnnviz.figures.unrolled.slices import counted, limit_of, losses
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.scene.axes import format_exponent, format_value
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.text import label, text_width

_SIZE = 11.5
_LEAST = 5e-4  # a smaller loss has an exponent
_SLOT = 14.0  # from the last column to the number of all


def loss_steps(stage: Stage, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """The loss of each step; a dash where a position does not count."""
    assert stage.around is not None
    found: dict[int, list[Mark]] = {t: [] for t in steps}
    for t in _steps(stage, steps):
        done = stage.scored[0] <= t < stage.scored[1]
        value = float(losses(stage.around.pr, stage.sequence, t, t + 1)[0]) if done else np.nan
        key = Element("losses", t=t, sequence=stage.sequence)
        if done:
            found[t] = _number(stage, t, value, key)
        else:
            found[t] = [_frame(stage, center_of(stage, t), key)]
    if stage.rooms.on in ("every", ""):
        for t in steps:
            if t >= stage.length:
                found[t] = _left_out(stage, t, "padding")
    return found


def _steps(stage: Stage, steps: Sequence[int]) -> list[int]:
    if stage.rooms.on == "h_n" and stage.run.N == 1:
        return []  # it is the loss of all
    return scored_steps(stage, steps) if stage.rooms.on else [t for t in steps if t < stage.length]


def baseline(stage: Stage) -> float:
    """The baseline of the row of losses, px."""
    scored = scored_of(stage)
    assert scored.loss is not None
    return stage.y(scored.loss + LOSS_HEIGHT * (0.5 if stage.compact else 0.62))


def _number(stage: Stage, t: int, value: float, key: Element) -> list[Mark]:
    if np.isnan(value) and not stage.run.is_difference:
        return _left_out(stage, t, "ignored")
    strong, ui = t in stage.lit, stage.style.ui
    text = written_loss(stage, value)
    color, weight = (ui.text, 600) if strong else (ui.text_secondary, 400)
    place = (center_of(stage, t), baseline(stage))
    mark = label(text, *place, color, stage.size(_SIZE), weight=weight, anchor="middle")
    return [replace(mark, key=key)]


def _left_out(stage: Stage, t: int, why: str) -> list[Mark]:
    """A position that does not count."""
    if stage.compact or stage.timeline.width(t) < 60:
        why = "–"
    color, size = stage.style.ui.disabled, stage.size(10.5)
    return [label(why, center_of(stage, t), baseline(stage), color, size, anchor="middle")]


def _frame(stage: Stage, middle: float, key: Element, width: float = 34.0) -> Rect:
    size, wide = stage.size(_SIZE), width * stage.scale
    dash, top = future_dash(stage.style), baseline(stage) - size * 0.82
    ink = stage.style.ui.border_strong
    return Rect(middle - wide / 2, top, wide, size, stroke=ink, radius=3, dash=dash, key=key)


def written_loss(stage: Stage, value: float) -> str:
    """A loss with the decimals that tell it, or its change with a sign."""
    if stage.run.is_difference:
        assert stage.around is not None
        return signed(value, difference_digits(limit_of(stage.around.pr, "losses")))
    if 0 < abs(value) < _LEAST:
        return format_exponent(value)
    return format_value(value, 3 if abs(value) < 1 else 2)


def loss_of_all(stage: Stage) -> list[Mark]:
    """The reduced loss, behind the last column, and what it is made of."""
    assert stage.around is not None
    pr, ui, size = stage.around.pr, stage.style.ui, stage.size(_SIZE)
    assert pr.loss is not None
    x, anchor = stage.timeline.end + _SLOT * stage.scale, "start"
    if stage.rooms.on == "h_n":
        x, anchor = center_of(stage, stage.length - 1), "middle"
        if stage.run.N > 1:
            x, anchor = stage.timeline.left(stage.length) - 4, "end"
    key, base = Element("loss"), baseline(stage)
    first, second = f"loss {_shown(stage)}", _made_of(stage)
    room = stage.layout.width - x - 4 if anchor == "start" else 260.0
    line = f"{first} = {second}"
    if stage.run.position != stage.run.total:
        wide = text_width("loss", size) + 6
        marks: list[Mark] = [label("loss", x, base, ui.disabled, size)]
        if anchor == "start":
            middle = x + wide + 20 * stage.scale
            return [*marks, _frame(stage, middle, key, 40.0)]
        if anchor == "middle":
            left = x - (wide + 40 * stage.scale) / 2
            name = label("loss", left, base, ui.disabled, size)
            return [name, _frame(stage, left + wide + 20 * stage.scale, key, 40.0)]
        return [_frame(stage, x - 20 * stage.scale, key, 40.0)]
    strong = label(first, x, base, ui.text, size, weight=600, anchor=anchor)  # type: ignore[arg-type]
    if text_width(line, size, weight=600) <= room:
        text = label(line, x, base, ui.text, size, anchor=anchor)  # type: ignore[arg-type]
        runs = (strong.runs[0]._replace(bold=True), strong.runs[0]._replace(text=f" = {second}"))
        return [replace(text, runs=runs, key=key)]
    low = label(second, x, base + size * 1.3, ui.muted, stage.size(10.5), anchor=anchor)  # type: ignore[arg-type]
    return [replace(strong, key=key), low]


def _shown(stage: Stage) -> str:
    assert stage.around is not None
    assert stage.around.pr.loss is not None
    return written_loss(stage, float(stage.around.pr.loss))


def _made_of(stage: Stage) -> str:
    """What the reduced loss is: "mean of 6"."""
    assert stage.around is not None
    loss = stage.around.pr.pipeline.loss
    assert loss is not None
    weighted = "weighted " if loss.weight is not None and loss.reduction == "mean" else ""
    return f"{weighted}{loss.reduction} of {counted(stage.around.pr)}"
