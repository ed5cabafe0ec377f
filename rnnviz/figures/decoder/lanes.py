"""The lanes: states from card to card, data up through the layers, and gradients back."""

from __future__ import annotations

from rnnviz.figures.decoder.halves import Half
from rnnviz.figures.decoder.layout import Stage
from rnnviz.figures.decoder.sheet import STRIP
from rnnviz.figures.decoder.vectors import vector
from rnnviz.figures.decoder.wires import wire
from rnnviz.scene.marks import Mark, Text
from rnnviz.scene.text import label, symbol

_ASIDE = 34.0  # from the middle of a card to the gradient that goes down, at scale 1
_ENTERS = 56.0  # left edge of h_0 in the gutter, at scale 1


def lanes(stage: Stage, half: Half, layer: int) -> list[Mark]:
    """What passes between the steps of a layer, to the right and back."""
    marks: list[Mark] = []
    cards = stage.cards(half)
    for t in sorted({*cards, *(t + 1 for t in cards)}):
        if 0 < t < half.run.L:
            marks += _between(stage, half, layer, t)
    return marks


def _between(stage: Stage, half: Half, layer: int, t: int) -> list[Mark]:
    """From step t − 1 to step t, and back."""
    n = stage.sequence
    if t >= half.length(n):
        return []
    x0, x1 = stage.edges(half, t - 1)[1], stage.edges(half, t)[0]
    marks: list[Mark] = []
    for tensor in stage.states:
        if tensor == "c" and not half.run.cell.has_c:
            continue
        y = stage.wire(layer, tensor)
        known = half.is_known(tensor, layer, t - 1, n)
        marks.append(wire(stage, [(x0, y), (x1, y)], tensor, known=known))
        if stage.story.returning and half.came_back(t, n):
            y = stage.wire(layer, tensor, gradient=True)
            marks.append(wire(stage, [(x1, y), (x0, y)], "gradient"))
    return marks


def rises(stage: Stage, half: Half, t: int) -> list[Mark]:
    """What goes up through the layers at a step, and what comes down."""
    n, sheet = stage.sequence, stage.sheet
    if t >= half.length(n):
        return []
    x, top = stage.layout.track(half).center(t), half.run.num_layers - 1
    marks: list[Mark] = []
    for layer in range(top + 1):
        low = stage.y(sheet.embedded if not layer else sheet.lanes[layer - 1])
        high = stage.y(sheet.lanes[layer] + stage.layout.card.height)
        role = "h" if layer else "x"
        known = half.is_begun(0, t, n) if not layer else half.is_done(layer - 1, t, n)
        marks.append(wire(stage, [(x, low), (x, high)], role, known=known))
        if half.came_back(t, n):
            marks.append(_down(stage, x, high, low))
    if half.prefix:
        low, high = stage.y(sheet.lanes[top]), stage.y(sheet.feed + 5)
        known = half.is_done(top, t, n)
        marks.append(wire(stage, [(x, low), (x, high)], "h", known=known))
        if half.came_back(t, n) and stage.story.target(t, n) is not None:
            marks.append(_down(stage, x, high, low))
    return marks


def _down(stage: Stage, x: float, high: float, low: float) -> Mark:
    x += _ASIDE * stage.scale
    return wire(stage, [(x, high + 1), (x, low - 1)], "gradient")


def entering(stage: Stage, layer: int) -> list[Mark]:
    """h_0 and c_0 of the encoder, in the gutter."""
    half, n, k = stage.story.encoder, stage.sequence, stage.scale
    marks: list[Mark] = []
    for row in stage.layout.card.states:
        if row.tensor == "c" and not half.run.cell.has_c:
            continue
        y = stage.wire(layer, row.tensor)
        box = (_ENTERS * k, y - 6 * k, 0.75 * STRIP[1] * k, 12 * k)
        values = half.initial(row.tensor, layer, n)
        marks += vector(stage, box, values, row.tensor, half.key(f"{row.tensor}_0", n, layer))
        end = stage.edges(half, 0)[0]
        marks.append(wire(stage, [(box[0] + box[2], y), (end, y)], row.tensor))
        color, size = stage.style.role(row.tensor).text, stage.size(13)
        runs = symbol(row.tensor, sub="0")
        place = box[0] - 6 * k, y + 0.28 * size
        marks.append(Text(*place, runs, color, size, "math", anchor="end"))
    if not half.run.initial_given:
        lowest = "c" if half.run.cell.has_c else "h"
        y = stage.wire(layer, lowest) + 8 * k + 11
        x = (_ENTERS + 0.375 * STRIP[1]) * k
        marks.append(label("zeros", x, y, stage.style.ui.muted, 11, anchor="middle"))
    return marks
