"""At the right of the plot: each line's number at the cursor, and what is left of it."""

from __future__ import annotations

import numpy as np

from rnnviz.figures.gradients import glance
from rnnviz.figures.gradients.axis import Axis
from rnnviz.figures.gradients.curves import WEIGHTS, Curve, clipping
from rnnviz.figures.gradients.layout import Layout
from rnnviz.figures.gradients.numbers import (
    factor_text,
    number,
    power_text,
    share_runs,
    size_runs,
    width_of,
)
from rnnviz.figures.gradients.subject import Subject
from rnnviz.figures.gradients.symbols import jacobian_runs, letter_runs, math_width, set_math
from rnnviz.scene.marks import Mark, Polyline, Rect, Run
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, text_width

_ROW = 22.0
_LINE = 18.0


class Column:
    """Rows of a column, one below the other, as long as there is room.

    Args:
        layout: whose right side it fills.
        top: where it begins; `low`: where it must end.
    """

    def __init__(self, layout: Layout, top: float, low: float, style: Style) -> None:
        self.x, self.width = layout.side
        self.y, self._low, self.style = top, low, style
        self.marks: list[Mark] = []

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def room(self) -> float:
        """How much can still stand below."""
        return self._low - self.y

    def has_room(self, height: float) -> bool:
        """Whether so much more can stand below."""
        return height <= self.room

    def rule(self) -> None:
        """A hairline between two parts."""
        self.marks.append(Rect(self.x, self.y + 4, self.width, 1, fill=self.style.ui.border))
        self.y += 10

    def heading(self, text: str, right: str = "") -> None:
        """A muted line above others."""
        muted = self.style.ui.muted
        self.y += _LINE
        room = self.width - text_width(right, 11) - 6
        self.marks.append(label(elide(text, room, 11), self.x, self.y - 4, muted, 11))
        if right:
            self.marks.append(label(right, self.right, self.y - 4, muted, 11, anchor="end"))

    def pair(
        self, text: str, runs: tuple[Run, ...], size: float = 11.5, color: str | None = None
    ) -> None:
        """Words and a number."""
        self.y += max(_LINE, size * 1.35)
        ink = color or self.style.ui.text_secondary
        room = self.width - width_of(runs, size, 600) - 6
        self.marks.append(label(elide(text, room, 11.5), self.x, self.y - 4, ink, 11.5))
        self.marks.append(
            number(runs, self.right, self.y - 4, self.style.ui.text, size, weight=600)
        )


def table(
    shown: Subject, curves: list[Curve], axis: Axis, layout: Layout, style: Style
) -> list[Mark]:
    """The whole column beside the plot."""
    column = Column(layout, layout.plot.y - 40, layout.plot.low + 2, style)
    column.heading("Line", f"at t = {shown.place + 1}")
    column.rule()
    _rows(shown, curves, axis, column)
    if shown.awaited:
        _awaited(shown.awaited, column)
    _clip(shown, column)
    _left(shown, curves, column)
    _below(shown, curves, axis, column)
    _factors(shown, curves, axis, column)
    return column.marks


def _rows(shown: Subject, curves: list[Curve], axis: Axis, column: Column) -> None:
    """Each line with its number, a rule between tensors."""
    ordered = sorted(curves, key=_place_in_table)
    held = 76 if shown.single or shown.options.clip else 0  # px of what follows
    room = column.room - held - 12 * len({_order(c) for c in curves})
    most = max(3, int(room / _ROW))
    before = None
    for curve in ordered if len(ordered) <= most else ordered[: most - 1]:
        if before is not None and _order(curve) != before:
            column.rule()
        before = _order(curve)
        _row(shown, curve, axis, column)
    if len(ordered) > most:
        column.heading(f"… {len(ordered) - most + 1} lines more")
    column.rule()


def _order(curve: Curve) -> tuple[int, str]:
    groups = ("own", "path", "rival", "jacobian")
    return groups.index(curve.group), "weights" if "_" in curve.tensor else curve.tensor


def _place_in_table(curve: Curve) -> tuple[tuple[int, str], tuple[int, int], int]:
    kind = WEIGHTS.index(curve.tensor) if curve.tensor in WEIGHTS else 0
    return _order(curve), curve.lane, kind


def _row(shown: Subject, curve: Curve, axis: Axis, column: Column) -> None:
    style, y = column.style, column.y + _ROW / 2
    x, ink = column.x, style.ui.text_secondary
    points = np.asarray([[x, y], [x + 22.0, y]])
    width, opacity = (2.75 if curve.main else 1.75), (0.45 if curve.faint else 1.0)
    column.marks.append(Polyline(points, curve.color(style), width, curve.dash, opacity))
    x += 29
    if curve.tensor:
        runs = letter_runs(curve.tensor, curve.ink(style), timed=False)
        column.marks.append(set_math(runs, x, y + 4.5, style, 15))
        x += math_width(runs, 15) + 6
    elif curve.group == "jacobian":
        runs = jacobian_runs(shown.start, curve.ink(style))
        column.marks.append(set_math(runs, x, y + 4, style, 13))
        x += math_width(runs, 13) + 6
    value = float(curve.values[shown.place])
    known = bool(curve.reached[shown.place])
    runs = size_runs(value, axis.floor) if known else (Run("–"),)
    room = column.right - x - width_of(runs, 11.5) - 4
    words = "" if curve.tensor.startswith(("weight", "bias")) else curve.words
    column.marks.append(label(elide(words, room, 11), x, y + 4, ink, 11))
    color = style.ui.text if known and not curve.faint else style.ui.muted
    column.marks.append(number(runs, column.right, y + 4, color, 11.5))
    column.y += _ROW


def _awaited(text: str, column: Column) -> None:
    for part in text.split("; "):
        if column.has_room(_LINE):
            column.heading(part)
    column.rule()


def _clip(shown: Subject, column: Column) -> None:
    """What clipping does to the weights' gradients."""
    found = clipping(shown)
    if found is None or not column.has_room(4 * _LINE):
        return
    total, coefficient = found
    column.heading(f"Clipped to max_norm {shown.options.clip:g}")
    column.pair("total norm", size_runs(total))
    said = "as it is" if coefficient == 1 else factor_text(coefficient)
    column.pair("each weight.grad", (Run(said),))
    column.rule()


def main_of(curves: list[Curve]) -> Curve | None:
    """The line of the state that the layer on show carries."""
    states = (c for c in curves if c.main and c.group == "own" and "_" not in c.tensor)
    return next(states, None)


def rival_of(shown: Subject, curves: list[Curve]) -> Curve | None:
    """The rival's line of the same layer."""
    rivals = [curve for curve in curves if curve.group == "rival"]
    return next((c for c in rivals if c.lane[0] == shown.layer), rivals[0] if rivals else None)


def _left(shown: Subject, curves: list[Curve], column: Column) -> None:
    """What is left of the gradient at the cursor."""
    main, rival = main_of(curves), rival_of(shown, curves)
    if not shown.single or main is None or shown.options.quantity == "weights":
        return
    steps = abs(shown.place - shown.start)
    if not steps or not main.reached[shown.place] or not column.has_room(3 * _LINE):
        return
    shares = [
        (_name(shown), main.ink(column.style), glance.left_at(main, shown.start, shown.place))
    ]
    if rival is not None:
        words = rival.words.split()[0]
        shares.append((words, column.style.ui.text, _left_of(shown, rival)))
    known = [(name, ink, share) for name, ink, share in shares if share is not None]
    if not known:
        return
    column.heading(f"Gradient left, {steps} step{'' if steps == 1 else 's'} back")
    for name, ink, share in known:
        column.pair(name, share_runs(share), 17, ink)
    column.rule()


def _left_of(shown: Subject, rival: Curve) -> float | None:
    return glance.left_at(rival, shown.start, shown.place)


def _name(shown: Subject) -> str:
    return "carry" if shown.tensor == "c" else shown.tensor


def _below(shown: Subject, curves: list[Curve], axis: Axis, column: Column) -> None:
    """After how many steps back a line falls below what the plot shows."""
    if not axis.log or not shown.single or shown.options.quantity == "weights":
        return
    found = []
    for curve in curves:
        if curve.group in ("rival", "own") and not curve.faint:
            steps = glance.steps_above(curve, shown.start, axis.floor, shown.length)
            if steps is not None:
                found.append((curve, steps))
    found.sort(key=lambda pair: (pair[0].group != "rival", pair[0].lane))
    if not found or not column.has_room(2 * _LINE + 6):
        return
    group = found[0][0].group
    kind = found[0][0].words.split()[0] if group == "rival" else shown.run.kind
    floor = power_text(int(axis.low))
    column.heading(f"{kind} falls below {floor} after")
    for curve, steps in found:
        if curve.group == group and column.has_room(_LINE):
            words = curve.words.removeprefix(f"{kind} ")
            letter = "" if group == "rival" else f"{curve.tensor} "
            unit = "step" if steps == 1 else "steps"
            column.pair(f"{letter}{words}", (Run(f"{steps} {unit}"),))
    column.rule()


def _factors(shown: Subject, curves: list[Curve], axis: Axis, column: Column) -> None:
    """The factor of one step back of each line of the layer on show."""
    if not shown.single or shown.options.quantity == "weights":
        return
    wanted = [c for c in curves if c.group in ("own", "rival") and not c.faint]
    if shown.run.num_directions == 2:  # below the top layer they enter at every timestep
        wanted = [c for c in wanted if c.lane[0] == shown.run.num_layers - 1]
    rows = []
    for curve in wanted:
        found = glance.decay(curve.arrived[: shown.length], shown.start, axis.floor)
        if found is not None:
            rows.append((curve, found.factor))
    rows.sort(key=lambda row: _place_in_table(row[0]))
    if not rows or not column.has_room((len(rows) + 1) * _LINE):
        return
    column.heading("Factor of each step back")
    for curve, factor in rows:
        name = f"{curve.tensor} {curve.words}".strip()
        column.pair(name, (Run(factor_text(factor)),))
