"""The wires that rise from x_t through the layers to output[t].

A bidirectional layer's two cards receive the same input: the wire parts below the reverse card
and passes it on the left; what the reverse card gives passes the forward card on the right, and
both meet above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.strips import merge_units, units_per_cell
from rnnviz.figures.unrolled.places import card_box, input_box, mask_box, output_box
from rnnviz.figures.unrolled.sheet import MERGE, SPLIT
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.wires import Ink, ink, straight, wire
from rnnviz.model.trace import as_numpy
from rnnviz.scene.marks import Apertures, Circle, Mark, Rect, Run, Text
from rnnviz.scene.text import label, symbol, text_width

_ASIDE = 5.5  # from a card to the wire that passes it
_OFF_CENTER = 20.0
_SHAPE_OVER_HEADING = 0.85  # the scale from which a gap holds both, one above the other
_AFTER_INPUT = 58.0  # px, where the heading of the input ends
_ARROW_GAP = 1.0


def rises(stage: Stage, layer: int, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """The wires that rise into a layer, by step; layer num_layers stands for the output."""
    found: dict[int, list[Mark]] = {}
    for t in steps:
        if t >= stage.length:
            found[t] = []
        elif layer == stage.run.num_layers:
            found[t] = _to_output(stage, t)
        else:
            found[t] = _into(stage, layer, t)
            if stage.run.num_directions == 2:
                found[t] += _both_out(stage, layer, t)
    return found


def _source(stage: Stage, layer: int, t: int) -> float:
    """Where the wire into a layer sets off, px."""
    if layer == 0:
        return input_box(stage, t)[1]
    return _top_of(stage, layer - 1, t)


def _top_of(stage: Stage, layer: int, t: int) -> float:
    """Where what a layer gives leaves it: the card's top, or where both directions meet."""
    y = card_box(stage, stage.sheet.lane(layer, 0), t)[1]
    return y - MERGE * stage.scale if stage.run.num_directions == 2 else y


def _given(stage: Stage, layer: int, t: int) -> bool:
    """Whether all that a layer gives at t is computed."""
    return all(
        stage.is_computed(layer, direction, t) for direction in range(stage.run.num_directions)
    )


def _into(stage: Stage, layer: int, t: int) -> list[Mark]:
    role = "x" if layer == 0 else "h"
    known = layer == 0 or _given(stage, layer - 1, t)
    x, start = stage.timeline.center(t), _source(stage, layer, t)
    lowest = stage.sheet.below(layer)
    _, y, _, height = card_box(stage, lowest, t)
    pens = [
        _pen(stage, role, layer, direction, t, known)
        for direction in range(stage.run.num_directions)
    ]
    end = y + height + _ARROW_GAP
    marks: list[Mark] = [straight((x, start), (x, end), pens[-1])]
    if len(pens) == 2:
        marks += _passing(stage, layer, t, pens[0])
    if not stage.compact:
        parts = SPLIT * stage.scale if len(pens) == 2 else 0.0
        marks += _captions(stage, layer - 1, t, (start + end + parts) / 2, known)
    return marks + (_mask(stage, layer - 1, t, known) if layer else [])


def _pen(stage: Stage, role: str, layer: int, direction: int, t: int, known: bool) -> Ink:
    computed = known and stage.is_begun(layer, direction, t)
    return ink(stage, role, computed=computed, active=_feeds(stage, layer, direction, t))


def _feeds(stage: Stage, layer: int, direction: int, t: int) -> bool:
    """Whether the selected value was computed from what rises into this card."""
    chosen = stage.selection
    here = chosen is not None and (chosen.layer, chosen.direction or 0) == (layer, direction)
    if chosen is None or not here or chosen.t != t:
        return False
    below = Element("h", layer - 1, 0, t, stage.sequence)
    given = below if layer else Element("x", layer=0, t=t, sequence=stage.sequence)
    return given in stage.ringed


def _passing(stage: Stage, layer: int, t: int, pen: Ink) -> list[Mark]:
    """The input of the forward card, past the reverse one."""
    k, middle = stage.scale, stage.timeline.center(t)
    left, low, _, height = card_box(stage, stage.sheet.lane(layer, 1), t)
    _, top, _, above = card_box(stage, stage.sheet.lane(layer, 0), t)
    split, aside = low + height + SPLIT * k, left - _ASIDE * k
    turn, bottom = (top + above + low) / 2, top + above + _ARROW_GAP
    corner = middle - _OFF_CENTER * k
    points = [(middle, split), (aside, split), (aside, turn), (corner, turn), (corner, bottom)]
    return [wire(points, pen, scale=k), Circle(middle, split, 2.25 * k, fill=pen.color)]


def _both_out(stage: Stage, layer: int, t: int) -> list[Mark]:
    """What both cards of a layer give, up to where it meets."""
    k, middle = stage.scale, stage.timeline.center(t)
    _, low, _, _ = card_box(stage, stage.sheet.lane(layer, 1), t)
    left, top, width, above = card_box(stage, stage.sheet.lane(layer, 0), t)
    meet, aside = top - MERGE * k, left + width + _ASIDE * k
    turn, start = (top + above + low) / 2, middle + _OFF_CENTER * k
    forward = ink(stage, "h", computed=stage.is_computed(layer, 0, t))
    reverse = ink(stage, "h", computed=stage.is_computed(layer, 1, t))
    points = [(start, low), (start, turn), (aside, turn), (aside, meet), (middle, meet)]
    joined = ink(stage, "h", computed=_given(stage, layer, t))
    return [
        wire(points, reverse, arrow=False, scale=k),
        straight((middle, top), (middle, meet), forward, arrow=False),
        Circle(middle, meet, 2.25 * k, fill=joined.color),
    ]


def _to_output(stage: Stage, t: int) -> list[Mark]:
    layer = stage.run.num_layers - 1
    x, y, _, height = output_box(stage, t)
    x = stage.timeline.center(t)
    start, end = _top_of(stage, layer, t), y + height + 2.5
    known = _given(stage, layer, t)
    marks: list[Mark] = [straight((x, start), (x, end), ink(stage, "h", computed=known))]
    if not stage.compact:
        marks += _captions(stage, layer, t, (start + end) / 2 + 2, known)
    return marks


def _captions(stage: Stage, source: int, t: int, y: float, known: bool) -> list[Mark]:
    """What a wire carries, on its right, and in the first column its shape, on its left."""
    k, size, x = stage.scale, stage.size(13), stage.timeline.center(t)
    masked = source in stage.run.masks
    marks: list[Mark] = []
    if source >= 0 and known:
        up = y - (18 * k if masked else 0)
        runs = _name(source, t + 1)
        color = stage.style.role("h").text
        marks.append(Text(x + 8 * k, up + size * 0.3, runs, color, size, "math"))
    if t == 0 and stage.options.shapes and not _taken(stage, source):
        up = y - (18 * k if masked else 0)
        marks += _shape(stage, source, x - 8 * k, up)
    return marks


def _taken(stage: Stage, source: int) -> bool:
    """Whether gradients, or the final state of the reverse direction, go where a shape stands."""
    if stage.rooms.returning:
        return True
    top = source == stage.run.num_layers - 1
    return top and stage.rooms.on == "h_n" and stage.run.num_directions == 2


@lru_cache(maxsize=4096)
def _name(layer: int, t: int) -> tuple[Run, ...]:
    return symbol("h", sub=str(t), sup=f"({layer})")


def _shape(stage: Stage, source: int, right: float, y: float) -> list[Mark]:
    names, sizes = _axes(stage, source)
    size = stage.size(10.5)
    texts = (f"({', '.join(names)}) = ({', '.join(sizes)})", f"({', '.join(sizes)})")
    room = right - _shape_from(stage, source)
    for text in texts:
        if text_width(text, size, "mono") <= room:
            muted = stage.style.ui.muted
            return [label(text, right, y + size * 0.34, muted, size, font="mono", anchor="end")]
    return []


def _shape_from(stage: Stage, source: int) -> float:
    """Where a shape may begin: beside a heading where the gap is too low for both."""
    if stage.scale >= _SHAPE_OVER_HEADING or (source < 0 and not stage.rooms.front):
        return 10 * stage.scale
    if source < 0:
        return _AFTER_INPUT
    return 134.0 if stage.run.num_directions == 2 else 76.0


def _axes(stage: Stage, source: int) -> tuple[list[str], list[str]]:
    run = stage.run
    directions = "D * " if run.num_directions == 2 else ""
    wide = run.num_directions * run.output_size
    name, size = ("H_in", run.input_size) if source < 0 else (f"{directions}H_out", wide)
    if run.unbatched:
        return [name + ","], [f"{size},"]
    return ["N", name], [str(run.N), str(size)]


def _mask(stage: Stage, layer: int, t: int, known: bool) -> list[Mark]:
    """The dropout mask on the wire above a layer: shut where it drops."""
    if layer not in stage.run.masks:
        return []
    box = mask_box(stage, layer, t)
    x, y, width, height = box
    ui, key = stage.style.ui, Element("mask", layer=layer, t=t, sequence=stage.sequence)
    frame = Rect(x, y, width, height, stroke=ui.muted, radius=2, key=None)
    if not known:
        return [Rect(x, y, width, height, fill=ui.canvas, stroke=ui.border, radius=2, key=key)]
    levels, stride = _mask_levels(stage, layer, t, width)
    fill = ui.muted
    return [
        Apertures(x, y, width, height, levels, fill, ui.card, gap=1.0, key=key, stride=(1, stride)),
        frame,
    ]


def _mask_levels(stage: Stage, layer: int, t: int, width: float) -> tuple[NDArray[np.float64], int]:
    mask = as_numpy(stage.run.masks[layer][t, stage.sequence])
    stride = units_per_cell(len(mask), width)
    kept = np.asarray(merge_units(mask, stride) != 0, dtype=np.float64)
    return kept, stride
