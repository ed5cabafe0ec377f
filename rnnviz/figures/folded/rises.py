"""Data flows upwards: from x through the boxes of W_ih, the cells and the layers, and out on top.

Two directions receive the same input: the wire parts below the reverse cell and passes it on the
right; what that cell gives passes the forward one on the left. So neither crosses a loop.
"""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.figures.folded.cells import NAME, state_name
from rnnviz.figures.folded.names import symbol_runs, with_superscript
from rnnviz.figures.folded.page import BOX_HEIGHT, CARD, HEAD, STRIP_HEIGHT, Lane
from rnnviz.figures.folded.stage import Stage
from rnnviz.figures.folded.vectors import any_strip, strip, strip_box, strip_width
from rnnviz.figures.folded.wires import dot, line, weight
from rnnviz.scene.geometry import Point
from rnnviz.scene.marks import Mark, Text

_BOX_AT = 31.0  # from a card's foot to the middle of the box below it
_SPLIT_AT = 12.0  # from that box's foot to where an input parts
_TURN = 12.0  # from a reverse cell's top to where its output turns
_ASIDE = 9.0
_OFF_MIDDLE = 22.0
_MEET = 14.0  # from a forward cell's top to where both directions meet
_OUT_NAME = HEAD + 15.0
_OUT_TIP = HEAD + 23.0


def rises(stage: Stage, x: float, t: int | None, opacity: float = 1.0) -> list[Mark]:
    """All that flows upwards through one column of cells that begins at x; t None is any step."""
    page = stage.page
    marks: list[Mark] = []
    for layer in reversed(page.layers):
        marks += _into(stage, layer, x, t)
        if page.both:
            marks += _joined(stage, layer, x, t)
    return [*marks, *_out(stage, x, t, opacity), *_input(stage, x, t, opacity)]


def _lanes(stage: Stage, layer: int) -> list[Lane]:
    """Forward, and reverse where there is one."""
    return [lane for lane in stage.page.lanes if lane.layer == layer]


def _given(stage: Stage, layer: int, t: int | None) -> bool:
    """Whether all that a layer gives at t is computed."""
    return t is None or all(stage.is_known("h", lane, t) for lane in _lanes(stage, layer))


def _top(stage: Stage, layer: int) -> float:
    """Where what a layer gives sets off upwards."""
    return _lanes(stage, layer)[0].top - (_MEET if stage.page.both else 0.0)


def _into(stage: Stage, layer: int, x: float, t: int | None) -> list[Mark]:
    """From what lies below into the cells of a layer."""
    page, middle, lanes = stage.page, x + CARD / 2, _lanes(stage, layer)
    lowest = layer == page.layers[-1]
    role = "x" if lowest else "h"
    source = page.x_top if lowest else _top(stage, layer - 1)
    known = t is None or (stage.input(t) is not None if lowest else _given(stage, layer - 1, t))
    marks: list[Mark] = []
    for lane in lanes:
        taken = known and (t is None or stage.is_known("h", lane, t) or stage.is_lit(lane, t))
        foot = lane.top + page.card
        box = foot + _BOX_AT
        points = _approach(lanes, lane, x, source, box)
        marks.append(line(stage, points, role, known=taken, arrow=False))
        tip: list[Point] = [(middle, box), (middle, foot + 1)]
        marks.append(line(stage, tip, role, known=taken))
        marks += weight(stage, "ih", lane, middle, box)
    if page.both:
        split = lanes[-1].top + page.card + _BOX_AT + BOX_HEIGHT / 2 + _SPLIT_AT
        marks.append(dot(stage, middle, split, role, known=known))
    return marks


def _approach(lanes: list[Lane], lane: Lane, x: float, source: float, box: float) -> list[Point]:
    """From the source up to the box below a cell; past the reverse cell to the forward one."""
    middle = x + CARD / 2
    if lane is lanes[-1]:
        return [(middle, source), (middle, box)]
    split = lanes[-1].top + (box - lane.top) + BOX_HEIGHT / 2 + _SPLIT_AT
    turn, aside = box + BOX_HEIGHT / 2 + _SPLIT_AT, x + CARD + _ASIDE
    return [(middle, split), (aside, split), (aside, turn), (middle, turn), (middle, box)]


def _joined(stage: Stage, layer: int, x: float, t: int | None) -> list[Mark]:
    """What both cells of a layer give, up to where it meets."""
    forward, reverse = _lanes(stage, layer)
    middle, aside = x + CARD / 2, x - _ASIDE
    meet, turn = forward.top - _MEET, reverse.top - _TURN
    start = middle - _OFF_MIDDLE
    known = [t is None or stage.is_known("h", lane, t) for lane in (forward, reverse)]
    points = [(start, reverse.top), (start, turn), (aside, turn), (aside, meet), (middle, meet)]
    own = [(middle, forward.top), (middle, meet)]
    return [
        line(stage, points, "h", known=known[1], arrow=False),
        line(stage, own, "h", known=known[0], arrow=False),
        dot(stage, middle, meet, "h", known=all(known)),
    ]


def _out(stage: Stage, x: float, t: int | None, opacity: float) -> list[Mark]:
    """What the highest layer on show gives, with its name."""
    layer, middle = stage.page.layers[0], x + CARD / 2
    known = _given(stage, layer, t)
    points = [(middle, _top(stage, layer)), (middle, _OUT_TIP)]
    color = stage.style.role("h").text if known else stage.style.ui.disabled
    index = "t" if t is None else str(t + 1)
    runs, size = state_name(stage, _lanes(stage, layer)[0], "h", index), NAME
    if stage.page.both:
        number = f"({layer})" if stage.run.num_layers > 1 else ""
        both = ", ".join(with_superscript(f"h_{{{index}}}", number + arrow) for arrow in "→←")
        runs, size = symbol_runs(f"[{both}]"), 14.0
    name = Text(middle, _OUT_NAME, runs, color, size, "math", anchor="middle", opacity=opacity)
    return [line(stage, points, "h", known=known), name]


def _input(stage: Stage, x: float, t: int | None, opacity: float) -> list[Mark]:
    """The strip of x at the foot of a column, with its name."""
    page, style = stage.page, stage.style
    layer = page.layers[-1]
    units = stage.run.spec.input_size if not layer else stage.run.output_size * (1 + page.both)
    most = max(units, stage.run.hidden_size)
    box = strip_box(x + CARD / 2, page.x_top + STRIP_HEIGHT / 2, strip_width(units, most))
    role = style.role("x" if not layer else "h")
    index = "t" if t is None else str(t + 1)
    marks: list[Mark] = []
    used = True
    if t is None:
        marks += any_strip(box, units, role, role.line)
    else:
        used = stage.is_used(t)
        key = Element("x", layer=layer, t=t, sequence=page.sequence)
        marks += strip(stage, box, stage.input(t), role, key, opacity=1.0 if used else 0.45)
    color = role.text if used else style.ui.disabled
    place = (x + CARD / 2, page.x_top + STRIP_HEIGHT + 21)
    runs = symbol_runs(with_superscript(f"x_{{{index}}}", f"({layer})" if layer else ""))
    name = Text(*place, runs, color, NAME, "math", anchor="middle", opacity=opacity)
    return [*marks, name]
