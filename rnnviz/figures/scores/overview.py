"""All rows at once, as colours: what the kept ones are taken from."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.memo import Memo
from rnnviz.figures.scores.layout import MARGIN
from rnnviz.figures.scores.stage import Stage
from rnnviz.figures.scores.subject import Compared, Rows
from rnnviz.figures.strips import merge_units, units_per_cell
from rnnviz.scene.marks import Cells, Mark, Rect
from rnnviz.scene.text import label

_TALL = 32.0
_LOSS = 10.0
_MOST_DOWN = 16
_memo = Memo()


def draw_overview(stage: Stage) -> Iterator[Mark]:
    """Every row of scores as a column of colours, and its loss below."""
    y, subject = stage.layout.overview, stage.subject
    if y is None:
        return
    ui, width = stage.style.ui, stage.layout.width - 2 * MARGIN
    across = units_per_cell(subject.R, width * stage.zoom, 1.0)
    down = -(-subject.C // _MOST_DOWN)
    rows = subject.rows
    pooled = _memo.get(
        rows, ("scores", across, down), lambda: _pooled(rows, across, down), rows.scores.size
    )
    cells = pooled.shape[1]
    there = _any(subject.reached, across)
    values = np.where(there, pooled, np.nan)
    whole = width * cells * across / subject.R  # the last cell may stand for fewer rows
    key = stage.flat_element(0)
    total = f"{subject.R:,}".replace(",", "\u2009")
    words = f"all {total} rows" + (f", {across} a cell: the largest of each" if across > 1 else "")
    words += "; below them their losses" if subject.compared is not None else ""
    yield label(words, MARGIN, y + 8, ui.muted, 11)
    yield Cells(
        MARGIN,
        y + 16,
        whole,
        _TALL,
        stage.style.signed.colors(values, rows.limit),
        key=None if key.row is None else Element(key.tensor),
        axes=("column", "row"),
        stride=(down, across),
    )
    yield Rect(MARGIN, y + 16, width, _TALL, stroke=stage.style.role("y").line)
    if subject.compared is not None:
        yield from _losses(stage, subject.compared, y + 18 + _TALL, whole, across)
    for row in stage.layout.kept.rows:
        if subject.now[row]:
            x = MARGIN + width * (row + 0.5) / subject.R
            yield Rect(x - 0.75, y + 13, 1.5, _TALL + 6, fill=ui.text)


def _losses(
    stage: Stage, compared: Compared, y: float, width: float, across: int
) -> Iterator[Mark]:
    subject = stage.subject
    each = np.abs(compared.losses.reshape(subject.R, -1)).max(axis=1)
    merged = np.where(_any(subject.reached, across), merge_units(each, across), np.nan)
    colors = stage.style.magnitude.colors(merged, compared.limit)
    yield Cells(MARGIN, y, width, _LOSS, colors[np.newaxis], axes=("", ""))


def _pooled(rows: Rows, across: int, down: int) -> NDArray[np.floating]:
    """(C / down, R / across), the largest of each."""
    return merge_units(np.ascontiguousarray(merge_units(rows.scores, down).T), across)


def _any(mask: NDArray[np.bool_], stride: int) -> NDArray[np.bool_]:
    starts = np.arange(0, len(mask), stride)
    result: NDArray[np.bool_] = np.logical_or.reduceat(mask, starts)
    return result
