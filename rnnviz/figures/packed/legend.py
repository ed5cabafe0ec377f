"""The key above the packed batch: how it was sorted, what the marks mean, the colour scale."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.colorbar import colorbar, end_labels
from rnnviz.figures.packed.batch import Batch
from rnnviz.figures.packed.pieces import sequence_mark
from rnnviz.scene.marks import Mark, Rect, Scene, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, symbol, text_width

_LINE = 24.0
_KEYS_WIDTH = 560.0


def sorting_note(batch: Batch) -> str:
    """How the batch came to be in order."""
    if not batch.packed:
        return f"not packed: every sequence has length {batch.L}"
    if batch.plan.enforce_sorted and batch.plan.sorted_indices is None:
        return "True: the caller sorted the batch; both permutations are None"
    return "False: the batch is sorted here and restored at the end"


def draw_legend(batch: Batch, width: float, style: Style) -> Scene:
    """One line where it fits, else two."""
    note = sorting_note(batch)
    name = "enforce_sorted" if batch.packed else ""
    note_width = text_width(name, 11.5, "mono") + 12 + text_width(note, 12)
    one_line = note_width + _KEYS_WIDTH + 48 <= width
    height = 44.0 if one_line else 44.0 + _LINE
    marks: list[Mark] = []
    x = 24.0
    if name:
        marks.append(label(name, x, 27, style.ui.text, 11.5, font="mono"))
        x += text_width(name, 11.5, "mono") + 12
    marks.append(label(elide(note, width - x - 24, 12), x, 27, style.ui.text_secondary))
    y = 27.0 if one_line else 27.0 + _LINE
    start = width - _KEYS_WIDTH - 24 if one_line else 24.0
    marks += _keys(batch, start, y, width - 24, style)
    return Scene(width, height, tuple(marks), title="Key to the packed batch")


def _keys(batch: Batch, x: float, y: float, right: float, style: Style) -> Iterator[Mark]:
    role = style.role("padding")
    ink = style.ui.text_secondary
    yield Rect(x, y - 11, 22, 14, fill=role.fill, stroke=role.line, hatch=role.line, radius=3)
    yield label("padding", x + 29, y, ink)
    x += 90
    yield from sequence_mark(x + 10, y - 4, 2, max(batch.N, 3), style, 8.5)
    yield label("row of the batch", x + 25, y, ink)
    x += 136
    hidden = style.role("h")
    yield Rect(x, y - 8, 22, 8, fill=hidden.fill, stroke=hidden.line, stroke_width=1.25, radius=2)
    yield label("h_n", x + 29, y, hidden.text, 11.5, font="mono")
    yield label("−1 to 1", x + 56, y, ink, 11)
    bar_width = 90.0
    ends = end_labels(batch.values.limit, signed=True)
    left = right - bar_width - text_width(ends[1], 11) - 8
    yield from colorbar(left, y - 9, bar_width, style.signed, ends, style)
    name = left - 14 - text_width(ends[0], 11)
    yield Text(name, y, symbol("x"), style.role("x").text, size=15, font="math", anchor="end")
