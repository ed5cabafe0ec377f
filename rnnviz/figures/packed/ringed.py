"""Ink rings around what is selected, and around its timestep of its sequence everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.packed.batch import Batch
from rnnviz.figures.packed.layout import STRIP_HEIGHT, Grid, Layout
from rnnviz.figures.strips import ring
from rnnviz.figures.view import View
from rnnviz.model.provenance import sources
from rnnviz.model.trace import Trace
from rnnviz.scene.hit import hit_rect
from rnnviz.scene.marks import Clip, Mark, Scene
from rnnviz.scene.style import Style

_LEAST = 5.0  # px of a ring's inside


def draw_selection(view: View, marks: tuple[Mark, ...], style: Style) -> Iterator[Mark]:
    """Rings around the selected element in every part of the figure."""
    if view.selection is None:
        return
    for part in marks:
        if not isinstance(part, Clip) and (
            part.key is None or part.key.tensor != view.selection.tensor
        ):
            continue  # hundreds of them, at every step
        box = hit_rect(Scene(0, 0, (part,)), view.selection)
        if box is not None:
            yield ring(box, style, margin=1.0, radius=3.0)


def draw_place(view: View, batch: Batch, layout: Layout, style: Style) -> Iterator[Mark]:
    """Rings around the timestep of the sequence that the selected element belongs to.

    In the padded grid, in the sorted one, and in `data`.
    """
    place = None if view.selection is None else place_of(view.run, view.selection)
    if place is None:
        return
    sequence, t = place
    boxes = [
        _cell(layout.given, sequence, t),
        _cell(layout.sorted, int(np.flatnonzero(batch.order == sequence)[0]), t),
    ]
    row, data = batch.plan.row_of(sequence, t), layout.data
    height = STRIP_HEIGHT + (36.0 if data.has_cards else 0.0)
    width = data.pitch - 5 if data.has_cards else data.pitch
    boxes.append((data.row_x(row, t), data.y, width, height))
    for x, y, width, height in boxes:
        wide, high = max(width, _LEAST), max(height, _LEAST)
        box = (x + (width - wide) / 2, y + (height - high) / 2, wide, high)
        yield ring(box, style, margin=2.0, radius=6.0)


def place_of(run: Trace, element: Element) -> tuple[int, int] | None:
    """The sequence and t of an element; of `h_n`, `c_n` and a row of `data` where they are from."""
    if element.tensor in ("h_n", "c_n", "data"):
        element = next(iter(sources(run, element)), element)
    sequence, t = element.sequence or 0, element.t
    if t is None or sequence >= run.N or not 0 <= t < run.lengths[sequence]:
        return None
    return sequence, t


def _cell(grid: Grid, row: int, t: int) -> tuple[float, float, float, float]:
    inset = 3.0 if grid.has_cards else 0.0
    width, height = grid.cell[0] - 2 * inset, grid.cell[1] - 2 * inset
    return grid.column_x(t) + inset, grid.y + row * grid.cell[1] + inset, width, height
