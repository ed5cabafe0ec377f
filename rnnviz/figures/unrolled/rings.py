"""Ink rings: the selected strip and cell, and what they were computed from."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.figures.strips import cell_box, ring, units_per_cell
from rnnviz.figures.unrolled.outer_places import vector_box
from rnnviz.figures.unrolled.places import is_card
from rnnviz.figures.unrolled.rows import GRADIENT
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.scene.marks import Mark, Rect


def rings(stage: Stage) -> list[Mark]:
    """The rings of a block, the selected cell's last."""
    marks: list[Mark] = []
    margin = min(max(2.25 * stage.scale, 1.5), 3.0)
    for element in sorted(stage.ringed, key=_order):
        box = vector_box(stage, element)
        if box is not None:
            marks.append(ring(box, stage.style, margin=margin, radius=margin + 2))
    return marks + _cell(stage)


def _order(element: Element) -> tuple[str, ...]:
    return tuple(str(part) for part in element)


def _cell(stage: Stage) -> list[Mark]:
    chosen = stage.selection
    if chosen is None or chosen.unit is None:
        return []
    box = vector_box(stage, chosen.vector()._replace(sequence=stage.sequence))
    if box is None or not (chosen.t is None or is_card(stage, chosen.t)):
        return []
    count = _units(stage, chosen)
    if chosen.tensor in ("probabilities", "ids", "losses") or count == 0:  # no strips of cells
        return []
    stride = units_per_cell(count, box[2])
    x, y, width, height = cell_box(box, chosen.unit, count, stride)
    return [
        Rect(
            x - 1,
            y - 1.5,
            width + 2,
            height + 3,
            stroke=stage.style.ui.focus_ring,
            stroke_width=float(stage.style.tokens["stroke"]["selection"]),
            radius=3,
        )
    ]


def _units(stage: Stage, element: Element) -> int:
    run, tensor = stage.run, element.tensor.removeprefix(GRADIENT)
    if tensor == "x":
        return run.input_size
    if tensor in ("scores", "targets"):
        return stage.rooms.classes
    if tensor == "input":
        return stage.rooms.raw
    if element.tensor in ("output", "mask"):
        return run.output_size * run.num_directions
    return run.output_size if tensor[0] == "h" else run.hidden_size
