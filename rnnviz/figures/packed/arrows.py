"""What links the grids: the permutation's arrows, and the ribbons from columns to slabs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from rnnviz.figures.packed.batch import Batch
from rnnviz.figures.packed.layout import Layout, length_end
from rnnviz.figures.tints import tint
from rnnviz.figures.view import Frame
from rnnviz.scene.marks import Mark, Path, Segment
from rnnviz.scene.style import Style

_MOST_ARROWS = 48
_MOST_RIBBONS = 64
_CORNER = 12.0


def draw_arrows(batch: Batch, layout: Layout, style: Style) -> Iterator[Mark]:
    """From every row as given to where it stands once sorted, in its sequence's tint.

    A sequence that has ended before the current step is dashed.
    """
    every = -(-batch.N // _MOST_ARROWS)
    sequences = batch.order[::every]
    ended = (
        np.full(len(sequences), False) if batch.t is None else batch.lengths[sequences] <= batch.t
    )
    key = (layout.given, layout.sorted, layout.side_by_side, style)
    running, over = (
        batch.kept(
            ("arrows", *key, is_over),
            partial(_arrows, batch, layout, every, is_over, style),
        )
        for is_over in (False, True)
    )
    for one, other, is_over in zip(running, over, ended, strict=True):
        yield other if is_over else one


def _arrows(batch: Batch, layout: Layout, every: int, is_over: bool, style: Style) -> list[Path]:
    """All arrows, as they are while their sequences run or once they have ended."""
    beside = length_end(batch)
    return [
        Path(
            _arrow(layout, sequence, place, beside),
            stroke=tint(sequence, batch.N, style).line,
            stroke_width=1.25 if is_over or batch.N > 16 else 2.0,
            dash=(3, 3) if is_over else (),
            arrow=True,
            opacity=0.75 if is_over else 1.0,
        )
        for place, sequence in zip(
            range(0, batch.N, every), batch.order[::every].tolist(), strict=True
        )
    ]


def _arrow(layout: Layout, start: int, end: int, beside: float) -> tuple[Segment, ...]:
    left, y1 = layout.given.right + beside, layout.given.row_middle(start)
    y2 = layout.sorted.row_middle(end)
    if layout.side_by_side:
        right = layout.sorted.x - 38
        middle = (left + right) / 2
        return ("M", left, y1), ("C", middle, y1, middle, y2, right, y2)
    lane = left + 72 - 54 * start / max(layout.given.rows - 1, 1)
    return (
        ("M", left, y1),
        ("L", lane - _CORNER, y1),
        ("C", lane, y1, lane, y1, lane, y1 + _CORNER),
        ("L", lane, y2 - _CORNER),
        ("C", lane, y2, lane, y2, lane - _CORNER, y2),
        ("L", left, y2),
    )


def draw_ribbons(batch: Batch, layout: Layout, frame: Frame, style: Style) -> Iterator[Mark]:
    """From every column of the sorted grid down to its slab; the current one is lit."""
    top, bottom = layout.ribbons
    if bottom < frame.y or top > frame.y + frame.height:
        return
    told_apart = batch.slabs <= _MOST_RIBBONS
    for first in range(batch.slabs if told_apart else min(batch.slabs, 1)):
        last = first if told_apart else batch.slabs - 1
        yield Path(
            _ribbon(layout, first, last),
            stroke=style.ui.border_strong if told_apart else None,
            stroke_width=0.75,
            fill=style.ui.accent_soft,
            opacity=0.8,
        )
    if batch.t is not None and batch.t < batch.slabs:
        yield Path(
            _ribbon(layout, batch.t, batch.t),
            stroke=style.current.line,
            stroke_width=1.75,
            fill=style.current.fill,
        )


def _ribbon(layout: Layout, first: int, last: int) -> tuple[Segment, ...]:
    top, bottom = layout.ribbons
    inset = 3.0 if layout.sorted.has_cards else 0.0
    a, b = layout.sorted.column_x(first) + inset, layout.sorted.column_x(last + 1) - inset
    c, d = layout.data.slab(first)[0], layout.data.slab(last)[1]
    c, d = c - 2 * inset / 3, d - 4 * inset / 3
    middle = (top + bottom) / 2
    return (
        ("M", a, top),
        ("C", a, middle, c, middle, c, bottom),
        ("L", d, bottom),
        ("C", d, middle, b, middle, b, top),
        ("Z",),
    )
