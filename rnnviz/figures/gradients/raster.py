"""Coloured cells of units over time, and the row of inputs below the tokens."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.gradients.flows import Pooled, Sizes, pooled
from rnnviz.figures.gradients.plot import AWAITED, padding, place
from rnnviz.figures.gradients.scale import Scale
from rnnviz.figures.gradients.subject import Subject
from rnnviz.figures.plots import Box
from rnnviz.scene.marks import Cells, Clip, Mark, Rect
from rnnviz.scene.style import Style

_GAP_FROM = 5.0  # px of a cell that stands apart from its neighbours


def raster(
    shown: Subject,
    found: Pooled,
    reached: NDArray[np.bool_],
    box: Box,
    of: tuple[int, Element | None],
    scale: Scale,
    style: Style,
) -> list[Mark]:
    """The cells on paper, what has not arrived faint; padding hatched.

    Args:
        reached: (T,), where the way back has been.
        of: how many rows there are before they are merged, and whose gradient they are.
    """
    count, key = of
    marks: list[Mark] = [Rect(box.x, box.y, box.width, box.height, fill=style.ui.card)]
    if found.sizes.size:
        rows, columns = found.sizes.shape
        pitch = box.width / max(shown.run.L, 1) * found.stride[1]
        height = box.height / count * found.stride[0]
        cells = Cells(
            box.x,
            box.y,
            pitch * columns,
            height * rows,
            scale.colors(found.sizes, style),
            gap=1.0 if min(pitch, height) >= _GAP_FROM else 0.0,
            crossed=found.crossed,
            key=key,
            axes=("unit" if count > 1 else "", "t"),
            stride=found.stride,
        )
        width = box.width * shown.length / max(shown.run.L, 1)
        inner = (*_by_arrival(cells, reached), *_not_finite(cells, style))
        marks.append(Clip(box.x, box.y, width, box.height, inner))
    return [*marks, *padding(shown, box, style, named=False)]


def _by_arrival(cells: Cells, reached: NDArray[np.bool_]) -> list[Mark]:
    """The cells cut where the way back has come to; what has not arrived is faint."""
    count, crossed = cells.colors.shape[1], None if _is_narrow(cells) else cells.crossed
    mask = np.logical_or.reduceat(reached, np.arange(count) * cells.stride[1])
    edges = [0, *(np.flatnonzero(np.diff(mask)) + 1).tolist(), count]
    pitch = cells.width / count
    return [
        replace(
            cells,
            x=cells.x + start * pitch,
            width=(stop - start) * pitch,
            colors=cells.colors[:, start:stop],
            crossed=None if crossed is None else crossed[:, start:stop],
            opacity=1.0 if mask[start] else AWAITED,
            origin=(0, start * cells.stride[1]),
        )
        for start, stop in pairwise(edges)
    ]


def _not_finite(cells: Cells, style: Style) -> list[Mark]:
    """Hatches over columns whose crosses would be too narrow to be told apart."""
    if cells.crossed is None or not _is_narrow(cells):
        return []
    pitch, color = cells.width / cells.crossed.shape[1], style.ui.error
    columns = np.flatnonzero(np.diff(cells.crossed.any(axis=0), prepend=False, append=False))
    return [
        Rect(cells.x + start * pitch, cells.y, (stop - start) * pitch, cells.height, hatch=color)
        for start, stop in columns.reshape(-1, 2).tolist()
    ]


def _is_narrow(cells: Cells) -> bool:
    """Whether a cross has no room in a cell."""
    rows, columns = cells.colors.shape[:2]
    return bool(min(cells.width / columns, cells.height / rows) < _GAP_FROM)


def strip(
    shown: Subject, sizes: Sizes, reached: NDArray[np.bool_], box: Box, scale: Scale, style: Style
) -> list[Mark]:
    """What the loss owes to each input: one row below the tokens."""
    found = pooled(sizes[None, : shown.length], (1, max(1, int(box.width))))
    key = Element("grad_x", layer=0, sequence=shown.sequence)
    marks = raster(shown, found, reached[: shown.length], box, (1, key), scale, style)
    marks.append(Rect(box.x, box.y, box.width, box.height, stroke=style.role("x").line, radius=2))
    if shown.cursor is not None:
        pitch = max(box.width / max(shown.run.L, 1), 3.0)
        x = place(shown.cursor, box, shown.run.L) - pitch / 2 - 0.5
        ink, tall = style.current.line, box.height + 3
        marks.append(Rect(x, box.y - 1.5, pitch + 1, tall, stroke=ink, stroke_width=1.75, radius=2))
    return marks
