"""Dropout between two layers: what of the layer below reaches this one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnviz.figures.anatomy.notes import received
from rnnviz.figures.anatomy.stage import Stage
from rnnviz.figures.strips import aperture_strip, merge_units, units_per_cell
from rnnviz.scene.marks import Mark
from rnnviz.scene.text import label, text_width

_WORDS = ", after dropout, whose mask is"
_SIZE = 11.0


def draw_mask(stage: Stage) -> Iterator[Mark]:
    """The mask beside x, a window for every unit, open where it passes."""
    mask = stage.subject.mask
    if mask is None:
        return
    note = next(note for note in stage.plan.notes if note.kind == "input")
    left, _, width, _ = next(strip.box for strip in stage.plan.strips if strip.name == "x")
    x = left + width + 12 + text_width(received(stage), _SIZE)
    yield label(_WORDS, x, note.y, stage.style.ui.muted, _SIZE)
    x += text_width(_WORDS, _SIZE) + 8
    width = min(8.0 * len(mask), 80.0)
    stride = units_per_cell(len(mask), width * stage.zoom)
    levels = merge_units((mask > 0).astype(np.float64), stride)
    box = (x, note.y - 9, width, 11.0)
    yield from aperture_strip(
        box, levels, stage.style.role("mask"), stage.subject.key("mask"), stride=stride
    )
