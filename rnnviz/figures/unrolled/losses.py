"""The row of losses: what each timestep's is, and the one number that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnviz.element import Element
from rnnviz.figures.numerals import difference_digits, signed
from rnnviz.figures.strips import future_dash
from rnnviz.figures.unrolled.blocks import center_of, scored_of, scored_steps
from rnnviz.figures.unrolled.sheet import LOSS_HEIGHT
from rnnviz.figures.unrolled.slices import counted, counts, limit_of, losses
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.scene.axes import format_exponent, format_value
from rnnviz.scene.marks import Anchor, Mark, Rect, Run, Text
from rnnviz.scene.text import label, runs_width, text_width

_SIZE = 11.5
_FRAME = 34.0  # px of the place of a loss that is still to come
_LEAST = 5e-4  # a smaller loss has an exponent
_SLOT = 14.0  # from the last column to the number of all
_UNDER = 260.0  # px that its line has where it stands above the columns
_LOSS = Element("loss")


def loss_steps(stage: Stage, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """The loss of each step; a dash where a position does not count."""
    assert stage.around is not None
    found: dict[int, list[Mark]] = {t: [] for t in steps}
    for t in _steps(stage, steps):
        done = stage.scored[0] <= t < stage.scored[1]
        key = Element("losses", t=t, sequence=stage.sequence)
        if not counts(stage.around.pr, stage.sequence, t, t + 1)[0]:
            found[t] = _left_out(stage, t, "ignored")
        elif done:
            value = float(losses(stage.around.pr, stage.sequence, t, t + 1)[0])
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


def _frame(stage: Stage, middle: float, key: Element, width: float = _FRAME) -> Rect:
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
    x, anchor = _place(stage)
    name = "Δ loss" if stage.run.is_difference else "loss"
    if stage.run.position != stage.run.total:
        return _expected(stage, name, x, anchor)
    ui, size, base = stage.style.ui, stage.size(_SIZE), baseline(stage)
    number, made_of = f"{name} {_shown(stage)}", _made_of(stage)
    runs = (Run(number, bold=True), *((Run(f" = {made_of}"),) if made_of else ()))
    line = Text(x, base, runs, ui.text, size)
    line = replace(line, anchor=anchor, key=_LOSS)
    room = stage.layout.width - x - 4 if anchor == "start" else _UNDER
    if runs_width(line) <= room:
        return [line]
    small = label(made_of, x, base + size * 1.3, ui.muted, stage.size(10.5), anchor=anchor)
    return [replace(line, runs=line.runs[:1]), small]


def _place(stage: Stage) -> tuple[float, Anchor]:
    """Where the reduced loss is written."""
    if stage.rooms.on != "h_n":
        own = center_of(stage, stage.length - 1) + (_FRAME / 2 + 6) * stage.scale
        return max(stage.timeline.end + _SLOT * stage.scale, own), "start"
    if stage.run.N == 1:
        return center_of(stage, stage.length - 1), "middle"
    return stage.timeline.left(stage.length) - 4, "end"


def _expected(stage: Stage, name: str, x: float, anchor: Anchor) -> list[Mark]:
    """The place of the reduced loss before it is there."""
    size, color, frame = stage.size(_SIZE), stage.style.ui.disabled, 40.0 * stage.scale
    before = text_width(name, size) + 6
    left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * (before + frame)
    middle = left + before + frame / 2
    return [label(name, left, baseline(stage), color, size), _frame(stage, middle, _LOSS, 40.0)]


def _shown(stage: Stage) -> str:
    assert stage.around is not None
    assert stage.around.pr.loss is not None
    return written_loss(stage, float(stage.around.pr.loss))


def _made_of(stage: Stage) -> str:
    """What the reduced loss is: "mean of 6"; "" where it is the only one."""
    assert stage.around is not None
    if counted(stage.around.pr) == 1:
        return ""
    loss = stage.around.pr.pipeline.loss
    assert loss is not None
    weighted = "weighted " if loss.weight is not None and loss.reduction == "mean" else ""
    return f"{weighted}{loss.reduction} of {counted(stage.around.pr)}"
