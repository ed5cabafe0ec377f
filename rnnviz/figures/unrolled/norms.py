"""The size of c under each column: a line of |c_t|."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo
from rnnviz.figures.unrolled.bands import overlap, states_bottom
from rnnviz.figures.unrolled.groups import group_span, groups
from rnnviz.figures.unrolled.page import Page
from rnnviz.figures.unrolled.sheet import Lane
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.values import state_values
from rnnviz.scene.marks import Mark, Polyline, Rect, Run, Text

_CHUNKS = (1 << 14, 1 << 9)  # steps whose largest is kept; of the larger ones, in smaller ones
_GROUP = 32  # steps whose part of the line is one piece of the page
_GAP = 4.0
_MEMO = Memo(most=4096)

Span = tuple[int, int]


def norm_line(stage: Stage, page: Page, lane: Lane) -> list[Mark]:
    """The line of |c_t| over the visible columns, on its baseline."""
    if not stage.run.cell.has_c:
        return []
    top = states_bottom(stage, lane) + _GAP
    bottom = stage.y(lane.bottom)
    done = stage.computed(lane.layer, lane.direction)
    largest = _largest(stage, lane, done)
    marks: list[Mark] = (
        _name(stage, (top + bottom) / 2) if stage.frame.x < stage.timeline.start else []
    )
    if largest <= 0:
        return marks
    make = partial(_pieces, stage, lane, (top, bottom), largest)
    state = partial(_state, stage, done, largest)
    return marks + page.pieces(("norm", lane), groups(stage, _GROUP), make, state)


def _state(stage: Stage, done: Span, largest: float, group: int) -> Hashable:
    """Where the line of a group of steps lies, and how far it goes."""
    first, end = group_span(stage, _GROUP, group)
    reached = min(end + 1, stage.run.L)  # where the next piece begins
    place = stage.timeline.left(first), stage.timeline.left(reached)
    stretches = tuple(stage.timeline.runs(first, reached))
    return place, stretches, overlap((first, reached), done), largest


def _pieces(
    stage: Stage, lane: Lane, heights: tuple[float, float], largest: float, of: Sequence[int]
) -> dict[int, list[Mark]]:
    spans = {group: group_span(stage, _GROUP, group) for group in of}
    return {group: _piece(stage, lane, heights, largest, span) for group, span in spans.items()}


def _piece(
    stage: Stage, lane: Lane, heights: tuple[float, float], largest: float, span: Span
) -> list[Mark]:
    """A group's part of the line, as far as to where the next one begins."""
    top, bottom = heights
    marks: list[Mark] = []
    color = stage.style.role("c").line
    for stretch in stage.timeline.runs(span[0], min(span[1] + 1, stage.run.L)):
        t0, t1 = overlap(stretch, stage.computed(lane.layer, lane.direction))
        if t1 <= t0:
            continue
        left = stage.timeline.left(t0)
        width = stage.timeline.pitch * (min(t1, span[1]) - t0)
        if width > 0:
            marks.append(Rect(left, bottom, width, 1, fill=stage.style.ui.border))
        x = left + stage.timeline.pitch * (np.arange(t1 - t0) + 0.5)
        y = bottom - (bottom - top) * _norms(stage, lane, t0, t1) / largest
        marks.append(Polyline(np.stack([x, y], axis=1), color, 1.5))
    return marks


def _name(stage: Stage, y: float) -> list[Mark]:
    before = "|Δ" if stage.run.is_difference else "|"
    runs = (Run(before, italic=False), Run("c", italic=True), Run("|", italic=False))
    color, at = stage.style.role("c").text, stage.timeline.start - 8
    return [Text(at, y + 4, runs, color, stage.size(12), "math", anchor="end")]


def _norms(stage: Stage, lane: Lane, t0: int, t1: int) -> NDArray[np.float64]:
    c = state_values(stage, lane.layer, lane.direction, "c", t0, t1).astype(np.float64)
    with np.errstate(over="ignore"):
        norms: NDArray[np.float64] = np.sqrt(np.einsum("tu,tu->t", c, c))
    return np.where(np.isfinite(norms), norms, np.nan)


def _largest(stage: Stage, lane: Lane, span: Span, chunks: tuple[int, ...] = _CHUNKS) -> float:
    """The largest |c_t| of some steps, chunk by chunk, as each step adds few to those before it."""
    size, smaller, sizes = chunks[0], chunks[1:], [0.0]
    for start in range(span[0] // size * size, span[1], size):
        part = overlap((start, start + size), span)
        if smaller and part != (start, start + size):
            sizes.append(_largest(stage, lane, part, smaller))
            continue
        key = (lane.layer, lane.direction, stage.sequence, *part)
        of_part = partial(_largest, chunks=smaller) if smaller else _chunk
        sizes.append(_MEMO.get(stage.run.buffers, key, partial(of_part, stage, lane, part)))
    return max(sizes)


def _chunk(stage: Stage, lane: Lane, span: Span) -> float:
    norms = _norms(stage, lane, *span)
    return float(np.nanmax(norms)) if np.isfinite(norms).any() else 0.0
