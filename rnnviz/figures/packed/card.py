"""One cell of a grid, close up: its input, and h_n where its sequence ends."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.element import Element
from rnnviz.figures.packed.batch import Batch
from rnnviz.figures.packed.pieces import box_of, cell_numerals, reverse_ring
from rnnviz.figures.strips import crosses, empty_strip, merge_units, signed_strip, units_per_cell
from rnnviz.figures.tints import tint
from rnnviz.model.trace import as_numpy
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

Box = tuple[float, float, float, float]

_NUMBERED_FEATURES = 3
_LABEL_FROM = 40.0  # px of a card's inside, from which its strips are named
_FEATURE_WIDTH = 24.0


def card(batch: Batch, sequence: int, t: int, box: Box, style: Style) -> Iterator[Mark]:
    """A valid cell of the padded grid.

    Args:
        box: x, y, width, height of the card.
    """
    x, y, width, height = box
    key = Element("x", layer=0, t=t, sequence=sequence)
    is_current = t == batch.t
    colors = tint(sequence, batch.N, style)
    yield box_of(x, y, width, height, style, key)
    if is_current:
        line = style.current.line
        yield Rect(x, y, width, height, stroke=line, stroke_width=1.75, radius=6)
    if batch.reverse_at(sequence) == t:
        yield reverse_ring(box, style)
    yield Rect(x + 3, y + 3, 4, height - 6, fill=colors.mark, radius=2)
    inner = (x + 10, y + 4, width - 14, height - 8)
    ends = _ends(batch, sequence, t)
    strip = min(16.0, inner[3])
    if ends and inner[3] >= 12:
        strip = min(strip, inner[3] * 0.55)
        yield from _input(batch, key, (inner[0], inner[1], inner[2], strip), style)
        yield from _final_states(batch, sequence, ends, inner, strip + 4, style)
    else:
        top = inner[1] + (inner[3] - strip) / 2
        yield from _input(batch, key, (inner[0], top, inner[2], strip), style)


def _input(batch: Batch, key: Element, box: Box, style: Style) -> Iterator[Mark]:
    values = batch.values.padded[key.t, key.sequence]
    width = min(box[2], max(_FEATURE_WIDTH * len(values), 14.0))
    if len(values) <= _NUMBERED_FEATURES:
        width = box[2]
    box = (box[0] + (box[2] - width) / 2, box[1], width, box[3])
    stride = units_per_cell(len(values), width)
    colors = style.signed.colors(merge_units(values, stride), batch.ranges.limit("x"))
    crossed = crosses(values, stride)
    yield from signed_strip(box, colors, style.role("x"), key, stride=stride, crossed=crossed)
    if len(values) <= _NUMBERED_FEATURES:
        yield from cell_numerals(values, colors, box, batch.values)


def _ends(batch: Batch, sequence: int, t: int) -> tuple[int, ...]:
    """The directions whose last state belongs to this cell, as they stand in it."""
    reverse = (1,) if batch.bidirectional and t == 0 else ()
    return reverse + ((0,) if t == batch.lengths[sequence] - 1 else ())


def _final_states(
    batch: Batch,
    sequence: int,
    ends: tuple[int, ...],
    inner: Box,
    below: float,
    style: Style,
) -> Iterator[Mark]:
    x, y, width, height = inner
    each = (width - 4 * (len(ends) - 1)) / len(ends)
    strip = min(8.0, height - below)
    for place, direction in enumerate(ends):
        left = x + place * (each + 4)
        box = (left, y + below, each, strip)
        yield from _final_state(batch, sequence, direction, box, style)
        if height >= _LABEL_FROM:
            text = final_state_label(batch, sequence, direction, each + 5)
            ink, base = style.role("h").text, y + below + strip + 12
            middle = left + each / 2
            yield label(text, middle, base, ink, 10.5, font="mono", anchor="middle")


def final_state_label(batch: Batch, sequence: int, direction: int, width: float) -> str:
    """How a sequence's last hidden state is indexed, as long as there is room."""
    arrow = ("→" if direction == 0 else "←") if batch.bidirectional else ""
    row = direction - batch.run.num_directions
    texts = (f"h_n[{row}, {sequence}]", f"h_n[{row},{sequence}]", f"h_n{arrow}", arrow)
    return next((text for text in texts if text_width(text, 10.5, "mono") <= width), "")


def _final_state(
    batch: Batch, sequence: int, direction: int, box: Box, style: Style
) -> Iterator[Mark]:
    """The top layer's last hidden state: a strip, or an empty frame until it is computed."""
    run = batch.run
    top = run.num_layers - 1
    last = 0 if direction == 1 else int(batch.lengths[sequence]) - 1
    key = Element("h_n", layer=top, direction=direction, sequence=sequence)
    if not bool(run.computed(top, direction)[last, sequence]):
        yield empty_strip(box, style, dashed=True, key=key)
        return
    values = as_numpy(run.states(top, direction).h[last, sequence])
    stride = units_per_cell(len(values), box[2])
    colors = style.signed.colors(merge_units(values, stride), batch.ranges.hidden)
    crossed = crosses(values, stride)
    yield from signed_strip(box, colors, style.role("h"), key, stride=stride, crossed=crossed)
