"""The titles of the figure's parts, and what each grid says about the current step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from rnnviz.figures.packed.batch import Batch
from rnnviz.figures.packed.layout import GUTTER, LENGTH, MARGIN, Layout
from rnnviz.figures.remarks import verdict
from rnnviz.scene.marks import Mark
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, text_width

_MOST_ROWS = 6
_TITLE_GAP = 22.0  # enough for a wider font, where an SVG's own is not installed
_LARGEST = "each cell: its largest feature"
_SUBTITLE_FROM = 500.0  # px from which the first ribbon leaves room for it

Verdict = Literal["good", "bad", "none"]


def draw_notes(batch: Batch, layout: Layout, style: Style) -> Iterator[Mark]:
    """Titles with their shapes, and a verdict below each grid."""
    end = layout.sorted.x if layout.side_by_side else layout.width
    title, shape = "Padded batch, as given", padded_shape(batch)
    note = "" if layout.given.has_cards or batch.run.input_size == 1 else _LARGEST
    yield from _title(title, shape, note, (layout.given.x, end), 28, style)
    top = 28.0 if layout.side_by_side else layout.sorted.y - 46
    yield label("Sorted by length, longest first", layout.sorted.x, top, style.ui.text, weight=600)
    left = layout.sorted.x - GUTTER if layout.side_by_side else MARGIN
    end = left if layout.side_by_side else layout.given.right + LENGTH
    kind, text = given_verdict(batch, end - MARGIN - 32)
    yield from verdict(MARGIN, layout.given_note, kind, text, style)
    kind, text = sorted_verdict(batch, layout.width - left - MARGIN - 20)
    yield from verdict(left, layout.sorted_note, kind, text, style)
    x, y = layout.data.x, layout.data_title
    if not layout.side_by_side:
        y -= 6
    shape = f"({batch.rows}, {batch.run.input_size})"
    yield label("PackedSequence.data", x, y, style.ui.text, 12, font="mono")
    after = x + text_width("PackedSequence.data", 12, "mono") + 12
    yield label(shape, after, y, style.ui.muted, 11.5, font="mono")
    about = "only real timesteps, one slab for each"
    if layout.side_by_side and layout.sorted.x >= _SUBTITLE_FROM:
        yield label(about, x, y + 19, style.ui.muted, 11)
    elif not layout.side_by_side:
        after += text_width(shape, 11.5, "mono") + 12
        yield label(about, after, y, style.ui.muted, 11)
    if batch.reverse:
        yield label(reverse_note(batch), layout.given.x, 48, style.ui.muted, 11)


def _title(
    text: str, shape: str, note: str, span: tuple[float, float], y: float, style: Style
) -> Iterator[Mark]:
    """A title, and its shape and a note where there is room for them within a span."""
    x, end = span
    yield label(text, x, y, style.ui.text, weight=600)
    after = x + text_width(text, 12, weight=600) + _TITLE_GAP
    if after + text_width(shape, 11.5, "mono") + _TITLE_GAP <= end:
        yield label(shape, after, y, style.ui.muted, 11.5, font="mono")
        after += text_width(shape, 11.5, "mono") + _TITLE_GAP
        if note and after + text_width(note, 11) + _TITLE_GAP <= end:
            yield label(note, after, y, style.ui.muted, 11)


def padded_shape(batch: Batch) -> str:
    """The padded batch's axes, as torch spells them."""
    if batch.run.spec.batch_first:
        return f"(N, L, H_in) = ({batch.N}, {batch.L}, {batch.run.input_size})"
    return f"(L, N, H_in) = ({batch.L}, {batch.N}, {batch.run.input_size})"


def given_verdict(batch: Batch, width: float) -> tuple[Verdict, str]:
    """Whether the current step's rows lie together in the batch as given.

    Args:
        width: px that the sentence may take; it is said more briefly where it must.
    """
    if batch.t is None:
        texts = ("Before the first step: no row has been read yet.", "Before the first step.")
        return "none", _fitting(texts, width)
    running = batch.running(batch.t)
    step = f"t = {batch.t + 1}"
    if len(running) == batch.N:
        rows = f"all {batch.N} rows" if batch.N > 1 else "the only row"
        return "good", _fitting((f"{step} needs {rows}.",), width)
    said = f"{step} needs {_rows(running)}"
    if np.array_equal(running, np.arange(len(running))):
        return "good", _fitting((f"{said}: no hole between.",), width)
    holes = np.count_nonzero(np.diff(running) > 1) + (running[:1] > 0).sum()
    hole = "there is a hole" if holes == 1 else f"there are {holes} holes"
    full = f"{said}: {hole}, so every step must gather."
    return "bad", _fitting((full, f"{said}: {hole}."), width)


def _fitting(texts: tuple[str, ...], width: float) -> str:
    """The first of some ways to say it that fits; the last one, cut, where none does."""
    fitting = (text for text in texts if text_width(text, 12) <= width)
    return next(fitting, elide(texts[-1], width, 12))


def _rows(running: np.ndarray) -> str:
    if len(running) == 1:
        return f"row {running[0]}"
    if len(running) <= _MOST_ROWS:
        return f"rows {', '.join(map(str, running))}"
    return f"{len(running)} rows"


def sorted_verdict(batch: Batch, width: float) -> tuple[Verdict, str]:
    """What the current step needs once the batch is sorted; `width` as for the given one."""
    if batch.t is None:
        texts = ("Once sorted, every step needs a slice from the top.", "Then a step is one slice.")
        return "none", _fitting(texts, width)
    count = len(batch.running(batch.t))
    which = "the first row" if count == 1 else f"the first {count} rows"
    said = f"t = {batch.t + 1} needs {which}"
    return "good", _fitting((f"{said}: one slice, no copy.", f"{said}: one slice."), width)


def reverse_note(batch: Batch) -> str:
    """What the dashed cells mean in a bidirectional run."""
    where = f"Layer {batch.layer}. " if batch.layer is not None else ""
    return (
        f"{where}Slab: the forward direction. Dashed: the reverse one, "
        "from each sequence's own end."
    )
