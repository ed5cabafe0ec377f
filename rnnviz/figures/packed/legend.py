"""The key above the packed batch: how it was sorted, what the marks mean, the colour scale."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.colorbar import bar, end_labels
from rnnviz.figures.packed.batch import Batch
from rnnviz.figures.tints import sequence_mark
from rnnviz.scene.marks import Mark, Rect, Scene, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, symbol, text_width

_LINE = 24.0
_HEIGHT = 48.0
_MARGIN = 24.0
_KEYS_WIDTH = 204.0
_BAR_WIDTH = 110.0


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
    start = _MARGIN + (text_width(name, 11.5, "mono") + 12 if name else 0.0)
    keys = width - _MARGIN - _scale_width(batch) - 32 - _KEYS_WIDTH
    one_line = start + text_width(note, 12) + 20 <= keys
    height = _HEIGHT if one_line else _HEIGHT + _LINE
    marks: list[Mark] = [
        *([label(name, _MARGIN, 28, style.ui.text, 11.5, font="mono")] if name else []),
        label(elide(note, width - start - _MARGIN, 12), start, 28, style.ui.text_secondary),
        *_keys(batch, keys if one_line else _MARGIN, height - 20, style),
        *_scales(batch, width - _MARGIN - _BAR_WIDTH - 30 - _beyond(batch), height - 28, style),
    ]
    return Scene(width, height, tuple(marks), title="Key to the packed batch")


def _keys(batch: Batch, x: float, y: float, style: Style) -> Iterator[Mark]:
    role = style.role("padding")
    ink = style.ui.text_secondary
    after = 89.0 if batch.skipped else 0.0
    if batch.skipped:
        yield Rect(x, y - 11, 22, 14, fill=role.fill, stroke=role.line, hatch=role.line, radius=3)
        yield label("padding", x + 29, y, ink)
    yield from sequence_mark(x + after + 9, y - 4, min(2, batch.N - 1), batch.N, style, 8.5)
    yield label("row of the batch", x + after + 23, y, ink)


def _scale_width(batch: Batch) -> float:
    return _BAR_WIDTH + 30 + text_width(_words(batch), 12) + 24 + 2 * _beyond(batch)


def _words(batch: Batch) -> str:
    """What the bar is of."""
    if batch.run.is_difference:
        return batch.shown
    return f"{batch.shown}, signed value" if batch.shown else "signed value"


def _beyond(batch: Batch) -> float:
    """How far long numbers reach beyond either end of the bar, more than short ones do."""
    limits = (batch.ranges.hidden, batch.ranges.limit("x"))
    ends = (text_width(end_labels(limit, signed=True)[0], 10.5) / 2 for limit in limits)
    return max(0.0, max(ends) - 12)


def _scales(batch: Batch, x: float, y: float, style: Style) -> Iterator[Mark]:
    """One bar, two scales: the states' above it, the inputs' below."""
    left = x - 14 - _beyond(batch)
    yield label(_words(batch), left, y + 8, style.ui.text_secondary, anchor="end")
    yield bar(x, y, _BAR_WIDTH, 8, style.signed)
    yield Rect(x, y, _BAR_WIDTH, 8, stroke=style.ui.border_strong, stroke_width=0.75, opacity=0.6)
    for limit, base, letter in (
        (batch.ranges.hidden, y - 4, "h"),
        (batch.ranges.limit("x"), y + 19, "x"),
    ):
        low, high = end_labels(limit, signed=True)
        for text, place in ((low, 0.0), ("0", 0.5), (high, 1.0)):
            yield label(text, x + place * _BAR_WIDTH, base, style.ui.muted, 10.5, anchor="middle")
        after = x + _BAR_WIDTH + text_width(high, 10.5) / 2 + 6
        yield Text(after, base, symbol(letter), style.role(letter).text, size=13, font="math")
