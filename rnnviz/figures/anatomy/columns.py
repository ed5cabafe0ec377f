"""The lower half of a cell: from the vectors that enter up to the gates."""

from __future__ import annotations

from rnnviz.figures.anatomy.draft import NODE, Draft
from rnnviz.figures.anatomy.graph import Column
from rnnviz.figures.anatomy.plan import Block, Dot, Node, Note, Strip
from rnnviz.figures.anatomy.sizes import MARGIN, ROW_STRIP, STRIP, parts_of_boxes
from rnnviz.model.cells import Operation

_BESIDE = 8.0  # that a linear box is wider than its strips, at each side
_FORMULA = 12.0
_ASIDE = 112.0  # px beside a gate that goes down again, for a word about it
_SUM = 7.5  # radius of the sum of two products, right above their box
_APART = 0.22  # of a strip, from the middle of a box to where h and x enter


def add_columns(draft: Draft) -> None:
    """Every gate with what it is computed from, and the wires of h and x."""
    enters: dict[str, list[float]] = {"x": [], "h_prev": []}
    lows: dict[tuple[str, float], float] = {}
    for column in draft.graph.columns:
        _add_column(draft, column, enters, lows)
    _add_bus(draft, "h_prev", draft.of_verb("linear_hh"), enters["h_prev"], lows)
    _add_bus(draft, "x", draft.of_verb("linear_ih"), enters["x"], lows)


def _add_column(
    draft: Draft,
    column: Column,
    enters: dict[str, list[float]],
    lows: dict[tuple[str, float], float],
) -> None:
    sizes = draft.sizes
    boxes = parts_of_boxes(column)
    places = [sizes.slots[box[0]] for box in boxes]
    for parts, x in zip(boxes, places, strict=True):
        low = _add_linear(draft, parts, x)
        for number, part in enumerate(parts):
            source = draft.giving(part).takes[0]
            shift = 0.0 if len(parts) == 1 else sizes.strip * _APART * (1 if number == 0 else -1)
            enters[source].append(x + shift)
            lows[source, x + shift] = low
    x = places[-1]
    draft.column[column.gate] = x
    if column.inner:
        _add_mixing(draft, column, places)
    else:
        y = sizes.linear - _SUM - 3.0
        draft.nodes.append(Node(column.total, x, y, "plus", _SUM, column.gate))
        _up(draft, column, x, y - _SUM)
    _add_curve(draft, column.activation, x)


def _add_linear(draft: Draft, parts: tuple[str, ...], x: float) -> float:
    """The box of one or two products with weights, each with what it gives; returns its low end."""
    sizes = draft.sizes
    height = sizes.linear_height(len(parts))
    left, width = x - sizes.strip / 2, sizes.strip
    box = (left - _BESIDE, sizes.linear, width + 2 * _BESIDE, height)
    for number, part in enumerate(parts):
        top = sizes.linear + sizes.row * number + _FORMULA + 5.5
        draft.strips.append(Strip(part, (left, top, width, ROW_STRIP), "row"))
    draft.blocks.append(Block(draft.giving(parts[0]), box, "linear"))
    return sizes.linear + height


def _add_mixing(draft: Draft, column: Column, places: list[float]) -> None:
    """A part that is changed before it is summed, from left to right."""
    sizes, y = draft.sizes, draft.sizes.mixing
    here = places[0]
    for operation in column.inner:
        part = next(name for name in operation.takes if name in column.parts)
        draft.node(operation, here, y)
        draft.wire(part, operation, (here, sizes.linear), (here, y + NODE))
        for gate in operation.takes:
            if gate in draft.column:
                _over(draft, gate, operation, here - NODE, y)
    operation, total, x = column.inner[-1], column.total, places[-1]
    strip = draft.strip(operation.gives[0], (here + x) / 2, y)
    left, right = strip.box[0], strip.box[0] + strip.box[2]
    draft.wire(operation.gives[0], operation, (here + NODE, y), (left, y), arrow=False)
    draft.wire(operation.gives[0], total, (right, y), (x - NODE, y))
    last = next(name for name in column.parts if name not in operation.takes)
    draft.wire(last, total, (x, sizes.linear), (x, y + NODE))
    draft.nodes.append(Node(total, x, y, "plus", NODE, column.gate))
    _up(draft, column, x, y - NODE)


def _over(draft: Draft, gate: str, operation: Operation, x: float, y: float) -> None:
    """From a gate over the top of its column and down into another one."""
    sizes, start = draft.sizes, draft.column[gate]
    top = sizes.gate - STRIP / 2
    lane = (start + sizes.strip / 2 + x + NODE - sizes.strip / 2) / 2
    high = top - 22.0
    points = ((start, top), (start, high), (lane, high), (lane, y), (x, y))
    draft.wire(gate, operation, *points)
    draft.notes.append(Note("aside", lane + 14, top + 4, width=_ASIDE))


def _up(draft: Draft, column: Column, x: float, start: float) -> None:
    """From the sum up to its strip, and on to the curve."""
    sizes, name = draft.sizes, column.total.gives[0]
    if len(column.total.gives) > 1:
        name = column.activation.takes[0]
    draft.strip(name, x, sizes.sum)
    draft.wire(name, column.total, (x, start), (x, sizes.sum + STRIP / 2))


def _add_curve(draft: Draft, operation: Operation, x: float) -> None:
    sizes, gate = draft.sizes, operation.gives[0]
    width = draft.sizes.across(60.0, 70.0) + (16.0 if operation.verb != "sigmoid" else 0.0)
    height = sizes.down(22.0, 30.0)
    top = sizes.curve - height / 2
    draft.blocks.append(Block(operation, (x - width / 2, top, width, height), "curve", gate))
    low = sizes.sum - STRIP / 2
    draft.wire(operation.takes[0], operation, (x, low), (x, top + height))
    draft.strip(gate, x, sizes.gate)
    draft.wire(gate, operation, (x, top), (x, sizes.gate + STRIP / 2))


def _add_bus(
    draft: Draft,
    name: str,
    operation: Operation | None,
    places: list[float],
    lows: dict[tuple[str, float], float],
) -> None:
    """One vector's wire along the bottom, and up into every box that multiplies it."""
    sizes = draft.sizes
    y = sizes.h_bus if name == "h_prev" else sizes.x_bus
    if name == "x":
        start = _add_input(draft, operation, places, y)
    else:
        start = _add_carried(draft, operation, y)
    ends = [min(places[0], start), max(places[-1], start)]
    draft.wire(name, operation, (ends[0], y), (ends[1], y), arrow=False)
    for x in places:
        draft.wire(name, operation, (x, y), (x, lows[name, x]), bridged=name == "x")
        if x not in (ends[0], ends[1]):
            draft.dots.append(Dot(x, y, name, operation))


def _add_carried(draft: Draft, operation: Operation | None, y: float) -> float:
    """h as it enters at the left, unless it is the highway that it branches off."""
    sizes = draft.sizes
    end = MARGIN + sizes.width("h_prev")
    if draft.graph.carried == "h_prev":
        branch = sizes.left + 8.0
        draft.dots.append(Dot(branch, sizes.highway, "h_prev", operation))
        draft.wire("h_prev", operation, (branch, sizes.highway), (branch, y), arrow=False)
        return branch
    draft.strip("h_prev", MARGIN + sizes.width("h_prev") / 2, y)
    draft.notes.append(Note("from", MARGIN, y + STRIP / 2 + 14, "start", "h_prev"))
    return end


def _add_input(draft: Draft, operation: Operation | None, places: list[float], y: float) -> float:
    """x below the cell, and its wire up into it."""
    sizes = draft.sizes
    x = (places[0] + places[1]) / 2 if len(places) > 1 else places[0]
    strip = draft.strip("x", x, sizes.input)
    draft.wire("x", operation, (x, strip.box[1]), (x, y), arrow=False)
    if x not in places:
        draft.dots.append(Dot(x, y, "x", operation))
    draft.notes.append(Note("input", x + sizes.width("x") / 2 + 12, sizes.input + 4, "start", "x"))
    return x
